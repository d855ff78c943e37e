"""`preview`: what a channel would get from a source."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from bot.commands.reports import entry_json
from bot.model import Entry, Post
from bot.posts.markdown import render_markdown
from bot.posts.plain import render_plain
from bot.posts.safety import clean_line, clip

MAX_NAME = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewWish:
    """A source, and the subscription to it that is tried out. `since`: how far a digest goes back,
    as a duration.
    """

    source: str
    post: str = "instant"
    since: str = "1d"
    language: str = "en"
    languages: tuple[str, ...] = ()
    min_score: int = 0
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


class Held(NamedTuple):
    """An entry that would not be posted, and the rule that decided."""

    entry: Entry
    rule: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A source as it is now, the newest entry first. `url` is what the person wrote.

    `posts` are those of the newest entries that pass, or the one digest of them; `held` are the
    entries that do not.
    """

    url: str
    feed_url: str
    title: str
    kind: str
    entries: tuple[Entry, ...]
    posts: tuple[Post, ...]
    held: tuple[Held, ...] = ()


def posts(preview: Preview) -> tuple[Post, ...]:
    return preview.posts


def as_json(preview: Preview) -> str:
    return json.dumps(
        {
            "source": {
                "url": preview.url,
                "title": preview.title,
                "kind": preview.kind,
                "feed_url": preview.feed_url,
            },
            "entries": [entry_json(entry) for entry in preview.entries],
            "posts": [post.model_dump(mode="json") for post in preview.posts],
            "held": [
                {"guid": held.entry.guid, "title": held.entry.title, "url": held.entry.url}
                | {"rule": held.rule, "reason": held.reason}
                for held in preview.held
            ],
        },
        ensure_ascii=False,
        indent=2,
    )


def as_markdown(preview: Preview) -> str:
    shown = [render_markdown(post).strip() for post in preview.posts]
    return "\n\n---\n\n".join(shown or [_nothing(preview)])


def as_text(preview: Preview) -> str:
    shown = [render_plain(post).rstrip() for post in preview.posts] or [_nothing(preview)]
    if preview.held:
        count = f"Held back: {len(preview.held)} of {len(preview.entries)}"
        shown.append("\n".join((count, *(f"- {_held_line(one)}" for one in preview.held))))
    return "\n\n".join(shown)


def _held_line(held: Held) -> str:
    name = clean_line(held.entry.title) or clean_line(held.entry.url or held.entry.guid)
    return f"{clip(name, MAX_NAME)}: {clean_line(held.reason)}"


def _nothing(preview: Preview) -> str:
    if preview.entries:
        return f"Of {len(preview.entries)} entries of {preview.url} now, none would be posted."
    return f"{preview.url} has no entries now."


RENDERERS: dict[str, Callable[[Preview], str]] = {
    "text": as_text,
    "markdown": as_markdown,
    "json": as_json,
}
