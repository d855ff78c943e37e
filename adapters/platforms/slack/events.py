"""What Slack tells by itself: mentions, links, stars, who joined, and that we were removed."""

from __future__ import annotations

import json
import re
from typing import Any

import structlog

from adapters.platforms.slack import asks, words
from adapters.platforms.slack.asks import PLATFORM, Raw
from adapters.platforms.slack.home import UNFURL, Home
from adapters.platforms.slack.mrkdwn import escape, link
from adapters.platforms.slack.office import Office
from adapters.platforms.slack.reactions import is_star, react
from adapters.platforms.slack.words import say
from adapters.platforms.slack.workspaces import TEAM, Outages, UnknownWorkspaceError
from bot.commands import dispatch
from bot.commands.kit import Pointed
from bot.ingest.url import canonical_url
from bot.ports import Channels
from bot.store import chat, places, platform_notes, space_stories
from bot.store.database import Connection
from bot.store.space_stories import SeenStory
from bot.store.spaces import Viewer

log = structlog.get_logger(__name__)

MOST_UNFURLS = 5
NOTE_ANSWERED = "answered"
MOST_ANSWERED = 200
_MENTION = re.compile(r"<@[UW][A-Z0-9]+(?:\|[^>]*)?>")


class Events:
    """Handles events that are new and from workspaces we are in; started as tasks."""

    def __init__(self, office: Office, home: Home, channels: Channels) -> None:
        self._office = office
        self._desk = office.desk
        self._home = home
        self._channels = channels
        self._handlers = {
            "app_home_opened": home.opened,
            "app_mention": self._mentioned,
            "link_shared": self._links_shared,
            "reaction_added": self._starred,
            "reaction_removed": self._unstarred,
            "member_joined_channel": self._joined,
            "member_left_channel": self._left,
            "channel_unarchive": self._reopened,
            "group_unarchive": self._reopened,
            "channel_rename": self._renamed,
            "group_rename": self._renamed,
            "app_uninstalled": self._removed,
            "tokens_revoked": self._revoked,
        }

    async def handle(self, body: Raw) -> None:
        """One event. Kinds that we know nothing of are left alone."""
        kind = str((body.get("event") or {}).get("type") or "")
        handler = self._handlers.get(kind)
        if handler is None:
            return
        try:
            await handler(body)
        except UnknownWorkspaceError:
            log.warning("event of a workspace that we are not in", kind=kind)

    async def _mentioned(self, body: Raw) -> None:
        """In a thread: summarise it; with a link: that; the answer is the asker's alone."""
        event: Raw = body.get("event") or {}
        if event.get("bot_id") or not event.get("user") or await self._was_answered(body):
            return
        scene = asks.scene_of_event(body)
        person = await self._office.enter(scene)
        answers = self._office.answers(scene, person)
        text = _MENTION.sub("", str(event.get("text") or ""))
        links = asks.find_links({"text": text})
        if scene.thread_ts:
            room = asks.room_name(scene.channel_id, scene.thread_ts)
            pointed = Pointed(channel=scene.channel, id=scene.thread_ts, room=room)
            ask = self._office.ask(scene, person, message=pointed, progress=answers.progress)
            reply = await dispatch.answer_message_command(self._desk, "Summarize thread", ask)
        elif links:
            link = {"url": links[0]}
            ask = self._office.ask(scene, person, values=link, progress=answers.progress)
            reply = await dispatch.answer_command(self._desk, "tldr", ask)
        else:
            await answers.say(say(words.MENTION_HINT))
            return
        await answers.show(reply)
        await self._desk.database.write(_note_answered, str(body.get("event_id") or ""))

    async def _was_answered(self, body: Raw) -> bool:
        """Whether this was answered before, by an earlier run perhaps: Slack repeats for an hour
        what it is not sure of. Other events may be handled twice without anybody noticing.
        """
        answered = await self._desk.database.read(_answered)
        return str(body.get("event_id") or "") in answered

    async def _starred(self, body: Raw) -> None:
        if is_star(body):
            await react(self._office, body, added=True)

    async def _unstarred(self, body: Raw) -> None:
        if is_star(body):
            await react(self._office, body, added=False)

    async def _joined(self, body: Raw) -> None:
        """We were invited: what waited for that goes out now."""
        scene = asks.scene_of_event(body)
        self._office.rooms.forget_members(scene.channel_id)
        if scene.user_id == self._office.workspaces.of(scene.team_id).bot_user_id:
            self._channels.mended(scene.channel)

    async def _left(self, body: Raw) -> None:
        self._office.rooms.forget_members(asks.scene_of_event(body).channel_id)

    async def _reopened(self, body: Raw) -> None:
        self._channels.mended(asks.scene_of_event(body).channel)

    async def _renamed(self, body: Raw) -> None:
        TEAM.set(asks.scene_of_event(body).team_id)
        channel: Raw = (body.get("event") or {}).get("channel") or {}
        name = str(channel.get("name") or "")
        self._office.rooms.remember_name(str(channel.get("id") or ""), name)

    async def _removed(self, body: Raw) -> None:
        """The app was uninstalled there: its token is worth nothing, and is forgotten. Slack tells
        of that for up to an hour; who installed it again meanwhile has a token that is good.
        """
        team_id = asks.scene_of_event(body).team_id
        if not await self._office.workspaces.is_refused(team_id):
            log.info("workspace kept: its token is good", team=team_id)
            return
        await self._office.workspaces.remove(team_id)
        self._office.people.forget_team(team_id)
        for channel in await self._desk.database.read(places.channels_of, f"{PLATFORM}:{team_id}"):
            log.info("channel lost", channel=channel)

    async def _revoked(self, body: Raw) -> None:
        """Tokens of people are none of ours; a bot's token is."""
        tokens: Raw = (body.get("event") or {}).get("tokens") or {}
        if tokens.get("bot"):
            await self._removed(body)

    async def _links_shared(self, body: Raw) -> None:
        """Unfold links to stories that this workspace knows, where it wants that."""
        scene = asks.scene_of_event(body)
        found = await self._desk.database.read(_unfolded, scene.space, scene.channel, _urls(body))
        if not found:
            return
        unfurls = {url: {"blocks": _story_blocks(story)} for url, story in found.items()}
        event: Raw = body.get("event") or {}
        where: dict[str, Any] = {"channel": scene.channel_id, "ts": event.get("message_ts")}
        if event.get("unfurl_id") and event.get("source"):
            where = {"unfurl_id": event["unfurl_id"], "source": event["source"]}
        client = self._office.workspaces.client_of(scene.team_id)
        try:
            await client.chat_unfurl(unfurls=unfurls, **where)
        except Outages as exc:
            log.info("link not unfolded", reason=str(exc)[:200])


def _answered(connection: Connection) -> list[str]:
    """The events of the last mentions that were answered."""
    kept: list[str] = json.loads(platform_notes.get(connection, PLATFORM, NOTE_ANSWERED) or "[]")
    return kept


def _note_answered(connection: Connection, event_id: str) -> None:
    kept = [one for one in (*_answered(connection), event_id) if one][-MOST_ANSWERED:]
    platform_notes.put(connection, PLATFORM, NOTE_ANSWERED, json.dumps(kept))


def _urls(body: Raw) -> list[str]:
    links = (body.get("event") or {}).get("links") or ()
    return [str(one.get("url")) for one in links if one.get("url")][:MOST_UNFURLS]


def _unfolded(
    connection: Connection, space: str, channel: str, urls: list[str]
) -> dict[str, SeenStory]:
    if chat.switched(connection, space, UNFURL, "off") != "on":
        return {}
    viewer = Viewer(space, channel)
    found: dict[str, SeenStory] = {}
    for url in urls:
        address = canonical_url(url)
        ids = space_stories.stories_at(connection, viewer, [address] if address else [])
        story = space_stories.story(connection, viewer, ids[0]) if ids else None
        if story is not None:
            found[url] = story
    return found


def _story_blocks(story: SeenStory) -> list[Any]:
    """A story as it is known: headline, who tells it, where it is discussed."""
    facts = [escape(", ".join(story.sources[:4]))]
    if story.discussion and story.discussion != story.url:
        facts.append(link("discussion", story.discussion))
    return [
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": f"*{link(story.title, story.url)}*"},
        },
        {"type": "context", "elements": [{"type": "mrkdwn", "text": " · ".join(facts)}]},
    ]
