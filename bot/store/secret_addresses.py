"""Addresses that their owners were asked to keep to themselves."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

_SECRET_KEYS = re.compile(
    r"(?:^|[_-])(?:api_?key|key|token|secret|auth|sig|signature|pass|passwd|password|credential)s?"
    r"(?:$|[_-])|^(?:access|private|auth)(?:_?key|_?token|id)$|token$|apikey$",
    re.IGNORECASE,
)


def bears_secret(url: str) -> bool:
    """Whether an address is one that its owner was asked to keep: with a key, a token or a name and
    password in it, or a subscriber's own feed (`…/feed/private/…`).
    """
    try:
        parts = urlsplit(url)
        keys = {key for key, value in parse_qsl(parts.query) if value}
    except ValueError:
        return True
    is_reddit_feed = {"feed", "user"} <= keys
    named = any(_SECRET_KEYS.search(key) for key in keys)
    return "@" in parts.netloc or is_reddit_feed or named or "/private/" in f"{parts.path}/"


def shown_url(url: str) -> str:
    """An address as it may be told to a channel: of one that bears a secret only the host."""
    if not bears_secret(url):
        return url
    try:
        return urlsplit(url).hostname or "a private feed"
    except ValueError:
        return "a private feed"
