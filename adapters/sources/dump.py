"""Plain-text dumps of discussions: `<title>. <body or nan>. <comment>. <comment> …`.

That is how a table of submissions and comments comes out when it is joined without care: comments
apart by ". ", several threads run together by nothing at all, an empty body as `nan`, often in the
wrong encoding. There are no ids, authors, votes or times: comments are numbered from 1, deleted
ones included, and the thread's notes say what could not be known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

from adapters.sources.dump_borders import MAX_TITLE, Border, find_borders
from adapters.sources.dump_comments import JOIN, split_comments, split_post
from adapters.sources.dump_encoding import repair
from adapters.sources.dump_noise import Noise, noise_in, readable_comment
from bot.ingest.text import clean_title
from bot.thread_model import ORDER_UNKNOWN, Comment, Thread

_TITLE = re.compile(rf"[^\n]{{1,{MAX_TITLE}}}?(?=\. |\.?\s*\n|\.?\s*\Z)")
# Not every ". " ends a title: "GPT-3 vs. BERT", "Dr. Strange".
_ABBREVIATED = re.compile(
    r"(?:^|[\s(])(?:vs|etc|e\.g|i\.e|mr|mrs|ms|dr|prof|st|jr|no|[A-Z])\Z", re.I
)
_NO_BODY = re.compile(r"(?:nan|None|null|\[(?:deleted|removed)\])?(?=\. |\.?\s*\Z)")
_WORD = re.compile(r"[^\W_]")
BODY_IS_GUESSED = "where the post ends and its comments begin is a guess"


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadText:
    """One thread's part of a dump; `notes` are doubts about its borders."""

    start: int
    text: str
    notes: tuple[str, ...]


def threads_from_dump(text: str) -> tuple[Thread, ...]:
    """The threads of a dump, encoding repaired. None where there is no word in it."""
    text = repair(text)
    found = (_thread(one) for one in find_threads(text))
    return tuple(one for one in found if one.comments or _WORD.search(one.title + one.text))


def find_threads(text: str) -> list[ThreadText]:
    """Each thread's text in their order; joined by nothing they are the text again."""
    found = find_borders(text)
    borders = [Border(position=0), *found.borders]
    ends = [*(border.position for border in borders[1:]), len(text)]
    return [
        ThreadText(
            start=border.position,
            text=text[border.position : end],
            notes=(
                *((border.doubt,) if border.doubt else ()),
                *(note for at, note in found.doubts if border.position <= at < end),
            ),
        )
        for border, end in zip(borders, ends, strict=True)
    ]


def split_thread(text: str) -> tuple[str, str, list[str]]:
    """A thread's title, its post's own text ("" for none), and its comments, word for word."""
    end = _title_end(text)
    rest = text[end:]
    rest = rest.removeprefix(JOIN) if rest.startswith(JOIN) else rest.removeprefix(".").lstrip()
    none = _NO_BODY.match(rest)
    if none:
        rest = rest[none.end() :]
        return text[:end], "", split_comments(rest.removeprefix(JOIN)) if rest.strip(". \n") else []
    body, comments = split_post(rest)
    return text[:end], body, split_comments(comments) if comments else []


def _title_end(text: str) -> int:
    marker = text.find(f"{JOIN}nan", 0, MAX_TITLE + 5)
    if marker > 0 and "\n" not in text[:marker] and _NO_BODY.match(text, marker + len(JOIN)):
        return marker
    for place in _joins(text[: MAX_TITLE + len(JOIN)]):
        if not _ABBREVIATED.search(text[max(0, place - 8) : place]):
            return place
    found = _TITLE.match(text)
    return found.end() if found else min(len(text), MAX_TITLE)


def _joins(text: str) -> Iterator[int]:
    """Where the first line's pieces end."""
    line = text.split("\n", 1)[0]
    place = line.find(JOIN)
    while place > 0:
        yield place
        place = line.find(JOIN, place + 1)


def _thread(part: ThreadText) -> Thread:
    title, body, pieces = split_thread(part.text.strip())
    body = readable_comment(body)
    comments, noise = _comments(pieces)
    notes = [ORDER_UNKNOWN, *part.notes]
    if body and pieces:
        notes.append(BODY_IS_GUESSED)
    return Thread(
        kind="dump",
        id=blake2b(part.text.encode("utf-8", "replace"), digest_size=8).hexdigest(),
        title=clean_title(title),
        text=body,
        num_comments=len(comments) + noise[Noise.DELETED],
        comments=tuple(comments),
        skipped_deleted=noise[Noise.DELETED],
        notes=tuple(notes),
    )


def _comments(pieces: list[str]) -> tuple[list[Comment], dict[Noise, int]]:
    """The pieces that are comments, numbered among all of them, and how many are none."""
    comments: list[Comment] = []
    noise = dict.fromkeys(Noise, 0)
    for number, piece in enumerate(pieces, 1):
        text = readable_comment(piece)
        found = noise_in(text)
        if found is not None:
            noise[found] += 1
        if found is None or found is Noise.BOT:
            comments.append(Comment(id=str(number), text=text, is_bot=found is Noise.BOT))
    return comments, noise
