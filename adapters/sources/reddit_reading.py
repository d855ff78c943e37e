"""A whole Reddit discussion through the API: the tree, and what the tree left out.

`more` stubs of all branches are asked for together, a hundred ids a call, so that 3,000 comments
take some thirty calls; branches that continue on a page of their own come last, one call each.
"""

from __future__ import annotations

import asyncio
from collections import Counter

from adapters.sources.reddit_api import MOST_PER_CALL, RedditApi
from adapters.sources.reddit_json import Json, integer, listed
from adapters.sources.reddit_thread import page_parts
from adapters.sources.reddit_tree import CommentTree
from bot.errors import SourceError

FIRST_COMMENTS = 500  # what /comments gives at most
LEAST_CALLS = 40
COMMENTS_PER_CALL = 75  # a thread may take one call for so many comments, where that is more
MOST_CALLS = 200
_ORDER = "confidence"


class TreeReader:
    """Reads comment trees; one asks for more at a time, as Reddit wants it."""

    def __init__(self, api: RedditApi) -> None:
        self._api = api
        self._one_at_a_time = asyncio.Lock()

    async def read(self, number: str) -> tuple[Json, CommentTree, tuple[str, ...]]:
        """A submission's fields, its comments, and doubts about their being all.

        Raises `SourceError` where not even the first page can be read.
        """
        what = f"the discussion {number}"
        query: dict[str, str | int] = {"limit": FIRST_COMMENTS, "sort": _ORDER}
        fields, things = page_parts(await self._api.get(f"/comments/{number}", query, what=what))
        tree = CommentTree()
        tree.add(things)
        calls = min(MOST_CALLS, max(LEAST_CALLS, (integer(fields, "num_comments") or 0)
                                    // COMMENTS_PER_CALL)) - 1  # fmt: skip
        reading = _Reading(self._api, number, tree, calls)
        try:
            async with self._one_at_a_time:
                await reading.finish()
        except SourceError as exc:
            return fields, tree, (f"not all comments could be read: {exc}",)
        return fields, tree, ()


class _Reading:
    """One discussion under way, and how many calls it may still take."""

    def __init__(self, api: RedditApi, number: str, tree: CommentTree, calls: int) -> None:
        self._api = api
        self._number = number
        self._tree = tree
        self._calls = calls
        self._asked: Counter[str] = Counter()
        self._given_up: set[str] = set()
        self._continued: set[str] = set()

    async def finish(self) -> None:
        """Ask for what is missing until all is there, or the calls are used up."""
        while self._calls > 0:
            missing = [one for one in self._tree.missing() if one not in self._given_up]
            missing.sort(key=self._asked.__getitem__)
            branches = [one for one in self._tree.continued() if one not in self._continued]
            self._calls -= 1
            if missing:
                await self._ask_more(missing[:MOST_PER_CALL])
            elif branches:
                await self._go_on(branches[0])
            else:
                return

    async def _ask_more(self, ids: list[str]) -> None:
        form = {
            "api_type": "json",
            "link_id": f"t3_{self._number}",
            "children": ",".join(ids),
            "sort": _ORDER,
            "limit_children": "false",
        }
        payload = await self._api.post("/api/morechildren", form, what="more comments")
        self._tree.add(_things(payload))
        self._asked.update(ids)
        # Reddit may give a part of what was asked for: the rest is asked for again, after all
        # others. A call that brings none of its ids shows that they are gone.
        if set(ids) <= set(self._tree.missing()):
            self._given_up.update(ids)

    async def _go_on(self, comment_id: str) -> None:
        self._continued.add(comment_id)
        path = f"/comments/{self._number}/_/{comment_id}"
        query: dict[str, str | int] = {"limit": FIRST_COMMENTS, "sort": _ORDER}
        _, things = page_parts(await self._api.get(path, query, what="a branch of comments"))
        self._tree.settle_continued(comment_id)
        self._tree.add(things)


def _things(payload: object) -> list[Json]:
    """The flat list of comments and stubs that /api/morechildren answers."""
    answer = payload.get("json") if isinstance(payload, dict) else None
    if not isinstance(answer, dict):
        raise SourceError("Reddit's answer for more comments is of an unknown form")
    errors = answer.get("errors")
    if errors:
        raise SourceError(f"Reddit gave no more comments: {str(errors)[:100]}")
    data = answer.get("data")
    return listed(data, "things") if isinstance(data, dict) else []
