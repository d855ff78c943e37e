"""`/news status`: how it is going here, what is wrong, and what to do about it."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from bot.commands.answers import item, line, listing, notice, paragraph, strong
from bot.commands.kit import Access, Ask, Button, Command, Control, Desk, Press, Reply
from bot.commands.list_subscriptions import health
from bot.commands.reach import reachable
from bot.commands.reasons import in_language
from bot.commands.subscription_texts import channel_name
from bot.commands.tldr import SUMMARIES
from bot.commands.words import said, told
from bot.model import Block, ListingItem, Source, SourceState, Subscription
from bot.posts.safety import clean_line, clip
from bot.store import chat, model_use, platform_notes, spaces
from bot.store.database import Connection
from bot.store.faults import space_name
from bot.store.model_use import NANOS, Spending
from bot.store.spaces import Fault

_TITLE = said("Status", "Status")
_SUBSCRIPTIONS = said("Subscriptions", "Abonnements")
_COUNTS = said("{active} active, {paused} paused", "{active} aktiv, {paused} pausiert")
_SOURCES = said("Sources", "Quellen")
_SOURCE_COUNTS = said(
    "{active} read, {failing} failing, {gone} gone",
    "{active} gelesen, {failing} gestört, {gone} weg",
)
_QUEUE = said("Posts", "Posts")
_QUEUE_COUNTS = said(
    "{waiting} waiting, {sent} posted, {skipped} held back by a rule",
    "{waiting} warten, {sent} gepostet, {skipped} durch eine Regel zurückgehalten",
)
_STUCK = said(
    "{n} could not be posted: /news list and the faults below say why; whoever runs this bot sees "
    "each one with `threadwire deliveries`",
    "{n} ließen sich nicht posten: /news list und die Störungen unten sagen, warum; der Betreiber "
    "sieht jeden mit `threadwire deliveries`",
)
_FAULT = said("{channel}: {reason}", "{channel}: {reason}")
_ALL = said("all of this server or workspace", "der ganze Server oder Workspace")
_FAULTS = said("Channels that take no posts", "Kanäle, die keine Posts annehmen")
_WELL = said("Everything is well.", "Alles in Ordnung.")
_TROUBLES = said("Sources in trouble", "Gestörte Quellen")
_REDDIT = said("Reddit is read by", "Reddit wird gelesen über")
_MODEL = said("Summaries", "Zusammenfassungen")
_EXTRACTS = said("extracts, without a language model", "Auszüge, ohne Sprachmodell")
_WRITTEN = said("written by {model}", "verfasst von {model}")
_SPENT = said("Spent today (UTC)", "Heute ausgegeben (UTC)")
_OF_BUDGET = said(
    "${spent:.4f} of ${budget:.2f} in {calls} calls, {tokens:,} tokens",
    "{spent:.4f} $ von {budget:.2f} $ in {calls} Anfragen, {tokens} Token",
)
_NO_BUDGET = said(
    "${spent:.4f} in {calls} calls, {tokens:,} tokens; no limit is set",
    "{spent:.4f} $ in {calls} Anfragen, {tokens} Token; kein Limit gesetzt",
)
_SUMMARIES = said("Summaries of conversations", "Zusammenfassungen von Unterhaltungen")
_ON = said("on", "an")
_OFF = said("off", "aus")
_SWITCH_OFF = said("Switch conversation summaries off", "Unterhaltungen nicht zusammenfassen")
_SWITCH_ON = said("Switch conversation summaries on", "Unterhaltungen zusammenfassen")
_SWITCHED_ON = said(
    "Summaries of conversations are on: /tldr and “Summarize thread” read what the asker may read.",
    "Zusammenfassungen von Unterhaltungen sind an: /tldr und „Summarize thread“ lesen, was die "
    "fragende Person lesen darf.",
)
_SWITCHED_OFF = said(
    "Summaries of conversations are off for all of this server or workspace. Links still work.",
    "Zusammenfassungen von Unterhaltungen sind für den ganzen Server oder Workspace aus. Links "
    "gehen weiterhin.",
)


class _Found(NamedTuple):
    own: list[Subscription]
    sources: list[Source]
    deliveries: dict[str, int]
    faults: list[Fault]
    spending: Spending | None
    summaries: str
    note: str


async def _status(desk: Desk, ask: Ask) -> Reply:
    found = await desk.database.read(_gather, desk, ask, await reachable(desk, ask))
    facts = [_subscriptions(found, ask), _sources(found, ask), _queue(found, ask)]
    facts += _service(found, desk, ask)
    blocks: list[Block] = [listing(facts), *_troubles(found, desk, ask)]
    return Reply(
        posts=(notice(told(_TITLE, ask), ask, *blocks),), controls=_controls(found.summaries, ask)
    )


def _gather(connection: Connection, desk: Desk, ask: Ask, within_reach: set[str]) -> _Found:
    """Of this channel, and of others for who manages those: they may be private."""
    own = [
        one
        for one in spaces.subscriptions_of(connection, ask.viewer)
        if one.channel in within_reach
    ]
    channels = {one.channel for one in own}
    linked = {
        source.id: source
        for one in own
        for source in spaces.sources_of_subscription(connection, one.id)
    }
    return _Found(
        own,
        list(linked.values()),
        spaces.delivery_counts(connection, ask.viewer, channels),
        [
            one
            for one in spaces.faults(connection, ask.viewer)
            if one.channel in channels or one.channel == space_name(ask.space)
        ],
        None if spaces.are_several(connection) else model_use.spent(connection, desk.clock.now()),
        chat.switched(connection, ask.space, SUMMARIES, "on"),
        _why_unread(connection, ask),
    )


def _why_unread(connection: Connection, ask: Ask) -> str:
    """Why conversations are not read: here, or anywhere on the platform."""
    names = (f"chats {ask.space}", "chats")
    found = (platform_notes.get(connection, ask.platform, name) for name in names)
    return next((why for why in found if why), "")


def _fact(label: str, text: str) -> ListingItem:
    return item(strong(label), f": {text}")


def _subscriptions(found: _Found, ask: Ask) -> ListingItem:
    states = Counter(one.state for one in found.own)
    text = told(_COUNTS, ask, active=states["active"], paused=states["paused"])
    return _fact(told(_SUBSCRIPTIONS, ask), text)


def _sources(found: _Found, ask: Ask) -> ListingItem:
    states = Counter(one.state for one in found.sources)
    text = told(
        _SOURCE_COUNTS,
        ask,
        active=states[SourceState.ACTIVE],
        failing=states[SourceState.FAILING],
        gone=states[SourceState.GONE],
    )
    return _fact(told(_SOURCES, ask), text)


def _queue(found: _Found, ask: Ask) -> ListingItem:
    counts = Counter(found.deliveries)
    waiting = counts["pending"] + counts["retry"] + counts["sending"]
    text = told(_QUEUE_COUNTS, ask, waiting=waiting, sent=counts["sent"], skipped=counts["skipped"])
    stuck = counts["dead"] + counts["uncertain"]
    below = [item(told(_STUCK, ask, n=stuck))] if stuck else []
    return item(strong(told(_QUEUE, ask)), f": {text}", items=below)


def _service(found: _Found, desk: Desk, ask: Ask) -> list[ListingItem]:
    """How the service reads and writes; what it spends is for managers only, where it is for one
    server or workspace alone.
    """
    facts = desk.newsroom.facts()
    written = told(_WRITTEN, ask, model=facts.model) if facts.model else told(_EXTRACTS, ask)
    lines = []
    if any(one.kind == "reddit" for one in found.sources):
        way = in_language(facts.reddit, ask.person.language)
        lines.append(_fact(told(_REDDIT, ask), way))
    lines.append(_fact(told(_MODEL, ask), written))
    is_on = told(_OFF if found.summaries == "off" else _ON, ask)
    if found.note:  # what keeps the platform from giving us the texts of conversations
        why = in_language(clean_line(found.note), ask.person.language)
        is_on = f"{is_on}; {clip(why, 200)}"
    lines.append(_fact(told(_SUMMARIES, ask), is_on))
    spending = found.spending
    if facts.model and ask.may_manage and spending is not None:
        text = told(
            _OF_BUDGET if facts.day_budget_usd else _NO_BUDGET,
            ask,
            spent=spending.cost_nanos / NANOS,
            budget=facts.day_budget_usd,
            calls=spending.calls,
            tokens=spending.tokens_in + spending.tokens_out,
        )
        lines.append(_fact(told(_SPENT, ask), text))
    return lines


def _troubles(found: _Found, desk: Desk, ask: Ask) -> list[Block]:
    blocks: list[Block] = []
    if found.faults:
        blocks.append(paragraph(strong(told(_FAULTS, ask))))
        blocks.append(listing([item(_fault(one, desk, ask)) for one in found.faults[:10]]))
    if troubles := health(found.sources, ask):
        blocks.append(paragraph(strong(told(_TROUBLES, ask))))
        blocks.append(listing([item(text) for text in troubles]))
    if not blocks:
        blocks.append(paragraph(told(_WELL, ask)))
    return blocks


def _fault(one: Fault, desk: Desk, ask: Ask) -> str:
    reason = clip(in_language(clean_line(one.reason), ask.person.language), 200)
    is_all = one.channel == space_name(ask.space)
    channel = told(_ALL, ask) if is_all else channel_name(desk, one.channel)
    return told(_FAULT, ask, channel=channel, reason=reason)


def _controls(summaries: str, ask: Ask) -> tuple[Control, ...]:
    if not ask.may_manage or not ask.space:
        return ()
    if summaries == "off":
        return (Button(label=told(_SWITCH_ON, ask), action="summaries:on"),)
    return (Button(label=told(_SWITCH_OFF, ask), action="summaries:off"),)


async def _switch(desk: Desk, ask: Ask) -> Reply:
    value = "off" if ask.argument == "off" else "on"
    if ask.space:
        await desk.database.write(chat.switch, ask.space, SUMMARIES, value)
    return line(told(_SWITCHED_OFF if value == "off" else _SWITCHED_ON, ask), ask)


COMMAND = Command(
    name="news status",
    description=said(
        "How it is going here, what is wrong, and what to do about it",
        "Wie es hier läuft, was nicht stimmt und was dagegen hilft",
    ),
    handle=_status,
    presses=(Press(name="summaries", handle=_switch, access=Access.MANAGE),),
)
