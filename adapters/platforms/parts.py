"""The parts that a platform's live side is made of, each kept running."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from bot.errors import StoreError

log = structlog.get_logger(__name__)

CRASH_WAIT_S = 5.0


async def supervised(platform: str, name: str, run: Callable[[], Awaitable[None]]) -> None:
    """Run one of a platform's parts; a bug in it costs a pause, not the service."""
    event = f"{platform} part crashed"
    while True:
        try:
            return await run()
        except StoreError:
            raise
        except Exception:  # supervisor
            log.exception(event, part=name)
            await asyncio.sleep(CRASH_WAIT_S)
