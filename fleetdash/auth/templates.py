"""The login and audit pages, without scripts: they work before the app is loaded, and without it."""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from urllib.parse import urlencode

from fleetdash.domain.access import AuditEvent, AuditKind

_LABELS = {
    AuditKind.LOGIN: "logged in",
    AuditKind.LOGIN_FAILED: "failed to log in",
    AuditKind.LOGOUT: "logged out",
    AuditKind.RUN_STARTED: "started a run",
}


def login_page(prefix: str, target: str, message: str = "", name: str = "") -> str:
    """`target`: where to go after logging in."""
    alert = f'<p class="message" role="alert">{escape(message)}</p>' if message else ""
    # the first field that is still empty
    name_focus, password_focus = ("", " autofocus") if name else (" autofocus", "")
    return _page(
        "Log in",
        prefix,
        f"""<main class="narrow">
<h1>fleetdash</h1>
<form method="post" action="{escape(prefix)}login">
{alert}
<label>Name
<input name="username" value="{escape(name)}" autocomplete="username" autocapitalize="none" spellcheck="false"
 maxlength="255" required{name_focus}></label>
<label>Password
<input name="password" type="password" autocomplete="current-password" maxlength="1024"
 required{password_focus}></label>
<input name="next" type="hidden" value="{escape(target)}">
<button type="submit">Log in</button>
</form>
</main>""",
    )


def audit_page(prefix: str, events: Sequence[AuditEvent], older: int | None) -> str:
    """`older`: the position of the next page, if there is one."""
    rows = "\n".join(map(_row, events))
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("When", "Who", "What", "From"))
    table = f"""<div class="table-scroll" tabindex="0" role="region" aria-label="Audit">
<table>
<caption>Logins, failed logins and runs started by hand, newest first. Times are UTC.</caption>
<thead><tr>{heads}</tr></thead>
<tbody>
{rows}
</tbody>
</table></div>"""
    more = f'<p><a href="{escape(prefix)}audit?{urlencode({"before": older})}">Older</a></p>' if older else ""
    return _page(
        "Audit",
        prefix,
        f"""<main>
<p><a href="{escape(prefix)}">Fleet</a></p>
<h1>Audit</h1>
{table if events else "<p>Nothing has been recorded yet.</p>"}
{more}
</main>""",
    )


def refusal_page(prefix: str, text: str) -> str:
    """For a caller who may not see a page."""
    return _page(
        "Not allowed", prefix, f'<main><p>{escape(text)}</p><p><a href="{escape(prefix)}">Fleet</a></p></main>'
    )


def _row(event: AuditEvent) -> str:
    what = _LABELS[event.kind] + (f" ({event.detail})" if event.detail else "")
    cells = (_utc(event.at), event.name or "–", what, event.address or "–")
    return (
        f'<tr class="audit-row" data-kind="{event.kind}">'
        + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        + "</tr>"
    )


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _page(title: str, prefix: str, body: str) -> str:
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(title)} – fleetdash</title>
<link rel="stylesheet" href="{escape(prefix)}login/style.css">
<link rel="icon" href="data:,">
</head>
<body>
{body}
</body>
</html>
"""
