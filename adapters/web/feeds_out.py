"""Our own feeds: digests and stories as Atom and as JSON Feed, all of them or of one tag."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from aiohttp import web

from adapters.web.feed_documents import NAME, Feed, Item, atom, json_feed
from adapters.web.html import Unlinked, plain, post_html
from adapters.web.site import Site, no_page
from bot.model import Link, Listing, Paragraph, Post
from bot.ports import Clock
from bot.posts.safety import clean_line, clip, domain_of, safe_url
from bot.posts.words import words_for
from bot.store import feed_pages, story_pages
from bot.store.database import Connection
from bot.store.digest_pages import ShownDigest
from bot.store.feed_pages import FeedStory
from bot.store.public import Audience

STORIES, DIGESTS = 50, 10  # digests have places of their own: a busy day must not push them out
MAX_SUMMARY, MAX_NAME, MAX_TAG = 500, 80, 100
MAX_AUTHORS, MAX_TAGS = 3, 12
MAX_AGE_S = 300
FRESH = timedelta(seconds=15)
MOST_KEPT = 32
_SINCE = "2026"  # the year in the names of feeds: one in which their host was ours
# What `?only=` may say, and what the feed then says of itself.
_SUBTITLES = {
    "": "AI news: stories and digests",
    "digests": "AI news: digests",
    "stories": "AI news: stories",
}
_WRITERS: dict[str, tuple[str, Callable[[Feed], str]]] = {
    "atom": ("application/atom+xml", atom),
    "json": ("application/feed+json", json_feed),
}


class Told(NamedTuple):
    """What a feed is made of."""

    stories: list[tuple[FeedStory, Post]]
    digests: list[tuple[ShownDigest, Post]]


class Written(NamedTuple):
    """A feed as it is sent."""

    body: str
    updated_at: datetime


class Shelf:
    """Feeds as they were written a moment ago, so that a crowd of readers costs what one does."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: OrderedDict[Hashable, tuple[datetime, Written]] = OrderedDict()
        self._busy = asyncio.Lock()

    async def get(self, key: Hashable, write: Callable[[], Awaitable[Written]]) -> Written:
        """What is kept under that name, or else what `write` makes."""
        async with self._busy:
            kept = self._kept.get(key)
            age = self._clock.now() - kept[0] if kept else FRESH
            if kept is None or not timedelta(0) <= age < FRESH:
                kept = self._clock.now(), await write()
                self._kept[key] = kept
            self._kept.move_to_end(key)
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
            return kept[1]


def routes(site: Site) -> list[web.RouteDef]:
    """`/feed.atom`, `/feed.json`, the same below `/tags/{tag}`, and the tag's page."""
    shelf = Shelf(site.clock)

    async def feed(request: web.Request) -> web.Response:
        return await _feed(site, shelf, request)

    async def tag(request: web.Request) -> web.Response:
        query = urlencode({"tag": request.match_info["tag"]})
        raise web.HTTPFound(site.path(f"/stories?{query}"))

    form = r"{form:atom|json}"
    return [
        web.get(f"/feed.{form}", feed),
        web.get("/tags/{tag}", tag),
        web.get(f"/tags/{{tag}}/feed.{form}", feed),
    ]


async def _feed(site: Site, shelf: Shelf, request: web.Request) -> web.Response:
    audience, form = site.audience(request), request.match_info["form"]
    only, tag = request.query.get("only", ""), request.match_info.get("tag", "")
    if only not in _SUBTITLES or len(tag) > MAX_TAG:
        raise no_page()

    async def write() -> Written:
        return await _written(site, request, audience, tag, only)

    key = (form, tag, only, audience, site.absolute(request, "/"))
    feed = await (write() if audience.everything else shelf.get(key, write))
    return site.text(
        request,
        feed.body,
        _WRITERS[form][0],
        max_age_s=MAX_AGE_S,
        updated_at=feed.updated_at,
    )


async def _written(
    site: Site, request: web.Request, audience: Audience, tag: str, only: str
) -> Written:
    told = await site.database.read(_read, site, audience, tag, only)
    if told is None:
        raise no_page("No source has this tag.")

    def written() -> Written:
        feed = _document(site, request, told, tag, only)
        return Written(_WRITERS[request.match_info["form"]][1](feed), feed.updated_at)

    return await asyncio.to_thread(written)


def _read(
    connection: Connection, site: Site, audience: Audience, tag: str, only: str
) -> Told | None:
    """What the audience may see of it; None for a tag that no source has."""
    tagged = story_pages.sources_tagged(connection, audience, tag) if tag else []
    if tag and not tagged:
        return None
    stories: Sequence[FeedStory] = ()
    if only != "digests" and tag:
        stories = feed_pages.newest_of(connection, audience, tagged, STORIES)
    elif only != "digests":
        stories = feed_pages.newest(connection, audience, STORIES, site.clock.now())
    posts = [(one, site.story_post(connection, one.told.id, audience)) for one in stories]
    digests = feed_pages.digests_of(connection, audience, DIGESTS, tag) if only != "stories" else []
    return Told(
        stories=[(one, post) for one, post in posts if post is not None],
        digests=[(one, post) for one in digests if (post := _digest_post(site, one)) is not None],
    )


def _digest_post(site: Site, shown: ShownDigest) -> Post | None:
    """What a digest says; None where it has nothing to tell."""
    kind = site.kinds.get(shown.digest.kind)
    record = kind.record.model_validate_json(shown.digest.result) if kind else None
    if kind is None or record is None or kind.is_empty(record):
        return None
    return kind.post(record, language=shown.language)


def _document(site: Site, request: web.Request, told: Told, tag: str, only: str) -> Feed:
    place = f"/tags/{quote(tag, safe='')}/feed" if tag else "/feed"
    query = f"?{urlencode({'only': only})}" if only else ""
    of_form = f"{place}.{request.match_info['form']}{query}"
    page = (
        f"/stories?{urlencode({'tag': tag})}" if tag else "/stories" if only == "stories" else "/"
    )
    items = [_story(site, request, one, post) for one, post in told.stories]
    items += [_digest(site, request, one, post) for one, post in told.digests]
    items.sort(key=lambda item: item.published_at, reverse=True)
    name = f"{NAME}: {clip(clean_line(tag), MAX_NAME)}" if tag else NAME
    return Feed(
        id=_name(site, request, f"{place}{query}", None),
        url=site.absolute(request, of_form),
        site_url=site.absolute(request, page),
        title=f"{name} – {only}" if only else name,
        subtitle=_SUBTITLES[only],
        icon_url=site.absolute(request, "/static/icon.svg"),
        items=tuple(items),
    )


def _name(site: Site, request: web.Request, path: str, at: datetime | None) -> str:
    """A name that outlives our address (RFC 4151): the host that we have, the day that a thing was
    made on, and its path. Neither edits nor a move to https change it.
    """
    host = urlsplit(site.absolute(request, "/")).hostname or "localhost"
    authority = "localhost" if ":" in host else host.lower()
    day = f"{at:%Y-%m-%d}" if at is not None else _SINCE
    return f"tag:{authority},{day}:{path.removeprefix('/')}"


def _story(site: Site, request: web.Request, story: FeedStory, post: Post) -> Item:
    told = story.told
    names = [clip(clean_line(source.name), MAX_NAME) for source in told.sources]
    published_at = min(post.published_at or told.first_at, story.first_seen_at)
    return Item(
        id=_name(site, request, f"story/{told.id}", story.first_seen_at),
        url=site.absolute(request, f"/stories/{told.id}"),
        title=post.title,
        published_at=published_at,
        updated_at=max(story.updated_at, published_at),
        content=post_html(_with_link(post), anchors=Unlinked()),
        summary=_summary(post),
        authors=tuple(name for name in names[:MAX_AUTHORS] if name) or (NAME,),
        tags=_tags((*told.tags, *post.tags)),
        language=post.language,
        about=safe_url(post.url),
        image_url=safe_url(post.image_url),
    )


def _with_link(post: Post) -> Post:
    """A story leads to what it is told of: a reader shows its text, and its title leads to us."""
    link = safe_url(post.url)
    if link is None:
        return post
    called = words_for(post.language).read_at.format(site=domain_of(link))
    leads = Paragraph(spans=(Link(text=called, url=link),))
    return post.model_copy(update={"blocks": (*post.blocks, leads)})


def _digest(site: Site, request: web.Request, shown: ShownDigest, post: Post) -> Item:
    digest = shown.digest
    return Item(
        id=_name(site, request, f"digest/{digest.id}", digest.made_at),
        url=site.absolute(request, f"/digests/{digest.id}"),
        title=post.title,
        published_at=digest.made_at,
        updated_at=digest.revised_at,
        content=post_html(post, anchors=Unlinked()),
        summary=_summary(post),
        authors=(NAME,),
        tags=_tags((digest.kind, *post.tags)),
        language=post.language,
    )


def _summary(post: Post) -> str:
    """How it begins, in plain words; of a digest, what its first stories are called."""
    lists = [block.items for block in post.blocks if isinstance(block, Listing) and block.items]
    if post.kind == "digest" and lists:
        return clip("; ".join(plain(item.spans) for item in lists[0]), MAX_SUMMARY)
    texts = (plain(block.spans) for block in post.blocks if isinstance(block, Paragraph))
    return clip(next((text for text in texts if text.strip()), ""), MAX_SUMMARY)


def _tags(tags: Sequence[str]) -> tuple[str, ...]:
    shown = (clip(clean_line(tag), MAX_NAME) for tag in tags)
    return tuple(dict.fromkeys(tag for tag in shown if tag))[:MAX_TAGS]
