"""`/news why` and `Why am I seeing this`: each stage of a story's way, with the rule that decided.

Also of what was not posted. Of other servers' subscriptions and sources it tells nothing, and of
other channels' posts only to who manages those: the asker may not see a channel at all.
"""

from __future__ import annotations

import re
from datetime import datetime

from bot.commands.answers import item, listing, notice, paragraph, refusal, strong
from bot.commands.kit import Ask, Command, Desk, Option, Press, Reply
from bot.commands.pointed import delivery_of, story_meant
from bot.commands.reach import reachable
from bot.commands.reasons import in_language
from bot.commands.subscription_texts import channel_name
from bot.commands.why import Stage, stages_of
from bot.commands.words import primary, said, told
from bot.model import ListingItem, Time
from bot.posts.safety import clean_line, clip, shown_of
from bot.store import space_stories
from bot.store.database import Connection
from bot.store.times import from_text

MOST = 25
MAX_STAGE = 240

_TITLE = said("Why: {title}", "Warum: {title}")
_THIS_POST = said("this post", "dieser Post")
_WHAT = said(
    "Say what: a story's link, a link to a post here, or the number of an entry.",
    "Bitte angeben, was: den Link einer Meldung, den Link eines Posts hier oder die Nummer eines "
    "Eintrags.",
)
_UNKNOWN = said(
    "Nothing is known here of {item}: give a link as it was published, a link to a post here, or "
    "the number of an entry.",
    "Von {item} ist hier nichts bekannt: Möglich sind ein Link, wie er veröffentlicht wurde, der "
    "Link eines Posts hier oder die Nummer eines Eintrags.",
)
_NOT_HERE = said("not posted in this channel", "in diesem Kanal nicht gepostet")
_MORE = said("… and {n} more steps", "… und {n} weitere Schritte")
_STAGES_DE = {
    "fetched": "gelesen",
    "ingested": "aufgenommen",
    "clustered": "zugeordnet",
    "composed": "zusammengestellt",
    "edited": "geändert",
    "summarised": "zusammengefasst",
    "delivery": "Zustellung",
    "outbox": "Ausgang",
}
_CHANNEL = re.compile(r"\b[a-z]+:[A-Z0-9/]{2,40}\b")
_DISCORD = re.compile(r"https?://(?:[a-z]+\.)?discord(?:app)?\.com/channels/\S+?/\d+/(\d+)/?")
_SLACK = re.compile(r"https?://[\w-]+\.slack\.com/archives/\w+/p(\d{10})(\d{6})\S*")


async def _why(desk: Desk, ask: Ask) -> Reply:
    wanted = ask.values.get("item", "").strip().strip("<>")
    if not wanted:
        raise refusal(_WHAT, ask)
    stages = await desk.database.read(stages_of, name_in(wanted), ask.viewer)
    stages = await _within_reach(stages, desk, ask)
    if not stages:
        raise refusal(_UNKNOWN, ask, item=clip(clean_line(wanted), 120))
    return _answer(stages, clip(clean_line(wanted), 120), desk, ask)


def name_in(item: str) -> str:
    """A message's id where it is a link to a message of ours, else the words as they are."""
    if found := _DISCORD.fullmatch(item):
        return found[1]
    if found := _SLACK.fullmatch(item):
        return f"{found[1]}.{found[2]}"
    return item


async def _of_post(desk: Desk, ask: Ask) -> Reply:
    """Of the post that the button is on, whatever it tells; of the story that the button names."""
    stages = await _within_reach(await desk.database.read(_stages_of_post, ask), desk, ask)
    if stages:
        return _answer(stages, told(_THIS_POST, ask), desk, ask)
    story = await story_meant(desk, ask)
    stages = await desk.database.read(_stages_of_story, ask, story.id)
    stages = await _within_reach(stages, desk, ask)
    title = clip(clean_line(story.title), 120)
    if not stages:
        raise refusal(_UNKNOWN, ask, item=title)
    return _answer(stages, title, desk, ask)


def _stages_of_post(connection: Connection, ask: Ask) -> list[Stage]:
    delivery = delivery_of(connection, ask)
    return stages_of(connection, delivery.key, ask.viewer) if delivery else []


def _stages_of_story(connection: Connection, ask: Ask, story_id: int) -> list[Stage]:
    entry_ids = space_stories.story_entries(connection, ask.viewer, story_id)
    return stages_of(connection, str(entry_ids[0]), ask.viewer) if entry_ids else []


async def _within_reach(stages: list[Stage], desk: Desk, ask: Ask) -> list[Stage]:
    """Without the posts of channels whose subscriptions are not the asker's to see."""
    channels = {stage.channel for stage in stages if stage.channel}
    if channels <= {ask.channel}:
        return stages
    seen = {"", *await reachable(desk, ask)}
    kept = [stage for stage in stages if stage.channel in seen]
    if kept and not any(stage.channel for stage in kept):
        kept.append(Stage("", "delivery", told(_NOT_HERE, ask)))
    return kept


def _answer(stages: list[Stage], title: str, desk: Desk, ask: Ask) -> Reply:
    shown = shown_of(len(stages), MOST)
    items = [_item(stage, desk, ask) for stage in stages[:shown]]
    blocks = [listing(items)]
    more = [paragraph(told(_MORE, ask, n=len(stages) - shown))] if len(stages) > shown else []
    return Reply(posts=(notice(told(_TITLE, ask, title=title), ask, *blocks, *more),))


def _item(stage: Stage, desk: Desk, ask: Ask) -> ListingItem:
    name = stage.stage
    if primary(ask.person.language) == "de":
        name = _STAGES_DE.get(name, name)
    # The stages are told for the command line too: in English, with channels by their ids.
    told_so = in_language(clean_line(stage.text), ask.person.language)
    named = _CHANNEL.sub(lambda found: channel_name(desk, found[0]), told_so)
    text = f": {clip(named, MAX_STAGE)}"
    at = _moment(stage.at)
    return item(strong(name), text) if at is None else item(strong(name), text, " · ", Time(at=at))


def _moment(text: str) -> datetime | None:
    return from_text(text) if text else None


COMMAND = Command(
    name="news why",
    description=said(
        "Why a story was posted here, or why it was not",
        "Warum eine Meldung hier gepostet wurde oder warum nicht",
    ),
    handle=_why,
    options=(
        Option(
            name="item",
            description=said(
                "A story's link, a link to a post here, or an entry's number",
                "Link einer Meldung, Link eines Posts hier oder Nummer eines Eintrags",
            ),
            required=True,
            max_length=2_000,
        ),
    ),
    example="https://example.org/story",
)
WHY = Press(name="why", handle=_of_post)
