"""What to say about a channel that takes no posts, and what a person can do about it."""

from __future__ import annotations

from datetime import datetime

from bot.errors import ChannelFault
from bot.model import Post
from bot.posts.compose import notice_post

_ADVICE = {
    "en": {
        ChannelFault.PERMISSION: "Give the bot the permission that is missing there.",
        ChannelFault.GONE: "If the channel is not coming back, unsubscribe; if it was only hidden, "
        "let the bot see it.",
        ChannelFault.ARCHIVED: "Open the thread or channel again, or unsubscribe.",
        ChannelFault.REMOVED: "Add the bot again, or unsubscribe.",
        ChannelFault.ACCESS: "Put a valid token into the settings and start the bot again.",
        ChannelFault.SCOPE: "Install the app again, so that it gets the scope that is missing.",
        ChannelFault.RESTRICTED: "Ask an admin to let the bot post there, or choose another "
        "channel.",
    },
    "de": {
        ChannelFault.PERMISSION: "Gib dem Bot dort die Berechtigung, die fehlt.",
        ChannelFault.GONE: "Kommt der Kanal nicht wieder, bestelle ihn ab; ist er nur verborgen, "
        "zeige ihn dem Bot.",
        ChannelFault.ARCHIVED: "Öffne den Thread oder Kanal wieder oder bestelle ihn ab.",
        ChannelFault.REMOVED: "Füge den Bot wieder hinzu oder bestelle ihn ab.",
        ChannelFault.ACCESS: "Trage ein gültiges Token in die Einstellungen ein und starte den Bot "
        "neu.",
        ChannelFault.SCOPE: "Installiere die App neu, damit sie die fehlende Berechtigung (Scope) "
        "erhält.",
        ChannelFault.RESTRICTED: "Bitte einen Admin, den Bot dort posten zu lassen, oder wähle "
        "einen anderen Kanal.",
    },
}
# Both vendors document these as links that open a channel in their own clients.
_ADDRESSES = {
    "discord": "https://discord.com/channels/{place}/{channel}",
    "slack": "https://slack.com/app_redirect?team={place}&channel={channel}",
}
_TITLE = {
    "en": "I cannot post in a channel that you subscribed",
    "de": "In einen Kanal, den du bestellt hast, kann ich nichts posten",
}
_WAITING = {
    "en": "Nothing is lost: what is new waits, and is posted in its order as soon as it works.",
    "de": "Nichts geht verloren: Neues wartet und kommt der Reihe nach, sobald es wieder geht.",
}


def fault_post(
    channel: str,
    fault: ChannelFault,
    reason: str,
    *,
    language: str,
    now: datetime,
    space: str = "",
    name: str = "",
) -> Post:
    """Tells somebody that their subscription waits, why, and what to do. The headline leads to the
    channel where its platform has addresses for that; an id says nothing to anybody.
    `name`: what it is called, where that is known.
    """
    known = _known(language)
    url = _address(channel, space.partition(":")[2])
    called = name or ("" if url else channel)
    lines = (
        f"{called}: {reason}" if called else reason,
        advice(fault, language=known),
        _WAITING[known],
    )
    return notice_post(_TITLE[known], "\n".join(lines), language=known, now=now, url=url)


def _address(channel: str, place: str) -> str | None:
    """Where a channel (`slack:C1`) of a server or workspace (`T1`) can be opened."""
    platform, _, rest = channel.partition(":")
    own = rest.partition(":")[0]
    address = _ADDRESSES.get(platform)
    return address.format(place=place, channel=own) if address and place and own else None


def advice(fault: ChannelFault, *, language: str = "en") -> str:
    """What a person can do about it."""
    return _ADVICE[_known(language)][fault]


def _known(language: str) -> str:
    primary = language.replace("_", "-").split("-")[0].lower()
    return primary if primary in _ADVICE else "en"
