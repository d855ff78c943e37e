"""Text that was read in the wrong encoding once, taken back; all other text as it is.

A repair must be provable: the damaged text, written in the wrong encoding again, has to be valid
UTF-8 and lead back to the same damage. And it must pay: fewer suspect sequences after than before,
as ftfy counts them, which knows what hardly any clean text of any language contains. So "caf√©"
and "It‚Äôs" are mended, and "the area is √π" is not, though it would be valid UTF-8 as well.
"""

from __future__ import annotations

import codecs
import re

import ftfy.bad_codecs  # noqa: F401  # registers sloppy-windows-1252
from ftfy.badness import badness

# What UTF-8 was most often read as: by Macs, by Windows (with its five gaps filled), by old mail.
_WRONG_ENCODINGS = ("mac_roman", "sloppy-windows-1252", "latin-1")
# Runs are mended alone only where damage of one kind fills the text; a lone one may be meant.
_LEAST_PIECES = 3
_RUN = re.compile(r"[^\x00-\x7f]+")
_RUN_IN_CONTEXT = re.compile(r"[\x00-\x7f]{0,3}[^\x00-\x7f]+[\x00-\x7f]{0,3}")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode_text(body: bytes) -> str:
    """A text file's bytes as text: by byte order mark, else UTF-8, else Windows-1252."""
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body.decode(encoding, "replace").removeprefix("\ufeff")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as exc:
        # Cut in the middle of a character, or a stray byte in a long text, is UTF-8 all the same.
        if b"\xef\xbf\xbd" not in body and _is_mostly_utf8(body, exc):
            return body.decode("utf-8", "replace")
        return body.decode("sloppy-windows-1252")


def _is_mostly_utf8(body: bytes, damage: UnicodeDecodeError) -> bool:
    text = body.decode("utf-8", "replace")
    whole = sum(not char.isascii() and char != "\ufffd" for char in text)
    return damage.start >= len(body) - 3 or whole > 10 * text.count("\ufffd")


def repair(text: str) -> str:
    """The text without the traces of a wrong encoding, where that is provable; else the same."""
    if text.isascii():
        return text
    before = _suspects(text)
    if not before:
        return text
    whole = [mended for name in _WRONG_ENCODINGS if (mended := _taken_back(text, name))]
    best = min(whole, key=_suspects, default=text)
    if _suspects(best) < before:
        return best
    pieces = [_pieces_taken_back(text, name) for name in _WRONG_ENCODINGS]
    best = min(pieces, key=_suspects)
    return best if _suspects(best) < before else text


def _suspects(text: str) -> int:
    """How many sequences are suspect. Looking only where it can be is six times as fast."""
    return badness("\n".join(_RUN_IN_CONTEXT.findall(text)))


def _taken_back(text: str, encoding: str) -> str | None:
    try:
        mended = text.encode(encoding).decode("utf-8")
        return mended if mended.encode("utf-8").decode(encoding) == text else None
    except UnicodeError:
        return None


def _pieces_taken_back(text: str, encoding: str) -> str:
    """Run by run, for text that is damaged in part; only where many runs tell the same story."""
    mended = {run: _taken_back(run, encoding) for run in set(_RUN.findall(text))}
    # Three or four bytes that happen to be one character are no accident in that number.
    long = sum(1 for run, good in mended.items() if good and len(run) >= 3 and _suspects(run))
    if long < _LEAST_PIECES:
        return text
    return _RUN.sub(lambda run: mended[run[0]] or run[0], text)
