"""Who may see what is private and change anything: whoever has the web token.

Programs send it as a bearer token, people type it into a form once and get a cookie. The cookie is
not the token: it is an expiry signed with a key derived from it, so that a new token ends every
session, and nothing is kept on the server. Forms carry a token of their session's (CSRF), and a
browser that says that another site sent them is not believed.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections import deque
from urllib.parse import quote, urlsplit

from aiohttp import web
from markupsafe import Markup

COOKIE = "threadwire_session"
FORM_COOKIE = "threadwire_form"  # before anybody has logged in
FORM = web.RequestKey("form", str)
CSRF_FIELD = "csrf"
SESSION_S = 30 * 86_400
MAX_TOKEN = 1_024
FAILURES_A_MINUTE = 20
REMEMBERED = 1_000
_OWN_FORM = re.compile(r"[A-Za-z0-9_-]{1,64}")
NO_TOKEN = "This page is private and no web token is set. Set THREADWIRE_WEB_TOKEN and start again."  # noqa: S105


class Gate:
    """The keeper of one token; `token` None lets nobody in. `https`: others reach us by it."""

    def __init__(self, token: str | None, *, prefix: str = "", https: bool = False) -> None:
        self._token = token.encode() if token else None
        self._key = _derived(self._token or secrets.token_bytes(32))
        self._prefix = prefix
        self._https = https
        self._failures: dict[str, deque[float]] = {}

    def admits(self, request: web.Request) -> bool:
        """Whether the request comes from somebody with the token."""
        return self._has_bearer(request) or self._session(request) is not None

    def require(self, request: web.Request) -> None:
        """Let only those pass. Raises 303 to the login form for a browser that reads, else 401; 403
        where no token is set.
        """
        if self.admits(request):
            return
        if self._token is None:
            raise web.HTTPForbidden(text=NO_TOKEN)
        if request.method in {"GET", "HEAD"} and "text/html" in request.headers.get("Accept", ""):
            back = quote(request.path_qs, safe="")
            raise web.HTTPSeeOther(f"{self._prefix}/login?next={back}")
        raise web.HTTPUnauthorized(
            text="The web token is needed: Authorization: Bearer …",
            headers={"WWW-Authenticate": "Bearer"},
        )

    async def require_form(self, request: web.Request) -> None:
        """Let pass only who may change something, and meant to. Raises 403 for a forged form."""
        self.require(request)
        if self._has_bearer(request):  # no browser adds that by itself
            return
        await self._require_own_form(request, self._session(request) or "")

    def csrf_field(self, request: web.Request) -> Markup:
        """The hidden field that every form of ours carries."""
        value = self._csrf(self._session(request) or request.get(FORM, ""))
        return Markup('<input type="hidden" name="{}" value="{}">').format(CSRF_FIELD, value)

    def begin_form(self, request: web.Request) -> str:
        """Before a login form is rendered: gives its cookie's value, which `keep_form` sets."""
        given = request.cookies.get(FORM_COOKIE, "")
        value = given if _OWN_FORM.fullmatch(given) else secrets.token_urlsafe(16)
        request[FORM] = value
        return value

    def keep_form(self, response: web.StreamResponse, value: str) -> None:
        """Remember a form's cookie."""
        self._set(response, FORM_COOKIE, value, 3_600)

    async def log_in(self, request: web.Request) -> str | None:
        """A session for a posted token; None for a wrong one. Raises 403 for a forged form, 429
        where too many were wrong.
        """
        await self._require_own_form(request, request.cookies.get(FORM_COOKIE, ""))
        if self._token is None:
            raise web.HTTPForbidden(text=NO_TOKEN)
        failures = self._failures_from(request.remote or "")
        if len(failures) == FAILURES_A_MINUTE and failures[0] > time.monotonic() - 60:
            raise web.HTTPTooManyRequests(
                text="Too many wrong tokens; wait a minute.", headers={"Retry-After": "60"}
            )
        given = await field_of(request, "token")
        if len(given) > MAX_TOKEN or not hmac.compare_digest(
            given.strip().encode(errors="replace"), self._token
        ):
            failures.append(time.monotonic())
            return None
        return self._signed(f"{int(time.time()) + SESSION_S}.{secrets.token_urlsafe(16)}")

    def _failures_from(self, remote: str) -> deque[float]:
        """When an address gave wrong tokens; of the last addresses that did."""
        failures = self._failures.pop(remote, None) or deque(maxlen=FAILURES_A_MINUTE)
        self._failures[remote] = failures
        if len(self._failures) > REMEMBERED:
            del self._failures[next(iter(self._failures))]
        return failures

    def open_session(self, response: web.StreamResponse, session: str) -> None:
        self._set(response, COOKIE, session, SESSION_S)
        response.del_cookie(FORM_COOKIE, path=self._prefix or "/")

    def end_session(self, response: web.StreamResponse) -> None:
        response.del_cookie(COOKIE, path=self._prefix or "/")

    def _has_bearer(self, request: web.Request) -> bool:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if self._token is None or scheme.lower() != "bearer":
            return False
        return hmac.compare_digest(given.strip().encode(errors="replace"), self._token)

    def _session(self, request: web.Request) -> str | None:
        """The request's session where it is genuine and has not ended."""
        cookie = request.cookies.get(COOKIE, "")
        content, _, _ = cookie.rpartition(".")
        if self._token is None or not hmac.compare_digest(
            cookie.encode(errors="replace"), self._signed(content).encode(errors="replace")
        ):
            return None
        until = content.partition(".")[0]
        return content if until.isdecimal() and int(until) > time.time() else None

    async def _require_own_form(self, request: web.Request, session: str) -> None:
        site = request.headers.get("Sec-Fetch-Site", "same-origin")
        origin = request.headers.get("Origin")
        given = await field_of(request, CSRF_FIELD)
        is_ours = bool(session) and hmac.compare_digest(
            given.encode(errors="replace"), self._csrf(session).encode()
        )
        if site not in {"same-origin", "none"} or not _same_host(origin, request) or not is_ours:
            raise web.HTTPForbidden(text="This form is out of date. Go back, reload, try again.")

    def _csrf(self, session: str) -> str:
        return hmac.new(
            self._key, f"form {session}".encode(errors="replace"), hashlib.sha256
        ).hexdigest()

    def _signed(self, content: str) -> str:
        signature = hmac.new(
            self._key, f"session {content}".encode(errors="replace"), hashlib.sha256
        )
        return f"{content}.{signature.hexdigest()}"

    def _set(self, response: web.StreamResponse, name: str, value: str, seconds: int) -> None:
        response.set_cookie(
            name,
            value,
            max_age=seconds,
            path=self._prefix or "/",
            httponly=True,
            samesite="Lax",
            secure=self._https,
        )


def _derived(token: bytes) -> bytes:
    return hmac.new(token, b"threadwire web session", hashlib.sha256).digest()


def _same_host(origin: str | None, request: web.Request) -> bool:
    """Whether the browser says that one of our own pages sent the form, or says nothing."""
    try:
        return origin is None or urlsplit(origin).netloc.lower() == request.host.lower()
    except ValueError:  # a broken address
        return False


async def field_of(request: web.Request, name: str) -> str:
    """A field of a posted form; "" where it has none. Raises 400 for what is no form."""
    try:
        return str((await request.post()).get(name, ""))
    except (ValueError, LookupError) as exc:  # odd charsets, bodies without their parts
        raise web.HTTPBadRequest(text="This form cannot be read.") from exc


def own_path(target: str) -> str:
    """Where to go after the login: one of our own pages, whatever a link said."""
    is_ours = target.startswith("/") and target[1:2] not in {"/", "\\"} and target.isprintable()
    return target if is_ours and "\\" not in target else "/"
