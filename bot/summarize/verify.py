"""Whether what a model said stands in its source. Pure: text in, faults out.

A claim is one sentence of a summary or one point. It passes when its numbers, its names and its
links stand in the source and some of its words do; a quotation passes when it stands there word for
word (`bot.summarize.quotes`). What passes is still data: `clean_claim` has taken its markup off.
"""

from __future__ import annotations

import re

from bot.summarize.language import guess_language
from bot.summarize.names import foreign_names
from bot.summarize.numbers import foreign_numbers
from bot.summarize.words import content_words

MAX_CLAIM = 400
MIN_CLAIM_WORDS = 2
# Of a sentence with at least this many words of matter one must be in its source.
_GROUNDED_WORDS = 4
_READ_CHARS = 4 * MAX_CLAIM

_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\uffff\ud800-\udfff"
    "\U000e0000-\U000e0fff]"
)
_MARKDOWN_LINK = re.compile(r"!?\[([^\[\]\n]{0,300})\]\(([^()\s]{0,2000})\)")
_TAG = re.compile(r"</?[a-zA-Z!][^<>]{0,300}>")
_PING = re.compile(r"<[@#!&][^<>\s]{0,100}>|@(?=everyone\b|here\b|channel\b)", re.IGNORECASE)
_MARKS = re.compile(r"\*{1,3}|`+|~~|\|\||(?<!\w)_{1,2}(?=\w)|(?<=\w)_{1,2}(?!\w)")
_BLOCK_MARK = re.compile(r"^\s*(?:[-*+•>]\s+|#{1,6}\s+|\d{1,2}[.)]\s+(?=\D))+")
_NUMBER_MARK = re.compile(
    r"\s*(?:\[(?:comments?\s)?|\(comments?\s)\d{1,4}(?:\s?[,;>–-]\s?\d{1,4})*[\])](?!\w)",
    re.IGNORECASE,
)
_LINK = re.compile(
    r"\b[a-z][a-z0-9+.-]{0,30}://[^\s<>\"\[\]]+|\bwww\.[^\s<>\"\[\]]+"
    r"|\b(?:javascript|data|mailto|tel):\S+"
    r"|(?<![\w@.-])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}(?:/[^\s<>\"\[\]]*|(?![\w.]))",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?…。！？]+[\"')\]”’]*(?=\s|$)")


def clean_claim(text: str) -> str:
    """What a model wrote as one plain line: no markup, no pings, no unseen characters.

    Longer claims than `MAX_CLAIM` are cut at the end of a sentence; where there is none the claim
    stays too long, which is a fault.
    """
    text = " ".join(_INVISIBLE.sub("", text[:_READ_CHARS]).split())
    text = _PING.sub("", _MARKDOWN_LINK.sub(_label, text))
    text = _MARKS.sub("", _TAG.sub("", text))
    text = _NUMBER_MARK.sub("", _BLOCK_MARK.sub("", text))
    text = " ".join(text.split())
    if len(text) <= MAX_CLAIM:
        return text
    ends = [end.end() for end in _SENTENCE_END.finditer(text, 0, MAX_CLAIM)]
    return text[: ends[-1]] if ends else text


def faults_in(claim: str, source: str) -> list[str]:
    """Why a cleaned claim must not be shown, in words that a model can mend it by. Empty: it may.

    `source` is what the claim rests on: the comments it cites, with the submission's own text.
    """
    if len(claim) > MAX_CLAIM:
        return [f"longer than {MAX_CLAIM} characters"]
    if len(content_words(claim)) < MIN_CLAIM_WORDS:
        return ["says nothing"]
    faults = [f"the link {link} is not in the source" for link in foreign_links(claim, source)]
    without = without_links(claim)
    faults += [f'"{one}" is not in the source' for one in foreign_numbers(without, source)]
    faults += [f'the name "{one}" is not in the source' for one in foreign_names(without, source)]
    if not faults and _is_ungrounded(claim, source):
        faults = ["the source says nothing of this"]
    return faults


def without_links(claim: str) -> str:
    """A claim without its links and site names, which are judged by themselves."""
    return _LINK.sub(" ", claim)


def foreign_links(claim: str, source: str) -> list[str]:
    """The links and site names in a claim that do not stand in the source."""
    known = {_link_key(link) for link in _LINK.findall(source)}
    hosts = {key.partition("/")[0] for key in known}
    found = []
    for link in _LINK.findall(claim):
        key = _link_key(link)
        if key not in known and not ("/" not in key and key in hosts):
            found.append(link)
    return found


def _link_key(link: str) -> str:
    bare = re.sub(r"^[a-z][a-z0-9+.-]*://", "", link, flags=re.IGNORECASE)
    # what stands in brackets ends with them: `[label](https://example.org/a)`
    if "(" not in bare:
        bare = bare.partition(")")[0]
    bare = bare.replace("\\", "").rstrip(".,;:!?)}'*\"/")
    host, slash, path = bare.partition("/")
    return host.lower().removeprefix("www.") + slash + path


def _label(link: re.Match[str]) -> str:
    """A Markdown link as words, its address beside it so that it is judged like any other."""
    label, address = link.groups()
    return label if not address or address in label else f"{label} {address}"


def _is_ungrounded(claim: str, source: str) -> bool:
    """Whether a claim shares no word of matter with its source, unless their languages differ."""
    words = content_words(claim)
    if len(words) < _GROUNDED_WORDS or words & content_words(source):
        return False
    languages = {guess_language(claim), guess_language(source)} - {None}
    return len(languages) < 2
