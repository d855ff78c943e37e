"""Messages as Slack shows them: what goes to `chat.postMessage`, as HTML. Pure.

Sizes and colours are in `static/preview.css`. Buttons and menus can be looked at, not pressed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from markupsafe import Markup

from adapters.web.look.markup import NOTHING, Piece, link, picture, tag
from adapters.web.look.moments import clock_time, marked
from adapters.web.look.scene import Body, Scene, avatar, part, parts, words
from adapters.web.look.slack_mrkdwn import show_mrkdwn
from adapters.web.look.slack_rich import show_rich_text

ACCESSORY = 88
CONTEXT_IMAGE = 20
IMAGE_WIDTH, IMAGE_HEIGHT = 360, 203  # wide pictures are shown in this box, before they are there
_BUTTON_STYLES = ("primary", "danger")
_MENUS = ("static_select", "multi_static_select", "external_select", "users_select")


def show_slack(bodies: Sequence[Body], scene: Scene) -> Markup:
    """A post's messages: the first in the channel, the others in the thread below it."""
    if not bodies:
        return NOTHING
    below = [_message(body, scene) for body in bodies[1:]]
    thread = _thread(below, scene) if below else NOTHING
    return tag("div", _message(bodies[0], scene, thread), class_="sl")


def _message(body: Body, scene: Scene, thread: Markup = NOTHING) -> Markup:
    head = tag(
        "div",
        tag("span", scene.name, class_="sl-name"),
        tag("span", "APP", class_="sl-app"),
        marked(scene.now, clock_time(scene.now), "sl-when"),
        class_="sl-head",
    )
    blocks = [_block(block, scene.now) for block in parts(body.get("blocks"))]
    text = words(body.get("text"))
    if not blocks and text:
        blocks = [tag("div", show_mrkdwn(text, scene.now), class_="sl-section")]
    inside = tag("div", head, *blocks, thread, class_="sl-inside")
    return tag("div", avatar(scene.name, "sl-avatar"), inside, class_="sl-message")


def _thread(messages: Sequence[Markup], scene: Scene) -> Markup:
    """The line below a message that has replies; opening it shows them."""
    count = f"{len(messages)} {'replies' if len(messages) > 1 else 'reply'}"
    summary = tag(
        "summary",
        avatar(scene.name, "sl-avatar-small"),
        tag("span", count, class_="sl-replies"),
        tag("span", "View thread", class_="sl-view"),
    )
    return tag("details", summary, *messages, class_="sl-thread")


def _block(block: Body, now: datetime) -> Markup:
    showers: dict[str, Callable[[Body, datetime], Markup]] = {
        "section": _section,
        "header": _header,
        "context": _context,
        "divider": lambda block, now: tag("hr", class_="sl-divider"),
        "image": _image,
        "rich_text": show_rich_text,
        "actions": _actions,
    }
    shower = showers.get(words(block.get("type")))
    return shower(block, now) if shower else NOTHING


def _header(block: Body, now: datetime) -> Markup:
    return tag("div", _text(part(block.get("text")), now), class_="sl-header")


def _section(block: Body, now: datetime) -> Markup:
    """Text and fields, two beside each other, with a picture or button at the right."""
    text = part(block.get("text"))
    shown: list[Piece] = [tag("div", _text(text, now), class_="sl-section")] if text else []
    if fields := parts(block.get("fields")):
        cells = [tag("div", _text(field, now)) for field in fields]
        shown.append(tag("div", *cells, class_="sl-fields"))
    accessory = part(block.get("accessory"))
    beside = _element(accessory, now, ACCESSORY, "sl-accessory") if accessory else NOTHING
    return tag("div", tag("div", *shown, class_="sl-beside"), beside, class_="sl-block")


def _context(block: Body, now: datetime) -> Markup:
    shown = [
        _element(one, now, CONTEXT_IMAGE, "sl-context-image")
        if one.get("type") == "image"
        else tag("div", _text(one, now))
        for one in parts(block.get("elements"))
    ]
    return tag("div", *shown, class_="sl-context")


def _image(block: Body, now: datetime) -> Markup:
    title = part(block.get("title"))
    shown = picture(
        block.get("image_url"),
        width=IMAGE_WIDTH,
        height=IMAGE_HEIGHT,
        alt=words(block.get("alt_text")),
        class_="sl-image",
    )
    above = tag("div", _text(title, now), class_="sl-image-title") if title else NOTHING
    return tag("div", above, shown, class_="sl-block-image")


def _actions(block: Body, now: datetime) -> Markup:
    shown = [_element(one, now, CONTEXT_IMAGE, "") for one in parts(block.get("elements"))]
    return tag("div", *shown, class_="sl-actions")


def _element(element: Body, now: datetime, size: int, class_: str) -> Markup:
    """A picture, a button or a menu."""
    kind = words(element.get("type"))
    if kind == "image":
        alt = words(element.get("alt_text"))
        return picture(element.get("image_url"), width=size, height=size, alt=alt, class_=class_)
    if kind == "overflow":
        return tag("span", "\u22ef", class_="sl-button sl-overflow")
    if kind in _MENUS:
        hint = _text(part(element.get("placeholder")), now)
        return tag("span", hint, class_="sl-button sl-select")
    if kind != "button":
        return NOTHING
    style = element.get("style")
    shown_as = f"sl-button sl-{style}" if style in _BUTTON_STYLES else "sl-button"
    label = _text(part(element.get("text")), now)
    if element.get("url"):
        return link(element.get("url"), label, class_=shown_as)
    return tag("span", label, class_=shown_as)


def _text(text: Body, now: datetime) -> Piece:
    """A text object; `plain_text` is literal."""
    shown = words(text.get("text"))
    return show_mrkdwn(shown, now) if text.get("type") == "mrkdwn" else shown
