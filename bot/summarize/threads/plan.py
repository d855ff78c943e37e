"""What of a discussion a language model is given to read, and in which requests.

Everything is read where it fits. Parts are windows of the order in which comments were written, so
that what is added to a thread lies in its last part; they end at comments that their own text marks
as ends, so that a change in the middle moves the ends nearby and no others; and they number their
comments from 1. A part that nobody added to is the same request as before, byte for byte, and its
answer comes from the cache. Where a thread is larger than all parts together, each window gives its
best comments: no stretch of the discussion goes unheard.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.summarize.threads.material import (
    COMMENTS_LINE,
    Piece,
    make_pieces,
    render_head,
    render_part,
)
from bot.summarize.threads.picking import EARLIEST_END, cut_windows, pick
from bot.summarize.threads.reading import Reading, Remark, read_thread
from bot.summarize.tokens import estimate_tokens
from bot.thread_model import Thread

# Up to this size a thread is one request: parts of it would cost more in instructions and merging
# than they save when it grows.
WHOLE_TOKENS = 14_000
LEAST_PART_TOKENS = 8_000
_WIDER = 1.5
# A window of a thread too large to be read whole gives its best comments up to a part's size.
_WIDER_STILL = 1.25
_WIDEST = 2.0**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One request's material. `comments[n - 1]` are the ids that number n stands for.

    Several where the same was said in nearly the same words: the first of them is the one shown.
    """

    content: str
    comments: tuple[tuple[str, ...], ...]

    def only(self, numbers: Sequence[int]) -> str | None:
        """The same material with these comments alone, under their numbers; None if none is."""
        head, line, rest = self.content.partition(COMMENTS_LINE)
        lines = rest.split("\n")
        kept = [lines[n - 1] for n in sorted(set(numbers)) if 0 < n <= len(self.comments)]
        return f"{head}{line}" + "\n".join(kept) if kept else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingPlan:
    """The parts, and what is known of the reading before any answer.

    `unread` are the comments that found no room, `cut` counts those too long for a part, read up to
    a marked sentence end. Other counts are those of `reading`.
    """

    parts: tuple[Part, ...]
    reading: Reading
    unread: tuple[str, ...] = ()
    cut: int = 0
    text_is_cut: bool = False


def plan_reading(thread: Thread, part_tokens: int, max_parts: int) -> ReadingPlan:
    """Plan the reading in at most `max_parts` requests of at most `part_tokens` material each."""
    reading = read_thread(thread)
    head = render_head(thread, part_tokens // 2)
    room = part_tokens - estimate_tokens(head.first)
    pieces = make_pieces(_in_time(reading.remarks), room)
    windows, size = _windows(pieces, room, max_parts)
    picked = [pick(window, size) for window in windows]
    parts = tuple(
        Part(
            content=render_part(head.first if at == 0 else head.again, chosen),
            comments=tuple(piece.ids for piece in chosen),
        )
        for at, chosen in enumerate(map(_as_tree, picked))
    )
    chosen = [piece for window in picked for piece in window]
    read = {one for piece in chosen for one in piece.ids}
    return ReadingPlan(
        parts=parts or (Part(content=render_part(head.first, ()), comments=()),),
        reading=reading,
        unread=tuple(one for piece in pieces for one in piece.ids if one not in read),
        cut=sum(piece.is_cut for piece in chosen),
        text_is_cut=head.is_cut,
    )


def _in_time(remarks: Sequence[Remark]) -> list[Remark]:
    """In the order of writing; where times are unknown, in the thread's own order."""
    times: list[tuple[datetime, str, Remark]] = []
    for remark in remarks:
        if remark.comment.created_at is None:
            return list(remarks)
        times.append((remark.comment.created_at, remark.comment.id, remark))
    return [remark for _, _, remark in sorted(times, key=lambda one: one[:2])]


def _windows(
    pieces: Sequence[Piece], room: int, max_parts: int
) -> tuple[list[Sequence[Piece]], int]:
    """The windows, and how much of each is read.

    Sizes go up in steps: a thread that grew a little is cut at the same places as before.
    """
    if sum(piece.tokens for piece in pieces) <= min(WHOLE_TOKENS, room):
        return ([pieces] if pieces else []), room
    for window, size, earliest_end in _sizes(room):
        windows = cut_windows(pieces, window, earliest_end)
        if len(windows) <= max_parts:
            return windows, size
    return [pieces], room


def _sizes(room: int) -> Iterator[tuple[int, int, float]]:
    """Windows, what is read of each, and where they may end: fuller ones before larger ones."""
    size = float(min(LEAST_PART_TOKENS, room))
    while size < room:
        yield int(size), int(size), EARLIEST_END
        size *= _WIDER
    for earliest_end in (EARLIEST_END, 0.75, 0.9, 1.0):
        yield room, room, earliest_end
    window = room * _WIDER_STILL
    while window < room * _WIDEST:
        yield int(window), room, 0.75
        window *= _WIDER_STILL


def _as_tree(pieces: Sequence[Piece]) -> list[Piece]:
    """Answers behind what they answer, as far as both are here."""
    present = {piece.remark.comment.id for piece in pieces}
    answers: dict[str | None, list[Piece]] = {}
    for piece in pieces:
        parent = piece.remark.comment.parent_id
        at_top = parent not in present or parent == piece.remark.comment.id
        answers.setdefault(None if at_top else parent, []).append(piece)
    ordered: list[Piece] = []
    waiting = list(reversed(answers.pop(None, [])))
    while waiting:
        piece = waiting.pop()
        ordered.append(piece)
        waiting += reversed(answers.pop(piece.remark.comment.id, []))
    # a circle of answers has no top
    ordered += [piece for circle in answers.values() for piece in circle]
    return ordered
