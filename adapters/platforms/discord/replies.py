"""Answers to commands and buttons as messages with controls, and forms as modals.

Whether an answer is the asker's alone is a flag of the interaction, not of these bodies.
"""

from __future__ import annotations

from typing import Any

from adapters.platforms.discord.buttons import control_rows, shortened
from adapters.platforms.discord.limits import (
    MAX_EMBED_TOTAL,
    MAX_EMBEDS,
    MAX_INPUT_DESCRIPTION,
    MAX_INPUT_LABEL,
    MAX_INPUT_VALUE,
    MAX_MODAL_FIELDS,
    MAX_MODAL_TITLE,
    MAX_ROWS,
    units,
)
from adapters.platforms.discord.render import Body, quiet_body, render_messages
from bot.commands.kit import Form, Reply, TextField

LABEL, TEXT_INPUT = 18, 4
_SHORT, _LONG = 1, 2


def render_reply(reply: Reply) -> list[Body]:
    """The messages of an answer, controls below the last. Empty where nothing is to be shown."""
    bodies: list[Body] = []
    for post in reply.posts:
        for body in render_messages(post).all:
            if not bodies or not _joined(bodies[-1], body):
                bodies.append(body)
    for row in control_rows(reply.controls):
        if not bodies or len(bodies[-1]["components"]) == MAX_ROWS:
            bodies.append(quiet_body(content="…"))  # a message of nothing but controls is refused
        bodies[-1]["components"].append(row)
    return bodies


def render_form(form: Form) -> dict[str, Any]:
    """The data of a modal. Each field's answer comes back under its own custom id."""
    return {
        "title": shortened(form.title, MAX_MODAL_TITLE),
        "custom_id": form.action,
        "components": [_field(field) for field in form.fields[:MAX_MODAL_FIELDS]],
    }


def _joined(body: Body, more: Body) -> bool:
    """Put `more` into the message before it, where that has no buttons yet and room for it."""
    embeds = [*body["embeds"], *more["embeds"]]
    fits = len(embeds) <= MAX_EMBEDS and sum(map(_length, embeds)) <= MAX_EMBED_TOTAL
    if body["components"] or more["content"] or not fits:
        return False
    body["embeds"] = embeds
    body["components"] = more["components"]
    return True


def _length(embed: dict[str, Any]) -> int:
    texts = (embed.get("title", ""), embed.get("description", ""), embed.get("footer", {}))
    return sum(units(text.get("text", "") if isinstance(text, dict) else text) for text in texts)


def _field(field: TextField) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "type": TEXT_INPUT,
        "custom_id": field.name,
        "style": _LONG if field.is_long else _SHORT,
        "required": field.required,
        "max_length": MAX_INPUT_VALUE,
    }
    if field.value:
        entry["value"] = field.value[:MAX_INPUT_VALUE]
    label: dict[str, Any] = {
        "type": LABEL,
        "label": shortened(field.label, MAX_INPUT_LABEL),
        "component": entry,
    }
    if hint := shortened(field.hint, MAX_INPUT_DESCRIPTION):
        label["description"] = hint
    return label
