"""Discord's live side: the gateway, what it tells us, and what has to be looked after meanwhile.

Runs beside the workers of the service until it is cancelled. REST is not its matter: posts go out
whether or not the gateway is there. Nothing hangs on `on_ready`, which comes late, twice or never.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import discord
import structlog

from adapters.platforms.discord import starts
from adapters.platforms.discord.gateway import (
    IDENTIFY_GAP_S,
    LONGEST_WAIT_S,
    Gateway,
    GatewayEndedError,
    Link,
    StartLimit,
)
from adapters.platforms.discord.intents import REFUSED, Wanted, has_content, why_unreadable
from adapters.platforms.discord.interactions import Interactions
from adapters.platforms.discord.members import Members
from adapters.platforms.discord.mending import Mending
from adapters.platforms.discord.names import ChannelNames
from adapters.platforms.discord.reactions import Reactions
from adapters.platforms.discord.starts import StartLog
from adapters.platforms.discord.tree import build_tree, fingerprint
from adapters.platforms.parts import supervised
from bot.commands import dispatch
from bot.commands.kit import Desk
from bot.ports import Channels, Clock
from bot.store import places, platform_notes

log = structlog.get_logger(__name__)

PLATFORM = "discord"
NOTE_LINK, NOTE_CHATS, NOTE_STARTS, NOTE_TREE = "link", "chats", "starts", "tree"
NOTE_REFUSED = "refused"
STOP_WITHIN_S = 4.0
LOOK_EVERY_S = 600.0  # presence, refusals (Discord counts ten minutes), what had to be put off

Outages = (discord.HTTPException, OSError, aiohttp.ClientError, TimeoutError)


class DiscordConnection:
    """The live side. `run` ends only by being cancelled; after a refused token it just waits."""

    def __init__(
        self,
        client: discord.AutoShardedClient,
        desk: Desk,
        channels: Channels,
        members: Members,
        names: ChannelNames,
        clock: Clock,
        *,
        log_in: Callable[[], Awaitable[None]],
        count_refused: Callable[[], int],
        read_chats: Wanted = "auto",
        identify_gap_s: float = IDENTIFY_GAP_S,
        first_wait_s: float = 1.0,
    ) -> None:
        self._client = client
        self._desk = desk
        self._database = desk.database
        self._clock = clock
        self._log_in = log_in
        self._count_refused = count_refused
        self._read_chats = read_chats
        self._first_wait_s = first_wait_s
        self._notes: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self.link = Link.CONNECTING
        self.stop_within_s = STOP_WITHIN_S
        self._presence = ""
        self._look = asyncio.Event()
        self._synced = False
        self._again = asyncio.Event()
        self._reactions = Reactions(desk)
        self.interactions = Interactions(desk, members)
        self.mending = Mending(client, desk.database, channels, names)
        self.gateway = Gateway(
            client,
            may_start=self._may_start,
            count_start=self._count_start,
            changed=self._link_changed,
            reduced=self._reduced,
            identify_gap_s=identify_gap_s,
            first_wait_s=first_wait_s,
        )
        for handler in (
            self.on_interaction,
            self.on_raw_reaction_add,
            self.on_raw_reaction_remove,
            self.on_shard_connect,
            self.on_shard_resumed,
        ):
            client.event(handler)
        self.mending.listen()

    async def run(self) -> None:
        """Log in, keep connected, until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(supervised(PLATFORM, "notes", self._keep_notes))
                if await self._logged_in():
                    group.create_task(supervised(PLATFORM, "mending", self.mending.run))
                    group.create_task(supervised(PLATFORM, "tending", self._tend))
                    group.create_task(supervised(PLATFORM, "gateway", self._connected))
                await asyncio.Event().wait()  # nothing more to be done until a person acts
        finally:
            await self.interactions.stop(self.stop_within_s)

    async def _logged_in(self) -> bool:
        """Log in, however long that takes; False where the token is not accepted."""
        fails = 0
        while True:
            try:
                await self._log_in()
            except discord.LoginFailure:
                self._link_changed(Link.ACCESS, "Discord does not accept DISCORD_TOKEN")
                return False
            except Outages as exc:
                self._link_changed(Link.LOST, f"{type(exc).__name__}: {exc}"[:200])
                fails += 1
                longest_s = min(LONGEST_WAIT_S, self._first_wait_s * 2 ** min(fails, 10))
                await asyncio.sleep(random.uniform(longest_s / 2, longest_s))  # noqa: S311  # jitter only
            else:
                return True

    async def _connected(self) -> None:
        """Keep the gateway, begun anew where its intents may have changed."""
        if not await self._logged_in():
            return
        self._choose_intents()
        await asyncio.to_thread(dispatch.presses)  # imported now, not while somebody waits
        while True:
            self._again.clear()
            running = asyncio.create_task(self.gateway.run())
            again = asyncio.create_task(self._again.wait())
            try:
                await asyncio.wait({running, again}, return_when=asyncio.FIRST_COMPLETED)
                if running.done():
                    await running
            except GatewayEndedError as exc:
                self._link_changed(exc.link, str(exc))
                return
            finally:
                again.cancel()
                running.cancel()
                await asyncio.wait({running})

    # what the gateway tells

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        await self.interactions.handle(interaction)

    async def on_raw_reaction_add(self, event: discord.RawReactionActionEvent) -> None:
        await self._reactions.handle(event, self._our_id, added=True)

    async def on_raw_reaction_remove(self, event: discord.RawReactionActionEvent) -> None:
        await self._reactions.handle(event, self._our_id, added=False)

    async def on_shard_connect(self, shard_id: int) -> None:
        """A new session, which knows no presence yet."""
        self.gateway.established(shard_id)
        self._presence = ""
        self._look.set()

    async def on_shard_resumed(self, shard_id: int) -> None:
        self.gateway.established(shard_id)

    @property
    def _our_id(self) -> int | None:
        return self._client.user.id if self._client.user else None

    # what is looked after

    def look(self) -> None:
        """Look after everything now, not at the next turn."""
        self._look.set()

    async def _tend(self) -> None:
        while True:
            self._look.clear()  # before: who asks for a look meanwhile gets another one
            await self._sync_tree()
            await self._update_presence()
            await self._look_for_intent()
            self._note_refused()
            try:
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._look.wait()
            except TimeoutError:
                continue

    async def _sync_tree(self) -> None:
        """Register the commands, where they are not those that were registered last."""
        if self._synced:
            return
        application = self._client.application
        user_install = application is None or _takes_users(application)
        tree = build_tree(
            dispatch.commands(), dispatch.message_commands(), user_install=user_install
        )
        application_id = self._client.application_id
        assert application_id is not None
        mark = f"{application_id}:{fingerprint(tree)}"
        if await self._database.read(platform_notes.get, PLATFORM, NOTE_TREE) == mark:
            self._synced = True
            return
        try:
            await self._client.http.bulk_upsert_global_commands(application_id, tree)
        except Outages as exc:
            log.error("commands not registered", reason=str(exc)[:500])
            return
        await self._database.write(platform_notes.put, PLATFORM, NOTE_TREE, mark)
        self._synced = True
        log.info("commands registered", count=len(tree))

    async def _update_presence(self) -> None:
        text = await self._presence_text()
        if text == self._presence or self.link is not Link.READY:
            return
        self._presence = text
        watching = discord.Activity(type=discord.ActivityType.watching, name=text)
        try:
            await self._client.change_presence(activity=watching)
        except Outages as exc:
            log.info("presence not changed", reason=type(exc).__name__)

    async def _presence_text(self) -> str:
        count = await self._database.read(places.polled_sources)
        return "1 source" if count == 1 else f"{count} sources"

    # reading chats

    def _choose_intents(self) -> None:
        """Ask for message contents only where that is wanted and can be had."""
        wanted = self._read_chats is True or has_content(self._client)
        self._read_contents(wanted and self._read_chats is not False)
        if not self._client._connection._intents.message_content:
            self._tell_unreadable(why_unreadable(self._client, self._read_chats))

    def _read_contents(self, wanted: bool) -> None:
        self._client._connection._intents.message_content = wanted
        self._note(NOTE_CHATS, "")

    async def _reduced(self) -> None:
        self._tell_unreadable(REFUSED)

    def _tell_unreadable(self, reason: str) -> None:
        log.warning("chat threads are not read", reason=reason)
        self._note(NOTE_CHATS, reason)

    async def _look_for_intent(self) -> None:
        """Connect anew with message contents once a person has turned them on in the portal."""
        if self._client._connection._intents.message_content or self._read_chats is False:
            return
        try:
            application = await self._client.application_info()
        except Outages:
            return
        if not has_content(application):
            return
        self._read_contents(True)
        log.info("chat threads are read from now on")
        self._again.set()

    # what is remembered

    async def _may_start(self, limit: StartLimit) -> float:
        """Seconds to wait before a session may be begun."""
        if limit.reset_after_s is not None:
            return limit.reset_after_s
        stored = await self._database.read(platform_notes.get, PLATFORM, NOTE_STARTS)
        return starts.wait_s(StartLog.load(stored), self._clock.now(), used_elsewhere=limit.used)

    async def _count_start(self) -> None:
        """Stored before the start: one too many is better than one that nobody counted."""
        stored = await self._database.read(platform_notes.get, PLATFORM, NOTE_STARTS)
        counted = StartLog.load(stored).with_start(self._clock.now())
        await self._database.write(platform_notes.put, PLATFORM, NOTE_STARTS, counted.dump())

    def _link_changed(self, link: Link, reason: str) -> None:
        self.link = link
        if link in (Link.ACCESS, Link.REFUSED):
            log.error("discord connection given up", reason=reason)
        else:
            log.info("discord connection", state=link.value, reason=reason)
        note = {"link": link.value, "reason": reason, "at": self._clock.now().isoformat()}
        self._note(NOTE_LINK, json.dumps(note))

    def _note_refused(self) -> None:
        """For `doctor`, which runs beside us: how far we are from Discord's ban."""
        note = {"count": self._count_refused(), "at": self._clock.now().isoformat()}
        self._note(NOTE_REFUSED, json.dumps(note))

    def _note(self, name: str, value: str) -> None:
        self._notes.put_nowait((name, value))

    async def _keep_notes(self) -> None:
        while True:
            name, value = await self._notes.get()
            await self._database.write(platform_notes.put, PLATFORM, name, value)


def _takes_users(application: discord.AppInfo) -> bool:
    """Whether people may install it for themselves; an application that says nothing counts so."""
    if application.guild_integration_config is None:
        return True
    return application.user_integration_config is not None
