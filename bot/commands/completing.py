"""What can be chosen while an option is typed: from the store, within the space, at once."""

from __future__ import annotations

from functools import cache

from bot.commands.kit import Ask, Choice, Completes, Desk
from bot.commands.reach import reachable
from bot.commands.schedules import EXAMPLES, cron_of, words_of
from bot.commands.subscription_texts import short_text, titled_in
from bot.model import Subscription
from bot.posts.safety import clean_line, clip
from bot.store import spaces
from bot.store.database import Connection
from bot.store.spaces import Viewer
from config.source_packs import pack_names

MOST = 25
MAX_LABEL = 75
MOST_SEARCHED = 300  # subscriptions of one space
MAX_VALUE = 100
_HOME_ZONES = (
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Los_Angeles",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "Australia/Sydney",
)


async def choices(desk: Desk, completes: Completes, typed: str, ask: Ask) -> list[Choice]:
    """At most 25, the likeliest first."""
    typed = typed.strip()[:100]
    if completes is Completes.SOURCE:
        return await desk.database.read(_sources, ask.viewer, typed)
    if completes is Completes.SUBSCRIPTION:
        return await _subscriptions(desk, ask, typed)
    if completes is Completes.TIMEZONE:
        return [_choice(name) for name in _zones(typed)[:MOST]]
    return _schedules(typed, ask.person.language)


def _choice(value: str, label: str = "") -> Choice:
    return Choice(value=value, label=clip(clean_line(label or value), MAX_LABEL))


def _sources(connection: Connection, viewer: Viewer, typed: str) -> list[Choice]:
    """Sources, tags and packs; of several names the last is being typed."""
    before, _, last = typed.rpartition(" ")
    lower = last.lower()
    found = [
        _choice(f"tag:{tag}")
        for tag in spaces.tags(connection, viewer)
        if _begins_or_holds(f"tag:{tag}".lower(), lower)
    ]
    fixed = ["hn:front", *(f"pack:{name}" for name in pack_names())]
    found += [_choice(name) for name in fixed if _begins_or_holds(name, lower)]
    for name in spaces.source_names(connection, viewer, last, MOST):
        title = name.title and f"{clip(clean_line(name.title), 40)} · {name.url}"
        found.append(_choice(name.url, title))
    if before:
        found = [_choice(f"{before} {one.value}") for one in found]
    distinct = {one.value: one for one in found if len(one.value) <= MAX_VALUE}
    return list(distinct.values())[:MOST]


def _begins_or_holds(name: str, typed: str) -> bool:
    return typed in name


async def _subscriptions(desk: Desk, ask: Ask, typed: str) -> list[Choice]:
    """This channel's, and those of other channels that the asker may manage."""
    within_reach = await reachable(desk, ask)
    found = await desk.database.read(_called, ask.viewer)
    lower = typed.lower().removeprefix("#")
    labelled = [
        (one, f"{short_text(one, names, desk, ask)} {' '.join(one.sources)}", names)
        for one, names in found
        if one.channel in within_reach
    ]
    return [
        _choice(str(one.id), short_text(one, names, desk, ask))
        for one, text, names in labelled
        if str(one.id).startswith(lower) or lower in text.lower()
    ][:MOST]


def _called(connection: Connection, viewer: Viewer) -> list[tuple[Subscription, list[str]]]:
    own = spaces.subscriptions_of(connection, viewer)[:MOST_SEARCHED]
    return [(one, titled_in(connection, one)) for one in own]


@cache
def _all_zones() -> tuple[str, ...]:
    from zoneinfo import available_timezones

    return tuple(sorted(name for name in available_timezones() if "/" in name or name == "UTC"))


def is_zone(word: str) -> bool:
    """Whether a word is the name of a time zone."""
    return word in _all_zones()


def _zones(typed: str) -> list[str]:
    if not typed:
        return list(_HOME_ZONES)
    wanted = typed.lower().replace(" ", "_")
    held = [name for name in _all_zones() if wanted in name.lower()]
    return sorted(held, key=lambda name: (not _begins_a_part(name, wanted), name))


def _begins_a_part(name: str, wanted: str) -> bool:
    return any(part.startswith(wanted) for part in name.lower().split("/"))


def _schedules(typed: str, language: str) -> list[Choice]:
    """What was typed, where it is a schedule already, then examples that have it in them."""
    found = []
    if cron := cron_of(typed):
        found.append(_choice(cron, words_of(cron, language)))
    for example in EXAMPLES:
        text = words_of(example, language)
        if typed.lower() in text.lower() or typed in example or (not cron_of(typed) and not found):
            found.append(_choice(example, text))
    return list({one.value: one for one in found}.values())[:MOST]
