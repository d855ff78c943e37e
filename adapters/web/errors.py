"""What a person sees where there is nothing to see."""

from __future__ import annotations

from http import HTTPStatus

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from adapters.web.site import HTML, Site
from bot.errors import StoreError

log = structlog.get_logger(__name__)

NO_DATABASE = "The database does not answer. The page /status tells more."


def shown(site: Site) -> Middleware:
    """Errors as pages for who reads pages; one line of text for everybody else."""

    @web.middleware
    async def show(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await _answered(handler, request)
        except web.HTTPException as exc:
            if exc.status < 400 or HTML not in request.headers.get("Accept", ""):
                raise
            answer = await site.page(
                request,
                "error.html",
                status=exc.status,
                is_private=True,
                name=HTTPStatus(exc.status).phrase,
                text=_reason(exc),
            )
            for name in ("Retry-After", "Allow", "WWW-Authenticate"):
                if name in exc.headers:
                    answer.headers[name] = exc.headers[name]
            return answer

    return show


async def _answered(handler: Handler, request: web.Request) -> web.StreamResponse:
    """A database that does not answer is no bug of the page's; `/status` says what ails it."""
    try:
        return await handler(request)
    except StoreError as exc:
        log.warning("page not read", path=request.path[:200], reason=str(exc))
        raise web.HTTPServiceUnavailable(text=NO_DATABASE, headers={"Retry-After": "10"}) from exc


def _reason(exc: web.HTTPException) -> str:
    """What the page said, but not where it only repeated the status."""
    text = exc.text or ""
    return "" if text.startswith(str(exc.status)) else text
