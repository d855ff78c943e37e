"""Cutting a row of comments into windows, and choosing from a window what there is room for."""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b

from bot.summarize.threads.material import Piece

# A window ends somewhere in the last part of its room: where, its comments' texts decide.
EARLIEST_END = 0.5
_WELL_TOLD_WORDS = 25
# Of one sub-thread each further comment is worth less, up to so many.
_CROWD, _CROWDING = 9, 0.3


def cut_windows(
    pieces: Sequence[Piece], size: int, earliest_end: float = EARLIEST_END
) -> list[Sequence[Piece]]:
    """Cut into runs of at most `size` tokens (or of one piece that is larger).

    Of the places where a run may end it ends behind the piece whose text has the least hash. So
    the cuts depend on the texts around them alone: what is added or gone elsewhere moves none.
    The nearer `earliest_end` is to 1, the fuller the windows and the less that holds.
    """
    windows: list[Sequence[Piece]] = []
    start = 0
    while start < len(pieces):
        end = _window_end(pieces, start, size, earliest_end)
        windows.append(pieces[start:end])
        start = end
    return windows


def _window_end(pieces: Sequence[Piece], start: int, size: int, earliest_end: float) -> int:
    taken = 0
    best: tuple[bytes, int] | None = None
    for at in range(start, len(pieces)):
        taken += pieces[at].tokens
        if taken > size:
            return best[1] if best else max(at, start + 1)
        if taken >= earliest_end * size:
            mark = blake2b(pieces[at].text.encode("utf-8", "replace"), digest_size=8).digest()
            best = min(best, (mark, at + 1)) if best else (mark, at + 1)
    return len(pieces)


def pick(window: Sequence[Piece], room: int) -> list[Piece]:
    """The pieces worth most together in `room` tokens, in the window's order.

    Worth: well received, near the top, well told; less for words and sub-threads already chosen.
    """
    if sum(piece.tokens for piece in window) <= room:
        return list(window)
    roots = _roots(window)
    said: set[str] = set()
    from_root: Counter[str] = Counter()
    heap = [(-_worth(piece, said, 0), at) for at, piece in enumerate(window)]
    heapq.heapify(heap)
    chosen: list[int] = []
    while heap:
        _, at = heapq.heappop(heap)
        piece = window[at]
        if piece.tokens > room:
            continue
        # what was chosen meanwhile can only have made it worth less
        worth = _worth(piece, said, from_root[roots[at]])
        if heap and worth < -heap[0][0]:
            heapq.heappush(heap, (-worth, at))
            continue
        chosen.append(at)
        room -= piece.tokens
        said |= piece.words
        from_root[roots[at]] += 1
    return [window[at] for at in sorted(chosen)]


def _worth(piece: Piece, said: set[str], siblings: int) -> float:
    comment = piece.remark.comment
    # steps of a doubling: a vote more does not change what is read
    received = int(math.log2(1 + max(0, comment.score or 0))) + len(piece.ids) - 1
    worth = 1 + 0.6 * received - 0.1 * min(comment.depth, 6) - 0.6 * ((comment.score or 0) < 0)
    told = min(1.0, len(piece.words) / _WELL_TOLD_WORDS)
    new = len(piece.words - said) / max(1, len(piece.words))
    price = math.sqrt(piece.tokens) * (1 + min(siblings, _CROWD)) ** _CROWDING
    return float(max(0.05, worth) * (0.2 + told) * (0.1 + new) / price)


def _roots(window: Sequence[Piece]) -> list[str]:
    """For each piece the topmost comment above it that is in the window."""
    parents = {piece.remark.comment.id: piece.remark.comment.parent_id for piece in window}
    found = []
    for piece in window:
        at, seen = piece.remark.comment.id, set[str]()
        while (above := parents.get(at)) is not None and above in parents and above not in seen:
            seen.add(at)
            at = above
        found.append(at)
    return found
