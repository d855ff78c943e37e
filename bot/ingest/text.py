"""Foreign markup in, readable text out."""

from __future__ import annotations

import html
import re
import unicodedata

_TAG = re.compile(r"<[^<>]*>")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufeff]")


def readable_text(markup: str) -> str:
    """HTML or plain text as paragraphs of plain text."""
    text = html.unescape(_TAG.sub(" ", markup)) if "<" in markup or "&" in markup else markup
    return unicodedata.normalize("NFC", _CONTROL.sub("", text)).strip()


def clean_title(raw: str) -> str:
    """A title as one line of plain text."""
    return " ".join(readable_text(raw).split())
