"""Search over the stories and the digests that the reader may see."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from aiohttp import web

from adapters.web.site import Site
from adapters.web.stories import StoryRow, story_row
from bot.ingest.links import without_addresses
from bot.model import Result
from bot.posts.safety import clean_line
from bot.store import search_pages
from bot.store.database import Connection
from bot.store.paging import number_from
from bot.store.search import SearchQuery
from bot.store.search_pages import DigestHit, DigestHits, StoryHit, StoryHits

A_PAGE = 20
FIRST_DIGESTS = 3
EXCERPT = 260
LEAD = 70  # characters before the first word that was found
FOR_MACHINES = frozenset({"key", "event_key", "timezone", "method"})
MOST_READ = 20_000  # characters of a text that are looked through for an excerpt
_WORD = re.compile(r"[^\W_]+")

Words = Sequence[tuple[str, bool]]


class Piece(NamedTuple):
    """A run of text; `is_hit`: it is what was looked for."""

    text: str
    is_hit: bool


class FoundStory(NamedTuple):
    """A story that was found, by the words of one of its entries."""

    story: StoryRow
    title: tuple[Piece, ...]
    excerpt: tuple[Piece, ...]


class FoundDigest(NamedTuple):
    """A digest that was found."""

    id: int
    kind: str
    until: datetime
    title: tuple[Piece, ...]
    excerpt: tuple[Piece, ...]


class _Found(NamedTuple):
    digests: list[FoundDigest]
    stories: list[FoundStory]


class _Asked(NamedTuple):
    """What a reader asks for: `only` digests, or both; and from where on."""

    text: str
    query: SearchQuery | None
    only_digests: bool
    before: int | None


def routes(site: Site) -> list[web.RouteDef]:
    """`/search`."""

    async def search(request: web.Request) -> web.Response:
        return await _search(site, request)

    return [web.get("/search", search)]


async def _search(site: Site, request: web.Request) -> web.Response:
    asked = _asked(request)
    audience = site.audience(request)

    def read(connection: Connection) -> tuple[DigestHits, StoryHits]:
        digests, stories = DigestHits((), None), StoryHits((), None)
        if asked.query is None:
            return digests, stories
        if asked.only_digests or asked.before is None:
            most = A_PAGE if asked.only_digests else FIRST_DIGESTS
            before = asked.before if asked.only_digests else None
            digests = search_pages.find_digests(connection, audience, asked.query, most, before)
        if not asked.only_digests:
            stories = search_pages.find_stories(
                connection, audience, asked.query, A_PAGE, asked.before
            )
        return digests, stories

    digests, stories = await site.database.read(read)
    words = search_pages.words_of(asked.query) if asked.query else ()
    found = await asyncio.to_thread(_found, site, digests.hits, stories.hits, words)
    return await site.page(
        request,
        "search.html",
        text=asked.text,
        is_asked=asked.query is not None,
        words=[word for word, _ in words],
        only_digests=asked.only_digests,
        is_first=asked.before is None,
        digests=found.digests,
        more_digests=digests.more,
        stories=found.stories,
        more=stories.more,
        now=site.clock.now(),
    )


def _asked(request: web.Request) -> _Asked:
    text = clean_line(request.query.get("q", "")[: search_pages.MAX_QUERY])
    return _Asked(
        text=text,
        query=search_pages.asked(text),
        only_digests=request.query.get("in") == "digests",
        before=number_from(request.query.get("before", "")),
    )


def _found(
    site: Site, digests: Iterable[DigestHit], stories: Iterable[StoryHit], words: Words
) -> _Found:
    """Finds as the page shows them: many long texts are looked through for that."""
    return _Found(
        digests=[found for hit in digests if (found := _digest(site, hit, words))],
        stories=[_story(hit, words) for hit in stories],
    )


def _story(hit: StoryHit, words: Words) -> FoundStory:
    row = story_row(hit.story)
    text = without_addresses(hit.text[:MOST_READ])
    told = [text] if clean_line(text) != row.title else []
    if clean_line(hit.title) != row.title:  # found by another report's headline
        told.insert(0, hit.title)
    return FoundStory(row, tuple(marked(row.title, words)), tuple(excerpt(told, words)))


def _digest(site: Site, hit: DigestHit, words: Words) -> FoundDigest | None:
    kind = site.kinds.get(hit.kind)
    if kind is None:
        return None
    record: Result = kind.record.model_validate_json(hit.result)
    title = clean_line(kind.title(record))
    parts = [part for part in _texts(record.model_dump()) if part != title]
    return FoundDigest(
        id=hit.id,
        kind=hit.kind,
        until=hit.until,
        title=tuple(marked(title, words)),
        excerpt=tuple(excerpt(parts, words)),
    )


def _texts(value: object) -> Iterator[str]:
    """The texts in a record that readers know; addresses and names for machines are left out."""
    if isinstance(value, str):
        if not value.startswith(("http://", "https://")):
            yield value
    elif isinstance(value, dict):
        for name, one in value.items():
            if name not in FOR_MACHINES:
                yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)


def excerpt(texts: Iterable[str], words: Words) -> list[Piece]:
    """A line around the first word that is found in one of these texts; else how they begin."""
    first = ""
    for text in texts:
        line = clean_line(text[:MOST_READ])
        first = first or line
        at = next((start for start, _ in _hits(line, words)), None)
        if at is not None:
            return _cut(line, at, words)
    return _cut(first, 0, words)


def _cut(line: str, at: int, words: Words) -> list[Piece]:
    """About `EXCERPT` characters of a line, from a little before `at`, between words."""
    start = 0 if at <= LEAD else line.rfind(" ", at - LEAD - 30, at - LEAD) + 1 or at - LEAD
    end = len(line)
    if end - start > EXCERPT:
        end = max(line.rfind(" ", start + EXCERPT - 40, start + EXCERPT), at + 1)
        end = end if end > at + 1 else start + EXCERPT
    part = f"{'… ' if start else ''}{line[start:end].strip()}{' …' if end < len(line) else ''}"
    return list(marked(part, words))


def marked(text: str, words: Words) -> Iterator[Piece]:
    """A text in pieces: what was looked for, and what stands around it."""
    done = 0
    for start, end in _hits(text, words):
        if start > done:
            yield Piece(text[done:start], is_hit=False)
        yield Piece(text[start:end], is_hit=True)
        done = end
    if done < len(text):
        yield Piece(text[done:], is_hit=False)


def _hits(text: str, words: Words) -> Iterator[tuple[int, int]]:
    """Where the words stand, told as the index tells them: without case and accents."""
    whole = {folded(word) for word, is_beginning in words if not is_beginning}
    beginnings = tuple(folded(word) for word, is_beginning in words if is_beginning)
    for match in _WORD.finditer(text):
        word = folded(match[0])
        if word in whole or word.startswith(beginnings):
            yield match.span()


def folded(word: str) -> str:
    """A word without case and accents."""
    if word.isascii():
        return word.lower()
    parts = unicodedata.normalize("NFKD", word)
    return "".join(char for char in parts if not unicodedata.combining(char)).casefold()
