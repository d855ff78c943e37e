"""The calls that answer one interaction (interactions/receiving-and-responding).

The first answer is due within three seconds; after it the token is good for fifteen minutes. Bodies
are what the renderers make, so they are sent as they are, through discord.py's webhook adapter,
which keeps the rate limits of these routes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Mapping
from typing import Any, Final, TypeVar

import aiohttp
import discord
from discord.webhook.async_ import async_context, interaction_response_params

from adapters.platforms.discord.session import ONCE

Body = dict[str, Any]
T = TypeVar("T")

ACK_WITHIN_S = 2.5
EDIT_WITHIN_S = 30.0
TOKEN_LIFE_S = 14.5 * 60  # of fifteen minutes: an answer takes its time as well
EPHEMERAL = 1 << 6
COMPONENTS_V2 = 1 << 15

MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE = 4, 5, 6  # interaction callback types
CHOICES, MODAL = 8, 9

ALREADY_ANSWERED = 40060
# Unknown webhook, unknown interaction, invalid webhook token: this interaction is over.
OVER: Final = frozenset({10015, 10062, 50027})
ONLY_WHEN_CREATED = ("nonce", "enforce_nonce", "message_reference", "tts")


class InteractionOverError(Exception):
    """Discord takes no (more) answers to this interaction."""


class UnansweredError(Exception):
    """Discord could not be reached, or did not take this answer. `status` is None without one."""

    def __init__(self, reason: str, *, status: int | None = None) -> None:
        super().__init__(reason)
        self.status = status


class Answer:
    """The answers to one interaction."""

    def __init__(self, interaction: discord.Interaction[Any]) -> None:
        self._id = interaction.id
        self._application_id = interaction.application_id
        self._token = interaction.token
        self._session = interaction._session
        self._began_at = time.monotonic()

    async def defer(self, *, private: bool) -> None:
        """Say that an answer will come; whether others see it is fixed by this."""
        await self._respond(DEFERRED_MESSAGE, {"flags": EPHEMERAL} if private else None)

    async def defer_update(self) -> None:
        """Acknowledge a press; the message it was made on may be edited afterwards."""
        await self._respond(DEFERRED_UPDATE)

    async def say(self, body: Body, *, private: bool) -> None:
        """Answer with a message at once."""
        await self._respond(MESSAGE, with_flag(as_new(body), EPHEMERAL if private else 0))

    async def open_form(self, modal: Body) -> None:
        await self._respond(MODAL, modal)

    async def suggest(self, choices: list[Body]) -> None:
        """Answer what was typed so far with what it may become."""
        await self._respond(CHOICES, {"choices": choices})

    async def edit_original(self, body: Body) -> None:
        await self._edit(body, "@original")

    async def edit(self, message_id: str, body: Body) -> None:
        """Edit a message of `follow`."""
        await self._edit(body, message_id)

    async def delete_original(self) -> None:
        await self._call(
            async_context.get().delete_original_interaction_response(
                self._application_id, self._token, session=self._session
            )
        )

    async def delete(self, message_id: str) -> None:
        """Delete a message of `follow`."""
        await self._call(
            async_context.get().delete_webhook_message(
                self._application_id, self._token, int(message_id), session=self._session
            )
        )

    async def follow(self, body: Body, *, private: bool) -> str:
        """Send a further message; returns its id."""
        made = await self._call(
            async_context.get().execute_webhook(
                self._application_id,
                self._token,
                session=_NotRepeating(self._session),  # type: ignore[arg-type]  # all of it that is used
                payload=with_flag(as_new(body), EPHEMERAL if private else 0),
                wait=True,
            )
        )
        return str(made["id"]) if made else ""

    async def _edit(self, body: Body, message_id: str) -> None:
        await self._call(
            async_context.get().edit_webhook_message(
                self._application_id,
                self._token,
                message_id,  # type: ignore[arg-type]  # '@original' stands for the first answer
                session=self._session,
                payload=as_edit(body),
            )
        )

    async def _respond(self, kind: int, data: Mapping[str, Any] | None = None) -> None:
        params = interaction_response_params(kind, dict(data) if data is not None else None)
        try:
            await self._call(
                async_context.get().create_interaction_response(
                    self._id, self._token, session=self._session, params=params
                ),
                within_s=ACK_WITHIN_S,
            )
        except UnansweredError as exc:
            # A lost answer is repeated by the library, and the repetition refused (PLATFORMS 1.8).
            if exc.status != ALREADY_ANSWERED:
                raise

    async def _call(self, call: Coroutine[Any, Any, T], *, within_s: float = EDIT_WITHIN_S) -> T:
        if time.monotonic() - self._began_at > TOKEN_LIFE_S:
            call.close()
            raise InteractionOverError("its fifteen minutes are over")
        try:
            async with asyncio.timeout(within_s):
                return await call
        except discord.HTTPException as exc:
            if exc.code in OVER or exc.status == 401:
                raise InteractionOverError(exc.text or str(exc.code)) from exc
            raise UnansweredError(str(exc), status=exc.code or exc.status) from exc
        except (OSError, aiohttp.ClientError, TimeoutError) as exc:
            raise UnansweredError(f"{type(exc).__name__}: {exc}") from exc


class _NotRepeating:
    """A session whose requests end at a server error; follow-ups have no nonce (PLATFORMS 1.2)."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    def request(self, method: str, url: str, **how: Any) -> Any:
        return self._session.request(method, url, trace_request_ctx=ONCE, **how)


def as_new(body: Body) -> Body:
    """A message body as interactions take it: keys that only channels know are left out."""
    return {key: value for key, value in body.items() if key not in ONLY_WHEN_CREATED}


def as_edit(body: Body) -> Body:
    """A message body as an edit that leaves nothing of an earlier text behind."""
    empty: Body = {"content": None, "embeds": []}
    if not body.get("flags", 0) & COMPONENTS_V2:
        empty["components"] = []
    return {**empty, **as_new(body)}


def with_flag(body: Body, flag: int) -> Body:
    flags = body.get("flags", 0) | flag
    return {**body, "flags": flags} if flags else body
