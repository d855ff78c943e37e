"""The site that all pages are part of: what they read, who looks, and how an answer is made."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ETag, web
from jinja2 import Environment

from adapters.web.gate import Gate
from bot.commands.previews import Preview, PreviewWish
from bot.digests.kind import AnyKind
from bot.model import Post
from bot.ports import Clock
from bot.store.database import Connection, Database
from bot.store.public import Audience
from bot.vitals import Vitals
from config.settings import Settings

HTML = "text/html"
PRIVATE = "private, no-store"
COMPRESSED_FROM = 1_024
NUMBER = "{id:[0-9]{1,18}}"  # in an address; the database knows no longer ones
_HOST = re.compile(r"(?:[A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_A_SECOND = timedelta(seconds=1)  # what dates in headers leave off


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What the pages have in common.

    `story_post` composes a story's post as the audience may see it, None where nothing of it may
    be seen. `preview` reads a source and raises `SourceError` or `UserError`. `payloads` makes of
    posts what a platform is sent, by the platform's name. `prefix`: what a proxy in front puts
    before our paths, and takes away again; mostly nothing.
    """

    settings: Settings
    database: Database
    clock: Clock
    vitals: Vitals
    kinds: Mapping[str, AnyKind]
    prefix: str
    gate: Gate
    templates: Environment
    story_post: Callable[[Connection, int, Audience], Post | None]
    preview: Callable[[PreviewWish], Awaitable[Preview]]
    payloads: Mapping[str, Callable[[Sequence[Post]], list[Any]]]

    def audience(self, request: web.Request) -> Audience:
        """Who looks."""
        return Audience(
            everything=self.gate.admits(request),
            chat_sources=self.settings.web.chat_sources == "public",
        )

    def path(self, path: str) -> str:
        """A page's address on this server."""
        return f"{self.prefix}{path}"

    def absolute(self, request: web.Request, path: str) -> str:
        """A page's address for elsewhere: where the settings say, else where this request went."""
        if self.settings.web.public_url:
            return f"{self.settings.web.public_url.rstrip('/')}{path}"
        if not _is_host(request.host):
            raise web.HTTPBadRequest(text="The Host header names no host.")
        return f"{request.scheme}://{request.host}{path}"

    async def page(
        self,
        request: web.Request,
        template: str,
        *,
        status: int = 200,
        max_age_s: int = 60,
        is_private: bool = False,
        **values: Any,
    ) -> web.Response:
        """Render a template. `is_private`: no cache keeps it, whoever looks."""
        values |= {"request": request, "known": self.gate.admits(request)}
        rendered = await asyncio.to_thread(self.templates.get_template(template).render, values)
        return self.text(
            request, rendered, HTML, status=status, max_age_s=max_age_s, is_private=is_private
        )

    def text(
        self,
        request: web.Request,
        body: str,
        content_type: str,
        *,
        status: int = 200,
        max_age_s: int = 60,
        is_private: bool = False,
        updated_at: datetime | None = None,
        **headers: str,
    ) -> web.Response:
        """A whole answer with its ETag; 304 in its place where the asker has it.

        Keyword arguments beyond these are headers, `_` for `-`.
        """
        known = is_private or self.gate.admits(request)
        tag = hashlib.sha256(body.encode()).hexdigest()[:32]
        answer = web.Response(text=body, content_type=content_type, charset="utf-8", status=status)
        answer.etag = ETag(value=tag, is_weak=True)
        answer.headers["Cache-Control"] = PRIVATE if known else f"public, max-age={max_age_s}"
        answer.headers["Vary"] = "Accept-Encoding, Authorization, Cookie"
        for name, value in headers.items():
            answer.headers[name.replace("_", "-")] = value
        if updated_at is not None:
            answer.last_modified = updated_at.astimezone(UTC)
        if status == 200 and _has_it(request, tag, updated_at):
            return _unchanged(answer)
        # What one person alone sees is not compressed together with what they typed (BREACH).
        if not known and len(body) >= COMPRESSED_FROM:
            answer.enable_compression()
        return answer


def _is_host(text: str) -> bool:
    """Whether a link can be made of it."""
    try:
        return bool(_HOST.fullmatch(text)) and bool(urlsplit(f"//{text}").hostname)
    except ValueError:
        return False


def _has_it(request: web.Request, tag: str, updated_at: datetime | None) -> bool:
    """By its ETag or, where the asker kept none, by its date (RFC 9110 section 13.2.2)."""
    asked = request.if_none_match
    if asked is not None:
        return any(one.value in {tag, "*"} for one in asked)
    since = request.if_modified_since
    return since is not None and updated_at is not None and updated_at - _A_SECOND < since


def _unchanged(answer: web.Response) -> web.Response:
    kept = ("ETag", "Cache-Control", "Vary", "Last-Modified")
    headers = {name: answer.headers[name] for name in kept if name in answer.headers}
    return web.Response(status=304, headers=headers)


def no_page(text: str = "There is nothing at this address.") -> web.HTTPNotFound:
    """To be raised for what is not there or may not be seen: nobody can tell which."""
    return web.HTTPNotFound(text=text)
