"""Buttons and menus below a message, in rows. What is pressed comes back by its custom id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from adapters.platforms.discord.limits import (
    MAX_BUTTON_LABEL,
    MAX_BUTTON_URL,
    MAX_CUSTOM_ID,
    MAX_OPTION_TEXT,
    MAX_OPTIONS,
    MAX_PLACEHOLDER,
    MAX_ROW_BUTTONS,
    units,
)
from bot.commands.kit import Button, Choice, Control, Menu
from bot.model import Action, Post
from bot.posts.compose import WHY
from bot.posts.safety import clean_line, clip, safe_url

Component = dict[str, Any]

ACTION_ROW, BUTTON, STRING_SELECT = 1, 2, 3
LINK_STYLE = 5
_STYLES = {"primary": 1, "plain": 2, "danger": 4}
_EMOJI = {"summarize": "💬", "star": "⭐", "mute": "🔕", "why": "❔"}


def action_rows(post: Post, key: str) -> list[Component]:
    """A post's actions. With `key`, the one that tells why carries it: any message of ours is
    known by it, and a post without that action gets it.
    """
    actions = list(post.actions)
    if key:
        actions = [one for one in actions if one.kind != "why"]
        actions.append(Action(kind="why", label=WHY, target=key))
    buttons = {f"{one.kind}:{one.target}": one for one in actions}
    return button_rows(
        _button(one.label, custom_id) | {"emoji": {"name": _EMOJI[one.kind]}}
        for custom_id, one in buttons.items()
        if units(custom_id) <= MAX_CUSTOM_ID
    )


def control_rows(controls: Iterable[Control]) -> list[Component]:
    """The controls in their order; buttons that follow each other share rows."""
    rows: list[Component] = []
    waiting: list[Component] = []
    for control in controls:
        if isinstance(control, Button):
            waiting += _control_button(control)
            continue
        rows += button_rows(waiting)
        waiting = []
        rows += _menu_row(control)
    return rows + button_rows(waiting)


def button_rows(buttons: Iterable[Component]) -> list[Component]:
    shown = list(buttons)
    starts = range(0, len(shown), MAX_ROW_BUTTONS)
    return [_row(shown[start : start + MAX_ROW_BUTTONS]) for start in starts]


def shortened(text: str, limit: int) -> str:
    """A plain text, which Discord shows as it is, in at most `limit` units."""
    line = clean_line(text)
    room = limit
    while units(clipped := clip(line, room)) > limit:
        room -= 1
    return clipped


def _row(components: Sequence[Component]) -> Component:
    return {"type": ACTION_ROW, "components": list(components)}


def _button(label: str, custom_id: str, style: int = _STYLES["plain"]) -> Component:
    return {
        "type": BUTTON,
        "style": style,
        "label": shortened(label, MAX_BUTTON_LABEL),
        "custom_id": custom_id,
    }


def _control_button(button: Button) -> Iterator[Component]:
    """The button; nothing for a link that Discord does not take."""
    if button.url is None:
        yield _button(button.label, button.action, _STYLES[button.style])
    elif (url := safe_url(button.url)) and units(url) <= MAX_BUTTON_URL:
        label = shortened(button.label, MAX_BUTTON_LABEL)
        yield {"type": BUTTON, "style": LINK_STYLE, "label": label, "url": url}


def _menu_row(menu: Menu) -> Iterator[Component]:
    """The menu in a row of its own; nothing where there is nothing to choose."""
    options = [_option(one) for one in menu.choices if 0 < units(one.value) <= MAX_OPTION_TEXT]
    options = options[:MAX_OPTIONS]
    if not options:
        return
    select = {
        "type": STRING_SELECT,
        "custom_id": menu.action,
        "placeholder": shortened(menu.placeholder, MAX_PLACEHOLDER),
        "min_values": 0 if menu.most > 1 else 1,
        "max_values": max(1, min(menu.most, len(options))),
        "options": options,
    }
    yield _row([select])


def _option(choice: Choice) -> Component:
    option: Component = {
        "label": shortened(choice.label, MAX_OPTION_TEXT) or choice.value,
        "value": choice.value,
        "default": choice.chosen,
    }
    if description := shortened(choice.description, MAX_OPTION_TEXT):
        option["description"] = description
    return option
