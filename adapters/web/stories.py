"""Stories: the newest ones as a list, and each with its reports, its discussion and its posts."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote

from aiohttp import web
from markupsafe import Markup

from adapters.web.discussion import ThreadView, thread_view
from adapters.web.html import Anchors, block_html, picture_html, post_html
from adapters.web.site import NUMBER, Site, no_page
from bot.model import Delivery, Post
from bot.posts.safety import clean_line, clip, domain_of, safe_url
from bot.posts.words import words_for
from bot.store import story_details, story_pages
from bot.store.database import Connection
from bot.store.paging import number_from
from bot.store.public import Audience
from bot.store.purge import DELETED
from bot.store.stories import Member
from bot.store.story_details import StoryPage, Thread, ToldIn
from bot.store.story_pages import ListedStory, NamedSource, Place, StoryList
from bot.thread_model import SubmissionState

A_PAGE = 40
MAX_TITLE = 300
MAX_NAME = 80
MOST_NAMED = 3
MOST_POSTS, MOST_MEMBERS = 25, 100
MOST_OFFERED = 200  # more sources than that nobody chooses from a list
_QUOTED = re.compile(r"“.*”", re.DOTALL)  # another entry's headline, which may be gone or hidden
_NUMBERED = re.compile(r"^joins story \d+: |(?<= as entry) \d+")


class StoryRow(NamedTuple):
    """A story in a list. `url` leads to its first report, where that may be a link."""

    id: int
    title: str
    url: str | None
    domain: str
    at: datetime
    first_at: datetime
    sources: tuple[str, ...]
    more_sources: int
    discussion: str | None
    score: int | None
    num_comments: int | None


class Origin(NamedTuple):
    """What a summary rests on: the page that was `read`, or the feed; and how it was made."""

    url: str | None
    site: str
    read: str
    method: str
    made_at: datetime | None


class MemberView(NamedTuple):
    """A report of a story. `gone`: what became of it; then nothing of its words is shown."""

    source: str
    title: str
    url: str | None
    at: datetime
    why: str
    gone: str


class PostView(NamedTuple):
    """A post of a story. Of what is empty nothing is told: without the token that is all but the
    post itself.
    """

    body: Markup
    title: str
    kind: str
    channel: str
    state: str
    at: datetime | None
    reason: str
    edits: int


class DigestLink(NamedTuple):
    """A digest that tells a story."""

    id: int
    title: str
    until: datetime


def routes(site: Site) -> list[web.RouteDef]:
    """`/stories` and `/stories/{id}`."""

    async def newest(request: web.Request) -> web.Response:
        return await _newest(site, request)

    async def story(request: web.Request) -> web.Response:
        return await _story(site, request)

    return [web.get("/stories", newest), web.get(f"/stories/{NUMBER}", story)]


async def _newest(site: Site, request: web.Request) -> web.Response:
    audience = site.audience(request)
    tag = request.query.get("tag", "")[:MAX_NAME]
    source_id = number_from(request.query.get("source", ""))
    before = story_pages.place_from(request.query.get("before", ""))

    chosen = _Chosen(tag, source_id)
    found = await site.database.read(_read_list, audience, chosen, before)
    more = found.stories.more
    return await site.page(
        request,
        "stories.html",
        stories=[story_row(one) for one in found.stories.stories],
        more=story_pages.place_text(more) if more else "",
        is_first=before is None,
        is_chosen=bool(tag) or source_id is not None,
        tags=found.tags,
        tag=tag,
        feed=f"/tags/{quote(tag, safe='')}/feed" if tag in found.tags else "",
        sources=[_named(one) for one in found.sources],
        source=_named(found.source) if found.source else None,
        now=site.clock.now(),
    )


class _Chosen(NamedTuple):
    """What a reader wants the stories of: "" and None stand for all."""

    tag: str
    source_id: int | None


class _Listed(NamedTuple):
    """What the list is made of. `sources` are those to choose from, none where they are many."""

    stories: StoryList
    tags: list[str]
    sources: list[NamedSource]
    source: NamedSource | None


def _read_list(
    connection: Connection, audience: Audience, chosen: _Chosen, before: Place | None
) -> _Listed:
    source = None
    if chosen.source_id is not None:
        source = story_pages.source(connection, audience, chosen.source_id)
    if chosen == _Chosen("", None):
        stories = story_pages.newest(connection, audience, A_PAGE, before)
    else:
        sources = _sources(connection, audience, chosen, source)
        stories = story_pages.newest_of(connection, audience, sources, A_PAGE, before)
    return _Listed(
        stories=stories,
        tags=story_pages.tags(connection, audience),
        sources=story_pages.sources_named(connection, audience, most=MOST_OFFERED),
        source=source,
    )


def _sources(
    connection: Connection, audience: Audience, chosen: _Chosen, source: NamedSource | None
) -> list[int]:
    """The sources that a reader wants the stories of, of those that they may see."""
    one = [source.id] if source else []
    if not chosen.tag:
        return one
    tagged = story_pages.sources_tagged(connection, audience, chosen.tag)
    return tagged if chosen.source_id is None else [each for each in one if each in tagged]


def _named(source: NamedSource) -> NamedSource:
    return NamedSource(source.id, clip(clean_line(source.name), MAX_NAME))


def story_row(story: ListedStory) -> StoryRow:
    """A stored story as lists show it: foreign words cleaned, links checked."""
    url = safe_url(story.url)
    names = [clip(clean_line(one.name), MAX_NAME) for one in story.sources]
    return StoryRow(
        id=story.id,
        title=_title(story.title, url),
        url=url,
        domain=domain_of(url) if url else "",
        at=story.at,
        first_at=story.first_at,
        sources=tuple(names[:MOST_NAMED]),
        more_sources=max(len(names) - MOST_NAMED, 0),
        discussion=safe_url(story.discussion),
        score=story.score,
        num_comments=story.num_comments,
    )


def _title(title: str, url: str | None) -> str:
    return clip(clean_line(title), MAX_TITLE) or (domain_of(url) if url else "Untitled")


async def _story(site: Site, request: web.Request) -> web.Response:
    story_id = int(request.match_info["id"])
    audience = site.audience(request)
    post, page = await site.database.read(_read_story, site, story_id, audience)
    if post is None or page is None:
        raise await _elsewhere(site, story_id, audience)
    anchors = Anchors()
    return await site.page(
        request,
        "story.html",
        post=post,
        picture=picture_html(post.image_url),
        summary=Markup("").join(
            block_html(block, words_for(post.language), anchors) for block in post.blocks
        ),
        origin=_origin(page, post),
        members=[
            _member(one, page.states.get(one.entry_id)) for one in page.members[:MOST_MEMBERS]
        ],
        reports=len(page.members),
        threads=list(_threads(page.threads, anchors)),
        posts=_posts(page.posts, anchors, whole=audience.everything),
        digests=await asyncio.to_thread(_digests, site, page.digests),
        now=site.clock.now(),
    )


def _digests(site: Site, told: Sequence[ToldIn]) -> list[DigestLink]:
    """Digests by their titles, for which each is read whole: beside the loop."""
    found = []
    for one in told:
        kind = site.kinds.get(one.kind)
        if kind is not None:
            title = kind.title(kind.record.model_validate_json(one.result))
            found.append(DigestLink(one.id, title, one.until))
    return found


def _read_story(
    connection: Connection, site: Site, story_id: int, audience: Audience
) -> tuple[Post | None, StoryPage | None]:
    post = site.story_post(connection, story_id, audience)
    return post, story_details.page(connection, audience, story_id) if post else None


async def _elsewhere(site: Site, story_id: int, audience: Audience) -> web.HTTPException:
    """To where a merged story went; else the page that says that there is none."""
    target = await site.database.read(story_details.merged_into, story_id)
    if target is not None:
        seen = await site.database.read(site.story_post, target, audience)
        if seen is not None:
            return web.HTTPMovedPermanently(site.path(f"/stories/{target}"))
    return no_page("There is no such story.")


def _origin(page: StoryPage, post: Post) -> Origin | None:
    """Where the summary was read; None where the page shows none."""
    if page.summary is None or not post.blocks or post.struck:
        return None
    url = safe_url(page.summary.url)
    words = words_for(post.language)
    method = next(
        (
            "".join(span.text for span in field.spans if span.type == "text")
            for field in post.fields
            if field.label == words.summary
        ),
        "",
    )
    site = "" if page.hides else page.summary.site  # what a hidden source may be called
    name = clip(clean_line(site), MAX_NAME) or (domain_of(url) if url else "")
    return Origin(url, name, page.summary.read, method, page.summarized_at)


def _member(member: Member, state: SubmissionState | None) -> MemberView:
    words = words_for("en")
    gone = ""
    if member.title == DELETED:
        is_removed = state is SubmissionState.REMOVED
        gone = words.removed_by_moderators if is_removed else words.deleted_by_author
    url = safe_url(member.url)
    return MemberView(
        source=clip(clean_line(member.source_title or member.source_url), MAX_NAME),
        title="" if gone else _title(member.title, url),
        url=url,
        at=member.published_at or member.first_seen_at,
        why="" if gone else _why(member.reason),
        gone=gone,
    )


def _why(reason: str) -> str:
    """Why an entry is in its story, without numbers that nobody knows. Other entries' headlines are
    left out: what they said may be deleted by now, or is not for everybody.
    """
    bare = _NUMBERED.sub("", _QUOTED.sub("other story", reason))
    return clip(clean_line(bare.replace("as entry", "as another report")), MAX_TITLE)


def _threads(threads: Sequence[Thread], anchors: Anchors) -> Iterator[ThreadView]:
    return (thread_view(thread, anchors) for thread in threads)


def _posts(found: Sequence[Delivery], anchors: Anchors, *, whole: bool) -> list[PostView]:
    """The posts as they went out; without the token each wording once, and no more than that."""
    if whole:
        return [_post(one, anchors) for one in found[-MOST_POSTS:]]
    frozen = [
        Post.model_validate_json(one.payload) for one in found if one.payload and not one.edit_due
    ]
    # Counts and coverage grow: of posts that say the same the last one stands for all.
    worded = {one.model_dump_json(include={"title", "blocks", "details"}): one for one in frozen}
    return [
        PostView(post_html(one, anchors=anchors, top_level=4), one.title, "", "", "", None, "", 0)
        for one in list(worded.values())[:MOST_POSTS]
    ]


def _post(delivery: Delivery, anchors: Anchors) -> PostView:
    # What is to be edited says what is no longer so, or was deleted.
    frozen = None if delivery.edit_due else delivery.payload
    post = Post.model_validate_json(frozen) if frozen else None
    return PostView(
        body=post_html(post, anchors=anchors, top_level=4) if post else Markup(""),
        title=post.title if post else "",
        kind=delivery.kind,
        channel=delivery.channel,
        state=delivery.state,
        at=delivery.sent_at or delivery.created_at,
        reason=delivery.reason,
        edits=delivery.edits,
    )
