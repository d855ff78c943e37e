"""What a file, a pipe or an address holds: an article, a saved discussion, or a dump of some.

Decided by the bytes, not by a file's name: markup begins with a tag, JSON with a brace or with a
list of objects. A bracket alone makes no JSON: dumps begin with `[D] …`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from adapters.sources.dump import threads_from_dump
from adapters.sources.dump_encoding import decode_text
from adapters.sources.hackernews_items import (
    is_algolia_item,
    is_official_item,
    thread_from_items,
    thread_from_official,
)
from adapters.sources.reddit_thread import thread_from_json
from adapters.sources.webpage import extract_article
from bot.errors import SourceError
from bot.ports import Article, Clock, Fetcher, FetchRequest, Runner
from bot.thread_model import Thread

Found = Article | tuple[Thread, ...]

_ACCEPT = "text/html,application/xhtml+xml;q=0.9,application/json;q=0.8,text/plain;q=0.7,*/*;q=0.5"
_NO_TEXT = ("image/", "audio/", "video/", "font/", "application/pdf", "application/zip")
_MARKUP = re.compile(r"<(?:[a-z]|!|\?)", re.IGNORECASE)
_JSON_ONLY = re.compile(r'\{\s*["}]|\[\s*\{|\[\s*\Z|\{\s*\Z')
_RECORD = {"request", "body"}
_SNIFFED_CHARS = 2_000


class AddressReader:
    """Reads what an address leads to, article or saved discussion."""

    def __init__(self, fetcher: Fetcher, run: Runner, clock: Clock) -> None:
        self._fetcher = fetcher
        self._run = run
        self._clock = clock

    async def read(self, url: str) -> Found:
        """Fetch and read. Raises `SourceError` where there is nothing to summarise."""
        response = await self._fetcher.fetch(FetchRequest(url=url, accept=_ACCEPT))
        if response.content_type.lower().startswith(_NO_TEXT):
            kind = response.content_type.split(";")[0][:60]
            raise SourceError(f"{response.url[:200]} is {kind}, no text", permanent=True)
        return await self._run(
            read_document, response.body, response.url, response.content_type, self._clock.now()
        )


def read_document(body: bytes, url: str, content_type: str, now: datetime) -> Found:
    """What stands in `body`, wherever it came from; `url` and `content_type` are "" for a file.

    Raises `SourceError` where it is nothing that can be summarised, in one line and without the
    file's name. CPU work: runs in a worker.
    """
    if "html" in content_type.lower():
        return extract_article(body, url, content_type, now)
    text = decode_text(body).strip().strip("\ufeff\x00")
    if not text:
        raise SourceError("there is nothing in it", permanent=True)
    if _MARKUP.match(text):
        return extract_article(body, url, content_type, now)
    if text.startswith(("{", "[")):
        found = _saved_threads(text, is_json="json" in content_type.lower())
        if found is not None:
            return found
    if _is_binary(text):
        raise SourceError("neither text nor a page", permanent=True)
    threads = threads_from_dump(text)
    if not threads:
        raise SourceError("there is no word in it", permanent=True)
    return threads


def _saved_threads(text: str, *, is_json: bool) -> tuple[Thread, ...] | None:
    """The discussion in a JSON text; None where the text is no JSON and does not look like it."""
    try:
        payload: object = json.loads(text)
    except RecursionError as exc:
        raise SourceError("JSON nested too deeply to be a discussion", permanent=True) from exc
    except ValueError as exc:
        if not is_json and not _JSON_ONLY.match(text):
            return None
        raise SourceError(f"damaged JSON: {_where(exc)}", permanent=True) from exc
    recorded = recorded_answers(payload)
    for answer in recorded or (payload,):
        for form in _FORMS:
            if form.holds(answer):
                return (form.read(answer),)
    message = "JSON, but no saved discussion of Reddit or Hacker News"
    if recorded is not None:
        message = f"a recorded answer of a server, but no discussion{_status_of(payload)}"
    raise SourceError(message, permanent=True)


def recorded_answers(payload: object) -> list[object] | None:
    """What servers answered, in the order of a record that test tools keep: each with `request`
    and `body`, one or a list of them. The answers with a whole discussion come first.
    """
    records = payload if isinstance(payload, list) else [payload]
    bodies: list[object] = []
    for one in records:
        if not isinstance(one, dict) or not one.keys() >= _RECORD:
            return None
        bodies.append(one["body"])
    return sorted(bodies, key=lambda body: not isinstance(body, list)) or None


def _status_of(record: object) -> str:
    status = record.get("status") if isinstance(record, dict) else None
    return f" (status {status})" if isinstance(status, int) and status != 200 else ""


def _where(exc: ValueError) -> str:
    if isinstance(exc, json.JSONDecodeError):
        return f"{exc.msg[:60]} at line {exc.lineno}, column {exc.colno}"
    return "a number in it is too long"


class _Form(NamedTuple):
    """A shape that a saved discussion may have."""

    holds: Callable[[object], bool]
    read: Callable[[object], Thread]


def _is_reddit(payload: object) -> bool:
    """The pair of listings that an address of Reddit with `.json` behind it answers."""
    first = payload[0] if isinstance(payload, list) and payload else payload
    return isinstance(first, dict) and first.get("kind") in ("Listing", "t3")


_FORMS = (
    _Form(_is_reddit, thread_from_json),
    _Form(is_algolia_item, thread_from_items),
    _Form(is_official_item, thread_from_official),
)


def _is_binary(text: str) -> bool:
    """Whether this was no text to begin with: control characters that no text has, many of them."""
    head = text[:_SNIFFED_CHARS]
    odd = sum((char < " " and char not in "\t\n\r\f\x0b") or char == "\ufffd" for char in head)
    return "\x00" in head or odd * 10 > len(head)
