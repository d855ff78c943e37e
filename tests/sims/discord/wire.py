"""A request as handlers see it, and the table of routes that they enter themselves in."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.sims.discord.world import World


@dataclass(kw_only=True)
class Call:
    """`path` is without `/api/v10`; `params` are the parts that the template names."""

    method: str
    path: str
    template: str = ""
    params: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    body: Any = None
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    is_authorized: bool = False

    @property
    def major(self) -> str:
        """What rate limits count apart: channel, guild, or webhook with its token."""
        keys = ("channel_id", "guild_id", "webhook_id", "webhook_token", "interaction_token")
        return "+".join(self.params[key] for key in keys if key in self.params)


@dataclass(frozen=True)
class Reply:
    """`body` None: an empty answer."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    html: str | None = None


Handler = Callable[["World", Call], Any]


@dataclass(frozen=True)
class Route:
    """`is_open`: needs no bot token, its address holds one."""

    method: str
    template: str
    handler: Handler
    is_open: bool
    pattern: re.Pattern[str]


ROUTES: list[Route] = []


def route(method: str, template: str, *, is_open: bool = False) -> Callable[[Handler], Handler]:
    """Enters a handler; it returns the JSON to answer, None for 204, or a `Reply`."""

    def enter(handler: Handler) -> Handler:
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template)
        ROUTES.append(Route(method, template, handler, is_open, re.compile(pattern)))
        # Words win over parameters: /users/@me before /users/{user_id}.
        ROUTES.sort(key=lambda one: one.template.count("{"))
        return handler

    return enter


def find(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    for one in ROUTES:
        if one.method == method and (match := one.pattern.fullmatch(path)):
            return one, match.groupdict()
    return None
