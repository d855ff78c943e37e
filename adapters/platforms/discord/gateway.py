"""The gateway's shards, kept alive for as long as the token is good.

discord.py's own supervision closes the whole client, REST included, on the close codes it does not
like, begins a new session where an interrupted one could be resumed, and after a long outage waits
up to 17 minutes for its next try (read in discord/shard.py 2.7.1). Here its sockets, parsers and
state stay in charge of the protocol; only who connects again, when, and how, is ours: each shard by
itself, a session is resumed while Discord still has it, and no two tries are over a minute apart.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, NoReturn

import aiohttp
import discord
import structlog
import yarl
from discord.gateway import DiscordWebSocket, ReconnectWebSocket
from discord.http import Route

log = structlog.get_logger(__name__)

LONGEST_WAIT_S = 60.0
CONNECT_WITHIN_S = 30.0
STEADY_AFTER_S = 30.0  # a connection that lived this long was a good one: the next wait is short
MOST_RESTLESS = 5  # what connections count for that work and are lost again at once
RESUME_TRIES = 9  # some four minutes; then Discord has forgotten the session
SAME_ADDRESS_TRIES = 3  # then the main address instead of the session's own
IDENTIFY_GAP_S = 5.0  # one IDENTIFY per 5 seconds (events/gateway, max_concurrency 1)

CLOSE_WITHIN_S = 1.0
ENDS_SESSION, KEEPS_SESSION = 1000, 4000  # close codes of ours

BAD_TOKEN = 4004
SHARDING_NEEDED = 4011
INTENTS_REFUSED = 4014
FATAL = {
    4010: "Discord refused our shard number",
    4012: "Discord no longer speaks this version of its gateway; upgrade Threadwire",
    4013: "Discord does not know an intent we asked for; upgrade Threadwire",
    INTENTS_REFUSED: "Discord refused our intents",
}

Outages = (
    OSError,
    aiohttp.ClientError,
    TimeoutError,
    discord.HTTPException,
    discord.GatewayNotFound,
)


class Link(StrEnum):
    """How the connection stands."""

    CONNECTING = "connecting"
    READY = "ready"
    LOST = "lost"  # tried again until it works
    ACCESS = "access"  # the token is not accepted: tried no more
    REFUSED = "refused"  # refused in a way that only a person or another release can mend


class GatewayEndedError(Exception):
    """No further try makes sense. `link` is `ACCESS` or `REFUSED`."""

    def __init__(self, link: Link, reason: str) -> None:
        super().__init__(reason)
        self.link = link


@dataclass(frozen=True, slots=True)
class StartLimit:
    """What `GET /gateway/bot` says of sessions that may still be started."""

    used: int = 0
    reset_after_s: float | None = None  # set where none is left


class Socket(DiscordWebSocket):
    """A gateway connection that one malformed event does not end."""

    async def received_message(self, msg: Any, /) -> None:
        try:
            await super().received_message(msg)
        except (ReconnectWebSocket, discord.ConnectionClosed, *Outages):
            raise
        except Exception:  # supervisor: the next event is another one
            log.exception("gateway event could not be read", shard=self.shard_id)


class Shard:
    """One shard's connection, in the form that discord.py's client looks for."""

    def __init__(self, shard_id: int, ws: Socket) -> None:
        self.id = shard_id
        self.ws = ws

    async def close(self) -> None:
        await self.ws.close(code=1000)


class Gateway:
    """Runs the shards of one client. `run` returns only by raising or being cancelled.

    `may_start(limit)` says how many seconds to wait before a session may be begun;
    `count_start()` is awaited right before each IDENTIFY. `changed(link, reason)` hears of each
    change, `reduced()` that we go on without reading messages (close code 4014).
    """

    def __init__(
        self,
        client: discord.AutoShardedClient,
        *,
        may_start: Callable[[StartLimit], Awaitable[float]],
        count_start: Callable[[], Awaitable[None]],
        changed: Callable[[Link, str], None],
        reduced: Callable[[], Awaitable[None]],
        identify_gap_s: float = IDENTIFY_GAP_S,
        first_wait_s: float = 1.0,
    ) -> None:
        self._client = client
        self._may_start = may_start
        self._changed = changed
        self._reduced = reduced
        self._identify_gap_s = identify_gap_s
        self._first_wait_s = first_wait_s
        self._starting = asyncio.Lock()
        self._last_start = -identify_gap_s
        self._limit = StartLimit()
        self._link = Link.CONNECTING
        self._through: set[int] = set()  # shards whose present connection has a session

        async def before_identify(shard_id: int | None, *, initial: bool = False) -> None:
            self._last_start = time.monotonic()
            await count_start()

        client._connection.hooks["before_identify"] = before_identify

    def established(self, shard_id: int) -> None:
        """A session has begun or was resumed."""
        self._through.add(shard_id)
        self._tell(Link.READY, "")

    async def run(self) -> None:
        """Keep all shards connected. Raises `GatewayEndedError` where that has become useless."""
        fails = 0
        while True:
            try:
                await self._run_shards(await self._ask_for_shards())
            except _MoreShardsNeededError:
                log.warning("gateway asks for more shards")
            except Outages as exc:
                self._tell(Link.LOST, _in_short(exc))
            fails += 1
            await asyncio.sleep(self._wait_s(fails))

    async def _run_shards(self, address: yarl.URL) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for shard_id in range(self._client.shard_count or 1):
                    group.create_task(self._keep(shard_id, address))
        except BaseExceptionGroup as several:
            raise several.exceptions[0] from None

    async def _ask_for_shards(self) -> yarl.URL:
        """Ask where to connect, with how many shards, and how many starts are left."""
        try:
            answer = await self._client.http.request(Route("GET", "/gateway/bot"))
        except discord.HTTPException as exc:
            if exc.status == 401:
                raise GatewayEndedError(Link.ACCESS, "Discord does not accept the token") from exc
            raise
        count = int(answer.get("shards") or 1)
        self._client.shard_count = count
        self._client._connection.shard_count = count
        self._client._connection.shard_ids = range(count)
        self._limit = _start_limit(answer.get("session_start_limit") or {})
        return yarl.URL(answer["url"])

    async def _keep(self, shard_id: int, address: yarl.URL) -> None:
        """One shard, until it cannot be kept."""
        old: Socket | None = None  # the connection whose session may be resumed
        fails = 0
        while True:
            began_at = time.monotonic()
            try:
                ws = await self._connect(shard_id, address, old, fails)
                old = ws
                await self._read(ws)
            except ReconnectWebSocket as exc:
                old = old if exc.resume else None
                reason = "asked to connect again" if exc.resume else "the session has ended"
            except discord.ConnectionClosed as exc:
                reason = f"closed with {exc.code}"
                if await self._handle_close(exc.code):
                    old = None
            except Outages as exc:
                reason = _in_short(exc)
            fails = self._count_fails(shard_id, fails, time.monotonic() - began_at)
            if fails > RESUME_TRIES:
                old = None
            self._tell(Link.LOST, reason)
            log.info("gateway connection lost", shard=shard_id, reason=reason, tries=fails)
            await asyncio.sleep(self._wait_s(fails - 1))

    async def _connect(
        self, shard_id: int, address: yarl.URL, old: Socket | None, fails: int
    ) -> Socket:
        if old is not None and old.session_id is not None:
            own = old.gateway if fails <= SAME_ADDRESS_TRIES else address
            ws = await self._open(
                shard_id, own, resume=True, session=old.session_id, sequence=old.sequence
            )
        else:
            async with self._starting:
                await self._wait_for_start()
                ws = await self._open(shard_id, address)
        shards: dict[int, Shard] = self._client._AutoShardedClient__shards  # type: ignore[attr-defined]  # where the library finds its sockets
        shards[shard_id] = Shard(shard_id, ws)
        return ws

    async def _open(self, shard_id: int, address: yarl.URL, **session: Any) -> Socket:
        async with asyncio.timeout(CONNECT_WITHIN_S):
            return await Socket.from_client(
                self._client, gateway=address, shard_id=shard_id, **session
            )

    async def _wait_for_start(self) -> None:
        """Wait for our turn to IDENTIFY, before anything is connected that would wait as well."""
        while (wait_s := await self._may_start(self._limit)) > 0:
            log.warning("too many gateway sessions today, waiting", wait_s=round(wait_s))
            self._tell(Link.LOST, f"too many starts today; next one in {round(wait_s)} s")
            await asyncio.sleep(min(wait_s, LONGEST_WAIT_S))
            if self._limit.reset_after_s is not None:
                self._limit = StartLimit()
                await self._ask_for_shards()
        gap_s = self._identify_gap_s - (time.monotonic() - self._last_start)
        await asyncio.sleep(max(0.0, gap_s))

    async def _read(self, ws: Socket) -> NoReturn:
        """Read events until the connection ends. One that answers no heartbeats is ended by us."""
        watch = asyncio.create_task(_end_when_deaf(ws))
        code = KEEPS_SESSION
        try:
            while True:
                await ws.poll_event()
        except asyncio.CancelledError:
            code = ENDS_SESSION
            raise
        finally:
            watch.cancel()
            if ws._keep_alive is not None:
                ws._keep_alive.stop()
            with contextlib.suppress(*Outages):
                async with asyncio.timeout(CLOSE_WITHIN_S):
                    await ws.socket.close(code=code)

    async def _handle_close(self, code: int) -> Literal[True]:
        """What a close code that discord.py does not resume after means. True: session over."""
        if code == BAD_TOKEN:
            raise GatewayEndedError(Link.ACCESS, "Discord does not accept the token")
        if code == SHARDING_NEEDED:
            raise _MoreShardsNeededError
        intents = self._client._connection._intents
        if code == INTENTS_REFUSED and intents.message_content:
            intents.message_content = False
            await self._reduced()
            return True
        if code in FATAL:
            raise GatewayEndedError(Link.REFUSED, f"{FATAL[code]} (close code {code})")
        return True

    def _count_fails(self, shard_id: int, fails: int, lived_s: float) -> int:
        """How often in a row. One that got through begins anew unless it was lost at once."""
        if shard_id not in self._through:
            return fails + 1
        self._through.discard(shard_id)
        return 1 if lived_s > STEADY_AFTER_S else min(fails + 1, MOST_RESTLESS)

    def _wait_s(self, fails: int) -> float:
        """None after the first loss, then twice as long each time, and not all at once."""
        if fails <= 0:
            return 0.0
        longest_s = min(LONGEST_WAIT_S, self._first_wait_s * 2 ** min(fails - 1, 10))
        return random.uniform(longest_s / 2, longest_s)  # noqa: S311  # jitter only

    def _tell(self, link: Link, reason: str) -> None:
        if link is not self._link or reason:
            self._link = link
            self._changed(link, reason)


def _start_limit(told: Mapping[str, Any]) -> StartLimit:
    if not told:
        return StartLimit()
    used = max(0, told["total"] - told["remaining"])
    spent = told["remaining"] <= 0
    return StartLimit(used, told["reset_after"] / 1000 if spent else None)


class _MoreShardsNeededError(Exception):
    """The bot is in more servers than its shards may serve: ask again how many are needed."""


async def _end_when_deaf(ws: Socket) -> None:
    """Close a connection that takes our heartbeats and acknowledges none of them.

    discord.py notices only when nothing at all arrives (PLATFORMS 1.8). The documentation asks to
    close with any other code than 1000 and to resume.
    """
    while True:
        beat = ws._keep_alive
        interval_s = beat.interval if beat is not None and beat.interval else 41.25
        await asyncio.sleep(interval_s)
        if beat is None or beat is not ws._keep_alive:
            continue
        if time.perf_counter() - beat._last_ack > 2.5 * interval_s:
            log.warning("gateway acknowledges no heartbeats", shard=ws.shard_id)
            await ws.close(4000)
            return


def _in_short(exc: BaseException) -> str:
    return f"{type(exc).__name__}: {exc}".splitlines()[0][:200]
