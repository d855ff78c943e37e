from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Heading, Link, Listing, Paragraph, Post, PostField, Text, Time
from bot.posts.compose import (
    MAX_LISTED,
    Coverage,
    StoryView,
    catchup_post,
    notice_post,
    story_post,
)
from tests.bot.posts.hostile import texts, urls
from tests.bot.posts.samples import (
    HOSTILE,
    NO_SUMMARY,
    NOW,
    RELEASE,
    WITH_MODEL,
    coverage,
    story,
    summary,
    view,
)

THREAD = "https://news.ycombinator.com/item?id=4711"


def field(post: Post, label: str) -> PostField | None:
    return next((field for field in post.fields if field.label == label), None)


def text_of(found: PostField | None) -> str:
    assert found is not None
    return "".join("<time>" if isinstance(span, Time) else span.text for span in found.spans)


def links(post: Post) -> set[str]:
    spans = [span for field in post.fields for span in field.spans]
    for block in post.blocks:
        if isinstance(block, Paragraph):
            spans += block.spans
        if isinstance(block, Listing):
            spans += [span for item in block.items for span in item.spans]
    return {span.url for span in spans if isinstance(span, Link)} | {post.url or ""}


def test_story_leads_to_its_canonical_url_unchanged() -> None:
    canonical = "https://a.example/wiki/Foo_(bar)?q=ü"

    assert story(view("t", coverage("A", "x", 1), url=canonical)).url == canonical


def test_story_links_a_page_once_though_two_sources_lead_to_it() -> None:
    report = coverage("Ledger", "a", 2)
    pointer = replace(coverage("Almanac", "x", 1), url=report.url)
    found = field(story(view("t", coverage("Labs", "b", 3), report, pointer)), "Also covered by")

    assert text_of(found) == "Ledger, Almanac"
    assert found is not None
    assert [span.text for span in found.spans if isinstance(span, Link)] == ["Ledger"]


def test_story_says_who_told_it_first_and_when() -> None:
    post = story(RELEASE)

    assert text_of(field(post, "Source")) == "Larkspur Labs · <time>"
    assert post.published_at == NOW - timedelta(hours=3.2)


def test_story_links_each_other_source_once() -> None:
    twice = view("t", *RELEASE.coverage, RELEASE.coverage[1])
    found = field(story(twice), "Also covered by")

    assert text_of(found) == "The Daily Gradient, Tensor Weekly"
    assert {one.url for one in RELEASE.coverage} <= links(story(RELEASE))


def test_one_source_alone_has_no_also_covered_by() -> None:
    assert field(story(NO_SUMMARY), "Also covered by") is None


def test_wide_coverage_is_counted_beyond_twenty_links() -> None:
    reports = [coverage(f"Source {number}", "x", 1) for number in range(30)]

    assert text_of(field(story(view("t", *reports)), "Also covered by")).endswith(", 9 more")


@pytest.mark.parametrize(
    ("sample", "says"),
    [
        (RELEASE, "extracted from the article"),
        (WITH_MODEL, "written by small-model-2 from the article"),
        (view("t", summary=summary("It is.", read="feed")), "extracted from the feed"),
        (
            view("t", summary=summary("It is.", method="llm", read="feed")),
            "written by small-model-2 from the feed",
        ),
    ],
)
def test_story_says_where_its_summary_is_from(sample: object, says: str) -> None:
    assert text_of(field(story(sample), "Summary")) == says  # type: ignore[arg-type]  # a StoryView


@pytest.mark.parametrize("sample", [NO_SUMMARY, view("t", summary=summary("  "))])
def test_what_has_no_summary_says_nothing_of_one(sample: StoryView) -> None:
    post = story(sample)
    assert not post.blocks
    assert field(post, "Summary") is None


def test_actions_have_the_labels_of_the_contract() -> None:
    labels = [action.label for action in story(RELEASE, "de").actions]

    assert labels == ["Summarize thread", "Star", "Mute source", "Why am I seeing this"]


def test_a_story_that_nobody_discusses_can_be_summarised_too() -> None:
    kinds = [action.kind for action in story(NO_SUMMARY).actions]

    assert kinds == ["summarize", "star", "mute", "why"]


def test_no_page_no_summarize_action() -> None:
    unlinked = replace(NO_SUMMARY, url="javascript:x")

    assert "summarize" not in [action.kind for action in story(unlinked).actions]


@pytest.mark.parametrize(
    ("url", "place"),
    [
        (THREAD, "Hacker News"),
        ("https://www.reddit.com/r/MachineLearning/comments/x/", "r/MachineLearning"),
        ("https://old.reddit.com/u/someone", "Reddit"),
        ("https://www.lobste.example/s/x", "lobste.example"),
    ],
)
def test_discussion_is_named_by_its_place(url: str, place: str) -> None:
    found = field(story(view("t", coverage("A", "x", 1), comments_url=url, score=1)), "Discussion")

    assert text_of(found) == f"{place} · 1 point"


def test_score_without_thread_is_told_alone() -> None:
    assert text_of(field(story(view("t", coverage("A", "x", 1), score=42)), "Score")) == "42 points"


def test_future_dates_are_shown_as_now() -> None:
    post = story(HOSTILE)

    assert post.published_at == NOW
    assert Time(at=NOW) in (field(post, "Source") or post.fields[0]).spans


def test_images_come_over_https_only() -> None:
    picture = "http://a.example/x.png"

    assert story(view("t", coverage("A", "x", 1), image_url=picture)).image_url is None


def test_nameless_story_is_named_after_its_site() -> None:
    assert story(view(" \u200b", coverage("A", "x", 1))).title == "a.example"
    assert story(view(""), "de").title == "Ohne Titel"


def test_catchup_lists_all_with_links_by_source_and_counts_them() -> None:
    samples = [RELEASE, NO_SUMMARY, WITH_MODEL]
    post = catchup_post("AI", samples, language="en", now=NOW)

    assert post.title == "3 more stories from AI"
    assert {sample.url for sample in samples} <= links(post)
    headings = [block.text for block in post.blocks if isinstance(block, Heading)]
    assert headings == ["Larkspur Labs", "parsekit releases", "The Daily Gradient"]


def test_catchup_of_one_source_needs_no_heading() -> None:
    post = catchup_post("AI", [RELEASE, RELEASE], language="en", now=NOW)

    assert [type(block) for block in post.blocks] == [Paragraph, Listing]


def test_long_catchup_says_how_many_it_leaves_out() -> None:
    post = catchup_post("AI", [RELEASE] * (MAX_LISTED + 5), language="en", now=NOW)

    assert post.title == "205 more stories from AI"
    assert post.blocks[-1] == Paragraph(spans=(Text(text="5 more"),))


def test_notice_holds_our_words_and_link() -> None:
    post = notice_post("Gone", "One.\nTwo.", language="en", now=NOW, url="https://a.example/")

    assert (post.kind, post.title, post.url) == ("notice", "Gone", "https://a.example/")
    assert [block.type for block in post.blocks] == ["paragraph", "paragraph"]


@given(title=texts, source=texts, body=texts, url=st.none() | urls, entry_url=st.none() | urls)
def test_any_story_becomes_a_post_that_survives_storing(
    title: str, source: str, body: str, url: str | None, entry_url: str | None
) -> None:
    report = Coverage(source=source, source_url="s", url=entry_url, published_at=None)
    sample = view(title, report, coverage("B", "x", 1), text=body, url=url, tags=(title, body))
    post = story_post(sample, language="en", now=NOW)

    assert post.title
    assert Post.model_validate_json(post.model_dump_json()) == post
    assert story_post(sample, language="en", now=NOW) == post
