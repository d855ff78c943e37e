"""Messages as Discord shows them: what goes to `POST /channels/{id}/messages`, as HTML. Pure.

Sizes and colours are in `static/preview.css`. Buttons and menus can be looked at, not pressed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from markupsafe import Markup

from adapters.web.look.discord_inline import show_inline
from adapters.web.look.discord_markdown import show_markdown
from adapters.web.look.markup import NOTHING, Piece, joined, link, picture, tag
from adapters.web.look.moments import discord_day, marked
from adapters.web.look.scene import Body, Scene, avatar, part, parts, words

THUMBNAIL = 80
IMAGE_WIDTH, IMAGE_HEIGHT = 400, 225  # wide pictures are shown in this box, before they are there
ICON = 24
_ROW, _BUTTON, _SELECT = 1, 2, 3
_LINK_STYLE = 5
_BUTTON_STYLES = {1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "secondary"}
_FIELDS_IN_LINE = 3


def show_discord(bodies: Sequence[Body], scene: Scene, *, thread_name: str = "") -> Markup:
    """A post's messages: the first in the channel, the others in the thread below it."""
    if not bodies:
        return NOTHING
    below = [_message(body, scene) for body in bodies[1:]]
    thread = _thread(below, thread_name) if below else NOTHING
    return tag("div", _message(bodies[0], scene, thread), class_="dc")


def _message(body: Body, scene: Scene, thread: Markup = NOTHING) -> Markup:
    content = words(body.get("content"))
    said = tag("div", show_markdown(content, scene.now), class_="dc-text") if content else NOTHING
    head = tag(
        "div",
        tag("span", scene.name, class_="dc-name"),
        tag("span", "APP", class_="dc-app"),
        marked(scene.now, discord_day(scene.now, scene.now), "dc-when"),
        class_="dc-head",
    )
    embeds = [_embed(embed, scene.now) for embed in parts(body.get("embeds"))]
    rows = [_row(row) for row in parts(body.get("components"))]
    inside = tag("div", head, said, *embeds, *rows, thread, class_="dc-inside")
    return tag("div", avatar(scene.name, "dc-avatar"), inside, class_="dc-message")


def _thread(messages: Sequence[Markup], name: str) -> Markup:
    """The thread as it is hinted at below its first message; opening it shows what is in it."""
    count = f"{len(messages)} Message{'s' if len(messages) > 1 else ''} \u203a"
    summary = tag(
        "summary",
        tag("span", name or "Thread", class_="dc-thread-name"),
        " ",
        tag("span", count, class_="dc-thread-count"),
    )
    return tag("details", summary, *messages, class_="dc-thread")


def _embed(embed: Body, now: datetime) -> Markup:
    """Author, title, description and fields beside the thumbnail; image and footer below."""
    main = tag("div", *_embed_texts(embed, now), class_="dc-main")
    thumbnail = picture(
        part(embed.get("thumbnail")).get("url"),
        width=THUMBNAIL,
        height=THUMBNAIL,
        alt="",
        class_="dc-thumbnail",
    )
    image = picture(
        part(embed.get("image")).get("url"),
        width=IMAGE_WIDTH,
        height=IMAGE_HEIGHT,
        alt="",
        class_="dc-image",
    )
    grid = tag("div", main, thumbnail, class_="dc-grid")
    return tag("div", _bar(embed), grid, image, _footer(embed, now), class_="dc-embed")


def _bar(embed: Body) -> Markup:
    """The bar in the embed's colour, as a drawing: the pages forbid inline styles."""
    color = embed.get("color")
    is_color = isinstance(color, int) and 0 <= color <= 0xFFFFFF
    fill = f"#{color:06x}" if is_color else None
    rect = tag("rect", width="100%", height="100%", fill=fill)
    return tag("svg", rect, class_="dc-bar", width=4, height="100%", aria_hidden="true")


def _embed_texts(embed: Body, now: datetime) -> Iterator[Piece]:
    author = part(embed.get("author"))
    if name := words(author.get("name")):
        icon = picture(author.get("icon_url"), width=ICON, height=ICON, alt="", class_="dc-icon")
        yield tag("div", icon, link(author.get("url"), name), class_="dc-author")
    if title := words(embed.get("title")):
        url = embed.get("url")
        yield tag("div", link(url, show_inline(title, now, in_link=bool(url))), class_="dc-title")
    if description := words(embed.get("description")):
        yield tag("div", show_markdown(description, now), class_="dc-text")
    if fields := parts(embed.get("fields")):
        yield tag("div", *_fields(fields, now), class_="dc-fields")


def _fields(fields: Sequence[Body], now: datetime) -> Iterator[Markup]:
    """Inline ones share a line, three at most; a wide one has its own."""
    waiting: list[Markup] = []
    for field in fields:
        shown = tag(
            "div",
            tag("div", show_inline(words(field.get("name")), now), class_="dc-field-name"),
            tag("div", show_markdown(words(field.get("value")), now), class_="dc-field-value"),
            class_="dc-field",
        )
        if field.get("inline"):
            waiting.append(shown)
        if waiting and (not field.get("inline") or len(waiting) == _FIELDS_IN_LINE):
            yield tag("div", *waiting, class_="dc-field-row")
            waiting = []
        if not field.get("inline"):
            yield tag("div", shown, class_="dc-field-row")
    if waiting:
        yield tag("div", *waiting, class_="dc-field-row")


def _footer(embed: Body, now: datetime) -> Markup:
    footer = part(embed.get("footer"))
    pieces: list[Piece] = []
    if text := words(footer.get("text")):
        pieces.append(text)
    if at := _timestamp(embed.get("timestamp")):
        pieces += [" • "] if pieces else []
        pieces.append(marked(at, discord_day(at, now), "dc-footer-time"))
    if not pieces:
        return NOTHING
    icon = picture(footer.get("icon_url"), width=20, height=20, alt="", class_="dc-icon")
    return tag("div", icon, tag("span", *pieces), class_="dc-footer")


def _timestamp(value: object) -> datetime | None:
    with contextlib.suppress(ValueError):
        at = datetime.fromisoformat(words(value))
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    return None


def _row(row: Body) -> Markup:
    """A row of buttons, or a menu."""
    shown = [_component(one) for one in parts(row.get("components"))]
    return tag("div", *shown, class_="dc-row") if row.get("type") == _ROW else NOTHING


def _component(one: Body) -> Markup:
    if one.get("type") == _SELECT:
        hint = words(one.get("placeholder")) or "Make a selection"
        return tag("span", hint, class_="dc-select")
    if one.get("type") != _BUTTON:
        return NOTHING
    style = one.get("style")
    kind = _BUTTON_STYLES.get(style, "secondary") if isinstance(style, int) else "secondary"
    emoji = words(part(one.get("emoji")).get("name"))
    pieces: list[Piece] = [tag("span", emoji, class_="dc-emoji")] if emoji else []
    pieces.append(tag("span", words(one.get("label"))))
    class_ = f"dc-button dc-{kind}" + (" dc-disabled" if one.get("disabled") else "")
    if style == _LINK_STYLE:
        return link(one.get("url"), *pieces, class_=f"{class_} dc-out")
    return tag("span", joined(pieces), class_=class_)
