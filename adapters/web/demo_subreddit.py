"""The demo's subreddit: a few discussions, one of 300 comments, as Reddit's API tells of them.

The long one is put together from hand-written sentences, by a fixed seed: the same every time.
Shapes follow Reddit's listings (`kind`, `data`, `children`); what the demo's reader does not ask
for is left out.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from adapters.web.demo_content import DEMO_DIR

SUBREDDIT = "HarbourTech"
LONG_ID = "dm001"
SHOWN_AT_FIRST = 120  # comments in the tree; the rest stands behind "more" objects
_SEED = 1871
_HOUR = 3_600
_FOLDER = DEMO_DIR / "discussions"

Json = dict[str, Any]


class DemoSubreddit:
    """Answers for one moment: listing, comment trees, the comments behind "more", measures."""

    def __init__(self, origin: str, now: datetime) -> None:
        self._origin = origin
        self._now = now.timestamp()
        long = _read("archive-thread.toml")
        self._threads: dict[str, Json] = {LONG_ID: _submission_of_long(long)}
        self._comments: dict[str, list[Json]] = {LONG_ID: list(_long_comments(long))}
        for thread in _read("others.toml")["threads"]:
            self._threads[thread["id"]] = thread
            self._comments[thread["id"]] = [
                _comment(f"{thread['id']}c{number}", author, score, text)
                for number, (author, score, text) in enumerate(thread["comments"])
            ]

    def listing(self) -> Json:
        """`/r/<sub>/new`: the newest first."""
        newest = sorted(self._threads, key=lambda name: self._threads[name]["hours_ago"])
        return _listing([self._submission(name) for name in newest])

    def thread(self, name: str) -> list[Json] | None:
        """`/comments/<id>`: the submission and its tree, the last part of it behind "more"."""
        if name not in self._threads:
            return None
        comments = self._comments[name]
        shown = [self._comment_thing(name, one) for one in comments[:SHOWN_AT_FIRST]]
        tree = _nested(shown, name)
        if rest := comments[SHOWN_AT_FIRST:]:
            tree.append(_more(f"t3_{name}", [one["id"] for one in rest]))
        return [_listing([self._submission(name)]), _listing(tree)]

    def more_children(self, link: str, ids: list[str]) -> Json:
        """`/api/morechildren`: those comments, flat."""
        wanted = set(ids)
        name = link.removeprefix("t3_")
        things = [
            self._comment_thing(name, one)
            for one in self._comments.get(name, [])
            if one["id"] in wanted
        ]
        return {"json": {"errors": [], "data": {"things": things}}}

    def info(self, fullnames: list[str]) -> Json:
        """`/api/info`: submissions by name."""
        names = [one.removeprefix("t3_") for one in fullnames]
        return _listing([self._submission(name) for name in names if name in self._threads])

    def _submission(self, name: str) -> Json:
        thread = self._threads[name]
        permalink = f"/r/{SUBREDDIT}/comments/{name}/demo/"
        text = thread.get("text", "").strip()
        data = {
            "id": name,
            "name": f"t3_{name}",
            "title": thread["title"],
            "subreddit": SUBREDDIT,
            "author": thread["author"],
            "selftext": text,
            "is_self": "link" not in thread,
            "url": thread.get("link", f"{self._origin}{permalink}"),
            "domain": "github.com" if "link" in thread else f"self.{SUBREDDIT}",
            "permalink": permalink,
            "score": thread["score"],
            "num_comments": len(self._comments[name]) + thread.get("deleted", 0),
            "created_utc": self._now - thread["hours_ago"] * _HOUR,
            "link_flair_text": thread["flair"],
            "over_18": False,
            "stickied": False,
            "removed_by_category": None,
        }
        return {"kind": "t3", "data": data}

    def _comment_thing(self, name: str, comment: Json) -> Json:
        parent = comment["parent"]
        data = {
            "id": comment["id"],
            "name": f"t1_{comment['id']}",
            "link_id": f"t3_{name}",
            "parent_id": f"t1_{parent}" if parent else f"t3_{name}",
            "author": comment["author"],
            "body": comment["text"],
            "score": comment["score"],
            "depth": comment["depth"],
            "created_utc": self._now - comment["hours_ago"] * _HOUR,
            "permalink": f"/r/{SUBREDDIT}/comments/{name}/demo/{comment['id']}/",
            "stickied": False,
            "replies": "",
        }
        return {"kind": "t1", "data": data}


def _read(name: str) -> Json:
    return tomllib.loads((_FOLDER / name).read_text(encoding="utf-8"))


def _submission_of_long(long: Json) -> Json:
    return {**long, "id": LONG_ID, "hours_ago": 22}


def _comment(
    name: str,
    author: str,
    score: int,
    text: str,
    *,
    parent: str | None = None,
    depth: int = 0,
    hours_ago: float = 5,
) -> Json:
    return {
        "id": name, "author": author, "score": score, "text": text, "parent": parent,
        "depth": depth, "hours_ago": hours_ago,
    }  # fmt: skip


def _long_comments(long: Json) -> Iterator[Json]:
    """Comments of all views, replies below some of them, deleted ones in between."""
    chance = random.Random(_SEED)  # noqa: S311  # a demo's dice
    views = long["views"]
    weights = [view["weight"] for view in views]
    top: list[str] = []
    deleted = set(chance.sample(range(20, long["comments"]), long["deleted"]))
    for number in range(long["comments"] + long["deleted"]):
        name = f"{LONG_ID}c{number:03}"
        hours_ago = 21.5 - 20 * number / long["comments"]
        if number in deleted:
            yield _comment(name, "[deleted]", 1, "[deleted]", hours_ago=hours_ago)
            continue
        parent = chance.choice(top[-40:]) if top and chance.random() < 0.3 else None
        text = _reply(chance, long) if parent else _opinion(chance, long, views, weights)
        if parent is None:
            top.append(name)
        score = max(-6, round(chance.expovariate(0.09) * (1 - number / 500)) - 2)
        author = f"{chance.choice(_NAMES)}_{chance.randrange(10, 99)}"
        yield _comment(
            name,
            author,
            score,
            text,
            parent=parent,
            depth=1 if parent else 0,
            hours_ago=hours_ago,
        )


def _opinion(chance: random.Random, long: Json, views: list[Json], weights: list[int]) -> str:
    others = long["others"]
    dice = chance.random()
    if dice < 0.06:
        return str(chance.choice(others["neutral"]))
    if dice < 0.1:
        return str(chance.choice(others["jokes"]))
    (view,) = chance.choices(views, weights)
    parts = [chance.choice(others["openings"]), chance.choice(view["claims"])]
    parts += chance.sample(view["reasons"], chance.choice([1, 1, 2]))
    return " ".join(part for part in parts if part)


def _reply(chance: random.Random, long: Json) -> str:
    replies: list[str] = long["others"]["replies"]
    return chance.choice(replies)


_NAMES = (
    "quay",
    "tern",
    "mira",
    "bo",
    "ines",
    "dock",
    "gull",
    "kelp",
    "ada",
    "pilot",
    "ulla",
    "jan",
)


def _nested(things: list[Json], name: str) -> list[Json]:
    """The tree of a flat list in which parents come before their replies."""
    by_name = {thing["data"]["name"]: thing for thing in things}
    roots: list[Json] = []
    for thing in things:
        parent = by_name.get(thing["data"]["parent_id"])
        if parent is None:
            roots.append(thing)
            continue
        if parent["data"]["replies"] == "":
            parent["data"]["replies"] = _listing([])
        parent["data"]["replies"]["data"]["children"].append(thing)
    return roots


def _listing(children: list[Json]) -> Json:
    return {"kind": "Listing", "data": {"after": None, "before": None, "children": children}}


def _more(parent: str, ids: list[str]) -> Json:
    data = {"id": ids[0], "name": f"t1_{ids[0]}", "parent_id": parent, "count": len(ids),
            "depth": 0, "children": ids}  # fmt: skip
    return {"kind": "more", "data": data}
