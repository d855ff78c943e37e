"""The newsroom of a running service: subscriptions made in chats reach the poll and the posts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.store import sources, subscriptions
from config.source_packs import members
from tests.bot.commands.desk import ASK, CHANNEL, chat, feed, poll, text_of
from tests.sims.reddit import RedditSim, refusal
from tests.sims.reddit_things import submission


def _reddit(url: str, **more: object) -> dict[str, object]:
    bases = {"api_base": url, "auth_base": url, "public_base": url}
    whenever = 400 * 86_400.0  # what the local Reddit has is as old as that
    return {"reddit": {**bases, "anonymous_gap_s": 0, **more}, "poll": {"max_age": whenever}}


async def test_a_subreddit_is_subscribed_by_its_name_alone(tmp_path: Path) -> None:
    async with RedditSim() as reddit, chat(tmp_path, **_reddit(reddit.url)) as it:
        reddit.submit(submission("s1", "A title", subreddit="MachineLearning"))
        reply = await it.type("subscribe", source="/r/MachineLearning")
        assert "Subscribed: r/MachineLearning" in text_of(reply)
        assert "A title" in text_of(reply)
        await it.post()
        assert it.platform.titles() == ["A title"]
        reddit.check_manners()


async def test_a_subreddit_is_subscribed_while_reddit_wants_a_pause(tmp_path: Path) -> None:
    async with RedditSim() as reddit, chat(tmp_path, **_reddit(reddit.url)) as it:
        reddit.next_answers.append(refusal(429, {"Retry-After": "600"}))
        reply = await it.type("subscribe", source="r/MachineLearning")
        assert "being read" in text_of(reply)
        assert await it.subscriptions() == [f"{CHANNEL} instant r/MachineLearning active"]
        assert "poll" in it.woken


async def test_a_subreddit_that_is_not_there_is_refused(tmp_path: Path) -> None:
    async with RedditSim() as reddit, chat(tmp_path, **_reddit(reddit.url)) as it:
        reddit.states["nothere"] = "missing"
        reply = await it.type("subscribe", source="r/nothere")
        assert "r/nothere" in text_of(reply)
        assert await it.subscriptions() == []


async def test_a_pack_is_read_by_the_poll_job_which_is_woken(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        reply = await it.type("subscribe", source="pack:ai")
        count = len(members("pack:ai"))
        assert f"{count} sources" in text_of(reply)
        assert "poll" in it.woken
        assert len(await it.database.read(sources.due, it.clock.now(), 100)) == count
        assert len(await it.database.read(subscriptions.linked_sources, 1)) == count


async def test_a_page_whose_feed_is_known_here_is_that_source(tmp_path: Path) -> None:
    page = b'<html><head><link rel="alternate" type="application/rss+xml" href="/f"></head></html>'
    async with chat(tmp_path) as it:
        it.origin.serve("/", body=page, content_type="text/html")
        it.origin.serve("/f", body=feed("News"))
        await it.type("subscribe", source=it.origin.url("/f"))
        reply = await it.type("subscribe", source=it.origin.url("/"))
        assert "already" in text_of(reply)
        assert len(await it.database.read(sources.listed)) == 1


async def test_a_known_source_starts_from_what_is_stored(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        it.origin.serve("/a", body=feed("Second", "First"))
        await it.type("subscribe", source=it.origin.url("/a"))
        await it.post()
        other = replace(ASK, channel="fake:71")
        reply = await it.type("subscribe", other, source=it.origin.url("/a"))
        assert "Second" in text_of(reply)
        await it.post()
        assert it.platform.titles("71") == ["Second"]
        assert it.origin.count("/a") == 1


async def test_a_source_that_was_given_up_is_tried_again(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        it.origin.serve("/a", body=feed("News"))
        await it.type("subscribe", source=it.origin.url("/a"))
        await it.database.write(
            lambda connection: connection.execute("UPDATE source SET state = 'gone'")
        )
        other = replace(ASK, channel="fake:71")
        await it.type("subscribe", other, source=it.origin.url("/a"))
        found = await it.database.read(sources.listed)
        assert [one.state for one in found] == ["active"]


async def test_the_role_and_the_publishing_go_with_each_post(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        it.origin.serve("/a", body=feed("News"))
        await it.type("subscribe", source=it.origin.url("/a"), role="99", publish="yes")
        await it.post()
        _, _, post = it.platform.posts[0]
        assert (post.role, post.publish) == ("99", True)


async def test_a_digest_calls_its_role_too(tmp_path: Path) -> None:
    from jobs.digest import DigestJob

    async with chat(tmp_path) as it:
        it.origin.serve("/a", body=feed("News"))
        await it.type("subscribe", source=it.origin.url("/a"), schedule="daily 12:00", role="99")
        job = DigestJob(it.database, it.maker, it.clock)
        await job.run()
        it.clock.advance(hours=1)
        await poll(it, "/a", "Later news", "News")
        it.clock.advance(hours=3)
        await job.run()
        await it.post()
        assert [post.role for _, _, post in it.platform.posts] == ["99"]
        why = text_of(await it.press(f"why:{it.platform.keys()[0]}"))
        assert "digest of 1 stories" in why
        assert "sent" in why


async def test_changing_into_what_is_there_already_is_refused(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        it.origin.serve("/a", body=feed("News"))
        await it.type("subscribe", source=it.origin.url("/a"))
        await it.type("subscribe", source=it.origin.url("/a"), post="community")
        assert "subscription 2 is the same" in text_of(await it.press("daily:1"))
        await it.type("unsubscribe", subscription="2")
        assert "changed" in text_of(await it.press("daily:1"))
        assert await it.subscriptions() == [f"{CHANNEL} community {it.origin.url('/a')} active"]


async def test_a_sample_of_what_is_stored_passes_the_filters_too(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        it.origin.serve("/a", body=feed("About crypto", "About ships"))
        await it.type("subscribe", source=it.origin.url("/a"))
        other = replace(ASK, channel="fake:71")
        reply = await it.type("subscribe", other, source=it.origin.url("/a"), exclude="crypto")
        assert "About ships" in text_of(reply)
        assert "About crypto" not in text_of(reply)
