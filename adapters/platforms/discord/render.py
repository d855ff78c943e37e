"""A post as Discord messages: what goes to `POST /channels/{id}/messages`.

One message for the channel, and where there is more to say the rest for a thread below it. Texts go
into embeds, since nothing in an embed can call anybody; buttons stand below. Foreign text is
escaped (`escaping`), and everything is within the limits (`limits`) by construction.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adapters.platforms.discord.buttons import Component, action_rows, shortened
from adapters.platforms.discord.escaping import fitted
from adapters.platforms.discord.limits import (
    MAX_CONTENT,
    MAX_EMBED_TITLE,
    MAX_THREAD_NAME,
    MAX_URL,
    units,
)
from adapters.platforms.discord.pages import paged
from bot.model import Link, Paragraph, Post, PostField, Text
from bot.posts.pictures import picture_url
from bot.posts.safety import clean_line, domain_of, safe_url
from bot.posts.words import Words, words_for

Body = dict[str, Any]
Embed = dict[str, Any]

COLORS = {
    "story": 0x3B82F6,
    "catchup": 0x64748B,
    "digest": 0x8B5CF6,
    "thread": 0x10B981,
    "notice": 0xF59E0B,
}
MAX_FOOTER = 300
_ROLE = re.compile(r"[1-9]\d{0,19}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A post's messages: `first` for the channel, `details` for the thread below, in their order.

    Bodies always have all of `content`, `embeds`, `components` and `allowed_mentions`, so that the
    same body also edits a message as a whole. A nonce is the sender's.
    """

    first: tuple[Body, ...]
    details: tuple[Body, ...] = ()

    @property
    def all(self) -> tuple[Body, ...]:
        return (*self.first, *self.details)


def render_messages(post: Post, key: str = "") -> Rendered:
    """The post's messages. `key` names the delivery: the first message is known by it later."""
    rows = action_rows(post, key)
    if _is_line(post):
        return Rendered(first=(_calling(post, line=True) | {"components": rows},))
    words = words_for(post.language)
    footer, facts = _footer(post, words)
    text, *more = paged(_with_long_link(post, words), facts)
    first = _first_embed(post, text, footer, words)
    details = [_embed(post, page) for page in more]
    for number, embed in enumerate(details, 1):
        if len(details) > 1:
            embed["footer"] = {"text": f"{number}/{len(details)}"}
    return Rendered(
        first=(_calling(post) | {"embeds": [first], "components": rows},),
        details=tuple(quiet_body(embeds=[embed]) for embed in details),
    )


def print_posts(posts: Sequence[Post]) -> list[Body]:
    """All message bodies of the posts, for `--format discord`."""
    return [body for post in posts for body in render_messages(post).all]


def thread_name(post: Post) -> str:
    """What a thread below the post, or the post in a forum, is called."""
    return shortened(post.title, MAX_THREAD_NAME) or words_for(post.language).untitled


def quiet_body(
    *, content: str = "", embeds: Sequence[Embed] = (), rows: Sequence[Component] = ()
) -> Body:
    """A message that calls nobody."""
    return {
        "content": content,
        "embeds": list(embeds),
        "components": list(rows),
        "allowed_mentions": {"parse": []},
    }


def _calling(post: Post, *, line: bool = False) -> Body:
    """A body with the mention of the post's role, if it has one, and with `line` its title."""
    has_role = post.role is not None and _ROLE.fullmatch(post.role)
    mention = f"<@&{post.role}>" if has_role else ""
    title = fitted(post.title, MAX_CONTENT - units(mention) - 1) if line else ""
    body = quiet_body(content=" ".join(part for part in (mention, title) if part))
    if has_role:
        body["allowed_mentions"]["roles"] = [post.role]
    return body


def _is_line(post: Post) -> bool:
    """Whether the title is all there is: a short answer needs no frame."""
    shows = (post.url, post.blocks, post.details, post.fields, post.image_url)
    return post.kind == "notice" and bool(clean_line(post.title)) and not any(shows)


def _footer(post: Post, words: Words) -> tuple[str, list[PostField]]:
    """How the summary was made, for the small print at the bottom, and the other fields."""
    for field in post.fields:
        text = clean_line("".join(span.text for span in field.spans if isinstance(span, Text)))
        is_text = all(isinstance(span, Text) for span in field.spans)
        if field.label == words.summary and is_text and text and units(text) <= MAX_FOOTER:
            others = [other for other in post.fields if other is not field]
            return f"{words.summary}: {text}", others
    return "", list(post.fields)


def _with_long_link(post: Post, words: Words) -> Post:
    """A link that is too long for a title moves below the text."""
    url = safe_url(post.url)
    if url is None or units(url) <= MAX_URL:
        return post
    label = words.read_at.format(site=domain_of(url))
    link = Paragraph(spans=(Link(text=label, url=url),))
    return post.model_copy(update={"blocks": (*post.blocks, link)})


def _embed(post: Post, text: str) -> Embed:
    embed: Embed = {"color": COLORS[post.kind]}
    if text:
        embed["description"] = text
    return embed


def _first_embed(post: Post, text: str, footer: str, words: Words) -> Embed:
    embed: Embed = {"title": _title(post, words), **_embed(post, text)}
    url = safe_url(post.url)
    if url is not None and units(url) <= MAX_URL:
        embed["url"] = url
    if image := picture_url(post.image_url, MAX_URL):
        embed["thumbnail"] = {"url": image}
    if footer:
        embed["footer"] = {"text": footer}
    if post.kind in {"digest", "catchup"} and post.published_at is not None:
        embed["timestamp"] = post.published_at.isoformat()
    return embed


def _title(post: Post, words: Words) -> str:
    title = clean_line(post.title) or words.untitled
    if post.struck and "~" not in title:  # escapes mean nothing between these markers
        return f"~~{fitted(title, MAX_EMBED_TITLE - 4)}~~"
    return fitted(title, MAX_EMBED_TITLE)
