"""The archive: the latest digests, and each of them as a page, as Markdown and as JSON."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from aiohttp import web

from adapters.web.html import plain, post_html
from adapters.web.site import NUMBER, Site, no_page
from bot.digests.kind import whole_document
from bot.model import Link, Listing, Paragraph, Post, Text
from bot.posts.safety import clip
from bot.store import digest_pages
from bot.store.digest_pages import ShownDigest
from bot.store.paging import place_from, place_text

A_PAGE = 20
TEASER = 3
MAX_TEASER = 140
KEPT_TEASERS = 200


# A digest's title and first items, by its kind, its record and its language.
Told = Callable[[str, str, str], tuple[str, tuple[str, ...]]]


class Shown(NamedTuple):
    """A digest in the list: its first items say what it is about."""

    id: int
    kind: str
    title: str
    shown: ShownDigest
    items: tuple[str, ...]


def routes(site: Site) -> list[web.RouteDef]:
    """`/` and `/digests/{id}` in three forms."""

    @lru_cache(maxsize=KEPT_TEASERS)  # composing twenty whole digests for a line of each is dear
    def told(kind: str, result: str, language: str) -> tuple[str, tuple[str, ...]]:
        post = _composed(site, kind, result, language)
        return post.title, tuple(_teaser(post))

    async def home(request: web.Request) -> web.Response:
        return await _home(site, request, told)

    async def page(request: web.Request) -> web.Response:
        found, post = await _found(site, request)
        digest = found.digest
        return await site.page(
            request,
            "digest.html",
            post=post,
            body=await asyncio.to_thread(post_html, post),
            digest=digest,
            found=found,
        )

    async def markdown(request: web.Request) -> web.Response:
        found = await _stored(site, request)
        document = await asyncio.to_thread(_document, site, found)
        return site.text(request, document, "text/markdown", updated_at=found.digest.revised_at)

    async def as_json(request: web.Request) -> web.Response:
        found, post = await _found(site, request)
        facts = await asyncio.to_thread(_facts, site, request, found, post)
        text = await asyncio.to_thread(json.dumps, facts, ensure_ascii=False, indent=2)
        return site.text(
            request, text + "\n", "application/json", updated_at=found.digest.revised_at
        )

    return [
        web.get("/", home),
        web.get(f"/digests/{NUMBER}", page),
        web.get(f"/digests/{NUMBER}.md", markdown),
        web.get(f"/digests/{NUMBER}.json", as_json),
    ]


async def _home(site: Site, request: web.Request, told: Told) -> web.Response:
    kind = request.query.get("kind", "")
    if kind and kind not in site.kinds:
        raise no_page()
    before = place_from(request.query.get("before", ""))
    audience = site.audience(request)
    found = await site.database.read(
        digest_pages.latest, audience, A_PAGE + 1, kind=kind, before=before
    )
    listed = await asyncio.to_thread(_listed, found[:A_PAGE], told)
    more = ""
    if len(found) > A_PAGE:
        last = found[A_PAGE - 1].digest
        more = place_text(last.until, last.id)
    return await site.page(
        request,
        "home.html",
        digests=listed,
        kinds=sorted(site.kinds),
        kind=kind,
        more=more,
        is_first=before is None,
    )


async def _found(site: Site, request: web.Request) -> tuple[ShownDigest, Post]:
    found = await _stored(site, request)
    digest = found.digest
    post = await asyncio.to_thread(_composed, site, digest.kind, digest.result, found.language)
    return found, post


async def _stored(site: Site, request: web.Request) -> ShownDigest:
    digest_id = int(request.match_info["id"])
    found = await site.database.read(digest_pages.one, site.audience(request), digest_id)
    if found is None or found.digest.kind not in site.kinds:
        raise no_page("There is no such digest.")
    return found


def _document(site: Site, found: ShownDigest) -> str:
    kind = site.kinds[found.digest.kind]
    return whole_document(kind, kind.record.model_validate_json(found.digest.result))


def _composed(site: Site, kind: str, result: str, language: str) -> Post:
    """The post that the channel got, of the digest as it stands now."""
    shape = site.kinds[kind]
    return shape.post(shape.record.model_validate_json(result), language=language)


def _listed(found: Sequence[ShownDigest], told: Told) -> list[Shown]:
    rows = []
    for one in found:
        title, items = told(one.digest.kind, one.digest.result, one.language)
        rows.append(Shown(one.digest.id, one.digest.kind, title, one, items))
    return rows


def _teaser(post: Post) -> list[str]:
    """What its first items are called; of a digest without a list, how it begins."""
    lists = [block for block in (*post.blocks, *post.details) if isinstance(block, Listing)]
    names = dict.fromkeys(_name(item.spans) for block in lists for item in block.items)
    if names:
        return list(names)[:TEASER]
    texts = [plain(block.spans) for block in post.blocks if isinstance(block, Paragraph)]
    return [clip(text, MAX_TEASER) for text in texts[-1:]]


def _name(spans: tuple[Any, ...]) -> str:
    """What an item is called: a link or strong words, whichever comes first."""
    named = next((span for span in spans if isinstance(span, Link) or _is_strong(span)), None)
    return clip(named.text if named else plain(spans), MAX_TEASER)


def _is_strong(span: Any) -> bool:
    return isinstance(span, Text) and span.style == "strong"


def _facts(site: Site, request: web.Request, found: ShownDigest, post: Post) -> dict[str, Any]:
    digest = found.digest
    return {
        "id": digest.id,
        "kind": digest.kind,
        "title": post.title,
        "url": site.absolute(request, f"/digests/{digest.id}"),
        "since": digest.since.isoformat(),
        "until": digest.until.isoformat(),
        "made_at": digest.made_at.isoformat(),
        "revised_at": digest.revised_at.isoformat(),
        "revision": digest.revision,
        "language": post.language,
        "tags": list(post.tags),
        "digest": json.loads(digest.result),
    }
