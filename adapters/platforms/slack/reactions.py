"""A star put on one of our posts, and taken back."""

from __future__ import annotations

from typing import Final

from adapters.platforms.slack import asks
from adapters.platforms.slack.asks import Raw
from adapters.platforms.slack.office import Office
from bot.commands import dispatch
from bot.commands.kit import Pointed

STARS: Final = frozenset({"star", "star2", "glowing_star"})


def is_star(body: Raw) -> bool:
    """Whether this is a star on a message."""
    event: Raw = body.get("event") or {}
    item: Raw = event.get("item") or {}
    return event.get("reaction") in STARS and item.get("type") == "message"


async def react(office: Office, body: Raw, *, added: bool) -> None:
    """Tell `bot.commands` of a star. Whether the message is a post of ours, the store knows."""
    scene = asks.scene_of_event(body)
    us = office.workspaces.of(scene.team_id).bot_user_id
    author = (body.get("event") or {}).get("item_user")
    if scene.user_id == us or (author and us and author != us):
        return
    person = await office.enter(scene)
    if person.is_bot or scene.message_ts is None:
        return
    pointed = Pointed(channel=scene.channel, id=scene.message_ts)
    await dispatch.reaction(office.desk, office.ask(scene, person, message=pointed), added)
