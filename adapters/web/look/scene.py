"""What a chat window has around a message: who posts, and when it is looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup

from adapters.web.look.markup import tag

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The bot's name, and the moment at which messages are posted and read."""

    now: datetime
    name: str = "Threadwire"


def avatar(name: str, class_: str) -> Markup:
    """A plain one with the first letter: what a bot shows there is its owner's choice."""
    letter = tag(
        "text",
        name[:1].upper(),
        x="20",
        y="27",
        text_anchor="middle",
        font_size="20",
        font_weight="600",
        fill="#fff",
    )
    ground = tag("rect", width=40, height=40, fill="#3b82f6")
    return tag(
        "svg", ground, letter, class_=class_, viewBox="0 0 40 40", width=40, height=40,
        aria_hidden="true",
    )  # fmt: skip


def parts(value: object) -> list[Body]:
    """The objects of a list in a payload, whatever else may stand there."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    return [one for one in value if isinstance(one, Mapping)]


def part(value: object) -> Body:
    """An object in a payload; an empty one where there is none."""
    return value if isinstance(value, Mapping) else {}


def words(value: object) -> str:
    return value if isinstance(value, str) else ""
