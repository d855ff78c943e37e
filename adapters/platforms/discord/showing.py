"""Showing a reply to the person who asked: in place, as a follow-up, or, late, some other way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import aiohttp
import discord
import structlog
from discord.http import Route

from adapters.platforms.discord.answers import (
    EPHEMERAL,
    Answer,
    Body,
    InteractionOverError,
    UnansweredError,
)
from adapters.platforms.discord.localisation import say
from adapters.platforms.discord.replies import render_reply
from bot.commands.kit import Reply
from bot.model import Post

log = structlog.get_logger(__name__)

PROGRESS_EVERY_S = 2.0
EDIT_WAITS_S = (1.0, 4.0, 12.0)  # an edit may be repeated: it leaves one message whatever happened
GIVE_UP_WITHIN_S = 1.5
NO_PINGS: Body = {"parse": []}


class Showing:
    """What one interaction shows. `on_message`: it was a press on an answer of ours.

    `private` is how it was acknowledged, which Discord fixes for the first message.
    """

    def __init__(
        self,
        interaction: discord.Interaction[Any],
        answer: Answer,
        *,
        private: bool,
        on_message: bool,
        language: str,
    ) -> None:
        self._interaction = interaction
        self._answer = answer
        self._private = private
        self._on_message = on_message
        self._language = language
        self._told_at = -PROGRESS_EVERY_S
        self._progress_id: str | None = None  # a message that says what is being done
        self._is_over = False

    def over(self) -> None:
        """The interaction itself takes no answers."""
        self._is_over = True

    async def progress(self, text: str) -> None:
        """Show a line while it takes long. Too frequent ones are dropped, as are failing ones."""
        if self._is_over or time.monotonic() - self._told_at < PROGRESS_EVERY_S:
            return
        self._told_at = time.monotonic()
        body = self._line(text)
        try:
            if not self._on_message:
                await self._answer.edit_original(body)
            elif self._progress_id is None:
                self._progress_id = await self._answer.follow(body, private=True)
            else:
                await self._answer.edit(self._progress_id, body)
        except (UnansweredError, InteractionOverError) as exc:
            log.info("progress not shown", reason=str(exc)[:200])

    async def show(self, reply: Reply) -> None:
        """Show the reply, whatever it takes. A reply without posts and controls shows nothing."""
        if not reply.posts and not reply.controls:
            return
        left = await asyncio.to_thread(render_reply, reply)
        try:
            if self._is_over:
                raise InteractionOverError("it was not acknowledged in time")
            await self._show(left, reply)
        except (InteractionOverError, UnansweredError) as exc:
            log.warning(
                "interaction answered another way",
                interaction=self._interaction.id,
                reason=str(exc)[:200],
            )
            await self._show_elsewhere(left, private=reply.private)

    async def give_up(self, reason: str) -> None:
        """Say in place of an answer why none will come: one of our texts (`stopping`, `failed`)."""
        line = self._line(say(reason, self._language))
        try:
            async with asyncio.timeout(GIVE_UP_WITHIN_S):
                if self._on_message:
                    await self._answer.follow(line, private=True)
                else:
                    await self._answer.edit_original(line)
        except (UnansweredError, InteractionOverError, TimeoutError) as exc:
            log.info("not told of the stop", reason=str(exc)[:200])

    async def _show(self, left: list[Body], reply: Reply) -> None:
        """Show what is left, taking each part from the list once it is shown."""
        if await (self._show_on_message if self._on_message else self._show_anew)(left[0], reply):
            del left[0]
        while left:
            await self._answer.follow(left[0], private=reply.private)
            del left[0]

    async def _show_anew(self, body: Body, reply: Reply) -> bool:
        """Fill the placeholder. Who may see it is fixed, and the first follow-up would fill it:
        an answer for others than that needs it gone.
        """
        if reply.private != self._private:
            await self._answer.delete_original()
            return False
        await self._edit_patiently(None, body)
        return True

    async def _show_on_message(self, body: Body, reply: Reply) -> bool:
        """In place of the message that was pressed on, or of the line that told of progress."""
        told, self._progress_id = self._progress_id, None
        if told is not None and reply.private and not reply.in_place:
            await self._edit_patiently(told, body)
            return True
        if told is not None:
            await self._answer.delete(told)
        if reply.in_place:
            await self._edit_patiently(None, body)
        return reply.in_place

    async def _edit_patiently(self, message_id: str | None, body: Body) -> None:
        for wait_s in EDIT_WAITS_S:
            try:
                return await self._edit(message_id, body)
            except UnansweredError as exc:
                if exc.status is not None and exc.status < 500:
                    raise
                await asyncio.sleep(wait_s)
        return await self._edit(message_id, body)

    async def _edit(self, message_id: str | None, body: Body) -> None:
        if message_id is None:
            await self._answer.edit_original(body)
        else:
            await self._answer.edit(message_id, body)

    async def _show_elsewhere(self, bodies: Sequence[Body], *, private: bool) -> None:
        """As normal messages: in the channel what all may see, else in a direct message.

        What only the asker was to see never goes to the channel; there it is said that it is lost.
        """
        user_id = self._interaction.user.id
        if not private and self._may_post() and await self._post(self._channel_id, bodies):
            return
        direct = await self._direct_channel(user_id)
        if direct is not None and await self._post(direct, bodies):
            return
        if private and self._may_post():
            lost = self._line(f"<@{user_id}> " + say("missed", self._language))
            await self._post(self._channel_id, [lost])

    @property
    def _channel_id(self) -> int | None:
        return self._interaction.channel_id

    def _may_post(self) -> bool:
        channel, ours = self._interaction.channel, self._interaction.app_permissions
        if self._interaction.guild_id is None:
            return isinstance(channel, discord.DMChannel)
        if isinstance(channel, discord.Thread):
            return ours.view_channel and ours.send_messages_in_threads and not channel.locked
        return ours.view_channel and ours.send_messages

    async def _direct_channel(self, user_id: int) -> int | None:
        route = Route("POST", "/users/@me/channels")
        asked = {"recipient_id": str(user_id)}
        try:
            made = await self._interaction.client.http.request(route, json=asked)
        except (discord.HTTPException, OSError, aiohttp.ClientError) as exc:
            log.info("no direct message possible", reason=str(exc)[:200])
            return None
        return int(made["id"])

    async def _post(self, channel_id: int | None, bodies: Sequence[Body]) -> bool:
        """Post; once each, however often this is tried: the nonce names interaction and part."""
        if channel_id is None:
            return False
        http = self._interaction.client.http
        for part, body in enumerate(bodies):
            route = Route("POST", "/channels/{channel_id}/messages", channel_id=channel_id)
            plain = {
                **body,
                "flags": body.get("flags", 0) & ~EPHEMERAL,
                "allowed_mentions": NO_PINGS,
                "nonce": f"i{self._interaction.id}{chr(97 + part % 26)}"[-25:],
                "enforce_nonce": True,
            }
            try:
                await http.request(route, json=plain)
            except (discord.HTTPException, OSError, aiohttp.ClientError) as exc:
                log.info("late answer not posted", reason=str(exc)[:200])
                return False
        return True

    def _line(self, text: str) -> Body:
        """One plain line of our own."""
        post = Post(kind="notice", title=text, language=self._language)
        bodies: list[Body] = render_reply(Reply(posts=(post,)))
        return bodies[0]
