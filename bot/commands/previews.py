"""`preview`: what a channel would get from a source."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from bot.commands.reports import entry_json
from bot.model import Entry, Post
from bot.posts.markdown import render_markdown
from bot.posts.plain import render_plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A source as it is now, the newest entry first. `url` is what the person wrote."""

    url: str
    feed_url: str
    title: str
    kind: str
    entries: tuple[Entry, ...]
    posts: tuple[Post, ...]


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
        },
        ensure_ascii=False,
        indent=2,
    )


def as_markdown(preview: Preview) -> str:
    if not preview.posts:
        return _nothing(preview)
    return "\n\n---\n\n".join(render_markdown(post).strip() for post in preview.posts)


def as_text(preview: Preview) -> str:
    if not preview.posts:
        return _nothing(preview)
    return "\n\n".join(render_plain(post).rstrip() for post in preview.posts)


def _nothing(preview: Preview) -> str:
    return f"{preview.url} has no entries now."


RENDERERS: dict[str, Callable[[Preview], str]] = {
    "text": as_text,
    "markdown": as_markdown,
    "json": as_json,
}
