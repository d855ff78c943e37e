"""`/healthz` and `/metrics`, and what every request gets: an id that its log lines carry."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.metrics import CONTENT_TYPE, Metrics
from bot.vitals import Vitals

log = structlog.get_logger(__name__)

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
ID_HEADER = "X-Request-ID"
QUIET = frozenset({"/healthz", "/metrics"})  # asked every few seconds: no log line each
NO_STORE = {"Cache-Control": "no-store"}


def routes(vitals: Vitals, may_see_spending: Callable[[web.Request], bool]) -> list[web.RouteDef]:
    """What is asked by machines. What the model costs is told to those who may see it."""

    async def healthz(_: web.Request) -> web.Response:
        report = await vitals.report()
        status = 503 if report.status == "broken" else 200
        return web.json_response(vitals.as_json(report), status=status, headers=NO_STORE)

    async def metrics(request: web.Request) -> web.Response:
        await vitals.show()
        page = vitals.metrics.page(with_spending=may_see_spending(request))
        return web.Response(body=page, headers={**NO_STORE, "Content-Type": CONTENT_TYPE})

    return [web.get("/healthz", healthz), web.get("/metrics", metrics)]


def requests_told(metrics: Metrics) -> Middleware:
    """Give each request an id, count it, and log one line about it.

    An id that a proxy in front gave is kept, so that its log and ours can be laid side by side.
    Only the path is logged: a query may hold a person's words.
    """

    @web.middleware
    async def told(request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get(ID_HEADER, "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            began = time.perf_counter()
            try:
                response = await _answer(request, handler)
            except web.HTTPException as exc:
                exc.headers[ID_HEADER] = request_id
                _tell(metrics, request, exc.status, began)
                raise
            if not response.prepared:
                response.headers[ID_HEADER] = request_id
            _tell(metrics, request, response.status, began)
            return response

    return told


async def _answer(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except Exception:  # supervisor: a bug in one page is that page's
        log.exception("request crashed", method=request.method, path=request.path)
        return web.Response(status=500, text="500: internal error; the log tells more\n")


def _tell(metrics: Metrics, request: web.Request, status: int, began: float) -> None:
    took_s = time.perf_counter() - began
    resource = request.match_info.route.resource
    route = resource.canonical if resource is not None else "unknown"
    metrics.answered(route, status, took_s)
    if route not in QUIET or status >= 500:
        log.info(
            "request answered",
            method=request.method,
            path=route if "{" in route else request.path[:200],
            status=status,
            took_ms=round(took_s * 1_000, 1),
        )
