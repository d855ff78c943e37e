"""`/stories` and the story pages."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.model import (
    ArticleSummary,
    DeliveryState,
    Emotion,
    Paragraph,
    PointOfView,
    Post,
    Text,
    ThreadSummary,
)
from bot.store import outbox, purge, stories, submissions, subscriptions, thread_summaries
from bot.store.database import Connection
from bot.store.outbox import NewDelivery
from bot.store.subscriptions import DeclaredSubscription
from bot.thread_model import Submission, SubmissionState
from tests.adapters.web.site import Served, served
from tests.bot.commands.desk import feed
from tests.bot.digests.samples import COMMUNITY

AT = datetime(2026, 11, 21, 8, tzinfo=UTC)
HOSTILE = "&lt;script&gt;alert(1)&lt;/script&gt; &quot;quoted&quot; \u202eltr"
LINK = "https://www.reddit.com/r/ai/comments/abc1/title/"


async def ids(it: Served) -> dict[str, int]:
    """The stories by their headlines."""
    told = await it.database.read(stories.since, datetime(2000, 1, 1, tzinfo=UTC))
    return {story.title: story.id for story in told}


def discussion(**changes: object) -> ThreadSummary:
    point = PointOfView(
        text="It costs too much.",
        share=5 / 17,
        supporters=5,
        of=17,
        citations=("c1", "c2", "c3"),
        quote="I would <b>never</b> pay that.",
        quote_id="c1",
        quote_author="mara",
        quote_url=f"{LINK}c1/",
        links=(f"{LINK}c1/", "javascript:alert(1)"),
    )
    summary = ThreadSummary(
        title="A model",
        url=LINK,
        score=120,
        num_comments=430,
        comments_read=412,
        summary="People argue about the price.",
        emotion=Emotion(label="Predominantly Negative", positive=2, neutral=5, negative=10),
        points=(point,),
        method="llm",
        model="gpt-5-mini",
        dropped_claims=1,
        tokens_in=1,
        tokens_out=1,
        summary_citations=("c7", "c8", "c9"),
        summary_links=(f"{LINK}c7/", "javascript:alert(2)"),
        skipped_deleted=18,
        notes=("only the newest were read",),
    )
    return summary.model_copy(update=changes)


async def discussed(it: Served, story_id: int, *, state: SubmissionState) -> None:
    """The story is a submission that was summarised."""

    def keep(connection: Connection) -> None:
        entry = stories.members(connection, story_id)[0].entry_id
        submission = Submission(
            fullname="t3_abc1",
            permalink=LINK,
            place="r/ai",
            author="ada",
            score=120,
            num_comments=430,
            state=state,
            measured_at=AT,
        )
        submissions.put(connection, entry, submission)
        thread_summaries.keep(connection, "reddit:abc1", "h", discussion(), AT)

    await it.database.write(keep)


async def posted(it: Served, story_id: int, text: str, *, channel: str = "discord:70") -> None:
    """The story went out to a channel."""

    def keep(connection: Connection) -> None:
        declared = DeclaredSubscription(channel=channel, sources=("r/ai",))
        number = subscriptions.declare(connection, declared, origin="file", now=AT)
        post = Post(
            kind="story",
            title="As it was posted",
            blocks=(Paragraph(spans=(Text(text=text),)),),
            role="4711",
        )
        made = NewDelivery(
            key=f"k-{channel}",
            subscription_id=number,
            channel=channel,
            kind="story",
            subject=f"story:{story_id}",
            story_id=story_id,
            state=DeliveryState.SENT,
            payload=post.model_dump_json(),
        )
        outbox.add(connection, made, AT)

    await it.database.write(keep)


async def test_no_stories_yet(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        assert "No story was found yet." in (await it.get("/stories")).page.text


async def test_stories_are_listed_whole_over_all_pages(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        names = [f"Quite different headline {number} of {number * 7919}" for number in range(95)]
        await it.publish("/a", feed(*names))
        told = set((await ids(it)).values())
        path, seen = "/stories", list[str]()
        while path:
            answer = await it.get(path)
            links = answer.page.links
            seen += [link for link in links if link.startswith("/stories/")]
            path = next((one for one in links if "before=" in one), "")
        assert {int(link.rpartition("/")[2]) for link in seen} == told
        assert len(seen) == len(told)


async def test_stories_of_a_tag_and_of_a_source(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await it.publish("/a", feed("Labs release something"), tags=("labs & more",))
        await it.publish("/b", feed("Weather turns cold today"), tags=("press",))
        whole = await it.get("/stories")
        assert "/stories?tag=labs+%26+more" in whole.page.links
        of_tag = (await it.get("/stories?tag=labs+%26+more")).page
        assert "Labs release something" in of_tag.text
        assert "Weather turns cold" not in of_tag.text
        atom = next(link for link in of_tag.links if link.endswith("feed.atom") and "tags" in link)
        assert "Labs release something" in (await it.get(atom)).text
        of_source = (await it.get("/stories?source=2")).page
        assert "Weather turns cold today" in of_source.text
        assert "Labs release" not in of_source.text
        assert "No story was told here yet." in (await it.get("/stories?tag=none")).page.text
        assert "No story was told here yet." in (await it.get("/stories?source=99")).page.text


@pytest.mark.parametrize("path", ["/stories?before=x", "/stories?before=~", "/stories?source=a"])
async def test_made_up_places_show_the_first_page(tmp_path: Path, path: str) -> None:
    async with served(tmp_path) as it:
        await it.publish("/a", feed("Labs release something"))
        assert "Labs release something" in (await it.get(path)).page.text


async def test_hostile_headlines_are_words(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await it.publish("/a", feed(HOSTILE, "x" * 10_000))
        story = (await ids(it))['<script>alert(1)</script> "quoted" ltr']
        for path in ("/stories", f"/stories/{story}"):
            answer = await it.get(path)
            assert "<script" not in answer.text
            assert "style=" not in answer.text
            assert '<script>alert(1)</script> "quoted" ltr' in answer.page.text
            assert len(answer.text) < 20_000


async def test_a_story_has_its_reports_and_why_they_are_in_it(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        name = "Northlight releases Polaris 3 with open weights"
        await it.publish("/a", feed(name, title="First Paper"))
        await it.publish("/b", feed(name, title="Second Paper"))
        page = (await it.get("/stories/1")).page
        assert "2 reports" in page.text
        assert "First Paper" in page.text
        assert "Second Paper" in page.text
        assert "why here: same address as another report" in page.text


async def test_a_summary_says_where_it_was_read(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await it.publish("/a", feed("Labs release something"))
        summary = ArticleSummary(
            title="Labs release something",
            url="https://labs.example/post",
            site="Labs",
            published_at=AT,
            summary="They released it.",
            points=(),
            text="",
            method="llm",
            model="gpt-5-mini",
        )

        def keep(connection: Connection) -> None:
            stories.keep_summary(connection, 1, summary, content_hash="", reason="", now=AT)

        await it.database.write(keep)
        page = (await it.get("/stories/1")).page
        assert "They released it." in page.text
        assert "Read at Labs · written by gpt-5-mini from the article" in page.text
        assert "https://labs.example/post" in page.links


async def test_a_discussion_shows_views_mood_and_what_was_read(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await it.publish("/a", feed("A model"))
        await discussed(it, 1, state=SubmissionState.LIVE)
        answer = await it.get("/stories/1")
        page = answer.page
        assert "It costs too much." in page.text
        assert "29 %" in page.text
        assert "5 of 17 commenters" in page.text
        assert "I would <b>never</b> pay that." in page.text
        assert "Emotion: Predominantly Negative" in page.text
        assert "2 positive 5 neutral 10 negative" in page.text
        assert "412 of 412 comments; skipped 18 deleted" in page.text
        assert "only the newest were read" in page.text
        assert "written by gpt-5-mini from the discussion" in page.text
        assert page.links.count(f"{LINK}c1/") == 2  # of the quote, and of the first comment
        assert page.links.count(f"{LINK}c7/") == 1  # of the summary
        assert page.text.count("and 2 more") == 2
        assert not any("javascript" in link for link in page.links)
        labels = [given.get("aria-label") for tag, given in page.elements if tag == "svg"]
        assert labels == [
            "Predominantly Negative: 2 positive, 5 neutral, 10 negative",
            "5 of 17 commenters",
        ]


@pytest.mark.parametrize("state", [SubmissionState.DELETED, SubmissionState.REMOVED])
async def test_of_a_deleted_original_no_word_is_left(
    tmp_path: Path, state: SubmissionState
) -> None:
    async with served(tmp_path) as it:
        await it.publish("/a", feed("A model nobody should read of"))
        await discussed(it, 1, state=SubmissionState.LIVE)
        await posted(it, 1, "A model nobody should read of")

        def delete(connection: Connection) -> None:
            gone = submissions.of_entry(connection, 1)
            assert gone is not None
            changed = Submission(
                fullname=gone.fullname,
                permalink=LINK,
                place="r/ai",
                state=state,
                measured_at=AT,
            )
            submissions.remeasure(connection, [changed], AT)

        await it.database.write(delete)
        for known in (False, True):
            answer = await it.get("/stories/1", known=known)
            assert answer.status == 200
            assert "nobody should read" not in answer.text
            assert "costs too much" not in answer.text
            assert purge.DELETED not in answer.text
            assert ("removed by moderators" if state == "removed" else "deleted by") in answer.text
        assert "/stories/1" not in (await it.get("/stories")).page.links


async def test_posts_are_shown_once_and_where_they_went_only_with_the_token(
    tmp_path: Path,
) -> None:
    async with served(tmp_path) as it:
        await it.publish("/a", feed("Labs release something"))
        await posted(it, 1, "The words that went out.", channel="discord:70")
        await posted(it, 1, "The words that went out.", channel="slack:T1/C1")
        public = await it.get("/stories/1")
        assert public.page.text.count("The words that went out.") == 1
        assert not {"discord:70", "slack:T1/C1", "4711"} & set(public.page.text.split())
        assert "4711" not in public.text
        known = await it.get("/stories/1", known=True)
        assert known.page.text.count("The words that went out.") == 2
        assert "sent story · discord:70" in known.page.text
        assert known.headers["Cache-Control"] == "private, no-store"


async def test_posts_stay_hidden_where_a_hidden_source_may_be_named(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        name = "Northlight releases Polaris 3 with open weights"
        await it.publish("/a", feed(name))
        await it.publish("/b?token=0123456789abcdef0123456789abcdef", feed(name, title="Paid"))
        await posted(it, 1, "Also covered by Paid")
        public = (await it.get("/stories/1")).page
        assert "Paid" not in public.text
        assert "1 report" in public.text
        assert "Paid" in (await it.get("/stories/1", known=True)).page.text


async def test_a_summary_in_a_hidden_sources_words_stays_hidden(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        secret, public = "Only subscribers know this.", "Everybody knows that."
        await it.publish("/a?token=abc", _told("Paid", secret))
        await it.publish("/b", _told("Open", public))
        for said, site, is_shown in ((secret, "Paid", False), (public, "Open", True)):
            await summarised(it, 1, said, site)
            for path in ("/stories/1", "/feed.json", "/feed.atom"):
                text = (await it.get(path)).text
                assert secret not in text
                assert "Paid" not in text
                assert "1 report" in text or path != "/stories/1"
                if path == "/stories/1":
                    assert (public in text) is is_shown
            assert said in (await it.get("/stories/1", known=True)).text
            it.clock.advance(minutes=1)


def _told(name: str, text: str) -> bytes:
    """A feed with one headline, and a text of its own."""
    return (
        f"<rss version='2.0'><channel><title>{name}</title><item><guid>1</guid>"
        "<title>Northlight releases Polaris 3</title><link>https://north.example/polaris</link>"
        f"<description>{text}</description></item></channel></rss>"
    ).encode()


async def summarised(it: Served, story_id: int, said: str, site: str) -> None:
    """The story is summarised from a feed's own text."""
    summary = ArticleSummary(
        title="Northlight releases Polaris 3",
        url="https://north.example/polaris",
        site=site,
        published_at=None,
        summary=said,
        points=(),
        text=said,
        method="extractive",
        model=None,
        read="feed",
    )
    await it.database.write(
        lambda connection: stories.keep_summary(
            connection, story_id, summary, content_hash="", reason="", now=it.clock.now()
        )
    )


async def test_private_and_missing_stories_are_the_same_404(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await it.publish("/b?token=0123456789abcdef0123456789abcdef", feed("For subscribers only"))
        private, missing = await it.get("/stories/1"), await it.get("/stories/2")
        assert private.status == missing.status == 404
        assert private.text == missing.text.replace("stories%2F2", "stories%2F1")
        assert (await it.get(f"/stories/{'9' * 30}")).status == 404
        assert (await it.get("/stories/1", known=True)).status == 200
        assert "subscribers" not in (await it.get("/stories")).text


async def test_a_merged_story_leads_to_where_it_went(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await it.publish("/a", feed("Labs release something", "Weather turns cold today"))
        await it.database.write(stories.absorb, 1, 2)
        answer = await it.get("/stories/2")
        assert answer.status == 301
        assert answer.headers["Location"] == "/stories/1"


async def test_a_story_names_the_digests_that_tell_it(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await it.publish("/a", feed("Labs release something"))
        shown = await it.keep_digest("community", COMMUNITY, until=AT, story_ids=(1,))
        hidden = await it.keep_digest(
            "community", COMMUNITY, until=AT, story_ids=(1,), is_public=False, scope="chat"
        )
        links = (await it.get("/stories/1")).page.links
        assert f"/digests/{shown}" in links
        assert f"/digests/{hidden}" not in links


async def test_a_page_that_did_not_change_is_not_sent_again(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await it.publish("/a", feed("Labs release something"))
        tag = (await it.get("/stories/1")).headers["ETag"]
        async with it.client.get("/stories/1", headers={"If-None-Match": tag}) as answer:
            assert answer.status == 304


async def test_why_names_no_other_headline(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await it.publish("/a", feed("Labs release something"))

        def compare(connection: Connection) -> None:
            why = "new story: nearest “The “hidden” one” is 0.41 alike"
            connection.execute("UPDATE entry SET story_reason = ?", (why,))

        await it.database.write(compare)
        answer = await it.get("/stories/1")
        assert "why here: new story: nearest other story is 0.41 alike" in answer.page.text
        assert "hidden" not in answer.page.text


async def test_a_story_of_very_many_reports_stays_readable(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await it.publish("/a", feed(*(f"Change {number}" for number in range(130))))
        await it.database.write(
            lambda connection: connection.execute("UPDATE entry SET story_id = 1").rowcount
        )
        page = (await it.get("/stories/1")).page
        assert "130 reports" in page.text
        assert "and 30 more" in page.text
