"""A message with less in it, for when Slack refuses the whole. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Body = dict[str, Any]


def without_pictures(body: Mapping[str, Any]) -> Body:
    """The same message without the pictures that Slack would have to load."""
    kept = [_without_picture(block) for block in body.get("blocks") or ()]
    blocks = [block for block in kept if block is not None]
    return {**body, "blocks": blocks} if blocks else dict(body)


def without_blocks(body: Mapping[str, Any], method: str) -> Body:
    """Its text alone, which has the link. Buttons are lost, the story is not."""
    bare = {name: value for name, value in body.items() if name != "blocks"}
    return {**bare, "blocks": []} if method == "chat.update" else bare  # else the old ones stay


def _without_picture(block: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if block.get("type") == "image":
        return None
    accessory = block.get("accessory") or {}
    if accessory.get("type") == "image":
        return {name: value for name, value in block.items() if name != "accessory"}
    return block
