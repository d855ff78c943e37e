"""What listens for requests: health, metrics, and the pages beside them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bot.language_model import load
from bot.outside import Outside
from bot.ports import Clock
from bot.store.database import Database
from bot.vitals import Vitals

if TYPE_CHECKING:
    from aiohttp import web

    from adapters.web.gate import Gate
    from adapters.web.site import Site
    from adapters.web.websub import Pushes
    from bot.commands.previews import Preview, PreviewWish
    from config.settings import Settings

PREVIEWS_AT_ONCE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the pages show: the store, and how it becomes posts."""

    database: Database
    outside: Outside
    clock: Clock
    vitals: Vitals


def open_pages(
    settings: Settings, shown: Shown, routes: Sequence[web.RouteDef] = ()
) -> list[Callable[[], Coroutine[Any, Any, None]]]:
    """What to run beside the workers, until cancelled; nothing where `web.listen` is empty.

    `routes` are those that platforms have of their own (Slack's requests).
    """
    address = settings.web.address
    if address is None:
        return []
    from adapters.web.listening import listen

    app = build_app(settings, shown)
    app.add_routes(routes)
    return [lambda: listen(app, *address)]


def hub_routes(settings: Settings, pushes: Pushes) -> list[web.RouteDef]:
    """Where hubs reach us; nowhere unless the settings say how others reach our pages."""
    if not settings.web.public_url:
        return []
    from adapters.web import websub

    return websub.routes(pushes, settings.fetch.max_bytes)


def build_app(settings: Settings, shown: Shown) -> web.Application:
    """The application with all its routes."""
    from aiohttp import web

    from adapters.web import PAGES, errors, headers, operations, rendering

    site = _site(settings, shown)
    told = operations.requests_told(shown.vitals.metrics)
    app = web.Application(middlewares=[headers.guarded(), told, errors.shown(site)])
    app.add_routes(operations.routes(shown.vitals, _spending_rule(settings, site.gate)))
    app.add_routes(rendering.static_routes())
    for name in PAGES:
        app.add_routes(load(f"{name}:routes")(site))
    return app


def _site(settings: Settings, shown: Shown) -> Site:
    from adapters.platforms import PAYLOADS
    from adapters.web import MENU
    from adapters.web.gate import Gate
    from adapters.web.rendering import environment
    from adapters.web.site import Site
    from bot.digest_desk import digest_kinds
    from bot.previewing import preview_in_time
    from jobs.compose import public_post

    token = settings.secrets.threadwire_web_token
    public = urlsplit(settings.web.public_url)
    prefix = public.path.rstrip("/")
    gate = Gate(
        token.get_secret_value() if token else None, prefix=prefix, https=public.scheme == "https"
    )

    places = asyncio.Semaphore(PREVIEWS_AT_ONCE)

    async def preview(wish: PreviewWish) -> Preview:
        async with places:
            return await preview_in_time(settings, shown.outside, wish)

    return Site(
        settings=settings,
        database=shown.database,
        clock=shown.clock,
        vitals=shown.vitals,
        kinds=digest_kinds(),
        prefix=prefix,
        gate=gate,
        templates=environment(gate, prefix, MENU),
        story_post=public_post,
        preview=preview,
        payloads={name: load(dotted) for name, dotted in PAYLOADS.items()},
    )


def _spending_rule(settings: Settings, gate: Gate) -> Callable[[web.Request], bool]:
    """Who sees what the model costs: who has the web token. Without one, nobody outside is let in
    anyway unless `web.public_url` says so.
    """
    if settings.secrets.threadwire_web_token is None:
        return lambda request: not settings.web.public_url
    return gate.admits
