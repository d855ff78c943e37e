"""Buttons and menus. What is pressed comes back by its `action_id`: the whole action."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from adapters.platforms.slack.limits import (
    MAX_ACTION_ID,
    MAX_ACTIONS,
    MAX_BUTTON_TEXT,
    MAX_BUTTON_VALUE,
    MAX_OPTION_TEXT,
    MAX_OPTION_VALUE,
    MAX_OPTIONS,
    MAX_PLACEHOLDER,
    MAX_URL,
)
from adapters.platforms.slack.mrkdwn import without_calls
from bot.commands.kit import Button, Choice, Control, Menu
from bot.model import Action, Post
from bot.posts.compose import WHY
from bot.posts.safety import clean_line, clip, safe_url

Element = dict[str, Any]

_STYLES = {"primary": "primary", "danger": "danger"}


def plain(text: str, limit: int) -> Element:
    """A plain_text object; Slack refuses empty ones."""
    shown = clip(without_calls(clean_line(text)), limit) or "…"
    return {"type": "plain_text", "text": shown, "emoji": False}


def post_actions(post: Post, key: str) -> list[Element]:
    """The post's buttons. With `key`, the one that tells why carries it."""
    actions = list(post.actions)
    if key:
        actions = [one for one in actions if one.kind != "why"]
        if post.actions:
            actions.append(Action(kind="why", label=WHY, target=key))
    return action_blocks(
        _button(one.label, f"{one.kind}:{one.target}")
        for one in actions
        if len(f"{one.kind}:{one.target}") <= MAX_ACTION_ID
    )


def control_blocks(controls: Iterable[Control]) -> list[Element]:
    return action_blocks(element for control in controls for element in _control(control))


def action_blocks(elements: Iterable[Element]) -> list[Element]:
    """`actions` blocks of at most 25 elements; the same action stands once."""
    shown = list({one["action_id"]: one for one in elements}.values())
    starts = range(0, len(shown), MAX_ACTIONS)
    return [{"type": "actions", "elements": shown[start : start + MAX_ACTIONS]} for start in starts]


def _control(control: Control) -> Iterator[Element]:
    match control:
        case Button(url=None):
            yield _button(control.label, control.action, _STYLES.get(control.style))
        case Button():
            url = safe_url(control.url)
            if url is not None and len(url) <= MAX_URL:
                yield _button(control.label, f"link:{url}"[:MAX_ACTION_ID]) | {"url": url}
        case Menu():
            yield from _menu(control)


def _button(label: str, action: str, style: str | None = None) -> Element:
    element: Element = {
        "type": "button",
        "text": plain(label, MAX_BUTTON_TEXT),
        "action_id": action,
        "value": action[:MAX_BUTTON_VALUE],
    }
    return element | ({"style": style} if style else {})


def _menu(menu: Menu) -> Iterator[Element]:
    options = [_option(one) for one in menu.choices if 0 < len(one.value) <= MAX_OPTION_VALUE]
    chosen = [
        option
        for option, one in zip(options, menu.choices, strict=False)
        if one.chosen and option["value"] == one.value
    ]
    if not options:
        return
    is_many = menu.most > 1
    element: Element = {
        "type": "multi_static_select" if is_many else "static_select",
        "action_id": menu.action,
        "placeholder": plain(menu.placeholder, MAX_PLACEHOLDER),
        "options": options[:MAX_OPTIONS],
    }
    if is_many:
        element["max_selected_items"] = menu.most
        element |= {"initial_options": chosen} if chosen else {}
    elif chosen:
        element["initial_option"] = chosen[0]
    yield element


def _option(choice: Choice) -> Element:
    option: Element = {"text": plain(choice.label, MAX_OPTION_TEXT), "value": choice.value}
    if choice.description:
        option["description"] = plain(choice.description, MAX_OPTION_TEXT)
    return option
