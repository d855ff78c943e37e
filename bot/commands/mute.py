"""`Mute source`: who manages the channel has it post no more of that source."""

from __future__ import annotations

from typing import NamedTuple

from bot.commands.answers import line, refusal
from bot.commands.kit import Access, Ask, Button, Desk, Press, Reply
from bot.commands.pointed import delivery_of, story_meant
from bot.commands.subscription_texts import check_changeable, source_name
from bot.commands.words import UNDO, said, told
from bot.model import Source, Subscription
from bot.store import chat, space_stories, spaces
from bot.store.database import Connection

_MUTED = said(
    "{name} is muted: nothing more of it is posted in this channel. Other sources go on.",
    "{name} ist stumm: In diesem Kanal wird nichts mehr davon gepostet. Andere Quellen laufen "
    "weiter.",
)
_ALREADY = said("{name} is muted here already.", "{name} ist hier schon stumm.")
_UNMUTED = said("{name} is posted here again.", "{name} wird hier wieder gepostet.")
_NOT_YOURS = said(
    "Muting a source changes what everyone here gets, so only who manages this channel can do it. "
    "Perhaps ask one of them.",
    "Eine Quelle stummzuschalten ändert, was alle hier bekommen; das können nur Personen, die den "
    "Kanal verwalten. Vielleicht eine davon fragen.",
)
_NOT_HERE = said(
    "This channel's subscriptions do not bring that source.",
    "Die Abonnements dieses Kanals bringen diese Quelle nicht.",
)


class _Found(NamedTuple):
    source: Source
    subscription: Subscription


async def _mute(desk: Desk, ask: Ask) -> Reply:
    if not ask.may_manage:
        raise refusal(_NOT_YOURS, ask)
    story = await story_meant(desk, ask)
    found = await desk.database.read(_find, ask, story.id)
    if found is None:
        raise refusal(_NOT_HERE, ask)
    await check_changeable(desk, ask, found.subscription)
    channel, source = found.subscription.channel, found.source
    now = desk.clock.now()
    did = await desk.database.write(chat.mute, channel, source.id, ask.person.id, now)
    text = told(_MUTED if did else _ALREADY, ask, name=source_name(source))
    undo = Button(label=told(UNDO, ask), action=f"unmute:{source.id}:{channel}")
    return line(text, ask, controls=(undo,))


def _find(connection: Connection, ask: Ask, story_id: int) -> _Found | None:
    """The source that brought the story here; one that a chat subscribed to goes first."""
    delivery = delivery_of(connection, ask)
    channel = delivery.channel if delivery else ask.channel
    own = [one for one in spaces.subscriptions_of(connection, ask.viewer) if one.channel == channel]
    own.sort(key=lambda one: one.origin == "file")
    telling = space_stories.story_sources(connection, ask.viewer, story_id)
    for subscription in own:
        linked = {
            source.id: source
            for source in spaces.sources_of_subscription(connection, subscription.id)
        }
        found = next((linked[one] for one in telling if one in linked), None)
        if found is not None:
            return _Found(found, subscription)
    return None


async def _unmute(desk: Desk, ask: Ask) -> Reply:
    """`unmute:<source>:<channel>`, or both as a menu's choice."""
    text, _, channel = (ask.argument or ask.values.get("", "")).partition(":")
    number = int(text) if text.isdecimal() and len(text) < 18 else 0
    found = await desk.database.read(_muted_here, ask, number, channel)
    if found is None:
        raise refusal(_NOT_HERE, ask)
    await check_changeable(desk, ask, found.subscription)
    await desk.database.write(chat.unmute, channel, number)
    return line(told(_UNMUTED, ask, name=source_name(found.source)), ask)


def _muted_here(connection: Connection, ask: Ask, number: int, channel: str) -> _Found | None:
    """A muted source of one of the space's channels."""
    own = [one for one in spaces.subscriptions_of(connection, ask.viewer) if one.channel == channel]
    if not own or number not in chat.muted(connection, channel):
        return None
    own.sort(key=lambda one: one.origin == "file")
    known = spaces.sources_of(connection, ask.viewer)
    found = next((one for one in known if one.id == number), None)
    return _Found(found, own[0]) if found else None


MUTE = Press(name="mute", handle=_mute)
UNMUTE = Press(name="unmute", handle=_unmute, access=Access.MANAGE)
