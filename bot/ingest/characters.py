"""Characters that no reader sees, and those that some machine spoilt.

Out go controls, bidi controls, zero-width spaces, soft hyphens, tag characters and lone surrogates:
they break search, hide text from people or turn it around. Joiners (ZWJ, ZWNJ) are letters' glue in
Persian, Indic and other scripts and build emoji; behind such a character one joiner stays.
"""

from __future__ import annotations

import re
import unicodedata

import ftfy

_ASCII_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_ANY_ODD = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff"
    "\U000e0000-\U000e0fff]"
)
_LINE_BREAK = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff"
    "\U000e0000-\U000e001f\U000e0080-\U000e00ff\U000e01f0-\U000e0fff]"
)
# Scripts whose spelling uses joiners, and what emoji are made of.
_JOINED_SCRIPTS = "\u0590-\u1aff\ua840-\ua9ff\ua9e0-\uabff\ufb50-\ufdff\ufe70-\ufefc"
_JOINED_SCRIPTS += "\U00010a00-\U00011fff\U0001e900-\U0001e95f"
_EMOJI = "\u00a9\u00ae\u203c-\u3299\ufe0f\U0001f000-\U0001faff"
_LOOSE_JOINER = re.compile(
    f"(?<![{_JOINED_SCRIPTS}{_EMOJI}])[\u200c\u200d]+|(?<=[\u200c\u200d])[\u200c\u200d]+"
)
# Runs of variation selectors and tags carry hidden text; one selector or a flag is a picture.
_LOOSE_SELECTOR = re.compile(
    "(?:(?<=[\ufe00-\ufe0f\U000e0100-\U000e01ef])|^|(?<=[\x00-\x22\x24-\x29\x2b-\x2f\x3a-\x7f]))"
    "[\ufe00-\ufe0f\U000e0100-\U000e01ef]+"
)
_TAGS = re.compile(
    "(\U0001f3f4[\U000e0061-\U000e007a\U000e0030-\U000e0039]{3,6}\U000e007f)?[\U000e0020-\U000e007f]*"
)

# UTF-8 read as Latin-1, Windows-125x or Mac Roman always shows one of these pairs; ftfy then
# decides. Asking it about every text would cost more than all other cleaning.
# One pair of classes and no alternation: three times as fast, and ftfy forgives.
_SUSPECT = re.compile(
    "[ÂÃÅÄÆÇÐÑØÙÚÎÏâàáãäåæçèéêëðï‚√∂‰ÔвГРС][\x80-\xbfŒœŠšŸŽžƒˆ˜–‘’‚“”„†‡•…‰‹›€™Ä±∏ü´ÇÅ≥º∂ß¿Ђѓќћђ]"
)
_MAX_MENDED_LINE = 20_000


def clean_characters(text: str) -> str:
    """Mend mojibake, drop what is invisible, normalise line breaks and compose (NFC).

    Clean text comes back as it was, byte for byte, in any language.
    """
    if text.isascii():
        return _without_ascii_controls(text)
    if _SUSPECT.search(text):
        text = mended(text)
    if _ANY_ODD.search(text):
        text = _visible(text)
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def is_plain(text: str) -> bool:
    """Whether this is ASCII that `clean_characters` gives back as it is."""
    return text.isascii() and not _ASCII_CONTROL.search(text)


def mended(text: str) -> str:
    """Undo wrong decodings, line by line: one foreign line must not protect the others."""
    return "".join(_mended_line(line) for line in text.splitlines(keepends=True))


def _mended_line(line: str) -> str:
    if len(line) > _MAX_MENDED_LINE or not _SUSPECT.search(line):
        return line
    fixed: str = ftfy.fix_encoding(line)
    is_mend = len(fixed) < len(line) and fixed.count("\ufffd") <= line.count("\ufffd")
    return fixed if is_mend else line


def _without_ascii_controls(text: str) -> str:
    if not _ASCII_CONTROL.search(text):
        return text
    return _INVISIBLE.sub("", _LINE_BREAK.sub("\n", text))


def _visible(text: str) -> str:
    text = _INVISIBLE.sub("", _LINE_BREAK.sub("\n", text))
    if "\u200c" in text or "\u200d" in text:
        text = _LOOSE_JOINER.sub("", text)
    if not text.isascii():
        text = _LOOSE_SELECTOR.sub("", text)
        text = _without_tags(text)
    return text


def _without_tags(text: str) -> str:
    if not _TAG.search(text):
        return text
    return _TAGS.sub(lambda found: found[1] or "", text)


_TAG = re.compile("[\U000e0020-\U000e007f]")
