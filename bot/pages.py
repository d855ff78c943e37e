"""What listens for requests: health, metrics, and the pages beside them."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from bot.vitals import Vitals

if TYPE_CHECKING:
    from aiohttp import web

    from adapters.web.websub import Pushes
    from config.settings import Settings


def open_pages(
    settings: Settings, vitals: Vitals, routes: Sequence[web.RouteDef] = ()
) -> list[Callable[[], Coroutine[Any, Any, None]]]:
    """What to run beside the workers, until cancelled; nothing where `web.listen` is empty.

    `routes` are those that platforms have of their own (Slack's requests).
    """
    address = settings.web.address
    if address is None:
        return []
    from adapters.web.listening import listen

    app = build_app(settings, vitals)
    app.add_routes(routes)
    return [lambda: listen(app, *address)]


def hub_routes(settings: Settings, pushes: Pushes) -> list[web.RouteDef]:
    """Where hubs reach us; nowhere unless the settings say how others reach our pages."""
    if not settings.web.public_url:
        return []
    from adapters.web import websub

    return websub.routes(pushes, settings.fetch.max_bytes)


def build_app(settings: Settings, vitals: Vitals) -> web.Application:
    """The application with all its routes."""
    from aiohttp import web

    from adapters.web import operations

    app = web.Application(middlewares=[operations.requests_told(vitals.metrics)])
    app.add_routes(operations.routes(vitals, _spending_rule(settings)))
    return app


def _spending_rule(settings: Settings) -> Callable[[web.Request], bool]:
    """Who sees what the model costs: who has the web token. Without one, nobody outside is let in
    anyway unless `web.public_url` says so.
    """
    token = settings.secrets.threadwire_web_token
    if token is None:
        return lambda request: not settings.web.public_url

    def has_token(request: web.Request) -> bool:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(
            given.encode(errors="surrogateescape"), token.get_secret_value().encode()
        )

    return has_token
