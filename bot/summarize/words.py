"""The words of a sentence that carry its matter, made comparable without knowing its language."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.summarize.language import STOP_WORDS

Words = frozenset[str]

# Languages put their endings last: what words of one stem share is their beginning.
STEM_CHARS = 6

_STOPPED = frozenset().union(
    *(STOP_WORDS[code] for code in ("en", "de", "fr", "es", "it", "pt", "nl"))
)
_CJK = "\u3041-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_TOKEN = re.compile(rf"[^\W_{_CJK}]+(?:[.'’-](?=\d)[^\W_]+)*|[{_CJK}]+")


def content_words(text: str) -> Words:
    """Stems of the words that are no function words; of Chinese and Japanese, character pairs."""
    return frozenset(word[:STEM_CHARS] for word in matter_words(text))


def matter_words(text: str) -> Iterator[str]:
    """The words that are no function words, whole, in their order; small letters."""
    for token in _TOKEN.findall(text.lower()):
        if token[0] >= "\u3041" and not "\uac00" <= token[0] <= "\ud7af":
            yield from (token[at : at + 2] for at in range(max(1, len(token) - 1)))
        elif token not in _STOPPED and (len(token) > 1 or token.isdigit()):
            yield token


def overlap(a: Words, b: Words) -> float:
    """How much two sets of words have in common, 0 to 1 (Dice)."""
    if not a or not b:
        return 0.0
    return 2 * len(a & b) / (len(a) + len(b))


def share_of(whole: Words, part: Words) -> float:
    """Which part of `whole` is found in `part`, 0 to 1."""
    return len(whole & part) / len(whole) if whole else 0.0
