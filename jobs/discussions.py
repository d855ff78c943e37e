"""Discussions for digests and commands: read whole, summarised once for what they say."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import structlog

from bot.errors import SourceError
from bot.model import Method, ThreadSummary
from bot.ports import Clock, ThreadReader, ThreadSummarizer
from bot.store import submissions, thread_summaries
from bot.store.database import Connection, Database
from bot.thread_model import Thread

log = structlog.get_logger(__name__)

AT_ONCE = 4


class Discussion(NamedTuple):
    """A discussion as it was read, and what it says."""

    thread: Thread
    summary: ThreadSummary


class Discussions:
    """Reads and summarises public discussions. `expected` is the method of a summary worth keeping:
    an extract that stood in for a model is made again the next time.
    """

    def __init__(
        self,
        database: Database,
        readers: Sequence[ThreadReader],
        summarizer: ThreadSummarizer,
        clock: Clock,
        *,
        expected: Method,
    ) -> None:
        self._database = database
        self._readers = readers
        self._summarizer = summarizer
        self._clock = clock
        self._expected = expected
        self._places = asyncio.Semaphore(AT_ONCE)

    def reader_of(self, url: str) -> ThreadReader | None:
        """Who can read the discussion behind `url`."""
        return next((reader for reader in self._readers if reader.recognises(url)), None)

    async def read_many(self, urls: Iterable[str]) -> Mapping[str, Discussion]:
        """Those of the discussions that can be read; what cannot is logged and left out."""
        wanted = list(dict.fromkeys(urls))
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._read_or_log(url)) for url in wanted]
        found = zip(wanted, (task.result() for task in tasks), strict=True)
        return {url: discussion for url, discussion in found if discussion is not None}

    async def _read_or_log(self, url: str) -> Discussion | None:
        async with self._places:
            try:
                return await self.read(url)
            except SourceError as exc:
                log.warning("discussion not read", url=url, error=str(exc))
                return None

    async def read(self, url: str, *, channel: str = "") -> Discussion:
        """One discussion. Raises `SourceError` where nobody here can read it."""
        reader = self.reader_of(url)
        if reader is None:
            raise SourceError(f"{url}: no discussion that can be read here", permanent=True)
        thread = await reader.read_thread(url)
        return Discussion(thread, await self._summarised(thread, channel))

    async def _summarised(self, thread: Thread, channel: str) -> ThreadSummary:
        name = f"{thread.kind}:{thread.id}"
        content_hash = await asyncio.to_thread(thread_hash, thread)
        known = await self._database.read(thread_summaries.find, name, content_hash)
        if known is not None and known.method == self._expected:
            return known.model_copy(
                update={
                    "score": thread.score,
                    "num_comments": thread.num_comments,
                    "tokens_in": 0,
                    "tokens_out": 0,
                }
            )
        summary = await self._summarizer.summarize_thread(thread, channel=channel)
        await self._database.write(_keep, thread, content_hash, summary, self._clock.now())
        return summary


def _keep(
    connection: Connection, thread: Thread, content_hash: str, summary: ThreadSummary, now: datetime
) -> None:
    """Keep a summary, unless its submission was deleted while it was written."""
    if thread.kind == "reddit" and submissions.is_gone(connection, f"t3_{thread.id}"):
        return
    thread_summaries.keep(connection, f"{thread.kind}:{thread.id}", content_hash, summary, now)


def thread_hash(thread: Thread) -> str:
    """Stands for what a thread says; votes and counts do not change it."""
    digest = hashlib.blake2b(digest_size=16)
    for part in (thread.title, thread.text, thread.url or ""):
        digest.update(part.encode(errors="surrogatepass") + b"\0")
    for comment in thread.comments:
        digest.update(f"{comment.id}\0{comment.text}\0".encode(errors="surrogatepass"))
    return digest.hexdigest()
