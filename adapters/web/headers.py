"""What every answer tells browsers: nothing foreign runs, nothing frames us, nothing is guessed."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

# No scripts at all, and styles from our own files only: what a feed smuggles into a page is dead.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self' https: data:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def guarded() -> Middleware:
    """Set the headers on whatever is answered."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            response = await handler(request)
        except web.HTTPException as exc:
            _set(exc)
            raise
        if not response.prepared:
            _set(response)
        return response

    return guard


def _set(response: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
