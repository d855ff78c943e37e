"""Answers to commands and buttons as messages with controls, and forms as modals."""

from __future__ import annotations

from typing import Any

from adapters.platforms.slack.controls import control_blocks, plain
from adapters.platforms.slack.limits import (
    MAX_BLOCKS,
    MAX_INPUT,
    MAX_LABEL,
    MAX_PLACEHOLDER,
    MAX_VIEW_TITLE,
)
from adapters.platforms.slack.render import Body, render_messages
from bot.commands.kit import Form, Reply, TextField


def render_reply(reply: Reply) -> list[Body]:
    """The messages of an answer, controls below the last. Empty where nothing is to be shown."""
    bodies = [body for post in reply.posts for body in render_messages(post).all]
    controls = control_blocks(reply.controls)
    if controls:
        if not bodies or len(bodies[-1]["blocks"]) + len(controls) > MAX_BLOCKS:
            bodies.append({"text": "…", "blocks": []})
        bodies[-1]["blocks"] = [*bodies[-1]["blocks"], *controls]
    return bodies


def render_form(
    form: Form, *, submit: str = "OK", close: str = "Cancel", metadata: str = ""
) -> dict[str, Any]:
    """The view of a modal. A field's answer comes back under its name as block and action id."""
    return {
        "type": "modal",
        "callback_id": form.action,
        "private_metadata": metadata,
        "title": plain(form.title, MAX_VIEW_TITLE),
        "submit": plain(submit, MAX_VIEW_TITLE),
        "close": plain(close, MAX_VIEW_TITLE),
        "blocks": [_input(field) for field in form.fields],
    }


def _input(field: TextField) -> dict[str, Any]:
    element: dict[str, Any] = {
        "type": "plain_text_input",
        "action_id": field.name,
        "multiline": field.is_long,
        "max_length": MAX_INPUT,
    }
    if field.value:
        element["initial_value"] = field.value[:MAX_INPUT]
    block: dict[str, Any] = {
        "type": "input",
        "block_id": field.name,
        "label": plain(field.label, MAX_LABEL),
        "element": element,
        "optional": not field.required,
    }
    if field.hint:
        block["hint"] = plain(field.hint, MAX_PLACEHOLDER)
    return block
