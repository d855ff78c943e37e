"""What is polled and how it fares: the list of sources, each of them, and all as OPML."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from aiohttp import web

from adapters.opml import OpmlFeed, write_opml
from adapters.web import amounts
from adapters.web.charts import sparkline
from adapters.web.site import NUMBER, Site, no_page
from bot.model import SourceState
from bot.posts.safety import clean_line, clip, safe_url
from bot.store import source_pages
from bot.store.database import Connection
from bot.store.public import Audience
from bot.store.secret_addresses import bears_secret
from bot.store.source_pages import (
    SORTS,
    Listener,
    ShownSource,
    SourceCounts,
    SourcePage,
    SourceWish,
    Told,
)

A_PAGE = 50
LATEST = 25
MAX_TITLE, MAX_TOLD = 120, 200
MAX_ERROR = 400
MAX_PLACE = 80
MAX_TAG, MAX_TAG_SHOWN, MAX_TAGS, MAX_CHOICES = 100, 30, 8, 200
MAX_WORDS = 100
OPML = "text/x-opml"
# What other readers can subscribe to in the place of an API of ours.
_FEEDS_OF = {"hackernews": "https://news.ycombinator.com/rss"}
_SCHEME = re.compile(r"^https?://(?:www\.)?")
_ADDRESS = re.compile(r"\bhttps?://[^\s<>\"']+")


class Tag(NamedTuple):
    """A tag as it is called and as it is shown; `name` is empty where it is too long to ask for."""

    name: str
    shown: str
    sources: int = 0


class Row(NamedTuple):
    """A source in words. `facts` is the source itself, `place` its address in short, `per_day` what
    it brought lately.
    """

    facts: ShownSource
    title: str
    tags: list[Tag]
    site: str | None
    address: str
    place: str
    error: str
    ailing: str
    every: str
    due: str
    per_day: list[int]
    spark: object


def routes(site: Site) -> list[web.RouteDef]:
    """`/sources`, `/sources/{id}` and `/sources.opml`."""

    async def listed(request: web.Request) -> web.Response:
        return await _list(site, request)

    async def one(request: web.Request) -> web.Response:
        return await _one(site, request)

    async def opml(request: web.Request) -> web.Response:
        audience = site.audience(request)
        found = await site.database.read(source_pages.all_of, audience)
        body = await asyncio.to_thread(_opml, found, audience)
        return site.text(
            request,
            body,
            OPML,
            Content_Disposition='inline; filename="sources.opml"',
        )

    return [
        web.get("/sources", listed),
        web.get("/sources.opml", opml),
        web.get(f"/sources/{NUMBER}", one),
    ]


async def _list(site: Site, request: web.Request) -> web.Response:
    audience, now = site.audience(request), site.clock.now()
    wish, number = _wish(request), _page_number(request)
    found, counts, daily = await site.database.read(_listed, audience, wish, number, now)
    last = max(1, -(-found.total // A_PAGE))
    if number > last:
        raise no_page("There are not so many sources.")
    return await site.page(
        request,
        "sources.html",
        rows=await asyncio.to_thread(
            lambda: [_row(one, audience, daily[one.id], now) for one in found.sources]
        ),
        total=found.total,
        states=counts.states,
        tags=[_tag(*one) for one in counts.tags if len(one[0]) <= MAX_TAG][:MAX_CHOICES],
        all_of_them=sum(counts.states.values()),
        wish=wish,
        columns=_columns(wish),
        asked=_asked(wish),
        page_number=number,
        last=last,
        now=now,
        iso=amounts.iso,
    )


def _listed(
    connection: Connection, audience: Audience, wish: SourceWish, number: int, now: datetime
) -> tuple[SourcePage, SourceCounts, dict[int, list[int]]]:
    found = source_pages.page(
        connection, audience, wish, limit=A_PAGE, offset=(number - 1) * A_PAGE
    )
    daily = source_pages.daily(connection, [one.id for one in found.sources], now)
    return found, source_pages.counts(connection, audience), daily


def _wish(request: web.Request) -> SourceWish:
    asked = request.query
    given = asked.get("sort", "title")
    sort = next((one for one in SORTS if one == given.removeprefix("-")), None)
    states = {state.value for state in SourceState} - {SourceState.REMOVED.value}
    state = asked.get("state", "")
    return SourceWish(
        state=state if state in states else "",
        tag=asked.get("tag", "")[:MAX_TAG],
        words=" ".join(asked.get("q", "").split())[:MAX_WORDS],
        sort=sort or "title",
        descending=sort is not None and given.startswith("-"),
    )


def _page_number(request: web.Request) -> int:
    text = request.query.get("page", "1")
    if not re.fullmatch(r"[1-9][0-9]{0,6}", text):
        raise no_page()
    return int(text)


def _asked(wish: SourceWish) -> dict[str, str]:
    """The wish as the query of an address."""
    sort = f"-{wish.sort}" if wish.descending else wish.sort
    return {
        "state": wish.state,
        "tag": wish.tag,
        "q": wish.words,
        "sort": "" if sort == "title" else sort,
    }


class Column(NamedTuple):
    """A column's name, the query value that sorts by it, and how it is sorted now."""

    name: str
    sort: str
    sorted: str


def _columns(wish: SourceWish) -> dict[str, Column]:
    names = {
        "title": "Source",
        "state": "State",
        "ok": "Last success",
        "next": "Next poll",
        "interval": "Every",
    }
    columns = {}
    for key, name in names.items():
        is_now = key == wish.sort
        turned = f"-{key}" if is_now and not wish.descending else key
        order = ("descending" if wish.descending else "ascending") if is_now else ""
        columns[key] = Column(name, turned, order)
    return columns


async def _one(site: Site, request: web.Request) -> web.Response:
    source_id = int(request.match_info["id"])
    audience, now = site.audience(request), site.clock.now()
    found = await site.database.read(_whole, audience, source_id, now)
    if found is None:
        raise no_page("There is no such source.")
    row = _row(found.source, audience, found.daily, now)
    return await site.page(
        request,
        "source.html",
        row=row,
        facts=_facts(found, row, audience, now),
        told=[one._replace(title=_clipped(one.title, MAX_TOLD)) for one in found.told],
        listeners=found.listeners,
        now=now,
        iso=amounts.iso,
    )


class Whole(NamedTuple):
    """Everything that a source's own page tells."""

    source: ShownSource
    daily: list[int]
    told: list[Told]
    stored: int
    listeners: list[Listener]


def _whole(
    connection: Connection, audience: Audience, source_id: int, now: datetime
) -> Whole | None:
    source = source_pages.one(connection, audience, source_id)
    if source is None:
        return None
    knows_all = audience.everything
    return Whole(
        source=source,
        daily=source_pages.daily(connection, [source_id], now)[source_id],
        told=source_pages.latest(connection, audience, source_id, LATEST),
        stored=source_pages.stored(connection, source_id),
        listeners=source_pages.listeners(connection, source_id) if knows_all else [],
    )


class Fact(NamedTuple):
    """A labelled line about a source; `at` is shown as a moment behind the text."""

    label: str
    text: str = ""
    at: datetime | None = None
    link: str | None = None


def _facts(found: Whole, row: Row, audience: Audience, now: datetime) -> list[Fact]:
    source = found.source
    facts = [
        Fact("Address", row.address, link=safe_url(row.address)),
        _feed(source, row, audience),
        Fact("Site", row.site or "", link=row.site),
        Fact("Read as", source.kind),
        Fact("Last poll", "" if source.last_polled_at else "never", source.last_polled_at),
        Fact("Last success", "" if source.last_ok_at else "never", source.last_ok_at),
        Fact("Next poll", row.due, source.next_poll_at if row.due else None),
        Fact("Polled every", row.every),
        Fact("Rhythm", _rhythm(source)),
        Fact("Real time", _websub(source, now)),
        Fact("Unchanged", _validators(source)),
        Fact("Moved", _moved(source, audience)),
        Fact("Not found", f"{source.gone_count} times in a row" if source.gone_count else ""),
        Fact("Entries kept", f"{found.stored:,}"),
    ]
    return [one for one in facts if one.text or one.at]


def _feed(source: ShownSource, row: Row, audience: Audience) -> Fact:
    feed = _shown_address(source.feed_url, audience)
    if feed == row.address or not feed:
        return Fact("Feed")
    return Fact("Feed", feed, link=safe_url(feed))


def _rhythm(source: ShownSource) -> str:
    gap_s = source.publish_gap_s
    return "" if gap_s is None else f"something new about every {amounts.span(gap_s)}"


def _websub(source: ShownSource, now: datetime) -> str:
    if source.websub == "active":
        pushed = source.pushed_at
        ago = f", last push {amounts.span((now - pushed).total_seconds())} ago" if pushed else ""
        return f"yes, its hub tells us (WebSub){ago}"
    if source.websub == "asked":
        return "its hub was asked and has not confirmed yet; polled meanwhile"
    if source.websub == "failed":
        return "its hub refused or does not answer; polled instead"
    return "it names a hub; polled" if source.hub_url else "no, it names no hub"


def _validators(source: ShownSource) -> str:
    if source.last_ok_at is None:
        return ""
    return (
        "documents cost nothing: it answers conditional requests"
        if source.has_validators
        else "documents are sent again: it gives no ETag and no date"
    )


def _moved(source: ShownSource, audience: Audience) -> str:
    if not source.moved_to:
        return ""
    where = _shown_address(source.moved_to, audience) or urlsplit(source.moved_to).hostname
    return f"to {where}, said {source.moved_count} times in a row"


def _row(source: ShownSource, audience: Audience, per_day: Sequence[int], now: datetime) -> Row:
    address = _shown_address(source.url, audience)
    title = _clipped(source.title, MAX_TITLE) or _clipped(address, MAX_TITLE) or "(no name)"
    return Row(
        facts=source,
        title=title,
        tags=[_tag(name) for name in source.tags[:MAX_TAGS]],
        site=safe_url(_shown_address(source.site_url or "", audience)),
        address=address,
        place=clip(_SCHEME.sub("", clean_line(address)), MAX_PLACE),
        error=_error(source, audience),
        ailing=_ailing(source, now),
        every=_every(source),
        due="" if _is_idle(source) else amounts.coming(source.next_poll_at or now, now),
        per_day=list(per_day),
        spark=sparkline(per_day, label=_told_daily(per_day)),
    )


def _tag(name: str, sources: int = 0) -> Tag:
    return Tag(name if len(name) <= MAX_TAG else "", _clipped(name, MAX_TAG_SHOWN) or "?", sources)


def _is_idle(source: ShownSource) -> bool:
    return source.state is SourceState.GONE or source.next_poll_at is None


def _told_daily(per_day: Sequence[int]) -> str:
    return f"{sum(per_day):,} items in {len(per_day)} days, {per_day[-1]:,} today"


def _every(source: ShownSource) -> str:
    if source.interval_s is None:
        return ""
    return amounts.span(source.interval_s) + (" (set)" if source.own_interval_s is not None else "")


def _ailing(source: ShownSource, now: datetime) -> str:
    """For how long it has not answered as it should."""
    since = source.failing_since
    if since is None:
        return ""
    times = "1 poll" if source.failures == 1 else f"{source.failures:,} polls"
    return f"no success for {amounts.span((now - since).total_seconds())}, {times} failed"


def _error(source: ShownSource, audience: Audience) -> str:
    """The last error or warning in one line, without addresses that are nobody's business."""
    text = _clipped(source.error, MAX_ERROR)
    if audience.everything:
        return text
    return _ADDRESS.sub(lambda found: _host_of_secret(found.group()), text)


def _host_of_secret(url: str) -> str:
    return (urlsplit(url).hostname or "…") if bears_secret(url) else url


def _shown_address(url: str, audience: Audience) -> str:
    """An address where the audience may see it: one that bears a secret only with the token."""
    return url if audience.everything or not bears_secret(url) else ""


def _clipped(text: str, limit: int) -> str:
    return clip(clean_line(text), limit)


def _opml(found: Sequence[ShownSource], audience: Audience) -> str:
    outlines = (_outline(source, audience) for source in found)
    return write_opml(outlines, title="Sources of Threadwire").decode()


def _outline(source: ShownSource, audience: Audience) -> OpmlFeed:
    feed = _FEEDS_OF.get(source.kind) or _shown_address(source.feed_url, audience) or source.url
    return OpmlFeed(
        url=feed,
        title=clean_line(source.title),
        site_url=safe_url(_shown_address(source.site_url or "", audience)),
        tags=source.tags,
    )
