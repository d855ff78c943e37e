"""Posts of every kind, as a channel would get them; the golden files show them rendered."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.digests.community import Community
from bot.model import (
    ArticleSummary,
    Emotion,
    Heading,
    Link,
    Listing,
    ListingItem,
    Paragraph,
    PointOfView,
    Post,
    Quote,
    Text,
    ThreadSummary,
)
from bot.posts.compose import (
    Coverage,
    StoryView,
    catchup_post,
    notice_post,
    story_post,
)
from bot.posts.thread import thread_post
from bot.thread_model import ORDER_UNKNOWN
from tests.bot.digests.samples import COMMUNITY

NOW = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)


def summary(
    text: str,
    *,
    method: str = "extractive",
    points: tuple[str, ...] = (),
    read: str = "article",
) -> ArticleSummary:
    return ArticleSummary.model_validate(
        {
            "title": "t", "url": None, "site": "s", "published_at": None, "summary": text,
            "points": points, "text": text, "method": method, "read": read,
            "model": "small-model-2" if method == "llm" else None,
        }
    )  # fmt: skip


def coverage(source: str, path: str, hours: float) -> Coverage:
    site = source.lower().replace(" ", "") + ".example"
    return Coverage(
        source=source,
        source_url=f"https://{site}/feed.xml",
        url=f"https://{site}/{path}",
        published_at=NOW - timedelta(hours=hours),
    )


def view(title: str, *reports: Coverage, text: str = "", **more: object) -> StoryView:
    fields: dict[str, object] = {"id": 7, "summary": summary(text) if text else None, **more}
    url = fields.pop("url", reports[0].url if reports else None)
    return StoryView(title=title, url=url, coverage=reports, **fields)  # type: ignore[arg-type]  # a table of fields


RELEASE = view(
    "Larkspur 3 runs a 40-billion-parameter model on a laptop, and its weights are open",
    coverage("Larkspur Labs", "blog/larkspur-3", 3.2),
    coverage("The Daily Gradient", "2026/03/larkspur-open-weights", 1.5),
    coverage("Tensor Weekly", "issues/212#larkspur", 0.4),
    text="Larkspur Labs released the weights of Larkspur 3 under the Apache licence on Monday. "
    "In four-bit form the model needs 22 GB of memory and writes about 11 tokens a second on a "
    "laptop without a graphics card. The company says that training cost $4.1 million.",
    comments_url="https://news.ycombinator.com/item?id=4711",
    score=1412,
    num_comments=388,
    image_url="https://larkspurlabs.example/img/larkspur-3.png",
    tags=("Open weights", "Models", "open weights"),
)

CJK = view(
    "「人工知能」の安全性評価に関する新しい国際基準が公開、47か国が署名 — 来年から段階的に適用",
    coverage("電脳新聞", "news/48113", 30),
    text="47か国が人工知能の安全性評価に関する国際基準に署名した。基準は来年4月から段階的に適用される。",
    url="https://dennou.example/news/安全性?id=48113",
)

RTL = view(
    "نموذج لغوي جديد يتفوق على سابقيه في اختبارات الترجمة 🚀",
    coverage("تقنية اليوم", "ar/991", 50),
    text="أعلن مختبر في القاهرة عن نموذج لغوي جديد للترجمة بين العربية والإنجليزية.",
    url="https://tech.example/ar/991",
)

HOSTILE = view(
    "# [Win](javascript:alert(1)) <script>x</script> ![i](https://evil.example/p.png) @everyone "
    "{{< figure >}} {% include x %} \x1b]8;;https://evil.example\x07click\x1b[31m | a\u202egpj.exe",
    Coverage(
        source="--- <b>Feed</b> | [x]: https://evil.example",
        source_url="https://a.example/f",
        url="javascript:alert(1)",
        published_at=NOW + timedelta(days=400),
    ),
    text="---\ntitle: forged\n---\n```\ncode\n# Heading\n> quote\n- list\n1. one\n<!channel> "
    "<@123> see https://evil.example and www.evil.example or mail a@evil.example &lt;b&gt; a | b\n"
    "--|--",
    url="https://a.example/x_(y)?q=<b>&copy;=1 2\"'[z]{{t}}",
    tags=("a: b", '"quoted"', "- x"),
)

NO_SUMMARY = view("Release v0.12.0-rc.1", coverage("parsekit releases", "v0.12.0-rc.1", 0.001))

WITH_MODEL = view(
    "Regulator opens inquiry into training data of image generators",
    coverage("The Daily Gradient", "2026/03/inquiry", 170),
    summary=summary("The inquiry covers five companies. Answers are due in May.", method="llm"),
)


def story(sample: StoryView, language: str = "en") -> Post:
    return story_post(sample, language=language, now=NOW)


def catchup(language: str = "en") -> Post:
    stories = [RELEASE, CJK, NO_SUMMARY, WITH_MODEL]
    return catchup_post("AI research", stories, language=language, now=NOW)


def digest(language: str = "en") -> Post:
    """A digest as chats show it: its document is looked at with the digests' own tests."""
    post = Community().post(COMMUNITY, language=language)
    return post.model_copy(update={"document": "", "front_matter": ""})


def every_block() -> Post:
    """Each kind of block and span at least once."""
    nested = ListingItem(
        spans=(Text(text="one of 17", style="strong"), Text(text=" commenters")),
        items=(ListingItem(spans=(Link(text="comment", url="https://a.example/c1"),)),),
    )
    return Post(
        kind="digest",
        title="All of it",
        url="https://a.example/",
        blocks=(
            Heading(text="Where we stand"),
            Paragraph(
                spans=(
                    Text(text="1. not a list: "), Text(text="rm -rf `x`", style="code"),
                    Text(text=" is "), Text(text="bad", style="strike"),
                    Text(text=" "), Text(text="good", style="emphasis"),
                )
            ),
            Listing(items=(nested, nested), ordered=True),
            Listing(items=(nested,)),
            Quote(text="First line\n- second\n\nThird", author="u/someone", url="https://a.example/c2"),
            Quote(text="nobody said this"),
        ),
        published_at=NOW,
    )  # fmt: skip


def notice() -> Post:
    return notice_post(
        "Tensor Weekly has ended",
        "Its publisher answers 410 Gone. It is polled no more.\n"
        "Remove it with: threadwire sources remove",
        language="en",
        now=NOW,
    )


def discussion(**changes: object) -> ThreadSummary:
    """A Reddit thread as a model summarised it."""
    page = "https://www.reddit.com/r/MachineLearning/comments/1abc/kites"
    points = (
        PointOfView(
            text="Kites save fuel on long routes with steady wind.", share=5 / 17, supporters=5,
            of=17, citations=("c1", "c4", "c5", "c8", "c9", "cb"),
            quote="We cut 12% on the *Atlantic* run, every month", quote_id="c4",
            quote_author="u/mate", quote_url=f"{page}/c4/",
            links=(f"{page}/c4/", f"{page}/c1/", f"{page}/c8/"),
        ),
        PointOfView(
            text="@everyone they break in storms", share=2 / 17, supporters=2, of=17,
            citations=("c2", "c7"), quote="@everyone they break in storms.", quote_id="c2",
            quote_author="u/[bold]", quote_url="javascript:alert(1)", links=(f"{page}/c2/",),
        ),
    )  # fmt: skip
    made = ThreadSummary(
        title="[P] A kite that tows ships [with code]", url=page, score=42, num_comments=21,
        comments_read=17, summary="A team shows a kite for freighters.\nMost welcome it.",
        emotion=Emotion(label="Mostly Positive", positive=9, neutral=6, negative=2),
        points=points, method="llm", model="small-model-2", dropped_claims=1, tokens_in=900,
        tokens_out=80, skipped_deleted=3, skipped_bots=1,
    )  # fmt: skip
    return made.model_copy(update=changes)


def dump() -> ThreadSummary:
    """A thread without names, votes and addresses, summarised without a model."""
    point = PointOfView(
        text="Die Segel halten im Sturm nicht", share=9 / 1_203, supporters=9, of=1_203,
        citations=tuple(str(number) for number in range(3, 25, 2)),
        quote="Die Segel **halten** im Sturm nicht", quote_id="7",
    )  # fmt: skip
    return discussion(
        title="Drachen vor Frachtern", url=None, score=None, num_comments=1_211,
        comments_read=1_203, summary="Ein Drachen zieht Schiffe.", points=(point,),
        emotion=Emotion(
            label="Predominantly Neutral, with a mix of Negative",
            positive=1, neutral=900, negative=302,
        ),
        method="extractive", model=None, dropped_claims=0, skipped_deleted=8, skipped_bots=0,
        notes=(ORDER_UNKNOWN, "where the post ends and its comments begin is a guess"),
    )  # fmt: skip


def quiet_thread() -> ThreadSummary:
    """Hardly anybody has said anything."""
    return discussion(
        score=1, num_comments=1, comments_read=1, points=(), skipped_deleted=0, skipped_bots=0,
        emotion=Emotion(label="Neutral", positive=0, neutral=1, negative=0), dropped_claims=0,
        notes=("too few comments to tell: fewer than 3 people say something",),
    )  # fmt: skip


def deleted_story() -> StoryView:
    """A submission that its author deleted: its title is gone with its text."""
    report = Coverage(
        source="r/larkspur",
        source_url="r/larkspur",
        url="https://www.reddit.com/r/larkspur/comments/1abcde/",
        published_at=NOW - timedelta(hours=5),
        gone="deleted",
    )
    return view("[deleted]", report, comments_url=report.url, score=12, num_comments=4)


def partly_deleted_story() -> StoryView:
    """A story of which one report was removed."""
    report = replace(coverage("Tensor Weekly", "issues/212", 1), gone="removed")
    return replace(NO_SUMMARY, coverage=(*NO_SUMMARY.coverage, report))


POSTS = {
    "story": story(RELEASE),
    "story-deleted": story(deleted_story()),
    "story-partly-deleted": story(partly_deleted_story(), "de"),
    "story-german": story(RELEASE, "de"),
    "story-cjk": story(CJK),
    "story-rtl": story(RTL),
    "story-hostile": story(HOSTILE),
    "story-bare": story(NO_SUMMARY),
    "story-by-model": story(WITH_MODEL),
    "catchup": catchup(),
    "catchup-german": catchup("de"),
    "digest": digest(),
    "blocks": every_block(),
    "notice": notice(),
    "thread": thread_post(discussion()),
    "thread-dump-german": thread_post(dump(), language="de"),
    "thread-quiet": thread_post(quiet_thread()),
}
