"""XML that we write: what it cannot hold is left out."""

from __future__ import annotations

import re

# Char in XML 1.0, section 2.2; a lone surrogate cannot be encoded either.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def legal(text: str) -> str:
    """Without the characters that no XML document may hold."""
    return _ILLEGAL.sub("", text)
