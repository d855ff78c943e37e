"""Whole discussions: every comment, in order, in few calls; and what is said where some lack."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from adapters.sources.reddit_thread import thread_from_json
from adapters.sources.reddit_tree import CommentTree
from bot.errors import SourceError
from bot.thread_model import Thread
from tests.adapters.sources.reddit_kit import FEED_TOKEN, OAUTH, Bench, opened
from tests.shared_data import SHARED, needs_shared
from tests.sims.reddit import refusal
from tests.sims.reddit_things import Json, comment, submission

EXCHANGES = SHARED / "data" / "reddit" / "exchanges"
URL = "https://www.reddit.com/r/sample/comments/s1/a_title/"


def forest(count: int, *, seed: int = 1, deepness: float = 0.6) -> list[Json]:
    """`count` comments in a shape as big threads have it: broad, with some long branches."""
    rng = random.Random(seed)
    made: list[Json] = []
    for number in range(count):
        parent = made[-1 - min(int(rng.expovariate(0.05)), number - 1)] if number else None
        is_reply = parent is not None and rng.random() < deepness
        name = parent["data"]["name"] if parent is not None and is_reply else "t3_s1"
        made.append(comment(f"c{number}", name, f"Words of comment {number}."))
    return made


def whole(things: list[Json]) -> list[tuple[str, int]]:
    tree = CommentTree()
    tree.add(things)
    return [(one.id, one.depth) for one in tree.comments()]


async def read(bench: Bench, url: str = URL) -> Thread:
    thread = await bench.reddit.threads.read_thread(url)
    bench.sim.check_manners()
    return thread


def api_calls(bench: Bench) -> int:
    return sum(path != "/api/v1/access_token" for path in bench.sim.paths())


@pytest.mark.parametrize(
    ("count", "most_calls"), [(3, 1), (499, 8), (1_400, 25), (3_000, 40)], ids=str
)
async def test_every_comment_is_read_in_order(count: int, most_calls: int) -> None:
    things = forest(count)
    async with opened() as bench:
        bench.sim.submit(submission("s1"))
        bench.sim.discuss("s1", things)
        thread = await read(bench)
        assert [(one.id, one.depth) for one in thread.comments] == whole(things)
        assert thread.unread == 0
        assert api_calls(bench) <= most_calls


async def test_a_flat_thread_takes_no_more_calls_than_it_must() -> None:
    things = [comment(f"c{n}", "t3_s1") for n in range(3_000)]
    async with opened() as bench:
        bench.sim.submit(submission("s1"))
        bench.sim.discuss("s1", things)
        assert len((await read(bench)).comments) == 3_000
        assert api_calls(bench) == 26


async def test_a_branch_deeper_than_a_page_is_followed() -> None:
    things = [comment(f"c{n}", f"t1_c{n - 1}" if n else "t3_s1") for n in range(45)]
    async with opened() as bench:
        bench.sim.submit(submission("s1"))
        bench.sim.discuss("s1", things)
        thread = await read(bench)
        assert [one.depth for one in thread.comments] == list(range(45))


async def test_more_than_the_calls_can_reach_is_counted() -> None:
    chains = [
        comment(f"c{n}x{depth}", f"t1_c{n}x{depth - 1}" if depth else "t3_s1")
        for n in range(60)
        for depth in range(12)
    ]
    async with opened() as bench:
        bench.sim.page_size = 2_000
        bench.sim.submit(submission("s1"))
        bench.sim.discuss("s1", chains)
        thread = await read(bench)
        assert api_calls(bench) == 40
        assert thread.unread > 0
        assert len(thread.comments) + thread.unread <= 60 * 12


async def test_what_was_read_before_a_refusal_is_kept() -> None:
    async with opened() as bench:
        bench.sim.submit(submission("s1"))
        bench.sim.discuss("s1", [comment(f"c{n}", "t3_s1") for n in range(900)])
        bench.sim.left = 3
        bench.sim.reset_s = 300
        thread = await read(bench)
        assert len(thread.comments) == 700
        assert thread.unread == 200
        assert thread.notes[0].startswith("not all comments could be read: Reddit asked for")


async def test_a_server_that_gives_less_than_asked_for_is_asked_again() -> None:
    async with opened() as bench:
        bench.sim.more_gives = 20  # what recordings of 2016 show
        bench.sim.submit(submission("s1"))
        bench.sim.discuss("s1", [comment(f"c{n}", "t3_s1") for n in range(900)])
        thread = await read(bench)
        assert [one.id for one in thread.comments] == [f"c{n}" for n in range(900)]


async def test_comments_that_never_come_are_not_asked_for_forever() -> None:
    async with opened() as bench:
        bench.sim.submit(submission("s1"))
        bench.sim.discuss("s1", [comment(f"c{n}", "t3_s1") for n in range(700)])
        lost = [f"c{n}" for n in range(600, 700)]
        for one in lost:
            bench.sim.lose(one)
        thread = await read(bench)
        assert len(thread.comments) == 600
        assert thread.unread == 100
        assert api_calls(bench) <= 5


@pytest.mark.parametrize(
    "url",
    [
        URL,
        URL.replace("www.", "old."),
        URL.replace("https://www.", "http://"),
        f"{URL}?utm_source=share",
        f"{URL}c1/?context=3",
        "https://www.reddit.com/comments/s1",
        "https://www.reddit.com/r/sample/comments/s1.json",
    ],
)
@pytest.mark.parametrize("secrets", [OAUTH, FEED_TOKEN], ids=["oauth", "token"])
async def test_all_addresses_of_a_discussion_lead_to_it(secrets: dict[str, str], url: str) -> None:
    async with opened(secrets) as bench:
        bench.sim.submit(submission("s1", "A title"))
        bench.sim.discuss("s1", [comment("c1", "t3_s1")])
        assert bench.reddit.threads.recognises(url)
        thread = await read(bench, url)
        assert (thread.title, len(thread.comments)) == ("A title", 1)
        assert thread.url == URL


async def test_short_links_and_share_links_are_followed() -> None:
    async with opened() as bench:
        bench.sim.submit(submission("s1abc"))
        bench.sim.shares["x9"] = "https://www.reddit.com/r/sample/comments/s1abc/a/?share_id=q"
        assert (await read(bench, "https://redd.it/s1abc")).id == "s1abc"
        assert (await read(bench, "https://www.reddit.com/r/sample/s/x9")).id == "s1abc"


async def test_the_configured_server_is_reddit_too() -> None:
    async with opened() as bench:
        assert bench.reddit.threads.recognises(f"{bench.sim.url}/r/sample/comments/s1/a/")


@pytest.mark.parametrize(
    "url",
    [
        "https://www.reddit.com/r/sample/",
        "https://notreddit.com/r/sample/comments/s1/a/",
        "https://www.reddit.com.evil.example/comments/s1",
        "https://redd.it/",
        "ftp://www.reddit.com/comments/s1",
        "https://[bad/comments/s1",
        "words",
    ],
)
async def test_other_addresses_are_not_recognised(url: str) -> None:
    async with opened() as bench:
        assert not bench.reddit.threads.recognises(url)


async def test_without_oauth_some_comments_come_and_it_is_said() -> None:
    async with opened({}) as bench:
        bench.sim.submit(submission("s1", "A title", selftext="I ask."))
        bench.sim.discuss(
            "s1",
            [
                comment("c1", "t3_s1", "> I ask.\n\nI answer.", replies=[comment("c2", "t1_c1")]),
                comment("c3", "t3_s1", "[deleted]", author="[deleted]"),
            ],
        )
        thread = await read(bench)
        assert (thread.title, thread.text, thread.author) == ("A title", "I ask.", "poster")
        assert [(one.id, one.depth, one.score) for one in thread.comments] == [
            ("c1", 0, None),
            ("c2", 0, None),
        ]
        assert thread.comments[0].text == "> I ask.\n\nI answer."
        assert thread.skipped_deleted == 1
        assert "without votes or nesting" in thread.notes[0]


async def test_a_discussion_that_is_gone_is_told() -> None:
    async with opened() as bench:
        with pytest.raises(SourceError, match="does not know the discussion gone"):
            await bench.reddit.threads.read_thread("https://redd.it/gone")


async def test_refused_credentials_leave_the_feed() -> None:
    async with opened(OAUTH | FEED_TOKEN) as bench:
        bench.sim.next_answers.append(refusal(401))
        bench.sim.submit(submission("s1"))
        bench.sim.discuss("s1", [comment("c1", "t3_s1")])
        thread = await read(bench)
        assert len(thread.comments) == 1
        assert "check REDDIT_CLIENT_ID" in thread.notes[-1]


@needs_shared
@pytest.mark.parametrize(
    ("name", "number", "least", "most_calls"),
    [
        ("thread-n49rw-2016.json", "n49rw", 1_400, 40),
        ("thread-3hahrw-limit10-2017.json", "3hahrw", 536, 12),
        ("thread-3hahrw-full-2020.json", "3hahrw", 527, 12),
    ],
)
async def test_recorded_discussions_are_read_whole(
    name: str, number: str, least: int, most_calls: int
) -> None:
    """What others needed hundreds of calls for, put up again as one tree."""
    head, found = _recorded(json.loads((EXCHANGES / name).read_text()), number)
    async with opened() as bench:
        bench.sim.submit(head)
        bench.sim.discuss(number, found)
        head["data"]["num_comments"] = len(found)
        thread = await read(bench, f"https://redd.it/{number}")
        assert len(thread.comments) + thread.skipped_deleted == len(found) >= least
        assert thread.unread == 0
        assert api_calls(bench) <= most_calls
        once = thread_from_json([{"data": {"children": [head]}}, {"data": {"children": found}}])
        assert [one.id for one in thread.comments] == [one.id for one in once.comments]


def _recorded(exchanges: list[Json], number: str) -> tuple[Json, list[Json]]:
    """The submission and all comments that a recording holds, in its order."""
    head: Json = {}
    tree = CommentTree()
    for one in exchanges:
        body: Any = one.get("body")
        if isinstance(body, list):
            head = head or body[0]["data"]["children"][0]
            tree.add(body[1]["data"]["children"])
        elif isinstance(body, dict) and "json" in body:
            tree.add(body["json"].get("data", {}).get("things", []))
    assert head["data"]["id"] == number
    return head, [{"kind": "t1", "data": {**one.fields, "replies": ""}} for one in tree.comments()]
