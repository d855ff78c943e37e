"""What Slack refuses or shows as a call, checked apart from the renderer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_CALL = re.compile(r"<!(?:channel|here|everyone)|<[@#][A-Z]")


def faults(body: dict[str, Any]) -> list[str]:
    """One line for each documented limit that a message body breaks."""
    found = list(_of_message(body))
    for block in body["blocks"]:
        found += _of_block(block)
    if _CALL.search(json.dumps(body, ensure_ascii=False)):
        found.append("somebody would be called")
    return found


def _of_message(body: dict[str, Any]) -> Iterator[str]:
    if not body["text"].strip():
        yield "no text for notifications"
    if len(body["text"].encode()) > 4_000:
        yield "text longer than chat.update takes"
    if len(body["blocks"]) > 50:
        yield "more than 50 blocks"
    if len(json.dumps(body["blocks"])) > 15_000:
        yield f"blocks of {len(json.dumps(body['blocks']))} characters"
    if sum(len(text) for text in _texts(body["blocks"])) > 9_600:
        yield "too much text"
    if body.get("unfurl_links") is not False or body.get("unfurl_media") is not False:
        yield "links unfold"
    ids = [one["action_id"] for one in _buttons(body["blocks"])]
    if len(ids) != len(set(ids)):
        yield "an action_id stands twice"


def _of_block(block: dict[str, Any]) -> Iterator[str]:
    kind = block["type"]
    if kind == "section" and not 1 <= len(block["text"]["text"]) <= 3_000:
        yield "section text"
    if kind == "context" and not 1 <= len(block["elements"]) <= 10:
        yield "context elements"
    if kind == "context" and any(len(one["text"]) > 2_000 for one in block["elements"]):
        yield "context text"
    if kind == "actions" and not 1 <= len(block["elements"]) <= 25:
        yield "actions"
    if kind == "rich_text" and not block["elements"]:
        yield "empty rich text"
    for button in _buttons([block]):
        if not 1 <= len(button["text"]["text"]) <= 75 or len(button["action_id"]) > 255:
            yield f"button {button}"
    if any(text == "" for text in _texts(block)):
        yield "an empty text"


def _buttons(blocks: list[Any]) -> list[dict[str, Any]]:
    return [
        one
        for block in blocks
        if block["type"] == "actions"
        for one in block["elements"]
        if one["type"] == "button"
    ]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
