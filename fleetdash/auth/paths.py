"""The paths of the login and audit pages, without a proxy's prefix."""

LOGIN = "/login"
LOGOUT = "/logout"
STYLE = "/login/style.css"
AUDIT = "/audit"
HEALTH = "/api/health"


def inner_address(target: str) -> str:
    """Where to go after logging in: `target` without its first slash, or "" if it could lead to another site.

    A browser takes `//host`, `/\\host` and `/<tab>/host` for another site.
    """
    if not target.startswith("/") or target.startswith("//") or "\\" in target or not target.isprintable():
        return ""
    return target[1:]
