"""The threads below a channel's messages: in Slack that is where most of the talk is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

import structlog
from slack_sdk.errors import SlackApiError

from adapters.platforms.slack.errors import error_of

log = structlog.get_logger(__name__)

RawMessage = Mapping[str, Any]

MOST_THREADS: Final = 20  # of about fifty calls a minute that Slack allows for reading
AT_ONCE: Final = 3

ReadThread = Callable[[str], Awaitable[tuple[Sequence[RawMessage], int]]]


async def with_threads(
    messages: Sequence[RawMessage], read: ReadThread, *, most: int
) -> tuple[list[RawMessage], int]:
    """A channel's messages, the newest first, with the answers below them, and how many answers
    were not read: of more than `MOST_THREADS` threads, beyond `most` messages, or refused.
    """
    heads = {str(message["ts"]): _answers(message) for message in messages}
    wanted = [ts for ts, count in heads.items() if count][:MOST_THREADS]
    chosen: list[str] = []
    room = most - len(messages)
    for ts in wanted:
        if heads[ts] <= room:
            chosen.append(ts)
            room -= heads[ts]
    unread = sum(count for ts, count in heads.items() if ts not in chosen)
    places = asyncio.Semaphore(AT_ONCE)

    async def one(ts: str) -> tuple[Sequence[RawMessage], int]:
        async with places:
            try:
                return await read(ts)
            except SlackApiError as exc:
                log.info("thread not read", error=error_of(exc))
                return (), heads[ts]

    found = {str(message["ts"]): message for message in messages}
    for answers, missing in await asyncio.gather(*map(one, chosen)):
        unread += missing
        for answer in answers:  # one that was sent to the channel as well stands there already
            found.setdefault(str(answer["ts"]), answer)
    return list(found.values()), unread


def _answers(message: RawMessage) -> int:
    """How many answers stand below a message of the channel."""
    if message.get("thread_ts") not in (None, message.get("ts")):
        return 0
    count = message.get("reply_count")
    return count if isinstance(count, int) and count > 0 else 0
