"""Showing a reply to the person who asked: through the response_url, else as a message.

A response_url takes five answers within half an hour (interactivity/handling). What does not get
through there goes out as an ephemeral message, then as a direct one: an answer is never lost
without a trace. What only the asker was to see never goes to the channel.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from adapters.platforms.slack import words
from adapters.platforms.slack.asks import Scene
from adapters.platforms.slack.errors import error_of
from adapters.platforms.slack.less import without_pictures
from adapters.platforms.slack.limits import MAX_BLOCKS, MAX_JSON, MAX_TEXT_BYTES
from adapters.platforms.slack.replies import render_reply
from adapters.platforms.slack.rooms import retry_after_s
from adapters.platforms.slack.words import say
from adapters.platforms.slack.workspaces import Outages
from bot.commands.kit import Button, Control, Reply
from bot.model import Post

log = structlog.get_logger(__name__)

Body = dict[str, Any]

MOST_USES = 5
URL_LIFE_S = 29 * 60.0  # of thirty minutes
POST_WITHIN_S = 10
PROGRESS_AFTER_S = 2.0  # what takes less needs no word of it: it could not be taken back
AGAIN_AFTER_S = (0.5, 2.0)
LONGEST_WAIT_S = 30.0


class OverError(Exception):
    """The response_url takes nothing more."""


class RefusedError(OverError):
    """Slack refuses what is shown; less of it may pass."""


class DoubtfulError(Exception):
    """Slack may have taken it or not."""


class Answers:
    """What is shown for one thing that a person did."""

    def __init__(
        self,
        scene: Scene,
        client: AsyncWebClient,
        *,
        language: str,
        progress_after_s: float = PROGRESS_AFTER_S,
    ) -> None:
        self._scene = scene
        self._client = client
        self._language = language
        self._uses = 0
        self._began_at = time.monotonic()
        self._progress_after_s = progress_after_s
        self._answered = asyncio.Event()
        self._telling: asyncio.Task[None] | None = None

    async def progress(self, text: str) -> None:
        """Show a line if it takes long: one, for answers through a response_url are few."""
        if self._telling is None:
            self._telling = asyncio.create_task(self._tell_later(text))

    async def _tell_later(self, text: str) -> None:
        try:
            async with asyncio.timeout(self._progress_after_s):
                await self._answered.wait()
        except TimeoutError:
            await self._tell(text)

    async def _tell(self, text: str) -> None:
        line = self._line(text)
        if not self._scene.response_url:
            await self._show_elsewhere(line, private=True)
            return
        try:
            await self._respond(line, private=True, instead=False)
        except (OverError, DoubtfulError) as exc:
            log.info("progress not shown", reason=str(exc)[:200])

    async def _end_progress(self) -> None:
        """From here on nothing more is said of it; a line on its way gets there first."""
        self._answered.set()
        if self._telling is not None:
            await self._telling

    async def show(self, reply: Reply) -> None:
        """Show the reply, whatever it takes. A reply without posts and controls shows nothing."""
        if not reply.posts and not reply.controls:
            return
        bodies = joined(render_reply(self._fitting(reply)))
        await self._end_progress()
        # Slack replaces the message that the button is on: one that only this person sees, or a
        # post of the whole channel.
        instead = reply.in_place and self._scene.is_ephemeral
        for number, body in enumerate(bodies):
            await self._show(body, private=reply.private, instead=instead and number == 0)

    async def say(self, text: str) -> None:
        """A line for the asker alone."""
        await self._end_progress()
        await self._show(self._line(text), private=True, instead=False)

    async def _show(self, body: Body, *, private: bool, instead: bool) -> None:
        try:
            if not self._scene.response_url:
                raise OverError("no response_url")
            await self._patiently(body, private=private, instead=instead)
        except OverError as exc:
            less = without_pictures(body) if isinstance(exc, RefusedError) else body
            if less != body:  # one that Slack cannot load has the whole refused
                await self._show(less, private=private, instead=instead)
                return
            if self._scene.response_url:
                log.info("answered another way", reason=str(exc)[:200])
            await self._show_elsewhere(body, private=private)
        except DoubtfulError as exc:
            log.warning("answer in doubt", reason=str(exc)[:200])
            if private:  # the same to one person twice is better than never
                await self._show_elsewhere(body, private=True)
            else:
                line = self._line(say(words.DOUBTFUL, self._language))
                await self._show_elsewhere(line, private=True)

    async def _patiently(self, body: Body, *, private: bool, instead: bool) -> None:
        """What only the asker sees may be sent again after a doubtful attempt; else it may not."""
        for wait_s in AGAIN_AFTER_S if private else ():
            try:
                return await self._respond(body, private=private, instead=instead)
            except DoubtfulError:
                await asyncio.sleep(wait_s)
        return await self._respond(body, private=private, instead=instead)

    async def _respond(self, body: Body, *, private: bool, instead: bool) -> None:
        """One use of the response_url. Raises `OverError` and `DoubtfulError`."""
        if self._uses >= MOST_USES or time.monotonic() - self._began_at > URL_LIFE_S:
            raise OverError("all uses are used up")
        self._uses += 1
        sent = {
            **body,
            "response_type": "ephemeral" if private else "in_channel",
            "replace_original": instead,
        }
        if self._scene.thread_ts and not instead:
            sent["thread_ts"] = self._scene.thread_ts
        webhook = AsyncWebhookClient(
            self._scene.response_url, timeout=POST_WITHIN_S, retry_handlers=[]
        )
        try:
            answer = await webhook.send_dict(sent)
        except (OSError, aiohttp.ClientError, TimeoutError) as exc:
            raise DoubtfulError(f"{type(exc).__name__}: {exc}") from exc
        if answer.status_code >= 500:
            raise DoubtfulError(f"HTTP {answer.status_code}")
        if answer.status_code == 400:
            raise RefusedError(f"HTTP 400 {answer.body[:80]}")
        if answer.status_code >= 400:
            raise OverError(f"HTTP {answer.status_code} {answer.body[:80]}")

    async def _show_elsewhere(self, body: Body, *, private: bool) -> None:
        """As messages of ours."""
        scene = self._scene
        if scene.is_direct or not private:
            where = {"channel": scene.channel_id, "thread_ts": scene.thread_ts}
            if scene.channel_id and await self._post("chat_postMessage", body, where):
                return
        elif scene.channel_id:
            where = {
                "channel": scene.channel_id,
                "user": scene.user_id,
                "thread_ts": scene.thread_ts,
            }
            if await self._post("chat_postEphemeral", body, where):
                return
        if private and await self._post("chat_postMessage", body, {"channel": scene.user_id}):
            return
        log.error("answer not shown", channel=scene.channel_id, person=scene.user_id)

    async def _post(self, method: str, body: Body, where: Body) -> bool:
        call = getattr(self._client, method)
        given = {name: value for name, value in where.items() if value}
        shown = _as_ephemeral(body) if method == "chat_postEphemeral" else body
        for _ in range(2):
            try:
                await call(**given, **shown)
            except SlackApiError as exc:
                wait_s = retry_after_s(exc)
                if wait_s is None or wait_s > LONGEST_WAIT_S:
                    log.info("answer refused", error=error_of(exc), method=method)
                    return False
                await asyncio.sleep(wait_s)
            except Outages as exc:
                log.info("answer not posted", reason=type(exc).__name__, method=method)
                return False
            else:
                return True
        return False

    def _fitting(self, reply: Reply) -> Reply:
        """In a chat thread, what is shared is shared there: the button says so."""
        if not self._scene.thread_ts:
            return reply
        return replace(reply, controls=tuple(self._renamed(one) for one in reply.controls))

    def _renamed(self, control: Control) -> Control:
        if isinstance(control, Button) and control.action.startswith("share:"):
            return replace(control, label=say(words.SHARE_IN_THREAD, self._language))
        return control

    def _line(self, text: str) -> Body:
        post = Post(kind="notice", title=text, language=self._language)
        bodies: list[Body] = render_reply(Reply(posts=(post,)))
        return bodies[0]


def joined(bodies: Sequence[Body]) -> list[Body]:
    """As few messages as their limits allow: a response_url takes five."""
    found: list[Body] = []
    for body in bodies:
        if found and (both := _both(found[-1], body)) is not None:
            found[-1] = both
        else:
            found.append(dict(body))
    return found


def _both(first: Body, second: Body) -> Body | None:
    blocks = [*first["blocks"], *second["blocks"]]
    text = f"{first['text']}\n\n{second['text']}"
    ids = [one.get("action_id") for block in blocks for one in block.get("elements", ())]
    named = [one for one in ids if one]
    if len(blocks) > MAX_BLOCKS or len(named) != len(set(named)):
        return None
    if len(text.encode()) > MAX_TEXT_BYTES or len(json.dumps(blocks)) > MAX_JSON:
        return None
    return {**first, "text": text, "blocks": blocks}


def _as_ephemeral(body: Body) -> Body:
    """chat.postEphemeral knows neither unfurling nor metadata."""
    left_out = ("unfurl_links", "unfurl_media", "metadata")
    return {name: value for name, value in body.items() if name not in left_out}
