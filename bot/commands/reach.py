"""Whose subscriptions an asker may see and change from where they ask."""

from __future__ import annotations

from bot.commands.kit import Ask, Desk
from bot.errors import ChannelFault
from bot.store import spaces
from bot.store.database import Connection


async def reachable(desk: Desk, ask: Ask) -> set[str]:
    """The channels of the asker's space whose subscriptions they may see: this one, and those that
    they may manage. A channel that is gone has nobody to manage it: it falls to who manages here.
    """
    channels, gone = await desk.database.read(_channels, ask)
    found = {ask.channel} | (gone if ask.may_manage else set())
    for channel in channels - found:
        rooms = desk.rooms.get(channel.partition(":")[0])
        if rooms is not None and await rooms.may_manage(channel, ask.person.id):
            found.add(channel)
    return found


def _channels(connection: Connection, ask: Ask) -> tuple[set[str], set[str]]:
    """All channels with subscriptions of the space, and those of them that no longer exist."""
    own = {one.channel for one in spaces.subscriptions_of(connection, ask.viewer)}
    faults = spaces.faults(connection, ask.viewer)
    return own, {one.channel for one in faults if one.fault == ChannelFault.GONE}
