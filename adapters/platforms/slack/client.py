"""Slack as a platform: posts go out by `chat.postMessage` and are found again in the history.

Slack knows no key that would keep a repeated request from posting twice. So each message carries
its delivery's key in its metadata, a doubtful send is looked for in the channel's history before it
is repeated, and the library repeats nothing by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.platforms.slack.errors import FAILURES, RefusedBlocksError, error_of, meaning
from adapters.platforms.slack.less import without_blocks, without_pictures
from adapters.platforms.slack.render import EVENT_TYPE, Body, render_messages
from bot.errors import ChannelFault, DeliveryError
from bot.model import Post
from bot.ports import Clock, Sent

log = structlog.get_logger(__name__)

GAP_S = 1.0  # about one message a second and channel (rate limits, chat.postMessage)
DEADLINE_S = 60.0
PAGE = 200  # an app that is distributed outside the Marketplace gets 15, and one page a minute
MOST_MESSAGES = 6_000
LOOK_WITHIN_S = 600.0  # with the pauses that Slack asks for
MOST_CHANNELS = 10_000
FIRST: Final = "0"
_ROUGHLY = timedelta(minutes=1)  # how well two clocks agree that are both right
_LONG: Final = ("digest", "catchup")  # what may have details in its thread

Client = AsyncWebClient
Clients = Callable[[str, str], Awaitable[tuple[Client, str]]]


class SlackPlatform:
    """Implements `bot.ports.Platform`. `clients` knows whose token a channel takes (of a space,
    where one is named), and the space (`slack:T1`) that it belongs to.
    """

    name = "slack"
    can_edit = True
    same_key_s = 0.0
    landing_s = 10.0

    def __init__(self, clients: Clients, clock: Clock, *, gap_s: float = GAP_S) -> None:
        self._clients = clients
        self._clock = clock
        self._turns = _Turns(gap_s)
        self._ahead = timedelta()  # our clock, of Slack's

    async def send(self, channel: str, post: Post, key: str) -> Sent:
        """Post a message, and its details in its thread."""
        rendered = render_messages(post, key)
        posted = await self._post(channel, rendered.first[0])
        await self._put_details(channel, posted, rendered.details)
        return Sent(message_id=posted)

    async def finish(self, channel: str, message_id: str, post: Post, key: str) -> None:
        """Put into a message's thread what of its details is missing there."""
        details = render_messages(post, key).details
        if not details:
            return
        present = await self._parts(channel, message_id, key)
        missing = [body for body in details if _part_of(body) not in present]
        await self._put_details(channel, message_id, missing)

    async def edit(self, channel: str, message_id: str, post: Post, key: str) -> None:
        """Replace a message and the details in its thread."""
        rendered = render_messages(post, key)
        await self._put(channel, "chat.update", {**rendered.first[0], "ts": message_id})
        if rendered.details or post.kind in _LONG:
            await self._edit_details(channel, message_id, rendered.details, key)

    async def _edit_details(
        self, channel: str, message: str, bodies: Sequence[Body], key: str
    ) -> None:
        """Bring the thread up to date; what it has too much is what the post had before."""
        try:
            present = await self._parts(channel, message, key)
        except DeliveryError as exc:
            if not exc.permanent:
                raise
            log.warning("details left as they are", channel=channel, reason=str(exc))
            return
        for body in map(_marked, bodies):
            old = present.pop(_part_of(body), None)
            if old is None:
                await self._post(channel, {**body, "thread_ts": message})
            elif _mark_of(old) != _mark_of(body):
                await self._put(channel, "chat.update", {**body, "ts": old["ts"]})
        for old in present.values():
            await self._call(channel, "chat.delete", {"ts": old["ts"]})

    async def find(self, channel: str, key: str, since: datetime) -> Sent | None:
        """Read the channel's own history back to `since`, by Slack's clock. The first that says it
        is ours is: what stands in a message's metadata, others can read and copy.
        """
        ahead = timedelta(days=-1)
        while self._ahead - ahead > _ROUGHLY:  # found out from the very first answer, if not before
            ahead = self._ahead
            asked = {"oldest": f"{(since - ahead).timestamp():.6f}"}
            messages = await self._history(channel, "conversations.history", asked)
            found = [one for one in messages if _key_of(one) == (key, FIRST)]
            if found:
                return Sent(message_id=min((str(one["ts"]) for one in found), key=float))
        return None

    async def tell(self, person: str, post: Post, *, space: str = "") -> None:
        """A direct message, to the person who made a subscription and to nobody else."""
        body = render_messages(post).first[0]
        await self._call(person.rpartition(":")[2], "chat.postMessage", body, space=space)

    async def who_we_are(self) -> str:
        """Our own name and workspace. Raises `DeliveryError` where the token is not accepted."""
        answer = await self._call("", "auth.test", {})
        return f"{answer.get('user')} in {answer.get('team')}"

    async def check(self, channel: str, post: str) -> Sequence[str]:
        """What posting there still needs. Raises `DeliveryError`."""
        if channel.startswith("D"):
            return []  # a direct message, which lacks nothing and may not be asked about
        answer = await self._call(channel, "conversations.info", {}, as_form=True)
        found = answer.get("channel") or {}
        if found.get("is_archived"):
            return ["an unarchived channel"]
        return [] if found.get("is_member") else ["membership (/invite @Threadwire)"]

    async def _put_details(self, channel: str, message: str, bodies: Sequence[Body]) -> None:
        """Raises `DeliveryError`, in doubt: the message above them is posted."""
        for body in map(_marked, bodies):
            try:
                await self._post(channel, {**body, "thread_ts": message})
            except DeliveryError as exc:
                if exc.permanent:
                    log.warning("details left out", channel=channel, reason=str(exc))
                    continue
                raise DeliveryError(
                    str(exc), doubtful=True, retry_after_s=exc.retry_after_s
                ) from exc

    async def _post(self, channel: str, body: Mapping[str, Any]) -> str:
        """Post one message in the channel's turn; its timestamp, which is its id."""
        async with self._turns.of(channel):
            answer = await self._put(channel, "chat.postMessage", body)
        return str(answer["ts"])

    async def _put(self, channel: str, method: str, body: Mapping[str, Any]) -> Any:
        """Show a message; with less in it where Slack refuses its blocks. Slack loads pictures
        before it takes a post, and refuses the whole of it where one cannot be loaded.
        """
        less = without_pictures(body)
        for shown in (body,) if less == body else (body, less):
            try:
                return await self._call(channel, method, shown)
            except RefusedBlocksError as exc:
                log.warning("shown with less", channel=channel, reason=str(exc))
        return await self._call(channel, method, without_blocks(body, method))

    async def _parts(self, channel: str, message: str, key: str) -> dict[str, Any]:
        """The details that stand in the message's thread, by their part."""
        found: dict[str, Any] = {}
        for reply in await self._history(channel, "conversations.replies", {"ts": message}):
            whose, part = _key_of(reply)
            if whose == key and part != FIRST:
                found.setdefault(part, reply)
        return found

    async def _history(self, channel: str, method: str, asked: Mapping[str, str]) -> list[Any]:
        messages: list[Any] = []
        cursor = ""
        until = asyncio.get_running_loop().time() + LOOK_WITHIN_S
        while len(messages) < MOST_MESSAGES:
            form = {**asked, "limit": str(PAGE), "include_all_metadata": "true"}
            if cursor:
                form["cursor"] = cursor
            answer = await self._page(channel, method, form, until)
            messages += answer.get("messages") or []
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return messages
        raise DeliveryError("too many messages were posted since to look through", permanent=True)

    async def _page(self, channel: str, method: str, form: Mapping[str, str], until: float) -> Any:
        """One page of a history, after the pauses that Slack asks for: to begin anew after each
        would never come to an end where pages are short.
        """
        while True:
            try:
                return await self._call(channel, method, form, as_form=True)
            except DeliveryError as exc:
                wait_s = None if exc.doubtful else exc.retry_after_s
                if wait_s is None or asyncio.get_running_loop().time() + wait_s > until:
                    raise _unreadable(exc) from exc
            await asyncio.sleep(wait_s)

    async def _call(
        self,
        channel: str,
        method: str,
        body: Mapping[str, Any],
        *,
        as_form: bool = False,
        space: str = "",
    ) -> Any:
        client, space = await self._clients(channel, space)
        asked = {"channel": channel, **body} if channel else dict(body)
        try:
            async with asyncio.timeout(DEADLINE_S):
                if as_form:
                    answer = await client.api_call(method, params=asked)
                else:
                    answer = await client.api_call(method, json=asked)
        except SlackApiError as exc:
            if error_of(exc) == "already_deleted":
                return {}
            raise meaning(exc, space=space) from exc
        except FAILURES as exc:
            raise meaning(exc, space=space) from exc
        self._compare_clocks(answer.headers)
        return answer

    def _compare_clocks(self, headers: Mapping[str, str]) -> None:
        """A look for a post must not begin where Slack's clock has not come to yet."""
        told = next((value for name, value in headers.items() if name.lower() == "date"), "")
        with contextlib.suppress(ValueError):
            at = parsedate_to_datetime(told)
            self._ahead = max(timedelta(), self._clock.now() - at.astimezone(UTC))


class _Turns:
    """One message at a time and channel, with the gap between them that Slack asks for."""

    def __init__(self, gap_s: float) -> None:
        self._gap_s = gap_s
        self._known: OrderedDict[str, _Turn] = OrderedDict()

    def of(self, channel: str) -> _Turn:
        turn = self._known.pop(channel, None) or _Turn(self._gap_s)
        self._known[channel] = turn
        while len(self._known) > MOST_CHANNELS:
            self._known.popitem(last=False)
        return turn


class _Turn:
    def __init__(self, gap_s: float) -> None:
        self._gap_s = gap_s
        self._free = asyncio.Lock()
        self._next_at = 0.0

    async def __aenter__(self) -> None:
        await self._free.acquire()
        try:
            await asyncio.sleep(max(0.0, self._next_at - asyncio.get_running_loop().time()))
        except BaseException:
            self._free.release()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._next_at = asyncio.get_running_loop().time() + self._gap_s
        self._free.release()


def _unreadable(exc: DeliveryError) -> DeliveryError:
    """A history that may not be read says nothing on the channel's taking posts."""
    if exc.fault is not ChannelFault.SCOPE:
        return exc
    return DeliveryError(f"the channel's history cannot be read: {exc}", permanent=True)


def _key_of(message: Mapping[str, Any]) -> tuple[str, str]:
    """The delivery's key and the part of it that a message says it is."""
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return "", ""
    payload = metadata.get("event_payload") or {}
    return str(payload.get("key") or ""), str(payload.get("part") or "")


def _mark_of(message: Mapping[str, Any]) -> str:
    """Which words a detail has."""
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    return str(payload.get("mark") or "")


def _part_of(body: Mapping[str, Any]) -> str:
    return _key_of(body)[1]


def _marked(body: Body) -> Body:
    """A detail that says which words it has: a text for notifications has but the first of them."""
    metadata = body.get("metadata")
    if metadata is None:
        return body
    words = json.dumps([body["text"], body["blocks"]])
    mark = hashlib.sha256(words.encode()).hexdigest()[:16]
    payload = {**metadata["event_payload"], "mark": mark}
    return {**body, "metadata": {**metadata, "event_payload": payload}}


def web_client(token: str, api_base: str, session: aiohttp.ClientSession | None = None) -> Client:
    """A client that repeats nothing by itself: whether a lost answer was posted is looked up."""
    base = api_base if api_base.endswith("/") else f"{api_base}/"
    return AsyncWebClient(
        token=token, base_url=base, timeout=30, session=session, retry_handlers=[]
    )


def one_workspace(client: Client) -> Clients:
    """The simple case: one token for all channels."""

    async def clients(channel: str, space: str) -> tuple[Client, str]:
        return client, ""

    return clients
