"""Subreddits as sources: three ways in, each of Reddit's refusals told in its own words."""

from __future__ import annotations

import pytest

from adapters.sources.reddit import WayIn
from bot.errors import SourceError
from bot.thread_model import SubmissionState, Trait
from tests.adapters.sources.reddit_kit import FEED_TOKEN, NOW, OAUTH, opened, subreddit
from tests.sims.reddit import FEED, PAGE, Answer, refusal
from tests.sims.reddit_things import CREATED_S, link, submission

FRESH_S = NOW.timestamp() - 600


@pytest.mark.parametrize(
    ("secrets", "way"),
    [
        (OAUTH | FEED_TOKEN, WayIn.OAUTH),
        (FEED_TOKEN, WayIn.FEED_TOKEN),
        ({}, WayIn.ANONYMOUS),
        ({"reddit_client_id": "half"}, WayIn.ANONYMOUS),
    ],
    ids=["oauth", "token", "nothing", "half"],
)
async def test_the_best_way_in_is_taken(secrets: dict[str, str], way: WayIn) -> None:
    async with opened(secrets) as bench:
        assert bench.reddit.way_in is way
        assert (bench.reddit.meter is not None) == (way is WayIn.OAUTH)


async def test_oauth_reads_all_submissions_since_the_last_poll() -> None:
    async with opened() as bench:
        bench.sim.submit(
            *(submission(f"s{n}", f"Title {n}", created_utc=FRESH_S - 250 + n) for n in range(250))
        )
        result = await bench.reddit.reader.poll(subreddit())
        assert result.entries is not None
        assert len({entry.guid for entry in result.entries}) == 250
        assert [one.path for one in bench.sim.calls("/r/sample/new")] == ["/r/sample/new"] * 3
        assert bench.sim.calls("/r/sample/new")[1].query["after"] == "t3_s150"
        bench.sim.check_manners()


async def test_pages_end_where_the_last_poll_ended() -> None:
    async with opened() as bench:
        bench.sim.submit(*(submission(f"s{n}") for n in range(250)))  # long ago
        await bench.reddit.reader.poll(subreddit(last_ok_at=NOW))
        assert len(bench.sim.calls("/r/sample/new")) == 1


async def test_a_listing_is_read_in_its_own_order() -> None:
    async with opened() as bench:
        bench.sim.submit(submission("s1", score=1), submission("s2", score=9))
        name = "https://www.reddit.com/r/sample/top?t=week"
        result = await bench.reddit.reader.poll(subreddit(name))
        assert [entry.guid for entry in result.entries or ()] == ["t3_s1", "t3_s2"][::-1]
        assert bench.sim.calls("/r/sample/top")[0].query["t"] == "week"


async def test_what_kind_a_submission_is() -> None:
    async with opened() as bench:
        bench.sim.submit(
            submission("self", "Text", selftext="I ask.", link_flair_text="Discussion"),
            link("link", "Paper", "https://example.org/paper?utm_source=reddit"),
            link("pic", "Picture", "https://i.redd.it/x.jpg", post_hint="image", over_18=True),
            link("gal", "Gallery", "https://www.reddit.com/gallery/gal", is_gallery=True),
            link("vid", "Video", "https://v.redd.it/abc", is_video=True),
            submission(
                "poll", "Which?", poll_data={"options": [{"text": "This"}, {"text": "That"}]}
            ),
            link(
                "cross", "Crossposted", "https://www.reddit.com/r/other/comments/z9/a_title/",
                crosspost_parent="t3_z9",
                crosspost_parent_list=[submission("z9", selftext="Told there.")["data"]],
            ),
            submission("pin", "Rules", stickied=True, distinguished="moderator"),
            submission("gone", "[deleted by user]", selftext="[removed]",
                       removed_by_category="deleted"),
        )  # fmt: skip
        result = await bench.reddit.reader.poll(subreddit())
    found = {entry.guid.removeprefix("t3_"): entry for entry in result.entries or ()}
    traits = {key: entry.submission.traits for key, entry in found.items() if entry.submission}
    assert traits == {
        "self": (Trait.SELF,),
        "link": (Trait.LINK,),
        "pic": (Trait.NSFW, Trait.IMAGE),
        "gal": (Trait.GALLERY,),
        "vid": (Trait.VIDEO,),
        "poll": (Trait.SELF, Trait.POLL),
        "cross": (Trait.CROSSPOST, Trait.LINK),
        "pin": (Trait.SELF, Trait.STICKIED),
    }
    permalink = "https://www.reddit.com/r/sample/comments/{}/a_title/"
    assert found["link"].url == "https://example.org/paper"
    assert found["link"].comments_url == permalink.format("link")
    for key in ("self", "pic", "gal", "vid", "cross"):
        assert found[key].url == permalink.format(key)
    assert found["self"].tags == ("Discussion",)
    assert found["pic"].tags == ("NSFW",)
    assert found["pic"].image_url is None
    assert found["poll"].text == "- This\n\n- That"
    assert found["cross"].text == "Told there."
    assert [(one.fullname, one.state) for one in result.measured] == [
        ("t3_gone", SubmissionState.DELETED)
    ]


@pytest.mark.parametrize("secrets", [OAUTH, FEED_TOKEN, {}], ids=["oauth", "token", "nothing"])
async def test_identity_and_content_are_the_same_whatever_the_way_in(
    secrets: dict[str, str],
) -> None:
    async with opened(secrets) as bench:
        bench.sim.submit(
            submission("s1", "What & why", selftext="One.\n\n> Quoted\n\nTwo <3"),
            link("s2", "A paper", "https://example.org/paper"),
        )
        result = await bench.reddit.reader.poll(subreddit())
        found = {entry.guid: entry for entry in result.entries or ()}
        assert set(found) == {"t3_s1", "t3_s2"}
        assert found["t3_s1"].title == "What & why"
        assert found["t3_s1"].text == "One.\n\nQuoted\n\nTwo <3"
        assert found["t3_s1"].author == "poster"
        assert found["t3_s2"].url == "https://example.org/paper"
        assert found["t3_s2"].comments_url == "https://www.reddit.com/r/sample/comments/s2/a_title/"
        assert found["t3_s2"].submission is not None
        assert found["t3_s2"].submission.place == "r/sample"
        assert result.title == "r/sample"
        bench.sim.check_manners()


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("private", "r/sample is private: only its members may read it; remove the source"),
        ("banned", "r/sample was banned by Reddit; remove the source"),
        ("quarantined", "r/sample is quarantined"),
        ("forbidden", "Reddit does not show us r/sample (403)"),
        ("missing", "there is no r/sample (404): check the name"),
        ("search", "there is no r/sample: Reddit shows a search instead"),
        ("trouble", "Reddit has trouble of its own (503)"),
        ("page", "Reddit answered with a web page instead of data (200): it blocks"),
        ("blocked", "Reddit answered with a web page instead of data (403): it blocks"),
    ],
)
@pytest.mark.parametrize("secrets", [OAUTH, FEED_TOKEN, {}], ids=["oauth", "token", "nothing"])
async def test_each_refusal_has_its_own_words(
    secrets: dict[str, str], state: str, told: str
) -> None:
    async with opened(secrets) as bench:
        bench.sim.states["sample"] = state
        with pytest.raises(SourceError) as caught:
            await bench.reddit.reader.poll(subreddit())
    assert str(caught.value).startswith(told)
    assert "\n" not in str(caught.value)
    assert FEED["feed"] not in str(caught.value)


@pytest.mark.parametrize("secrets", [OAUTH, FEED_TOKEN, {}], ids=["oauth", "token", "nothing"])
async def test_a_renamed_subreddit_is_followed_and_told(secrets: dict[str, str]) -> None:
    async with opened(secrets) as bench:
        bench.sim.states["sample"] = "now better"
        bench.sim.submit(submission("s1", subreddit="better"))
        result = await bench.reddit.reader.poll(subreddit())
        assert [entry.guid for entry in result.entries or ()] == ["t3_s1"]
        assert result.warning == "r/sample is now r/better: change its name"


async def test_the_feed_token_goes_over_the_wire_and_nowhere_else() -> None:
    async with opened(FEED_TOKEN) as bench:
        bench.sim.submit(submission("s1"))
        result = await bench.reddit.reader.poll(subreddit())
        assert dict(bench.sim.requests[0].query) == {"limit": "100", **FEED}
        assert FEED["feed"] not in repr(result)
        assert result.fetch_url == f"{bench.sim.url}/r/sample/.rss"
        assert FEED["feed"] not in repr(vars(bench.reddit.reader))


async def test_the_feed_token_is_not_taken_to_another_site() -> None:
    async with opened(FEED_TOKEN) as bench:
        elsewhere = {"Location": "https://evil.example/r/sample/.rss"}
        bench.sim.next_answers.append(Answer(302, headers=elsewhere))
        bench.sim.submit(submission("s1"))
        await bench.reddit.reader.poll(subreddit())
        assert [one.path for one in bench.sim.requests] == ["/r/sample/.rss"] * 2


async def test_an_unchanged_feed_is_not_read_again() -> None:
    async with opened({}) as bench:
        bench.sim.submit(submission("s1"))
        first = await bench.reddit.reader.poll(subreddit())
        again = await bench.reddit.reader.poll(
            subreddit(etag=first.etag, body_hash=first.body_hash)
        )
        assert again.entries is None


async def test_a_token_is_fetched_once_and_kept() -> None:
    async with opened() as bench:
        for _ in range(3):
            await bench.reddit.reader.poll(subreddit())
        assert len(bench.sim.calls("/api/v1/access_token")) == 1


async def test_a_revoked_token_is_renewed_once() -> None:
    async with opened() as bench:
        bench.sim.submit(submission("s1"))
        await bench.reddit.reader.poll(subreddit())
        bench.sim.revoke()
        result = await bench.reddit.reader.poll(subreddit())
        assert len(result.entries or ()) == 1
        assert len(bench.sim.calls("/api/v1/access_token")) == 2


async def test_a_token_that_runs_out_is_renewed_before_it_is_refused() -> None:
    async with opened() as bench:
        bench.sim.token_lasts_s = 0.001  # type: ignore[assignment]
        await bench.reddit.reader.poll(subreddit())
        await bench.reddit.reader.poll(subreddit())
        assert bench.sim.paths().count("/api/v1/access_token") == 2


async def test_refused_credentials_are_told_and_not_tried_again() -> None:
    async with opened(OAUTH | FEED_TOKEN) as bench:
        bench.sim.client = ("someone", "else")
        bench.sim.submit(submission("s1"))
        for _ in range(2):
            result = await bench.reddit.reader.poll(subreddit())
            assert len(result.entries or ()) == 1
            assert "check REDDIT_CLIENT_ID and REDDIT_CLIENT_SECRET" in (result.warning or "")
            assert not any(secret in (result.warning or "") for secret in OAUTH.values())
        assert len(bench.sim.calls("/api/v1/access_token")) == 1


async def test_a_token_that_is_refused_twice_ends_it() -> None:
    async with opened() as bench:
        token = Answer(200, b'{"access_token": "x", "expires_in": 3600}')
        bench.sim.next_answers.extend([token, refusal(401), token, refusal(401)])
        result = await bench.reddit.reader.poll(subreddit())
        assert (result.warning or "").startswith("read through .rss meanwhile: Reddit refused")


async def test_rate_limits_hold_for_all_that_ask() -> None:
    async with opened() as bench:
        bench.sim.left = 2
        bench.sim.reset_s = 300
        await bench.reddit.reader.poll(subreddit("r/one"))
        assert bench.reddit.meter is not None
        await bench.reddit.meter.measure(["t3_a"])
        asked = len(bench.sim.requests)
        with pytest.raises(SourceError, match="pause of another 300 s") as caught:
            await bench.reddit.threads.read_thread("https://redd.it/abcd")
        assert len(bench.sim.requests) == asked
        assert caught.value.unasked
        assert 290 < (caught.value.retry_after_s or 0) <= 300


async def test_a_short_pause_is_waited_for() -> None:
    async with opened() as bench:
        bench.sim.left = 1
        bench.sim.reset_s = 0
        await bench.reddit.reader.poll(subreddit())
        bench.sim.left = 5
        await bench.reddit.reader.poll(subreddit())
        assert len(bench.sim.calls("/r/sample/new")) == 2


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [({"Retry-After": "120"}, 120), ({"x-ratelimit-reset": "90"}, 90), ({}, 60)],
    ids=["retry-after", "reset", "nothing"],
)
async def test_a_429_stops_everybody(headers: dict[str, str], wait_s: int) -> None:
    async with opened({}) as bench:
        bench.sim.next_answers.append(refusal(429, headers))
        with pytest.raises(SourceError, match="429") as caught:
            await bench.reddit.reader.poll(subreddit())
        assert caught.value.retry_after_s == wait_s
        asked = len(bench.sim.requests)
        if wait_s > 65:
            with pytest.raises(SourceError, match="asked for a pause"):
                await bench.reddit.reader.poll(subreddit("r/other"))
            assert len(bench.sim.requests) == asked


async def test_a_page_in_the_place_of_a_token_is_no_refusal_of_it() -> None:
    async with opened() as bench:
        bench.sim.next_answers.append(Answer(403, PAGE, content_type="text/html"))
        with pytest.raises(SourceError, match="web page instead of data"):
            await bench.reddit.reader.poll(subreddit())
        await bench.reddit.reader.poll(subreddit())


async def test_submissions_are_measured_a_hundred_a_call() -> None:
    async with opened() as bench:
        bench.sim.submit(*(submission(f"s{n}", score=n) for n in range(230)))
        assert bench.reddit.meter is not None
        found = await bench.reddit.meter.measure([f"t3_s{n}" for n in range(230)] + ["t3_none"])
        assert {one.fullname: one.score for one in found} == {f"t3_s{n}": n for n in range(230)}
        assert len(bench.sim.calls("/api/info")) == 3
        bench.sim.check_manners()


@pytest.mark.parametrize(
    ("contact", "agent"),
    [
        ("u/news_keeper", "by /u/news_keeper)"),
        ("/u/news_keeper", "by /u/news_keeper)"),
        ("ops@example.org", "ops@example.org)"),
    ],
)
async def test_the_user_agent_names_the_operator(contact: str, agent: str) -> None:
    async with opened(fetch={"contact": contact}) as bench:
        await bench.reddit.reader.poll(subreddit())
        sent = {one.headers["User-Agent"] for one in bench.sim.requests}
        assert len(sent) == 1
        assert sent.pop().endswith(agent)
        bench.sim.check_manners()


async def test_hidden_scores_are_unknown() -> None:
    async with opened() as bench:
        bench.sim.submit(submission("s1", hide_score=True, created_utc=CREATED_S))
        result = await bench.reddit.reader.poll(subreddit())
        assert result.entries is not None
        assert result.entries[0].submission is not None
        assert result.entries[0].submission.score is None


async def test_the_check_asks_for_a_token_and_nothing_else() -> None:
    async with opened() as bench:
        await bench.reddit.check()
        assert bench.sim.paths() == ["/api/v1/access_token"]
    async with opened() as bench:
        bench.sim.client = ("someone", "else")
        with pytest.raises(SourceError, match="REDDIT_CLIENT_ID and REDDIT_CLIENT_SECRET"):
            await bench.reddit.check()
    async with opened({}) as bench:
        await bench.reddit.check()
        assert bench.sim.paths() == []
