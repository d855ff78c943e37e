"""The web server's socket: taken, held, and given back."""

from __future__ import annotations

import asyncio

import structlog
from aiohttp import web

log = structlog.get_logger(__name__)

RETRY_S = 5.0
CLOSE_WITHIN_S = 2.0


async def listen(app: web.Application, host: str, port: int) -> None:
    """Serve until cancelled. While somebody else has the port it is tried again: news are not
    held up by their pages.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=CLOSE_WITHIN_S)
    await runner.setup()
    try:
        await _start(runner, host, port)
        log.info("listening", address=f"{host}:{port}")
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


async def _start(runner: web.AppRunner, host: str, port: int) -> None:
    told = False
    while True:
        try:
            return await web.TCPSite(runner, host, port).start()
        except OSError as exc:
            if not told:
                log.error(
                    "cannot listen", address=f"{host}:{port}", reason=exc.strerror or str(exc)
                )
                told = True
        await asyncio.sleep(RETRY_S)
