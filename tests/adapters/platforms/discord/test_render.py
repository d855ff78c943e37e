from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.platforms.discord.escaping import link_target
from adapters.platforms.discord.render import Body, print_posts, render_messages, thread_name
from bot.digests.community import Community
from bot.digests.outlook import Outlook
from bot.digests.roundup import Roundup
from bot.model import (
    Action,
    Block,
    Heading,
    Link,
    Listing,
    ListingItem,
    Paragraph,
    Post,
    PostField,
    Quote,
    Text,
)
from bot.posts.compose import StoryView, catchup_post
from tests.adapters.platforms.discord.markdown_reader import Piece, read_inline, read_line
from tests.adapters.platforms.discord.message_rules import faults, length
from tests.bot.digests.samples import COMMUNITY, OUTLOOK, ROUNDUP
from tests.bot.posts.hostile import texts, urls
from tests.bot.posts.samples import NOW, POSTS, RELEASE, coverage, story
from tests.bot.posts.test_markdown import blocks, runs
from tests.conftest import Golden

KEY = "0123456789abcdef"
DIGESTS = {
    "digest-community": Community().post(COMMUNITY, language="en"),
    "digest-outlook": Outlook().post(OUTLOOK, language="en"),
    "digest-roundup": Roundup().post(ROUNDUP, language="en"),
}
SHOWN = {
    name: POSTS[name]
    for name in (
        "story", "story-german", "story-cjk", "story-bare", "story-hostile", "story-by-model",
        "story-deleted", "story-partly-deleted", "catchup", "blocks", "notice", "thread",
        "thread-dump-german", "thread-quiet",
    )
} | DIGESTS  # fmt: skip

long_texts = st.builds(lambda text, times: text * times, texts, st.integers(1, 900))
long_urls = st.builds(lambda url, times: url + "x" * times, urls, st.integers(0, 4_000))
long_spans = st.one_of(
    st.builds(Text, text=long_texts, style=st.sampled_from(("plain", "strong", "strike", "code"))),
    st.builds(Link, text=long_texts, url=long_urls),
)
long_runs = st.lists(long_spans, max_size=3).map(tuple)
long_items = st.builds(
    ListingItem, spans=long_runs, items=st.just(()) | st.lists(st.builds(ListingItem, spans=runs))
)
long_blocks = st.one_of(
    blocks,
    st.builds(Heading, text=long_texts),
    st.builds(Paragraph, spans=long_runs),
    st.builds(
        Listing, items=st.lists(long_items, max_size=3), ordered=st.booleans(), start=st.just(7)
    ),
)
actions = st.builds(
    Action,
    kind=st.sampled_from(("summarize", "star", "mute", "why")),
    label=texts.filter(str.strip).map(lambda text: "b" + text),
    target=st.one_of(texts, st.just("story:7"), urls),
)
posts = st.builds(
    Post,
    kind=st.sampled_from(("story", "catchup", "digest", "thread", "notice")),
    title=long_texts,
    url=st.none() | long_urls,
    blocks=st.lists(long_blocks, max_size=4).map(tuple),
    details=st.lists(long_blocks, max_size=4).map(tuple),
    fields=st.lists(
        st.builds(PostField, label=texts | st.just("Summary"), spans=long_runs), max_size=3
    ).map(tuple),
    image_url=st.none() | long_urls,
    actions=st.lists(actions, max_size=6).map(tuple),
    published_at=st.none() | st.just(NOW),
    role=st.none() | st.sampled_from(("42", "@everyone", "0")),
)


def printed(bodies: tuple[Body, ...]) -> str:
    return json.dumps(bodies, ensure_ascii=False, indent=2) + "\n"


def description(body: Body) -> str:
    text: str = body["embeds"][0].get("description", "")
    return text


def shown(body: Body) -> list[Piece]:
    return list(chain(*(read_line(line)[1] for line in description(body).split("\n"))))


def custom_ids(body: Body) -> list[str]:
    return [one["custom_id"] for row in body["components"] for one in row["components"]]


def post_of(*shown_blocks: Block, **more: object) -> Post:
    fields = {"kind": "digest", "title": "t", "blocks": shown_blocks} | more
    return Post.model_validate(fields)


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_posts_look_as_they_did(name: str, golden: Golden) -> None:
    golden(f"discord/{name}.json", printed(render_messages(SHOWN[name], KEY).all))


@pytest.mark.parametrize("name", sorted(POSTS | DIGESTS))
def test_discord_would_take_every_sample(name: str) -> None:
    bodies = print_posts([(POSTS | DIGESTS)[name]])

    assert [fault for body in bodies for fault in faults(body)] == []


@settings(max_examples=100, deadline=None)
@given(post=posts, key=st.sampled_from(("", KEY)))
def test_whatever_a_post_holds_discord_would_take_it(post: Post, key: str) -> None:
    rendered = render_messages(post, key)

    assert [fault for body in rendered.all for fault in faults(body)] == []
    assert len(rendered.first) == 1


@settings(max_examples=60, deadline=None)
@given(post=posts)
def test_no_post_calls_anybody_but_its_role(post: Post) -> None:
    for body in render_messages(post).all:
        role = [post.role] if post.role == "42" and f"<@&{post.role}>" in body["content"] else None
        assert body["allowed_mentions"] == {"parse": []} | ({"roles": role} if role else {})


@settings(deadline=None)
@given(shown_blocks=st.lists(blocks, max_size=3).map(tuple))
def test_links_lead_nowhere_but_where_the_post_does(shown_blocks: tuple[Block, ...]) -> None:
    targets = {link_target(url) for block in shown_blocks for url in urls_of(block)}

    for body in render_messages(post_of(*shown_blocks)).all:
        text = description(body)
        for piece in chain(shown(body), read_inline(text)):
            assert not piece.is_mention or re.fullmatch(r"<t:\d+:R>", piece.text)
            assert piece.url is None or piece.url in targets


def urls_of(block: Block) -> Iterator[str | None]:
    match block:
        case Quote():
            yield block.url
        case Paragraph():
            yield from (span.url for span in block.spans if isinstance(span, Link))
        case Listing():
            for item in block.items:
                yield from urls_of(Paragraph(spans=item.spans))
                yield from urls_of(Listing(items=item.items))
        case Heading():
            pass


def test_nothing_of_a_long_digest_is_lost_and_its_numbering_goes_on() -> None:
    items = tuple(
        ListingItem(spans=(Link(text=f"headline{n}", url=f"https://a.example/{n}"),))
        for n in range(1, 400)
    )
    words = " ".join(f"word{n}" for n in range(3_000))
    post = post_of(
        Listing(items=items, ordered=True),
        details=(Heading(text="All of it"), Paragraph(spans=(Text(text=words),))),
    )

    rendered = render_messages(post)

    whole = "\n".join(description(body) for body in rendered.all)
    numbered = re.findall(r"^(\d+)\. \[headline(\d+)\]", whole, re.MULTILINE)
    assert numbered == [(str(n), str(n)) for n in range(1, 400)]
    assert re.findall(r"word\d+", whole) == words.split()
    footers = [body["embeds"][0]["footer"]["text"] for body in rendered.details]
    assert footers == [f"{n}/{len(footers)}" for n in range(1, len(footers) + 1)]


def test_sections_of_a_digest_are_cut_at_their_borders() -> None:
    sections = [
        block
        for n in range(6)
        for block in (Heading(text=f"h{n}"), Paragraph(spans=(Text(text="x" * 1_500),)))
    ]

    rendered = render_messages(post_of(details=sections))

    assert [description(body).count("### ") for body in rendered.details] == [2, 2, 2]
    assert all(description(body).startswith("### ") for body in rendered.details)


def test_a_short_digest_is_one_message() -> None:
    details = (Heading(text="More"), Paragraph(spans=(Text(text="Little."),)))
    post = post_of(Paragraph(spans=(Text(text="A quiet day."),)), details=details)

    rendered = render_messages(post)

    assert rendered.details == ()
    assert description(rendered.first[0]) == "A quiet day.\n### More\nLittle."


def test_a_channel_sees_the_first_of_a_long_catch_up() -> None:
    views = [
        StoryView(title=f"Story {n}", url=f"https://a.example/{n}", coverage=(), id=n)
        for n in range(200)
    ]

    rendered = render_messages(catchup_post("x", views, language="en", now=NOW), KEY)

    first, *rest = rendered.all
    assert length(description(first)) < 2_600
    assert len(rest) < 6
    told = [n for body in rendered.all for n in re.findall(r"\[Story (\d+)\]", description(body))]
    assert told == [str(n) for n in range(200)]


def test_any_message_is_known_by_its_key() -> None:
    for post in SHOWN.values():
        first, *details = render_messages(post, KEY).all
        assert f"why:{KEY}" in custom_ids(first)
        assert not any(custom_ids(body) for body in details)


def test_a_story_has_its_buttons_and_leads_to_its_page() -> None:
    body = render_messages(POSTS["story"], KEY).first[0]

    labels = [one["label"] for row in body["components"] for one in row["components"]]
    assert labels == ["Summarize thread", "Star", "Mute source", "Why am I seeing this"]
    assert body["embeds"][0]["url"] == RELEASE.url
    assert custom_ids(body) == [
        "summarize:story:7", "star:story:7", "mute:story:7", f"why:{KEY}"
    ]  # fmt: skip


def test_without_a_key_the_button_asks_about_the_story() -> None:
    assert custom_ids(render_messages(POSTS["story"]).first[0])[-1] == "why:story:7"


def test_a_role_is_called_by_the_first_message_alone() -> None:
    post = DIGESTS["digest-community"].model_copy(update={"role": "42"})

    first, details = render_messages(post).all

    assert (first["content"], first["allowed_mentions"]) == (
        "<@&42>",
        {"parse": [], "roles": ["42"]},
    )
    assert (details["content"], details["allowed_mentions"]) == ("", {"parse": []})


def test_the_title_of_a_deleted_story_is_struck() -> None:
    post = POSTS["story"].model_copy(update={"struck": True})

    assert render_messages(post).first[0]["embeds"][0]["title"] == f"~~{post.title}~~"


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example/i.png", "https://a.example/i.svg", "https://127.0.0.1/i.png",
        "https://10.0.0.1/i.png", "https://localhost/i.png", "https://nas.local/i.png",
        "https://[::1]/i.png", "https://a.example/" + "i" * 2_048, "data:image/png;base64,x",
    ],
)  # fmt: skip
def test_pictures_that_are_not_safe_are_left_out(url: str) -> None:
    post = POSTS["story"].model_copy(update={"image_url": url})

    assert "thumbnail" not in render_messages(post).first[0]["embeds"][0]


def test_a_link_too_long_for_a_title_stands_below_the_text() -> None:
    url = "https://a.example/" + "x" * 2_300
    body = render_messages(post_of(Paragraph(spans=(Text(text="So."),)), url=url)).first[0]

    assert "url" not in body["embeds"][0]
    assert description(body) == f"So.\n\n[Read it at a.example]({url})"


def test_a_line_needs_no_frame() -> None:
    line = Post(kind="notice", title="Paused *all* of <#5>.")

    body = render_messages(line, KEY).first[0]

    assert (body["content"], body["embeds"]) == ("Paused \\*all\\* of \\<#5>.", [])
    assert custom_ids(body) == [f"why:{KEY}"]


def test_story_times_are_ages_in_the_readers_own_words() -> None:
    at = int((NOW - timedelta(hours=3.2)).timestamp())

    assert f"Larkspur Labs · <t:{at}:R>" in description(render_messages(story_post()).first[0])


def story_post() -> Post:
    return story(RELEASE)


@given(title=texts)
def test_a_thread_has_a_name_that_fits(title: str) -> None:
    name = thread_name(Post(kind="digest", title=title * 40))

    assert 1 <= length(name) <= 100


def test_twenty_reports_stay_in_one_message() -> None:
    reports = [
        coverage(f"Source number {n}", f"2026/03/02/{'slug-' * 12}{n}", n) for n in range(21)
    ]
    view = StoryView(title="T", url=reports[0].url, coverage=tuple(reports), id=1)

    rendered = render_messages(story(view))

    assert rendered.details == ()
    assert description(rendered.first[0]).count("](https://") == 20
