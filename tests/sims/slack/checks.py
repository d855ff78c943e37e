"""What Slack refuses in a message or a view: documented limits, and its schema where it is here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from jsonschema import Draft7Validator

from tests.shared_data import SHARED

Json = dict[str, Any]

_TEXT_LIMITS = {"section": 3_000, "header": 150}
_COUNTS = {"context": 10, "actions": 25}


def has_picture(shown: Json) -> bool:
    """Whether a message or a view shows a picture that Slack has to load."""
    return '"image_url"' in json.dumps(shown.get("blocks") or [])


def message_faults(body: Json) -> list[str]:
    """One line for each limit that a message breaks."""
    blocks = body.get("blocks") or []
    found = []
    if not str(body.get("text") or "").strip() and not blocks:
        found.append("no_text")
    if blocks and not str(body.get("text") or "").strip():
        found.append("blocks without a text for notifications")
    if len(str(body.get("text") or "")) > 40_000:
        found.append("text is cut at 40,000 characters")
    if len(blocks) > 50:
        found.append("more than 50 blocks")
    if len(json.dumps(blocks)) > 15_561:
        found.append(f"msg_blocks_too_long ({len(json.dumps(blocks))})")
    return found + [fault for block in blocks for fault in _of_block(block)] + _schema(blocks)


def view_faults(view: Json) -> list[str]:
    """The same for a modal or an App Home."""
    blocks = view.get("blocks") or []
    found = []
    if len(blocks) > 100:
        found.append("more than 100 blocks")
    for name in ("title", "submit", "close"):
        if name in view and len(view[name]["text"]) > 24:
            found.append(f"{name} of over 24 characters")
    if len(view.get("private_metadata") or "") > 3_000:
        found.append("private_metadata of over 3,000 characters")
    if view.get("type") == "modal" and "title" not in view:
        found.append("a modal without a title")
    return found + [fault for block in blocks for fault in _of_block(block)] + _schema(blocks)


def _of_block(block: Json) -> Iterator[str]:
    kind = block.get("type")
    if len(block.get("block_id") or "") > 255:
        yield "block_id of over 255 characters"
    limit = _TEXT_LIMITS.get(str(kind))
    if limit and "text" in block and not 1 <= len(block["text"]["text"]) <= limit:
        yield f"{kind} text of {len(block['text']['text'])} characters"
    most = _COUNTS.get(str(kind))
    if most and not 1 <= len(block.get("elements") or []) <= most:
        yield f"{kind} with {len(block.get('elements') or [])} elements"
    if kind == "actions":
        for element in block["elements"]:
            yield from _of_control(element)


def _of_control(element: Json) -> Iterator[str]:
    if len(element.get("action_id") or "") > 255:
        yield "action_id of over 255 characters"
    if element["type"] == "button":
        if not 1 <= len(element["text"]["text"]) <= 75:
            yield "button text"
        if len(element.get("value") or "") > 2_000 or len(element.get("url") or "") > 3_000:
            yield "button value or url"
    options = element.get("options")
    if options is not None and not 1 <= len(options) <= 100:
        yield f"{len(options)} options"
    for option in options or ():
        if len(option["text"]["text"]) > 75 or not 1 <= len(option["value"]) <= 150:
            yield f"option {option['value'][:40]}"


@cache
def _validator() -> Draft7Validator | None:
    path = SHARED / "specs/slack/block-kit.schema.json"
    return Draft7Validator(json.loads(path.read_text())) if path.exists() else None


def _schema(blocks: list[Any]) -> list[str]:
    validator = _validator()
    if validator is None:
        return []
    return [f"invalid_blocks: {error.message[:300]}" for error in validator.iter_errors(blocks)]
