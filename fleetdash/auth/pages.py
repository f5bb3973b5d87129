"""Logging in and out, and the audit."""

from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qs

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse

from fleetdash.auth import templates
from fleetdash.auth.accounts import Account
from fleetdash.auth.authenticator import BROWSER_COOKIE, SESSION_COOKIE, Authenticator, TooManyAttempts, address_of
from fleetdash.auth.paths import AUDIT, LOGIN, LOGOUT, STYLE, inner_address
from fleetdash.auth.sessions import KNOWN_BROWSER_LASTING, LASTING
from fleetdash.domain.access import AuditKind, is_operator_calling
from fleetdash.storage.accounts import AuditLog

_STYLE_FILE = Path(__file__).with_name("style.css")
_EVENTS_A_PAGE = 50
_LONGEST_PASSWORD = 1024
_FRESH = {"Cache-Control": "no-store"}


def register_audit(app: FastAPI, audit: AuditLog, prefix: str) -> None:
    """The page that operators see; before the page's own catch-all."""

    @app.get(STYLE, include_in_schema=False)
    async def style() -> Response:
        return FileResponse(_STYLE_FILE)

    @app.get(AUDIT, include_in_schema=False)
    def audit_page(before: str = "") -> Response:
        if not is_operator_calling():
            refusal = templates.refusal_page(prefix, "The audit is for operators.")
            return HTMLResponse(refusal, HTTPStatus.FORBIDDEN, _FRESH)
        # 9 digits are more than the audit keeps, and no database chokes on them
        place = int(before) if before.isascii() and before.isdigit() and len(before) <= 9 else None
        events = audit.page(_EVENTS_A_PAGE + 1, place)
        shown = events[:_EVENTS_A_PAGE]
        older = shown[-1].id if len(events) > len(shown) else None
        return HTMLResponse(templates.audit_page(prefix, shown, older), headers=_FRESH)


def register_login(app: FastAPI, authenticator: Authenticator, prefix: str) -> None:
    """The login page, and the ways in and out."""

    @app.get(LOGIN, include_in_schema=False)
    async def login_page(request: Request) -> Response:
        wanted = request.query_params.get("next", "")
        if await authenticator.session(request):
            return _go(prefix + inner_address(wanted))
        return HTMLResponse(templates.login_page(prefix, wanted), headers=_FRESH)

    @app.post(LOGIN, include_in_schema=False)
    async def log_in(request: Request) -> Response:
        form = parse_qs((await request.body()).decode("utf-8", "replace"))
        name, password, wanted = (form.get(key, [""])[0] for key in ("username", "password", "next"))
        try:
            account = await authenticator.log_in(request, name, password[:_LONGEST_PASSWORD])
        except TooManyAttempts as error:
            seconds = round(error.seconds + 0.5)
            page = templates.login_page(prefix, wanted, f"Too many failed attempts. Try again in {seconds} s.", name)
            return HTMLResponse(page, HTTPStatus.TOO_MANY_REQUESTS, _FRESH | {"Retry-After": str(seconds)})
        if account is None:
            page = templates.login_page(prefix, wanted, "Name or password is wrong.", name)
            asked = {"WWW-Authenticate": 'Bearer realm="fleetdash"'}
            return HTMLResponse(page, HTTPStatus.UNAUTHORIZED, _FRESH | asked)
        answer = _go(prefix + inner_address(wanted))
        _let_in(request, answer, account)
        return answer

    @app.post(LOGOUT, include_in_schema=False)
    async def log_out(request: Request) -> Response:
        session = await authenticator.session(request)
        if session is not None:
            await authenticator.end(session)
            await authenticator.note(AuditKind.LOGOUT, session.account.name, address_of(request))
        answer = _go(f"{prefix}login")
        answer.delete_cookie(SESSION_COOKIE, path=prefix, httponly=True, samesite="lax")
        return answer

    def _let_in(request: Request, answer: Response, account: Account) -> None:
        cookies = {
            SESSION_COOKIE: (authenticator.sessions.begin(account), LASTING),
            BROWSER_COOKIE: (authenticator.sessions.mark_browser(account), KNOWN_BROWSER_LASTING),
        }
        secured = "https" in (request.url.scheme, request.headers.get("x-forwarded-proto", ""))
        for cookie, (value, lasting) in cookies.items():
            answer.set_cookie(
                cookie,
                value,
                max_age=int(lasting.total_seconds()),
                path=prefix,
                httponly=True,
                samesite="lax",
                secure=secured,
            )


def _go(address: str) -> Response:
    return RedirectResponse(address, HTTPStatus.SEE_OTHER, _FRESH)
