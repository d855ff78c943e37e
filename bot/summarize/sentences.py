"""Cutting a text into its sentences, each of them word for word as it stands there.

Lines are blocks: a sentence never reaches over the end of a paragraph or a list item. Code is left
out. What cannot be told for sure is left in one piece: a sentence too long reads better than a
half one.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from bot.summarize.language import word_set


class BlockKind(StrEnum):
    """What a line of text is: only `PROSE` carries sentences one after another."""

    PROSE = "prose"
    ITEM = "item"
    HEADING = "heading"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence. `paragraph` counts the blocks of the text from 0; `complete`: it was ended."""

    text: str
    paragraph: int
    kind: BlockKind
    complete: bool


# A full stop after these never ends a sentence: a name or a number follows.
_NEVER_END = word_set(
    """dr mr mrs ms mx prof st gen sen rep gov lt col sgt capt cmdr rev hon pres supt fr hr mme
    mlle dra sra srta ing dipl nr no nos fig figs eq eqs sec ch vol vols pp pg art ref refs vs
    v cf e.g i.e eg ie viz al ca bzw vgl z.b d.h u.a i.d.r z.t s.o p.ej ej p.ex ex approx resp
    abb kap bd dept tel mt ft им ул г-н г-жа т.е т.к см стр рис"""
)
# A full stop after these ends a sentence only where the next word looks like the start of one.
_MAY_END = word_set(
    """ala ariz ark calif colo conn del fla ga ill ind kan ky la md mass mich minn miss mo mont
    neb nev n.h n.j n.m n.y n.c n.d okla ore pa r.i s.c s.d tenn tex va vt wash w.va wis wyo
    u.s u.k u.n e.u u.s.a d.c a.m p.m a.k.a ph.d b.sc m.sc m.d inc ltd corp co plc llc bros jr
    sr esq etc usw est jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat
    sun uu s.a s.r.l s.p.a n.v b.v г гг млн млрд руб тыс др пр"""
)
_STARTERS = word_set(
    """the a an it its this that these those he she they we i you in on at as for from with and
    but so if when while after before since although however meanwhile there here what who why
    how one our his her their no not now today to by according last both each all some many
    most der die das ein eine es er sie wir ich in im am auf mit und aber wenn nach le la les
    un une il elle ils nous on dans en el los las una en y o os as um uma"""
)
_MONTHS = word_set(
    """januar jänner februar märz april mai juni juli august september oktober november dezember
    january february march may june july october december januari februari maart mei augustus
    januar februar marts maj juni juli oktober desember mars kvartal quartal jahrhundert
    auflage ledna února března dubna května června července srpna září října listopadu prosince
    tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta"""
)

_PARTICLES = tuple("とっなのをがにはもで")
_CLOSERS = "\"'”’»›)\\]}』」）】〉》"
_END = re.compile(
    rf"[.!?…]+[{_CLOSERS}]*(?=\s|$)|[。！？｡।؟۔]+[{_CLOSERS}]*\s*"
    # a footnote's number behind the full stop
    rf"|(?<=[a-z]{{4}})\.[{_CLOSERS}]*\d{{1,2}}(?=\s+[A-Z]|$)"
)
_LAST_WORD = re.compile(r"[^\s(\[\"'“‘«—–/]+$")
_NEXT_WORD = re.compile(r"\s*[\"'“‘«(\[„¿¡]*([^\W_][\w’'.-]*)?")
_INITIAL = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]$")
_ENDED = re.compile(rf"[.!?。！？｡।؟۔][{_CLOSERS}\d]*$")
_CUT = re.compile(r"(?:…|\.\.\.|\[\s*(?:…|\.{3}|&hellip;)\s*\])\s*[\"”’')]*$")

_FENCE = re.compile(r"^\s*(?:```|~~~)")
_BULLET = re.compile(r"^\s*(?:[-*+•●▪◦‣·–—]\s+|\(?\d{1,3}[.)]\s+|\(?[a-z]\)\s+|#{1,6}\s+|>\s*|\|)")
_CODE_LINE = re.compile(
    r"""^\s*(?:\$\s|>>>\s|\.\.\.\s|import\s[\w.]+\s*(?:as\s+\w+)?$|from\s[\w.]+\simport\s|def\s\w+\(
    |class\s\w+[(:]|return\b.*[;)]\s*$|(?:const|let|var)\s\w+\s*=|\#include\b|pip3?\sinstall\b
    |npm\s(?:i|install)\b|curl\s-|</?[a-z][\w-]*(?:\s[\w-]+=|/?>)|[{}();\[\]]+\s*$|.*[;{]\s*$
    |[\w.\[\]"']+\s*=\s*[\w.]+\(.*\)\s*$)""",
    re.VERBOSE,
)
_END_CHARS = 24  # enough for a mark and all brackets, quotes and footnotes behind it
_LONGEST_HEADING_WORDS = 14
# A pair of quotes or brackets longer than this was never closed.
_LONGEST_ASIDE = 400
_WORD_CHARS = 60


def split_sentences(text: str) -> list[str]:
    """The sentences of a text in their order, without headings' and code's lines.

    Each stands in the text word for word; only white space inside it is made single.
    """
    return [found.text for found in find_sentences(text) if found.kind is not BlockKind.HEADING]


def find_sentences(text: str) -> list[Sentence]:
    """All sentences with where they stand. Headings are given as sentences of their own kind."""
    found = []
    for paragraph, block in enumerate(_blocks(text)):
        kind, body = _kind_of(block)
        for piece in _cut(body):
            complete = bool(_ENDED.search(piece[-_END_CHARS:])) and not is_cut(piece)
            found.append(Sentence(text=piece, paragraph=paragraph, kind=kind, complete=complete))
    return found


def is_cut(text: str) -> bool:
    """Whether a text breaks off: it ends in an ellipsis, with or without brackets around it."""
    return bool(_CUT.search(text.rstrip()[-_END_CHARS:]))


def _blocks(text: str) -> Iterator[str]:
    """Lines of prose; code left out, lines that were only wrapped put together again."""
    pending: list[str] = []
    for line in _without_code(text):
        stripped = line.strip()
        if pending and not _goes_on(pending[-1], stripped):
            yield " ".join(pending)
            pending.clear()
        if stripped:
            pending.append(" ".join(stripped.split()))
    if pending:
        yield " ".join(pending)


def _goes_on(line: str, following: str) -> bool:
    """Whether a line was only wrapped: a long one without an end, then a small letter."""
    return len(line) > 40 and following[:1].islower() and not _ENDED.search(line[-_END_CHARS:])


def _without_code(text: str) -> Iterator[str]:
    fenced = False
    for line in text.splitlines():
        if _FENCE.match(line):
            fenced = not fenced
            yield ""
        elif fenced or line.startswith(("    ", "\t")) or _CODE_LINE.match(line):
            yield ""
        else:
            yield line


def _kind_of(block: str) -> tuple[BlockKind, str]:
    bullet = _BULLET.match(block)
    body = block[bullet.end() :].strip() if bullet else block
    marker = bullet.group().strip() if bullet else ""
    if marker.startswith(("#", "|")):
        return BlockKind.HEADING, body
    if marker and marker != ">":
        return BlockKind.ITEM, body
    is_short = len(body.split()) <= _LONGEST_HEADING_WORDS and len(body) <= 100
    if is_short and not _ENDED.search(body[-_END_CHARS:]) and not is_cut(body):
        return BlockKind.HEADING, body
    return BlockKind.PROSE, body


def _cut(block: str) -> Iterator[str]:
    start = 0
    asides = _asides(block)
    for end in _END.finditer(block):
        if _is_inside(end, asides) or not _ends_sentence(block, start, end):
            continue
        piece = block[start : end.end()].strip()
        if piece:
            yield piece
        start = end.end()
    rest = block[start:].strip()
    if rest:
        yield rest


def _is_inside(end: re.Match[str], asides: list[tuple[int, int]]) -> bool:
    nearest = bisect_left(asides, (end.start() - _LONGEST_ASIDE,))
    for opened, shut in islice(asides, nearest, None):
        if opened >= end.start():
            return False
        if end.end() <= shut:
            return True
    return False


def _asides(block: str) -> list[tuple[int, int]]:
    """Where brackets and quotes are open: a sentence is not cut inside them."""
    found = []
    for opener, closer in (
        ("(", ")"),
        ("“", "”"),
        ("„", "“"),
        ("«", "»"),
        ("「", "」"),
        ('"', '"'),
    ):
        at = 0
        while (opened := block.find(opener, at)) >= 0:
            shut = block.find(closer, opened + 1)
            if shut < 0:
                break
            at = shut + 1
            if shut - opened <= _LONGEST_ASIDE:
                found.append((opened, shut))
    return sorted(found)


def _ends_sentence(block: str, start: int, end: re.Match[str]) -> bool:
    following = _NEXT_WORD.match(block, end.end())
    word = (following.group(1) or "") if following else ""
    mark = end.group()
    if mark[0] not in ".!?…":
        # 「はい。」と言った: the quotation is part of its sentence
        return not (mark[-1] in "」』" and block[end.end() : end.end() + 1] in _PARTICLES)
    if word[:1].islower():
        return False
    if not mark.startswith(".") or mark.startswith(".."):
        return True
    before = block[max(start, end.start() - _WORD_CHARS) : end.start()]
    return _full_stop_ends(before, word)


def _full_stop_ends(before: str, word: str) -> bool:
    """Whether a single full stop ends a sentence, by the words on both sides of it."""
    match = _LAST_WORD.search(before)
    if match is None:
        return bool(before.strip())
    last = match.group().lower()
    if last in _NEVER_END:
        # "No. 5" goes on, "She said no. Then …" does not.
        return last == "no" and not word[:1].isdigit()
    if last in _MAY_END or _INITIAL.match(match.group()):
        return word.lower() in _STARTERS
    if last.isdigit() and len(last) <= 2:
        # "am 3. Oktober"; "1. Install it" at the start of a block
        return word.lower() not in _MONTHS and match.start() > 0
    return True
