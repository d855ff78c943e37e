"""Finding a quotation in what it is said to be from: word for word, or not at all.

White space, the shapes of quotation marks and dashes, characters that nobody sees and the marks of
emphasis around words make no difference. Everything else does.
"""

from __future__ import annotations

import re
import unicodedata

LINK_MARK = "(link)"
MAX_QUOTE = 300
# A quotation of less says nothing by itself, unless it is all that somebody wrote.
MIN_WORDS = 3

_SHAPES = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»″＂", '"'),
        **dict.fromkeys("‘’‚‛′`´＇", "'"),
        **dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"),
        "…": "...",
    }
)
_UNSEEN = frozenset("\u00ad\u200b\u200c\u200e\u200f\u2060\ufeff")
_EMPHASIS = frozenset("*_~")
_INNER = frozenset("'-.,")
_WRAPPING = " \t\n\"'“”‘’„«»"
_ENTITY = re.compile(r"&(?:amp;)?(?:#x200b|#8203);", re.IGNORECASE)
_SPACE_ENTITY = re.compile(r"&(?:amp;)?(?:#32|nbsp|#160);", re.IGNORECASE)
# What the material of a request leaves out of a comment: marks of lists and links, addresses.
_MARKUP = re.compile(
    r"!?\[(?P<label>[^\[\]\n]{1,300})\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)"
    r"|(?P<url>(?:https?://|www\.)[^\s<>\"]+[^\s<>\".,;:!?)\]'*])"
    r"|^[ \t]*(?:[-*+•]|\d{1,2}[.)])[ \t]+|\\(?=[_*~\[\]().#>`|^\\-])",
    re.MULTILINE,
)
_SENTENCE_END = re.compile(r"[.!?…。！？]+[\"')\]”’]*\s+|\n+")


def find_quote(quote: str, source: str) -> str | None:
    """The stretch of `source` that `quote` is, in the source's own characters; None: it is not.

    It begins and ends with whole words. Where the sentence around it is short enough it is given
    whole: half a sentence can say the opposite of the whole.
    """
    bare = quote.strip(_WRAPPING).removesuffix("…").removesuffix("...").removeprefix("…")
    wanted, _ = _fold(bare)
    wanted = wanted.strip(" ").rstrip(".,;:")
    if not wanted or not any(map(str.isalnum, wanted)):
        return None
    for hidden in (None, _MARKUP):
        folded, places = _fold(source, hidden)
        start = _find_whole(wanted, folded)
        if start is not None:
            first, last = places[start], places[start + len(wanted) - 1] + 1
            return _worth_quoting(wanted, _widened(source, first, last), source)
    return None


def _worth_quoting(wanted: str, found: str, source: str) -> str | None:
    words = re.findall(r"\w+", wanted)
    alone = found.strip() == source.strip()
    return found if alone or len(words) >= MIN_WORDS or _is_dense(wanted) else None


def _is_dense(text: str) -> bool:
    """Whether it is of a script without spaces, where few 'words' say much."""
    return sum(char >= "\u2e80" for char in text) >= 2 * MIN_WORDS


def _find_whole(wanted: str, folded: str) -> int | None:
    at = folded.find(wanted)
    while at >= 0:
        end = at + len(wanted)
        if not _is_inside_word(folded, at) and not _is_inside_word(folded, end):
            return at
        at = folded.find(wanted, at + 1)
    return None


def _is_inside_word(text: str, border: int) -> bool:
    """Whether a cut before `text[border]` would cut a word or a number: `don|'t`, `1|.5`, `10|%`.

    Scripts without spaces may be cut anywhere.
    """
    left, right = text[border - 1 : border], text[border : border + 1]
    if border <= 0 or not right or (left >= "\u2e80" and right >= "\u2e80"):
        return False
    if left.isalnum():
        after = text[border + 1 : border + 2]
        return right.isalnum() or right == "%" or (right in _INNER and after.isalnum())
    return left in _INNER and right.isalnum() and text[border - 2 : border - 1].isalnum()


def _fold(text: str, hidden: re.Pattern[str] | None = None) -> tuple[str, list[int]]:
    """The text as it is compared, and for each of its characters the place in `text`.

    `hidden` finds what is left out; an address is folded to the words that stand in its place in
    what models are shown.
    """
    if "&" in text:
        text = _SPACE_ENTITY.sub(lambda found: " " * len(found.group()), text)
        text = _ENTITY.sub(lambda found: "\u200b" * len(found.group()), text)
    folded: list[str] = []
    places: list[int] = []
    left_out = _left_out(text, hidden) if hidden else {}
    for at, char in enumerate(text):
        if at in left_out:
            folded += left_out[at]
            places += [at] * len(left_out[at])
            continue
        if char in _UNSEEN or (char in _EMPHASIS and _is_at_edge(text, at)):
            continue
        if char.isspace():
            if folded and folded[-1] == " ":
                continue
            char = " "
        for one in unicodedata.normalize("NFC", char).translate(_SHAPES):
            folded.append(one)
            places.append(at)
    return "".join(folded), places


def _left_out(text: str, hidden: re.Pattern[str]) -> dict[int, str]:
    """For each place that is left out what stands there instead: mostly nothing."""
    places: dict[int, str] = {}
    for found in hidden.finditer(text):
        kept = range(*found.span("label"))
        places.update((at, "") for at in range(*found.span()) if at not in kept)
        if found["url"]:
            places[found.start()] = LINK_MARK
    return places


def _is_at_edge(text: str, at: int) -> bool:
    """Whether a mark of emphasis hugs a word from outside: `*so*`, never `2*3` or `a_b`."""
    left = text[at - 1] if at else " "
    right = text[at + 1] if at + 1 < len(text) else " "
    marked = (left.isalnum(), right.isalnum())
    if left in _EMPHASIS or right in _EMPHASIS:
        return marked != (True, True)
    return marked in ((True, False), (False, True)) or (left in ".,!?:;)\"'" or right in "([\"'")


def _widened(source: str, first: int, last: int) -> str:
    """The sentences that a stretch is part of, where they are short enough, else the stretch."""
    start = 0
    for end in _SENTENCE_END.finditer(source, max(0, first - MAX_QUOTE), first):
        start = end.end()
    following = _SENTENCE_END.search(source, max(first, last - 1))
    stop = following.end() if following else len(source)
    whole = source[start:stop].strip()
    narrow = source[first:last].strip()
    return whole if narrow in whole and len(whole) <= MAX_QUOTE else narrow
