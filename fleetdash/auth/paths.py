"""The addresses of logging in, as they stand behind a proxy's prefix."""

LOGIN = "/login"
LOGOUT = "/logout"
STYLE = "/login/style.css"
AUDIT = "/audit"
HEALTH = "/api/health"


def inner_address(wanted: str) -> str:
    """Where to go after logging in: an address of ours without its first slash, "" for any other.

    A browser takes `//host`, `/\\host` and `/<tab>/host` for another site.
    """
    if not wanted.startswith("/") or wanted.startswith("//") or "\\" in wanted or not wanted.isprintable():
        return ""
    return wanted[1:]
