"""The demo's subreddit: a few discussions, one of 300 comments, as Reddit's API tells of them.

The long one is put together from hand-written sentences, by a fixed seed: the same every time.
Shapes follow Reddit's listings (`kind`, `data`, `children`); what the demo's reader does not ask
for is left out.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from adapters.web.demo_content import DEMO_DIR, with_years

SUBREDDIT = "HarbourTech"
LONG_ID = "dm001"
SHOWN_AT_FIRST = 120  # comments in the tree; the rest stands behind "more" objects
REPLIES = 0.3  # of the long discussion's comments
_SEED = 1871
_HOUR = 3_600
_LAST_PHASE = 2
_LONG_AGE = 18.0  # hours
_FOLDER = DEMO_DIR / "discussions"
_CHOICE = re.compile(r"\{([^{}]*\|[^{}]*)\}")
_NAMES = (
    "quay", "tern", "mira", "bo", "ines", "dock", "gull", "kelp", "ada", "pilot", "ulla", "jan",
    "oak", "moss", "lantern", "ferry", "rope", "heron", "salt", "pier",
)  # fmt: skip
_JOINTS = ("_", "-", "", "_the_", "_of_")

Json = dict[str, Any]


class DemoSubreddit:
    """Answers for one state: listing, comment trees, the comments behind "more", measures.

    `publishers` says where the linked pages live, `phases_at` when each state is: a submission's
    age counts back from the state that brings it.
    """

    name = f"r/{SUBREDDIT}"

    def __init__(
        self,
        origin: str,
        publishers: Mapping[str, str],
        phases_at: Mapping[int, datetime],
        phase: int,
    ) -> None:
        self._origin = origin
        self._publishers = publishers
        self._phases_at = phases_at
        self._phase = phase
        self._threads: dict[str, Json] = {}
        self._comments: dict[str, list[Json]] = {}
        long = _read("archive-thread.toml")
        year = phases_at[phase].year
        self._add({**long, "id": LONG_ID, "hours_ago": _LONG_AGE}, list(_long_comments(long, year)))
        for thread in _read("others.toml")["threads"]:
            if thread.get("phase", 1) <= phase:
                self._add(thread, list(_written_comments(thread, year)))

    def _add(self, thread: Json, comments: list[Json]) -> None:
        self._threads[thread["id"]] = thread
        self._comments[thread["id"]] = comments

    @property
    def long_discussion(self) -> str:
        """The address of the one with 300 comments."""
        return self._permalink(LONG_ID)

    def listing(self) -> Json:
        """`/r/<sub>/new`: the newest first."""
        newest = sorted(self._threads, key=self._made_at, reverse=True)
        return _listing([self._submission(name) for name in newest])

    def thread(self, name: str) -> list[Json] | None:
        """`/comments/<id>`: the submission and its tree, the last part of it behind "more"."""
        if name not in self._threads:
            return None
        comments = self._comments[name]
        tree = self._tree(name, comments[:SHOWN_AT_FIRST], comments[SHOWN_AT_FIRST:])
        return [_listing([self._submission(name)]), _listing(tree)]

    def more_children(self, link: str, ids: Sequence[str]) -> Json:
        """`/api/morechildren`: those comments and what stands below them, flat."""
        wanted = set(ids)
        name = link.removeprefix("t3_")
        things = [
            self._comment_thing(name, one)
            for one in self._comments.get(name, [])
            if one["id"] in wanted or one["parent"] in wanted
        ]
        return {"json": {"errors": [], "data": {"things": things}}}

    def info(self, fullnames: Sequence[str]) -> Json:
        """`/api/info`: submissions by name."""
        names = [one.removeprefix("t3_") for one in fullnames]
        return _listing([self._submission(name) for name in names if name in self._threads])

    def _made_at(self, name: str) -> float:
        thread = self._threads[name]
        shown_at = self._phases_at[thread.get("phase", 1)].timestamp()
        return shown_at - float(thread["hours_ago"]) * _HOUR

    def _permalink(self, name: str) -> str:
        return f"{self._origin}/r/{SUBREDDIT}/comments/{name}/demo/"

    def _submission(self, name: str) -> Json:
        thread = self._threads[name]
        link = thread.get("link", "")
        page = self._publishers[link.split("/")[1]] + link if link else ""
        score = thread.get("later_score") if self._phase == _LAST_PHASE else None
        data = {
            "id": name,
            "name": f"t3_{name}",
            "title": thread["title"],
            "subreddit": SUBREDDIT,
            "author": thread["author"],
            "selftext": with_years(thread.get("text", "").strip(), self._phases_at[1].year),
            "is_self": not page,
            "url": page or self._permalink(name),
            "permalink": self._permalink(name),
            "score": score or thread["score"],
            "num_comments": len(self._comments[name]),
            "created_utc": self._made_at(name),
            "link_flair_text": thread["flair"],
            "over_18": False,
            "stickied": False,
            "removed_by_category": None,
        }
        return {"kind": "t3", "data": data}

    def _comment_thing(self, name: str, comment: Json) -> Json:
        parent = comment["parent"]
        shown_at = self._phases_at[self._threads[name].get("phase", 1)].timestamp()
        data = {
            "id": comment["id"],
            "name": f"t1_{comment['id']}",
            "link_id": f"t3_{name}",
            "parent_id": f"t1_{parent}" if parent else f"t3_{name}",
            "author": comment["author"],
            "body": comment["text"],
            "score": comment["score"],
            "depth": 1 if parent else 0,
            "created_utc": shown_at - comment["hours_ago"] * _HOUR,
            "permalink": f"{self._permalink(name)}{comment['id']}/",
            "stickied": False,
            "replies": "",
        }
        return {"kind": "t1", "data": data}

    def _tree(self, name: str, shown: Sequence[Json], left_out: Sequence[Json]) -> list[Json]:
        """The shown comments with their replies; stubs stand where comments were left out."""
        missing: dict[str | None, list[str]] = defaultdict(list)
        for comment in left_out:
            missing[comment["parent"]].append(comment["id"])
        roots: list[Json] = []
        below: dict[str, list[Json]] = {}
        for comment in shown:
            thing = self._comment_thing(name, comment)
            below[comment["id"]] = []
            (below[comment["parent"]] if comment["parent"] else roots).append(thing)
        for thing in roots:
            number = thing["data"]["id"]
            replies = below[number] + _stubs(f"t1_{number}", missing.get(number, []), missing)
            thing["data"]["replies"] = _listing(replies) if replies else ""
        return roots + _stubs(f"t3_{name}", missing.get(None, []), missing)


def _read(name: str) -> Json:
    return tomllib.loads((_FOLDER / name).read_text(encoding="utf-8"))


def _written_comments(thread: Json, year: int) -> Iterator[Json]:
    """Those of a short discussion, one after another until about now."""
    step = thread["hours_ago"] / (len(thread["comments"]) + 1)
    for number, (author, score, text) in enumerate(thread["comments"]):
        yield {
            "id": f"{thread['id']}c{number}",
            "author": author,
            "score": score,
            "text": with_years(text, year),
            "parent": None,
            "hours_ago": thread["hours_ago"] - step * (number + 1),
        }


def _long_comments(long: Json, year: int) -> Iterator[Json]:
    """Comments of all views, replies below some of them, deleted ones in between."""
    chance = random.Random(_SEED)  # noqa: S311  # a demo's dice
    top: list[str] = []
    total = long["comments"] + long["deleted"]
    deleted = set(chance.sample(range(20, total), long["deleted"]))
    for number in range(total):
        name = f"{LONG_ID}c{number:03}"
        hours_ago = _LONG_AGE - (_LONG_AGE - 1) * (number + 1) / (total + 1)
        if number in deleted:
            gone = {"author": "[deleted]", "text": "[deleted]", "score": 1, "parent": None}
            yield {"id": name, "hours_ago": hours_ago, **gone}
            continue
        parent = chance.choice(top[-40:]) if top and chance.random() < REPLIES else None
        text = chance.choice(long["others"]["replies"]) if parent else _opinion(chance, long)
        if parent is None:
            top.append(name)
        yield {
            "id": name,
            "author": f"{chance.choice(_NAMES)}{chance.choice(_JOINTS)}{chance.choice(_NAMES)}",
            "text": _worded(chance, text, year),
            "score": max(-6, round(chance.expovariate(0.09) * (1 - number / 500)) - 2),
            "parent": parent,
            "hours_ago": hours_ago,
        }


def _opinion(chance: random.Random, long: Json) -> str:
    """What somebody thinks: a sentence that says it, mostly with another that backs it."""
    others = long["others"]
    dice = chance.random()
    if dice < 0.08:
        return str(chance.choice(others["neutral"]))
    if dice < 0.13:
        return str(chance.choice(others["jokes"]))
    views = long["views"]
    (view,) = chance.choices(views, [each["weight"] for each in views])
    parts = [chance.choice(others["openings"]), chance.choice(view["lead"])]
    parts += chance.sample(view["more"], chance.choice([0, 1, 1, 2]))
    return " ".join(part for part in parts if part)


def _worded(chance: random.Random, text: str, year: int) -> str:
    """The text with one of each `{one|other}`, and with its years."""
    return _CHOICE.sub(lambda found: chance.choice(found[1].split("|")), with_years(text, year))


def _listing(children: list[Json]) -> Json:
    return {"kind": "Listing", "data": {"after": None, "before": None, "children": children}}


def _stubs(parent: str, ids: list[str], below: Mapping[str | None, list[str]]) -> list[Json]:
    """A "more" object for the comments that were left out below `parent`, if there are any."""
    if not ids:
        return []
    count = len(ids) + sum(len(below.get(one, [])) for one in ids)
    data = {"id": ids[0], "name": f"t1_{ids[0]}", "parent_id": parent, "count": count,
            "depth": 0, "children": ids}  # fmt: skip
    return [{"kind": "more", "data": data}]
