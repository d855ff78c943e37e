"""Hacker News behind Algolia's interface, on loopback: items with their trees, the front page.

    async with HackernewsSim() as news:
        news.add_item(story(1, title="A kite", children=[comment(2, "<p>Nice.")]))
        news.add_front(hit(1, title="A kite", points=7))
        reader = HackernewsReader(http, run, clock, api_base=news.api_base)

It answers as the recorded search response does: the same keys, nulls for what is deleted, 404 with
a JSON body for numbers that it does not know.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Self

from tests.sims.origin import Origin

BEGIN = int(datetime(2026, 8, 14, 12, 0, tzinfo=UTC).timestamp())

Json = dict[str, Any]


class HackernewsSim:
    """One Hacker News. `origin` counts the requests."""

    def __init__(self) -> None:
        self.origin = Origin()
        self._hits: list[Json] = []

    async def __aenter__(self) -> Self:
        await self.origin.__aenter__()
        self._serve_front()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.origin.__aexit__(*exc)

    @property
    def api_base(self) -> str:
        return self.origin.url("/api/v1")

    def add_item(self, item: Json) -> None:
        """Serve an item at its number."""
        target = f"/api/v1/items/{item['id']}"
        self.origin.serve(target, body=json.dumps(item).encode(), content_type="application/json")

    def set_front(self, *hits: Json) -> None:
        """What the front page shows from now on."""
        self._hits = list(hits)
        self._serve_front()

    def _serve_front(self) -> None:
        body = json.dumps({"hits": self._hits, "nbHits": len(self._hits), "page": 0}).encode()
        self.origin.serve("/api/v1/search", body=body, content_type="application/json")


def story(number: int, *, title: str, children: Sequence[Json] = (), **fields: Any) -> Json:
    """A submission with its tree, as `/items/<id>` answers it."""
    return {
        **_node(number, "story", children),
        "title": title,
        "author": "ann",
        "points": 12,
        "url": None,
        "text": None,
        **fields,
    }


def comment(number: int, text: str | None, *children: Json, author: str | None = "bob") -> Json:
    """A comment; `text` None is a deleted one, which has no author either."""
    node = _node(number, "comment", children)
    return {**node, "text": text, "author": author if text is not None else None}


def hit(number: int, *, title: str, url: str | None = None, points: int = 1, **fields: Any) -> Json:
    """A submission as `/search` answers it."""
    return {
        "objectID": str(number),
        "story_id": number,
        "title": title,
        "url": url,
        "author": "ann",
        "points": points,
        "num_comments": 0,
        "created_at": _at(number),
        "created_at_i": BEGIN + number,
        "_tags": ["story", "author_ann", f"story_{number}", "front_page"],
        **fields,
    }


def _node(number: int, kind: str, children: Sequence[Json]) -> Json:
    return {
        "id": number,
        "type": kind,
        "created_at": _at(number),
        "created_at_i": BEGIN + number,
        "title": None,
        "url": None,
        "points": None,
        "options": [],
        "children": list(children),
    }


def _at(number: int) -> str:
    return datetime.fromtimestamp(BEGIN + number, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
