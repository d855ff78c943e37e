"""`/news list`: what this channel and this server get, how it is doing, and a hand on each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bot.commands.answers import code, item, line, notice, paragraph, strong
from bot.commands.answers import listing as listing_of
from bot.commands.kit import Access, Ask, Button, Choice, Command, Control, Desk, Menu, Press, Reply
from bot.commands.reach import reachable
from bot.commands.reasons import in_language
from bot.commands.subscription_texts import (
    FROM_FILE,
    PAUSED,
    channel_name,
    filters_text,
    names_text,
    role_text,
    short_text,
    source_name,
    titled,
    when_text,
)
from bot.commands.words import said, told
from bot.model import Block, ListingItem, Source, SourceState, Subscription
from bot.posts.safety import clip
from bot.store import chat, spaces
from bot.store.database import Connection
from bot.store.spaces import Fault, Viewer

PER_PAGE = 10
MAX_LABEL = 75
TROUBLES = 3  # a source that failed less often is not worth a line

_TITLE = said("Subscriptions", "Abonnements")
_NONE = said(
    "Nothing is subscribed here yet. Begin with /news subscribe r/MachineLearning",
    "Hier ist noch nichts abonniert. Ein Anfang: /news subscribe r/MachineLearning",
)
_HERE = said("In this channel", "In diesem Kanal")
_IN = said("In {channel}", "In {channel}")
_NOT_YET = said("not read yet", "noch nicht gelesen")
_TROUBLE = said("{source}: {reason}", "{source}: {reason}")
_GONE = said("{source}: gone, polled no more", "{source}: verschwunden, wird nicht mehr gefragt")
_FAULT = said("Nothing is posted here: {reason}", "Hier wird nichts gepostet: {reason}")
_MUTED = said("muted here: {names}", "hier stumm: {names}")
_PAGE = said("Page {page} of {pages}", "Seite {page} von {pages}")
_NEXT = said("Next page", "Nächste Seite")
_BEFORE = said("Previous page", "Vorige Seite")
_PAUSE_OR_RESUME = said("Pause or resume …", "Pausieren oder fortsetzen …")
_UNMUTE = said("Unmute …", "Stummschaltung aufheben …")
_REMOVE = said("Unsubscribe …", "Abbestellen …")


class _Row(NamedTuple):
    """A subscription with its sources, and which of them are muted in its channel."""

    subscription: Subscription
    sources: Sequence[Source]
    muted: Sequence[Source]


def _gather(connection: Connection, viewer: Viewer) -> tuple[list[_Row], list[Fault]]:
    rows = []
    for one in spaces.subscriptions_of(connection, viewer):
        linked = spaces.sources_of_subscription(connection, one.id)
        muted = chat.muted(connection, one.channel)
        rows.append(_Row(one, linked, [source for source in linked if source.id in muted]))
    return rows, spaces.faults(connection, viewer)


async def _list(desk: Desk, ask: Ask) -> Reply:
    rows, faults = await desk.database.read(_gather, ask.viewer)
    rows = await visible(desk, ask, rows)
    if not rows:
        return line(told(_NONE, ask), ask)
    pages = (len(rows) + PER_PAGE - 1) // PER_PAGE
    wanted = int(ask.argument) if ask.argument.isdecimal() and len(ask.argument) < 6 else 1
    page = min(max(wanted, 1), pages)
    shown = rows[(page - 1) * PER_PAGE : page * PER_PAGE]
    blocks = [block for channel in _channels(shown) for block in _channel_blocks(
        channel, [row for row in shown if row.subscription.channel == channel], faults, desk, ask
    )]  # fmt: skip
    if pages > 1:
        blocks.append(paragraph(told(_PAGE, ask, page=page, pages=pages)))
    return Reply(
        posts=(notice(told(_TITLE, ask), ask, *blocks),),
        controls=tuple(_controls(shown, page, pages, desk, ask)),
        in_place=bool(ask.argument),
    )


async def visible(desk: Desk, ask: Ask, rows: Sequence[_Row]) -> list[_Row]:
    """This channel's subscriptions, and those of other channels that the asker may manage."""
    within_reach = await reachable(desk, ask)
    return [row for row in rows if row.subscription.channel in within_reach]


def _channels(rows: Sequence[_Row]) -> list[str]:
    return list(dict.fromkeys(row.subscription.channel for row in rows))


def _channel_blocks(
    channel: str, rows: Sequence[_Row], faults: Sequence[Fault], desk: Desk, ask: Ask
) -> list[Block]:
    here = channel == ask.channel
    name = told(_HERE, ask) if here else told(_IN, ask, channel=channel_name(desk, channel))
    blocks: list[Block] = [paragraph(strong(name))]
    blocks += [
        paragraph(told(_FAULT, ask, reason=in_language(fault.reason, ask.person.language)))
        for fault in faults
        if fault.channel == channel
    ]
    blocks.append(listing_of([_item(row, desk, ask) for row in rows]))
    return blocks


def _item(row: _Row, desk: Desk, ask: Ask) -> ListingItem:
    one = row.subscription
    parts = [f" · {when_text(one, ask)}"]
    if filters := filters_text(one, ask):
        parts.append(f" · {filters}")
    if role := role_text(one, desk, ask):
        parts.append(f" · {role}")
    if one.state == "paused":
        parts.append(f" · {told(PAUSED, ask)}")
    if one.origin == "file":
        parts.append(f" · {told(FROM_FILE, ask)}")
    below = [item(text) for text in health(row.sources, ask)]
    if row.muted:
        names = names_text([source_name(source) for source in row.muted], ask)
        below.append(item(told(_MUTED, ask, names=names)))
    names = names_text(titled(one, row.sources), ask)
    return item(code(f"#{one.id}"), " ", strong(names), *parts, items=below)


def health(sources: Sequence[Source], ask: Ask) -> list[str]:
    """What is worth saying of the sources: trouble by name, else that there is none."""
    lines = []
    for source in sources:
        name = source_name(source)
        if source.state is SourceState.GONE:
            lines.append(told(_GONE, ask, source=name))
        elif source.last_error and (source.failures >= TROUBLES or source.last_ok_at is None):
            reason = in_language(source.last_error, ask.person.language)
            lines.append(told(_TROUBLE, ask, source=name, reason=clip(reason, 160)))
        elif source.last_ok_at is None:
            lines.append(told(_TROUBLE, ask, source=name, reason=told(_NOT_YET, ask)))
    return lines[:5]


def _controls(rows: Sequence[_Row], page: int, pages: int, desk: Desk, ask: Ask) -> list[Control]:
    controls: list[Control] = []
    changeable = [row for row in rows if row.subscription.origin != "file"]
    if changeable and ask.may_manage:
        choices = tuple(_choice(one, desk, ask) for one in changeable)
        controls.append(
            Menu(placeholder=told(_PAUSE_OR_RESUME, ask), action="pause_or_resume", choices=choices)
        )
        controls.append(Menu(placeholder=told(_REMOVE, ask), action="unsubscribe", choices=choices))
    muted = {
        f"{source.id}:{row.subscription.channel}": source_name(source)
        for row in rows
        for source in row.muted
    }
    if muted and ask.may_manage:
        unmuted = [Choice(value=one, label=name[:MAX_LABEL]) for one, name in muted.items()]
        controls.append(
            Menu(placeholder=told(_UNMUTE, ask), action="unmute", choices=tuple(unmuted[:25]))
        )
    if page > 1:
        controls.append(Button(label=told(_BEFORE, ask), action=f"list:{page - 1}"))
    if page < pages:
        controls.append(Button(label=told(_NEXT, ask), action=f"list:{page + 1}"))
    return controls


def _choice(row: _Row, desk: Desk, ask: Ask) -> Choice:
    one = row.subscription
    label = clip(short_text(one, titled(one, row.sources), desk, ask), MAX_LABEL)
    return Choice(value=str(one.id), label=label)


COMMAND = Command(
    name="news list",
    description=said(
        "What this channel gets, and how its sources are doing",
        "Was dieser Kanal bekommt und wie es seinen Quellen geht",
    ),
    handle=_list,
    presses=(Press(name="list", handle=_list, access=Access.EVERYONE),),
)
