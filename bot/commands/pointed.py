"""Which story a button, a reaction or a menu on a message is about, as far as its space sees it."""

from __future__ import annotations

from bot.commands.answers import refusal
from bot.commands.kit import Ask, Desk
from bot.commands.words import said
from bot.ingest.url import canonical_url
from bot.model import Delivery
from bot.store import space_stories
from bot.store.database import Connection
from bot.store.space_stories import SeenStory

_NO_STORY = said(
    "This is no story that I know here (any more).",
    "Das ist keine Meldung, die ich hier (noch) kenne.",
)


async def story_meant(desk: Desk, ask: Ask) -> SeenStory:
    """Raises `UserError` where there is none."""
    found = await desk.database.read(_find, ask)
    if found is None:
        raise refusal(_NO_STORY, ask)
    return found


async def story_or_none(desk: Desk, ask: Ask) -> SeenStory | None:
    return await desk.database.read(_find, ask)


def delivery_of(connection: Connection, ask: Ask) -> Delivery | None:
    """The delivery that a button names by its key, else the one whose message it is on."""
    names = [ask.argument] if ask.argument and ":" not in ask.argument else []
    names += [ask.message.id] if ask.message else []
    found = (space_stories.delivery(connection, ask.viewer, name) for name in names)
    return next((one for one in found if one is not None), None)


def _find(connection: Connection, ask: Ask) -> SeenStory | None:
    """By what the button says, else by the message's delivery."""
    kind, _, rest = ask.argument.partition(":")
    if kind == "story" and rest.isdecimal() and len(rest) < 18:
        return space_stories.story(connection, ask.viewer, int(rest))
    if ask.argument.startswith(("http://", "https://")):
        address = canonical_url(ask.argument)
        at = space_stories.stories_at(connection, ask.viewer, [address] if address else [])
        return space_stories.story(connection, ask.viewer, at[0]) if at else None
    delivery = delivery_of(connection, ask)
    if delivery is None or delivery.story_id is None:
        return None
    return space_stories.story(connection, ask.viewer, delivery.story_id)
