"""Discord as a platform: posts go out over REST, and are found again there.

Each message carries a nonce made from the delivery's key, so that repeating a doubtful send within
Discord's window leaves one post (resources/message, enforce_nonce). Later the channel's history is
read: every post carries its key in the id of a button. Forum posts take no nonce, see `forums`.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import discord
import structlog

from adapters.platforms.discord import permissions
from adapters.platforms.discord.details import (
    change_awake,
    change_below,
    create_once,
    put_below,
)
from adapters.platforms.discord.errors import ALREADY_PUBLISHED, meaning
from adapters.platforms.discord.forums import Forums, is_ours, snowflake
from adapters.platforms.discord.places import Place, Places
from adapters.platforms.discord.reasons import FAILURES, Reasons, after_the_first
from adapters.platforms.discord.render import Rendered, render_messages, thread_name
from adapters.platforms.discord.rest import PAGE, Rest
from adapters.platforms.discord.session import DiscordSession
from bot.errors import DeliveryError
from bot.model import Post
from bot.ports import Clock, Sent

log = structlog.get_logger(__name__)

NONCE_WINDOW_S = 120.0  # "the past few minutes"; the true length is not published
MOST_PAGES = 30
PUBLISH_WITHIN_S = 10.0  # beyond the limit Discord lets the request hang
MOST_PUBLISHED = 10  # an hour and channel, as others report
_LONG = ("digest", "catchup")  # what may have details below it
_HOUR = timedelta(hours=1)
DELETED: Final = "deleted"  # as message id: it was posted, and somebody deleted it


class DiscordPlatform:
    """Implements `bot.ports.Platform` for all channels that the bot can reach."""

    name = "discord"
    can_edit = True
    same_key_s = NONCE_WINDOW_S

    def __init__(self, session: DiscordSession, clock: Clock) -> None:
        self.session = session
        self._rest = Rest(session)
        self._clock = clock
        self._places = Places(self._rest.channel)
        self._forums = Forums(self._rest, clock)
        self._reasons = Reasons(session, self._rest, self._places)
        self._published: defaultdict[str, deque[datetime]] = defaultdict(deque)

    async def close(self) -> None:
        """Close the connections. Nothing may be sent afterwards."""
        await self.session.close()

    async def send(self, channel: str, post: Post, key: str) -> Sent:
        """Post a message, and its details in a thread below it."""
        rendered = render_messages(post, key)
        try:
            place = await self._places.of(channel)
            if place.is_forum:
                name, body = thread_name(post), rendered.first[0]
                message = await self._forums.send(place, name, post.tags, body, key)
            else:
                message = await self._send_to_channel(place, rendered, key)
        except FAILURES as exc:
            raise await self._reasons.explain(exc, channel, details=bool(post.details)) from exc
        if message:
            await self._put_details(place, message, post, rendered, key)
        if message and post.publish and place.is_followed:
            await self._publish(place, message)
        return Sent(message_id=message or DELETED)

    async def finish(self, channel: str, message_id: str, post: Post, key: str) -> None:
        """Put below a message that was found again what of its details is missing there."""
        rendered = render_messages(post, key)
        if not rendered.details:
            return
        try:
            place = await self._places.of(channel)
        except FAILURES as exc:
            raise await self._reasons.explain(exc, channel, details=True) from exc
        await self._put_details(place, message_id, post, rendered, key)

    async def _put_details(
        self, place: Place, message: str, post: Post, rendered: Rendered, key: str
    ) -> None:
        """Raises `DeliveryError`, in doubt: the message above them is posted."""
        try:
            parts = _keyed(place, rendered.details, key)
            await put_below(self._rest, place, message, thread_name(post), parts)
        except FAILURES as exc:
            told = await self._reasons.explain(exc, place.id, details=True)
            if not told.permanent:
                raise after_the_first(told) from exc
            log.warning("details left out", channel=place.id, reason=str(told))

    async def edit(self, channel: str, message_id: str, post: Post, key: str) -> None:
        """Replace a message and the details below it."""
        if not message_id.isdigit():
            raise DeliveryError("somebody deleted the post", permanent=True)
        rendered = render_messages(post, key)
        try:
            place = await self._places.of(channel)
            where = message_id if place.is_forum else channel
            await change_awake(self._rest, where, message_id, rendered.first[0])
            if rendered.details or post.kind in _LONG:
                # A part that was taken away and comes back must not be known by its old nonce.
                revision = f"revision:{post.model_dump_json()}"
                parts = _keyed(place, rendered.details, key, part=revision)
                await change_below(self._rest, place, message_id, parts)
        except FAILURES as exc:
            raise await self._reasons.explain(exc, channel, details=bool(post.details)) from exc

    async def find(self, channel: str, key: str, since: datetime) -> Sent | None:
        """Read the channel's own history back to `since`."""
        try:
            place = await self._places.of(channel)
            if place.is_forum:
                found = await self._forums.find(place, key, since)
            else:
                found = await self._find_in_channel(place, key, since)
            if found is None:
                await self._check_history(place)
        except FAILURES as exc:
            raise await self._reasons.explain(exc, channel) from exc
        return Sent(message_id=found) if found else None

    async def tell(self, person: str, post: Post, *, space: str = "") -> None:
        """A direct message, to the person who made a subscription and to nobody else."""
        try:
            direct = await self._rest.direct_channel(person.rpartition(":")[2])
            await self._rest.create(direct, render_messages(post).first[0])
        except FAILURES as exc:
            raise meaning(exc) from exc

    async def who_we_are(self) -> str:
        """Our own name at Discord. Raises `DeliveryError` where the token is not accepted."""
        try:
            await self.session.log_in()
        except FAILURES as exc:
            raise meaning(exc) from exc
        return str(self.session.client.user)

    async def check(self, channel: str, post: str) -> Sequence[str]:
        """Names of the permissions that we lack there. Raises `DeliveryError`."""
        self._places.forget(channel)
        try:
            place = await self._places.of(channel)
            return await self._reasons.lacks(place, permissions.needed(place.type, post))
        except FAILURES as exc:
            raise await self._reasons.explain(exc, channel) from exc

    # sending

    async def _send_to_channel(self, place: Place, rendered: Rendered, key: str) -> str:
        first, *more = _keyed(place, rendered.first, key, part="first")
        message = await create_once(self._rest, place.id, first)
        for body in more:
            await create_once(self._rest, place.id, body)
        return message

    async def _publish(self, place: Place, message: str) -> None:
        """Let the post go on to the channels that follow this one; it is delivered either way."""
        now = self._clock.now()
        lately = self._published[place.id]
        while lately and lately[0] < now - _HOUR:
            lately.popleft()
        if len(lately) >= MOST_PUBLISHED:
            log.warning("not published", channel=place.id, reason="the limit of this hour")
            return
        lately.append(now)
        try:
            await self._rest.publish(place.id, message, within_s=PUBLISH_WITHIN_S)
        except discord.HTTPException as exc:
            if exc.code != ALREADY_PUBLISHED:
                log.warning("not published", channel=place.id, reason=str(exc)[:200])
        except FAILURES as exc:
            log.warning("not published", channel=place.id, reason=type(exc).__name__)

    # looking

    async def _find_in_channel(self, place: Place, key: str, since: datetime) -> str | None:
        """The newest messages first: they are looked at whatever our clock says `since` is, and
        mostly they are all there is to look at.
        """
        after = snowflake(since)
        page = await self._rest.page(place.id)
        if len(page) < PAGE or int(page[0]["id"]) <= int(after):
            return self._ours_in(page, key)
        for _ in range(MOST_PAGES):
            if found := self._ours_in(page, key):
                return found
            page = await self._rest.page(place.id, after=after)
            if len(page) < PAGE:
                return self._ours_in(page, key)
            after = str(page[-1]["id"])
        raise DeliveryError(
            f"more than {MOST_PAGES * PAGE:,} messages were posted since; see for yourself",
            permanent=True,
        )

    def _ours_in(self, page: Sequence[Mapping[str, Any]], key: str) -> str | None:
        ours = (one for one in page if is_ours(one, key, self._rest.our_id))
        return next((str(one["id"]) for one in ours), None)

    async def _check_history(self, place: Place) -> None:
        """Without this permission a history is empty, not refused."""
        if await self._reasons.lacks(place, ("read_message_history",)):
            line = "the bot lacks Read Message History in the channel"
            raise DeliveryError(line, permanent=True)


def _keyed(
    place: Place, bodies: Sequence[Mapping[str, Any]], key: str, *, part: str = "part"
) -> list[dict[str, Any]]:
    """The bodies with a nonce each: the same for the same delivery, 25 characters at most.

    Discord knows nonces by author, not by channel.
    """
    return [
        {**body, "nonce": _nonce(f"{place.id}:{key}:{part}:{number}"), "enforce_nonce": True}
        for number, body in enumerate(bodies)
    ]


def _nonce(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:24]


def open_discord(token: str, api_base: str, clock: Clock) -> DiscordPlatform:
    """The platform, not yet logged in: the first request does that."""
    return DiscordPlatform(DiscordSession(token, api_base), clock)
