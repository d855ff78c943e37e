"""The form that takes the web token, and the way out."""

from __future__ import annotations

from aiohttp import web

from adapters.web.gate import field_of, own_path
from adapters.web.site import Site


def routes(site: Site) -> list[web.RouteDef]:
    """`/login` and `/logout`."""

    async def form(request: web.Request) -> web.Response:
        return await _form(site, request, own_path(request.query.get("next", "/")))

    async def log_in(request: web.Request) -> web.StreamResponse:
        target = own_path(await field_of(request, "next"))
        session = await site.gate.log_in(request)
        if session is None:
            return await _form(site, request, target, status=403, error="That is not the token.")
        answer = web.Response(status=303, headers={"Location": site.path(target)})
        site.gate.open_session(answer, session)
        return answer

    async def log_out(request: web.Request) -> web.StreamResponse:
        await site.gate.require_form(request)
        answer = web.Response(status=303, headers={"Location": site.path("/")})
        site.gate.end_session(answer)
        return answer

    return [
        web.get("/login", form),
        web.post("/login", log_in),
        web.post("/logout", log_out),
    ]


async def _form(
    site: Site, request: web.Request, target: str, *, status: int = 200, error: str = ""
) -> web.Response:
    cookie = site.gate.begin_form(request)
    answer = await site.page(
        request, "login.html", status=status, is_private=True, next=target, error=error
    )
    site.gate.keep_form(answer, cookie)
    return answer
