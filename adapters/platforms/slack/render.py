"""A post as Slack messages: what goes to `chat.postMessage`, without the channel.

One compact message for the channel, and where there is more to say the rest for its thread. Links
and media unfold nowhere: what we show is enough. Texts are `rich_text`, which takes them literally;
headline and small print are mrkdwn, escaped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adapters.platforms.slack.controls import plain, post_actions
from adapters.platforms.slack.limits import (
    MAX_ALT_TEXT,
    MAX_BLOCKS,
    MAX_CONTEXT_ELEMENTS,
    MAX_CONTEXT_TEXT,
    MAX_JSON,
    MAX_SECTION,
    MAX_TEXT,
    MAX_TEXT_BYTES,
    MAX_URL,
)
from adapters.platforms.slack.mrkdwn import escape_run, escape_text, link, link_target, render_spans
from adapters.platforms.slack.rich import rich_text
from bot.model import Block, Post, PostField
from bot.posts.pictures import picture_url
from bot.posts.plain import render_plain
from bot.posts.safety import clean_line, clip
from bot.posts.split import split_blocks
from bot.posts.words import Words, words_for

Body = dict[str, Any]

EVENT_TYPE = "threadwire_post"
MAX_TITLE = 300
PAGE = MAX_JSON - 5_000  # of JSON; headline, facts, buttons and the plain text need room too
CATCHUP_PAGE = 5_000
MAX_FACTS = 3_500
SHORT = 4_000  # a digest up to this long needs no thread
_GROUP = re.compile(r"S[A-Z0-9]{2,20}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A post's messages: `first` for the channel, `details` for its thread, in their order."""

    first: tuple[Body, ...]
    details: tuple[Body, ...] = ()

    @property
    def all(self) -> tuple[Body, ...]:
        return (*self.first, *self.details)


def render_messages(post: Post, key: str = "") -> Rendered:
    """The post's messages. `key` names the delivery: it travels in each message's metadata."""
    words = words_for(post.language)
    pages = _pages(post)
    facts = _facts(post.fields)
    blocks = [*_head(post, words), *_rich(pages[0]), *facts, *post_actions(post, key)]
    first = _body(blocks[:MAX_BLOCKS], _plain_text(post), key, "0")
    details = [
        _body(_rich(page), _first_words(page, post), key, str(number))
        for number, page in enumerate(pages[1:], 1)
    ]
    return Rendered(first=(first,), details=tuple(details))


def print_posts(posts: Sequence[Post]) -> list[Body]:
    """All message bodies of the posts, for `--format slack`."""
    return [body for post in posts for body in render_messages(post).all]


def _body(blocks: list[Any], text: str, key: str, part: str) -> Body:
    body: Body = {
        "text": text,
        "blocks": blocks,
        "unfurl_links": False,
        "unfurl_media": False,
    }
    if key:
        body["metadata"] = {"event_type": EVENT_TYPE, "event_payload": {"key": key, "part": part}}
    return body


def _head(post: Post, words: Words) -> list[Any]:
    """The headline as a link, with a thumbnail beside it; who is called stands above."""
    title = clip(clean_line(post.title), MAX_TITLE) or words.untitled
    linked = link(title, post.url) if link_target(post.url) else escape_run(title)
    marked = f"~{linked}~" if post.struck else f"*{linked}*"
    if post.role and _GROUP.fullmatch(post.role):
        marked = f"<!subteam^{post.role}>\n{marked}"
    if _is_line(post):
        marked = escape_run(title)  # a sentence of ours is no headline
    if len(marked) > MAX_SECTION:
        marked = escape_run(clip(title, MAX_TITLE))
    section: dict[str, Any] = {"type": "section", "text": {"type": "mrkdwn", "text": marked}}
    if image := picture_url(post.image_url, MAX_URL):
        alt = plain(post.title or words.untitled, MAX_ALT_TEXT)["text"]
        section["accessory"] = {"type": "image", "image_url": image, "alt_text": alt}
    return [section]


def _is_line(post: Post) -> bool:
    """Whether a post is one sentence that we say and nothing else."""
    shows = (post.url, post.blocks, post.details, post.fields, post.role, post.struck)
    return post.kind == "notice" and not any(shows)


def _pages(post: Post) -> list[tuple[Block, ...]]:
    """The blocks by message. The first page is the channel's and may be empty."""
    blocks, details = post.blocks, post.details
    if _size(*blocks, *details) <= SHORT:
        blocks, details = (*blocks, *details), ()
    limit = CATCHUP_PAGE if post.kind == "catchup" else PAGE
    pages = split_blocks(blocks, size=_size, limit=limit)
    first, rest = (pages[0], pages[1:]) if pages else ((), [])
    more = (*(block for page in rest for block in page), *details)
    return [first, *split_blocks(more, size=_size, limit=PAGE)]


def _size(*blocks: Block) -> int:
    rendered = rich_text(blocks)
    return len(json.dumps(rendered)) if rendered else 0


def _rich(blocks: Sequence[Block]) -> list[Any]:
    rendered = rich_text(blocks)
    return [rendered] if rendered else []


def _facts(fields: Sequence[PostField]) -> list[Any]:
    """Source, coverage, discussion: small print, a line each."""
    elements: list[Any] = []
    room = MAX_FACTS
    for field in fields[:MAX_CONTEXT_ELEMENTS]:
        text = _fact(field)
        if text and len(text) <= room:
            elements.append({"type": "mrkdwn", "text": text})
            room -= len(text)
    return [{"type": "context", "elements": elements}] if elements else []


def _fact(field: PostField) -> str:
    """A labelled fact, with as many of its spans as have room; a link is never cut."""
    label = f"*{escape_run(clean_line(field.label))}:*"
    shown = render_spans(field.spans)
    kept = len(field.spans)
    while len(label) + len(shown) + 3 > MAX_CONTEXT_TEXT and kept:
        kept = kept * 3 // 4
        shown = f"{render_spans(field.spans[:kept])} …" if kept else ""
    return f"{label} {shown}" if shown and len(label) < MAX_CONTEXT_TEXT // 2 else ""


def _plain_text(post: Post) -> str:
    """What a notification and a screen reader have: title and text, not the small print."""
    bare = post.model_copy(update={"fields": (), "details": (), "image_url": None, "actions": ()})
    return _fitted(render_plain(bare, width=None))


def _first_words(page: Sequence[Block], post: Post) -> str:
    bare = Post(kind="notice", title=post.title, blocks=tuple(page), language=post.language)
    return _fitted(render_plain(bare, width=None))


def _fitted(text: str) -> str:
    room = MAX_TEXT
    while len((shown := escape_text(clip(text.strip(), room))).encode()) > MAX_TEXT_BYTES:
        room = room * 4 // 5
    return shown or "…"
