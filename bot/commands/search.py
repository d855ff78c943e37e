"""`/news search`: stories that have all the words."""

from __future__ import annotations

from bot.commands.answers import line, listing, notice, refusal, story_item
from bot.commands.kit import Ask, Command, Desk, Option, Reply
from bot.commands.words import said, told
from bot.posts.safety import clean_line, clip
from bot.store import space_stories
from bot.store.search import search_query

SHOWN = 10

_TITLE = said("Found for “{query}”", "Gefunden zu „{query}“")
_NONE = said("Nothing found for “{query}”.", "Nichts gefunden zu „{query}“.")
_NO_WORDS = said(
    "Say what to look for: words, or a “phrase” in quotes.",
    "Bitte angeben, wonach gesucht wird: Wörter oder eine „Wortfolge“ in Anführungszeichen.",
)


async def _search(desk: Desk, ask: Ask) -> Reply:
    query = ask.values.get("query", "").translate(_QUOTES)
    if search_query(query) is None:
        raise refusal(_NO_WORDS, ask)
    found = await desk.database.read(space_stories.search, ask.viewer, query, SHOWN)
    shown = clip(clean_line(query), 80)
    if not found:
        return line(told(_NONE, ask, query=shown), ask)
    items = listing([story_item(story, ask) for story in found])
    return Reply(posts=(notice(told(_TITLE, ask, query=shown), ask, items),))


# Phones put typographic quotation marks.
_QUOTES = str.maketrans("“”„«»", '"""""')

COMMAND = Command(
    name="news search",
    description=said("Search the stories so far", "Die bisherigen Meldungen durchsuchen"),
    handle=_search,
    options=(
        Option(
            name="query",
            description=said(
                'Words that must be in it; a "phrase" in quotes',
                'Wörter, die darin stehen; eine "Wortfolge" in Anführungszeichen',
            ),
            required=True,
            max_length=200,
        ),
    ),
    anywhere=True,
    example="open weights",
)
