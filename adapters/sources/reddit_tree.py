"""A Reddit comment tree that comes in pieces, put together in the site's order.

`more` stubs name comments that an answer left out. Their ids take their places in the order at
once, so that it does not matter which answer brings them, nor in what order the answers come.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from adapters.sources.reddit_json import Json, children, data_of, integer, string

_CONTINUED_ID = "_"  # the id of the stub that stands for "continue this thread"


class Placed(NamedTuple):
    """A loaded comment where it stands: `depth` counts from 0."""

    id: str
    depth: int
    fields: Json


@dataclass(slots=True)
class _Stub:
    """What an answer left out below one comment; `count` includes answers to the named ones."""

    ids: tuple[str, ...]
    count: int


class CommentTree:
    """Collects things (`t1` comments and `more` stubs) of one submission."""

    def __init__(self) -> None:
        self._comments: dict[str, Json] = {}
        self._order: dict[str, dict[str, None]] = {}
        self._stubs: list[_Stub] = []
        self._continued: dict[str, None] = {}

    def add(self, things: Iterable[Json]) -> int:
        """Take in what an answer brought; returns how many comments were new."""
        before = len(self._comments)
        queue = deque(things)
        while queue:
            thing = queue.popleft()
            fields = data_of(thing)
            if thing.get("kind") == "more":
                self._leave_out(fields)
            elif thing.get("kind") == "t1" and string(fields, "id"):
                self._place(fields)
                queue.extend(children(fields.get("replies")))
        return len(self._comments) - before

    def _place(self, fields: Json) -> None:
        number = string(fields, "id")
        self._comments.setdefault(number, fields)
        self._below(_parent(fields))[number] = None

    def _leave_out(self, fields: Json) -> None:
        parent = _parent(fields)
        named = fields.get("children")
        ids = tuple(one for one in named if isinstance(one, str)) if isinstance(named, list) else ()
        if not ids or string(fields, "id") == _CONTINUED_ID:
            self._continued[parent] = None
            return
        self._below(parent).update(dict.fromkeys(ids))
        self._stubs.append(_Stub(ids, integer(fields, "count") or 0))

    def _below(self, parent: str) -> dict[str, None]:
        return self._order.setdefault(parent, {})

    def missing(self) -> list[str]:
        """Ids of comments that were named and have not come, the earliest named first."""
        named = dict.fromkeys(one for stub in self._stubs for one in stub.ids)
        return [one for one in named if one not in self._comments]

    def continued(self) -> list[str]:
        """Comments whose answers stand on a page of their own; "" is the submission."""
        return list(self._continued)

    def settle_continued(self, comment_id: str) -> None:
        """The answers to this comment have been asked for."""
        self._continued.pop(comment_id, None)

    def unread(self) -> int:
        """How many comments the site has that are not here; a continued branch counts as one."""
        return len(self._continued) + sum(map(self._lacking, self._stubs))

    def _lacking(self, stub: _Stub) -> int:
        lacking = sum(one not in self._comments for one in stub.ids)
        # Once its comments have come, what was below them has been named by stubs of its own.
        return max(lacking, stub.count) if lacking == len(stub.ids) else lacking

    def comments(self) -> Iterator[Placed]:
        """The loaded comments in the site's order, parents before their answers."""
        has_place = {one for below in self._order.values() for one in below}
        # Beside the submission: what a page that shows a part of the tree leaves out above it.
        roots = [parent for parent in self._order if parent not in has_place]
        stack = [(one, 0) for parent in reversed(roots) for one in reversed(self._order[parent])]
        seen: set[str] = set()
        while stack:
            number, depth = stack.pop()
            if number in seen:
                continue
            seen.add(number)
            if number in self._comments:
                yield Placed(number, depth, self._comments[number])
            below = self._order.get(number, {})
            stack.extend((one, depth + 1) for one in reversed(below))


def _parent(fields: Json) -> str:
    """The id of the comment that this one answers; "" where it answers the submission."""
    kind, _, number = string(fields, "parent_id").partition("_")
    return number if kind == "t1" else ""
