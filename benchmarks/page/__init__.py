"""How fast the page is there, how fast a click answers, and what open pages cost, next to a bare Dash app."""
