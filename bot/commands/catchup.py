"""`/news catchup`: what happened in this channel's sources since this person last asked."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.commands.answers import item, listing, notice, paragraph, refusal, story_item
from bot.commands.kit import Ask, Command, Desk, Reply
from bot.commands.words import said, told
from bot.model import Block, Time
from bot.posts.safety import shown_of
from bot.posts.words import words_for
from bot.store import chat, space_stories, spaces
from bot.store.database import Connection
from bot.store.space_stories import SeenStory

SHOWN = 15
FIRST = timedelta(hours=24)
LONGEST = timedelta(days=14)

_TITLE = said("What you missed: {stories}", "Was Sie verpasst haben: {stories}")
_SINCE = said("New in this channel's sources since ", "Neu in den Quellen dieses Kanals seit ")
_FIRST_TIME = said(
    "New in this channel's sources in the last 24 hours; next time, since you last asked.",
    "Neu in den Quellen dieses Kanals in den letzten 24 Stunden; beim nächsten Mal seit der "
    "letzten Frage.",
)
_NOTHING = said("Nothing new: you are up to date.", "Nichts Neues: Sie sind auf dem Laufenden.")
_NONE_HERE = said(
    "Nothing is subscribed in this channel, so there is nothing to catch up on.",
    "In diesem Kanal ist nichts abonniert; es gibt nichts nachzuholen.",
)
_BEST = said(
    "The most discussed {n} are shown; /news search finds the others.",
    "Gezeigt sind die {n} meistbesprochenen; /news search findet die übrigen.",
)


async def _catch_up(desk: Desk, ask: Ask) -> Reply:
    now = desk.clock.now()
    asked_at = await desk.database.read(chat.caught_up_at, ask.channel, ask.person.id)
    since = now - FIRST if asked_at is None else max(asked_at, now - LONGEST)
    found = await desk.database.read(_find, ask, since)
    if found is None:
        raise refusal(_NONE_HERE, ask)
    await desk.database.write(chat.catch_up, ask.channel, ask.person.id, now)
    intro = paragraph(told(_FIRST_TIME, ask))
    if asked_at is not None:
        intro = paragraph(told(_SINCE, ask), Time(at=since))
    if not found:
        return Reply(posts=(notice(told(_NOTHING, ask), ask, intro),))
    title = told(_TITLE, ask, stories=words_for(ask.person.language).stories(len(found)))
    return Reply(posts=(notice(title, ask, intro, *_blocks(found, ask)),))


def _find(connection: Connection, ask: Ask, since: datetime) -> list[SeenStory] | None:
    """The channel's new stories; None where it has no subscription."""
    own = spaces.subscriptions_of(connection, ask.viewer)
    here = [one for one in own if one.channel == ask.channel]
    if not here:
        return None
    muted = chat.muted(connection, ask.channel)
    wanted = {
        source.id: None
        for one in here
        for source in spaces.sources_of_subscription(connection, one.id)
        if source.id not in muted
    }
    return space_stories.new_since(connection, ask.viewer, wanted, since)


def _blocks(found: list[SeenStory], ask: Ask) -> list[Block]:
    """The stories, the newest first; where there are many, those that are talked about most."""
    if shown_of(len(found), SHOWN) == len(found):
        return [listing([story_item(story, ask) for story in found])]
    best = sorted(found, key=_weight, reverse=True)[:SHOWN]
    shown = [story for story in found if story in best]
    more = words_for(ask.person.language).more(len(found) - SHOWN)
    items = [story_item(story, ask) for story in shown]
    return [listing([*items, item(f"… {more}")]), paragraph(told(_BEST, ask, n=SHOWN))]


def _weight(story: SeenStory) -> tuple[int, int, int]:
    return (len(story.sources), story.score or 0, story.num_comments or 0)


COMMAND = Command(
    name="news catchup",
    description=said(
        "What happened in this channel's sources since you last asked (only you see it)",
        "Was in den Quellen dieses Kanals geschah, seit Sie zuletzt fragten (nur für Sie)",
    ),
    handle=_catch_up,
)
