"""`/news latest`: the newest stories of a source, as far as they were read."""

from __future__ import annotations

from bot.commands.answers import line, listing, notice, refusal, story_item
from bot.commands.kit import Ask, Command, Completes, Desk, Option, Reply
from bot.commands.naming import names_in
from bot.commands.preview import preview_reply
from bot.commands.subscription_texts import names_text
from bot.commands.words import said, told
from bot.model import Source
from bot.store import space_stories, spaces
from bot.store.database import Connection
from bot.store.space_stories import SeenStory
from bot.store.spaces import Viewer

SHOWN = 8

_TITLE = said("Latest from {names}", "Neuestes von {names}")
_NONE = said("{names} brought nothing so far.", "{names} hat noch nichts gebracht.")
_WHICH = said("Say which source.", "Bitte die Quelle angeben.")


async def _latest(desk: Desk, ask: Ask) -> Reply:
    names = await names_in(desk, ask, ask.values.get("source", ""))
    if not names:
        raise refusal(_WHICH, ask)
    known, found = await desk.database.read(_find, ask.viewer, names)
    is_single = len(names) == 1 and not names[0].startswith("pack:")
    if is_single and not any(one.last_ok_at for one in known):
        return await preview_reply(desk, ask, names[0])
    titles = {one.url: one.title or one.url for one in known}
    shown = names_text([titles.get(name, name) for name in names], ask)
    if not found:
        return line(told(_NONE, ask, names=shown), ask)
    items = listing([story_item(story, ask) for story in found])
    return Reply(posts=(notice(told(_TITLE, ask, names=shown), ask, items),))


def _find(
    connection: Connection, viewer: Viewer, names: tuple[str, ...]
) -> tuple[list[Source], list[SeenStory]]:
    """Those of the sources that are known here, and their newest stories."""
    known = spaces.sources_meant(connection, viewer, names)
    found = space_stories.latest(connection, viewer, [one.id for one in known], SHOWN)
    return known, found


COMMAND = Command(
    name="news latest",
    description=said("The newest stories of a source", "Die neuesten Meldungen einer Quelle"),
    handle=_latest,
    options=(
        Option(
            name="source",
            description=said(
                "A source or tag, by address or title", "Quelle oder Tag, als Adresse oder Titel"
            ),
            required=True,
            completes=Completes.SOURCE,
        ),
    ),
    example="hn:front",
)
