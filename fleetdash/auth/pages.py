"""The login page, logging out, and the audit page."""

from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qs

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse

from fleetdash.auth import templates
from fleetdash.auth.accounts import Account
from fleetdash.auth.authenticator import BROWSER_COOKIE, SESSION_COOKIE, Authenticator, TooManyAttempts, address_of
from fleetdash.auth.paths import AUDIT, LOGIN, LOGOUT, STYLE, inner_address
from fleetdash.auth.sessions import KNOWN_BROWSER_LIFETIME, LIFETIME
from fleetdash.domain.access import AuditKind, is_operator_calling
from fleetdash.storage.accounts import AuditLog

_STYLE_FILE = Path(__file__).with_name("style.css")
_EVENTS_PER_PAGE = 50
_MAX_PASSWORD = 1024
_NO_STORE = {"Cache-Control": "no-store"}


def register_audit(app: FastAPI, audit: AuditLog, prefix: str) -> None:
    """Add the audit page, for operators, and the stylesheet. Call it before the page, which takes every path."""

    @app.get(STYLE, include_in_schema=False)
    async def style() -> Response:
        return FileResponse(_STYLE_FILE)

    @app.get(AUDIT, include_in_schema=False)
    def audit_page(before: str = "") -> Response:
        if not is_operator_calling():
            refusal = templates.refusal_page(prefix, "The audit is for operators.")
            return HTMLResponse(refusal, HTTPStatus.FORBIDDEN, _NO_STORE)
        # 9 digits are more than the audit keeps, and fit every database's integers
        position = int(before) if before.isascii() and before.isdigit() and len(before) <= 9 else None
        events = audit.page(_EVENTS_PER_PAGE + 1, position)
        shown = events[:_EVENTS_PER_PAGE]
        older = shown[-1].id if len(events) > len(shown) else None
        return HTMLResponse(templates.audit_page(prefix, shown, older), headers=_NO_STORE)


def register_login(app: FastAPI, authenticator: Authenticator, prefix: str) -> None:
    """Add the login page, and logging in and out."""

    @app.get(LOGIN, include_in_schema=False)
    async def login_page(request: Request) -> Response:
        target = request.query_params.get("next", "")
        if await authenticator.session(request):
            return _redirect(prefix + inner_address(target))
        return HTMLResponse(templates.login_page(prefix, target), headers=_NO_STORE)

    @app.post(LOGIN, include_in_schema=False)
    async def log_in(request: Request) -> Response:
        form = parse_qs((await request.body()).decode("utf-8", "replace"))
        name, password, target = (form.get(key, [""])[0] for key in ("username", "password", "next"))
        try:
            account = await authenticator.log_in(request, name, password[:_MAX_PASSWORD])
        except TooManyAttempts as error:
            seconds = round(error.seconds + 0.5)
            page = templates.login_page(prefix, target, f"Too many failed attempts. Try again in {seconds} s.", name)
            return HTMLResponse(page, HTTPStatus.TOO_MANY_REQUESTS, _NO_STORE | {"Retry-After": str(seconds)})
        if account is None:
            page = templates.login_page(prefix, target, "Name or password is wrong.", name)
            challenge = {"WWW-Authenticate": 'Bearer realm="fleetdash"'}
            return HTMLResponse(page, HTTPStatus.UNAUTHORIZED, _NO_STORE | challenge)
        response = _redirect(prefix + inner_address(target))
        _set_cookies(request, response, account)
        return response

    @app.post(LOGOUT, include_in_schema=False)
    async def log_out(request: Request) -> Response:
        session = await authenticator.session(request)
        if session is not None:
            await authenticator.end(session)
            await authenticator.record(AuditKind.LOGOUT, session.account.name, address_of(request))
        response = _redirect(f"{prefix}login")
        response.delete_cookie(SESSION_COOKIE, path=prefix, httponly=True, samesite="lax")
        return response

    def _set_cookies(request: Request, response: Response, account: Account) -> None:
        cookies = {
            SESSION_COOKIE: (authenticator.sessions.begin(account), LIFETIME),
            BROWSER_COOKIE: (authenticator.sessions.mark_browser(account), KNOWN_BROWSER_LIFETIME),
        }
        secure = "https" in (request.url.scheme, request.headers.get("x-forwarded-proto", ""))
        for cookie, (value, lifetime) in cookies.items():
            response.set_cookie(
                cookie,
                value,
                max_age=int(lifetime.total_seconds()),
                path=prefix,
                httponly=True,
                samesite="lax",
                secure=secure,
            )


def _redirect(address: str) -> Response:
    return RedirectResponse(address, HTTPStatus.SEE_OTHER, _NO_STORE)
