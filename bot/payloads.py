"""Posts as the messages that a platform is sent, printed."""

from __future__ import annotations

import json
from collections.abc import Sequence

from bot.language_model import load
from bot.model import Post


def payloads_json(platform: str, posts: Sequence[Post]) -> str:
    """Every message of these posts, each exactly as the platform gets it, as a JSON array."""
    from adapters.platforms import PAYLOADS

    return json.dumps(load(PAYLOADS[platform])(posts), ensure_ascii=False, indent=2)
