"""Who may come in: accounts, sessions, API keys, and what guards every address of the app."""
