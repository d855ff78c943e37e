"""`Star`: marks a story for the roundup, with the name of who did; pressed again, it is taken back.

A star reaction does the same, and un-reacting takes it back.
"""

from __future__ import annotations

from bot.commands.answers import line
from bot.commands.kit import Ask, Desk, Press, Reply
from bot.commands.pointed import story_meant
from bot.commands.words import said, told
from bot.posts.safety import clean_line, clip
from bot.store import stars
from bot.store.database import Connection
from bot.store.stars import StarRow

_STARRED = said(
    "⭐ Marked for the roundup, with your name. Press again to take it back.",
    "⭐ Für die Rundschau vorgemerkt, mit Ihrem Namen. Noch einmal drücken nimmt es zurück.",
)
_TAKEN_BACK = said("Your star is taken back.", "Ihr Stern ist zurückgenommen.")


async def _star(desk: Desk, ask: Ask) -> Reply:
    story_id = (await story_meant(desk, ask)).id
    has_star = await desk.database.write(_toggle, _row(desk, ask, story_id))
    return line(told(_STARRED if has_star else _TAKEN_BACK, ask), ask)


async def react(desk: Desk, ask: Ask, added: bool) -> bool:
    """A star reaction was put on a post or taken off; False where that changed nothing.

    Raises `UserError` where the message tells no story.
    """
    row = _row(desk, ask, (await story_meant(desk, ask)).id)
    if added:
        return await desk.database.write(stars.put, row)
    return await desk.database.write(stars.take_back, row.story_id, row.person)


def _row(desk: Desk, ask: Ask, story_id: int) -> StarRow:
    return StarRow(
        story_id=story_id,
        person=ask.person.id,
        name=clip(clean_line(ask.person.name), 80),
        place=ask.space or ask.channel,
        remark="",
        at=desk.clock.now(),
    )


def _toggle(connection: Connection, row: StarRow) -> bool:
    """Put the star or take it back; whether it is there now."""
    if stars.take_back(connection, row.story_id, row.person):
        return False
    return stars.put(connection, row)


STAR = Press(name="star", handle=_star)
