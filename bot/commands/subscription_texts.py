"""Subscriptions in words, and finding the one that a person means."""

from __future__ import annotations

from collections.abc import Sequence

from bot.commands.answers import refusal
from bot.commands.kit import Ask, Desk, KnowsRoles, Said
from bot.commands.reach import reachable
from bot.commands.schedules import words_of
from bot.commands.words import said, told
from bot.model import Source, Subscription
from bot.posts.safety import clean_line, clip, shown_of
from bot.store import spaces
from bot.store.database import Connection

KINDS: dict[str, Said] = {
    "instant": said("each story at once", "jede Meldung sofort"),
    "community": said("community digest", "Community-Digest"),
    "outlook": said("outlook digest", "Ausblick-Digest"),
    "roundup": said("roundup digest", "Rundschau-Digest"),
}
_AT_LEAST = said("score of at least {n}", "mindestens {n} Punkte")
_WITH = said("with any of: {words}", "mit einem von: {words}")
_WITHOUT = said("without: {words}", "ohne: {words}")
_AND_MORE = said("{names} and {n} more", "{names} und {n} weitere")
PAUSED = said("paused", "pausiert")
FROM_FILE = said("settings file", "Einstellungsdatei")
_ROLE_DEAF = said(
    "@{name}, of whom nobody is notified: let everyone mention the role, or give me Mention "
    "Everyone in the channel",
    "@{name}, wovon niemand benachrichtigt wird: bitte die Rolle für alle erwähnbar machen oder "
    "mir im Kanal „Alle erwähnen“ erlauben",
)
_ROLE_GONE = said("a role that no longer exists", "eine Rolle, die es nicht mehr gibt")

_NO_SUCH = said(
    "There is no subscription {name} here: /news list shows them.",
    "Hier gibt es kein Abonnement {name}: /news list zeigt sie.",
)
_WHICH = said(
    "Several subscriptions have {name}: {numbers}. Say which by its number.",
    "Mehrere Abonnements haben {name}: {numbers}. Bitte die Nummer angeben.",
)
_READ_ONLY = said(
    "Subscription {number} stands in the settings file of whoever runs this bot: it can only be "
    "changed there.",
    "Abonnement {number} steht in der Einstellungsdatei des Betreibers und kann nur dort geändert "
    "werden.",
)
_OTHER_CHANNEL = said(
    "Subscription {number} belongs to {channel}, which you may not manage.",
    "Abonnement {number} gehört zu {channel}; diesen Kanal dürfen Sie nicht verwalten.",
)


def names_text(names: Sequence[str], ask: Ask, most: int = 4) -> str:
    """Some names in a row."""
    shown = [clip(clean_line(name), 60) for name in names[: shown_of(len(names), most)]]
    text = ", ".join(shown)
    more = len(names) - len(shown)
    return told(_AND_MORE, ask, names=text, n=more) if more else text


def titled(subscription: Subscription, sources: Sequence[Source]) -> list[str]:
    """What the subscription's sources are called: an address by its title, where that is known."""
    titles = {source.url: source.title for source in sources if source.title}
    return [titles.get(name, name) if "://" in name else name for name in subscription.sources]


def titled_in(connection: Connection, subscription: Subscription) -> list[str]:
    return titled(subscription, spaces.sources_of_subscription(connection, subscription.id))


async def called(desk: Desk, ask: Ask, subscription: Subscription) -> str:
    """The subscription's sources in a row, as people know them."""
    return names_text(await desk.database.read(titled_in, subscription), ask)


def short_text(subscription: Subscription, names: Sequence[str], desk: Desk, ask: Ask) -> str:
    """`#3 r/MachineLearning · community digest · #news`"""
    parts = [f"#{subscription.id} {names_text(names, ask, 2)}"]
    parts.append(told(KINDS[subscription.post], ask))
    if subscription.channel != ask.channel:
        parts.append(channel_name(desk, subscription.channel))
    if subscription.state == "paused":
        parts.append(told(PAUSED, ask))
    return " · ".join(parts)


def when_text(subscription: Subscription, ask: Ask) -> str:
    """What it posts and when."""
    kind = told(KINDS[subscription.post], ask)
    if subscription.post == "instant" or not subscription.schedule:
        return kind
    at = words_of(subscription.schedule, ask.person.language)
    return f"{kind}, {at} ({subscription.timezone})"


def filters_text(subscription: Subscription, ask: Ask) -> str:
    """Its filters; empty where it has none."""
    parts = []
    if subscription.min_score:
        parts.append(told(_AT_LEAST, ask, n=subscription.min_score))
    if subscription.include:
        parts.append(told(_WITH, ask, words=names_text(subscription.include, ask, 6)))
    if subscription.exclude:
        parts.append(told(_WITHOUT, ask, words=names_text(subscription.exclude, ask, 6)))
    if subscription.languages:
        parts.append(", ".join(subscription.languages))
    return "; ".join(parts)


def role_text(one: Subscription, desk: Desk, ask: Ask) -> str:
    """The role that its posts call, and whether that reaches anybody; empty without one."""
    rooms = desk.rooms.get(one.channel.partition(":")[0])
    if not one.role or not isinstance(rooms, KnowsRoles):
        return ""
    role = rooms.role(one.space or ask.space, one.channel, one.role)
    if role is None:
        return told(_ROLE_GONE, ask)
    name = clip(clean_line(role.name), 60)
    return f"@{name}" if role.reached else told(_ROLE_DEAF, ask, name=name)


def channel_name(desk: Desk, channel: str) -> str:
    """How people call a channel, as its platform knows it."""
    rooms = desk.rooms.get(channel.partition(":")[0])
    return clip(clean_line(rooms.name_of(channel)), 60) if rooms else channel


def source_name(source: Source) -> str:
    """A source's title, or what a person wrote."""
    return clip(clean_line(source.title or source.url), 80)


async def chosen(desk: Desk, ask: Ask, text: str) -> Subscription:
    """The subscription of this space that a number or a source's name means, to be changed.

    Raises `UserError` where there is none, where several are meant, where the settings file has it,
    or where it is another channel's that the asker may not manage.
    """
    name = text.strip()
    number = name.removeprefix("#")
    if number.isdecimal() and len(number) < 18:
        found = await desk.database.read(spaces.subscription, ask.viewer, int(number))
        found = None if found is None or found.state == "removed" else found
    else:
        found = await _by_source(desk, ask, name)
    if found is None:
        raise refusal(_NO_SUCH, ask, name=name[:80])
    await check_changeable(desk, ask, found)
    return found


async def _by_source(desk: Desk, ask: Ask, name: str) -> Subscription | None:
    """The subscription with this source: this channel's before others."""
    own = await desk.database.read(spaces.subscriptions_of, ask.viewer)
    known = await desk.database.read(spaces.sources_named, ask.viewer, name)
    wanted = {name.lower(), *(source.url.lower() for source in known)}
    matching = [one for one in own if wanted & {each.lower() for each in one.sources}]
    here = [one for one in matching if one.channel == ask.channel] or matching
    if len(here) > 1:
        numbers = ", ".join(f"#{one.id}" for one in here)
        raise refusal(_WHICH, ask, name=name[:80], numbers=numbers)
    return here[0] if here else None


async def check_changeable(desk: Desk, ask: Ask, subscription: Subscription) -> None:
    """Raises `UserError` where this person may not change it from here."""
    if subscription.origin == "file":
        raise refusal(_READ_ONLY, ask, number=subscription.id)
    if subscription.channel == ask.channel:
        return
    if subscription.channel not in await reachable(desk, ask):
        name = channel_name(desk, subscription.channel)
        raise refusal(_OTHER_CHANNEL, ask, number=subscription.id, channel=name)
