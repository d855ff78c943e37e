"""`/tldr`: what an article, a discussion or a conversation in this chat says.

A conversation is read only where the asker may read it and nobody switched that off; the answer is
theirs alone until they share it, and nothing of it is stored beyond a model's short-lived cache.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.commands.answers import line, notice, refusal
from bot.commands.kit import Ask, Button, Command, Desk, MessageCommand, Option, Press, Reply, Rooms
from bot.commands.pointed import story_or_none
from bot.commands.share import share_button
from bot.commands.words import primary, said, told
from bot.errors import OutsideError, UserError
from bot.model import Post
from bot.ports import Room
from bot.store import chat

SUMMARIES = "summaries"  # the setting of a space; "off" forbids reading conversations
MOST_MESSAGES = 500
MOST_HOURS = 7 * 24

_READING = said("Reading {url} …", "Lese {url} …")
_READING_ROOM = said("Reading the conversation …", "Lese die Unterhaltung …")
_SWITCHED_OFF = said(
    "Summaries of conversations are switched off here. /tldr with a link still works; who manages "
    "this channel can switch them on in /news status.",
    "Zusammenfassungen von Unterhaltungen sind hier abgeschaltet. /tldr mit einem Link geht "
    "weiterhin; wer den Kanal verwaltet, kann sie in /news status einschalten.",
)
_NO_ROOMS = said(
    "Conversations cannot be read here: give a link.",
    "Unterhaltungen lassen sich hier nicht lesen: bitte einen Link angeben.",
)
_BAD_NUMBER = said(
    "{name} must be a whole number from 1 to {most}.",
    "{name} muss eine ganze Zahl von 1 bis {most} sein.",
)
_CHAT_LINK = said(
    "That link leads into a chat: use “Summarize thread” in the message's menu, or /tldr there.",
    "Dieser Link führt in einen Chat: bitte „Summarize thread“ im Menü der Nachricht oder /tldr "
    "dort benutzen.",
)
_NOTHING = said(
    "This message has no thread and no link that could be summarised.",
    "Diese Nachricht hat weder Thread noch Link, den man zusammenfassen könnte.",
)
_UNREAD = said(
    "What is linked; the thread is not in it: {why}",
    "Was verlinkt ist; der Thread ist nicht dabei: {why}",
)
_NO_LINK = said("This story has no link to summarise.", "Diese Meldung hat keinen Link.")
_NOTHING_SAID = said("There is nothing to summarise.", "Hier gibt es nichts zusammenzufassen.")
_NO_ADDRESS = said(
    "“{text}” is no link. The form is: /tldr https://…, or /tldr alone for this conversation.",
    "„{text}“ ist kein Link. So geht es: /tldr https://…, oder nur /tldr für diese Unterhaltung.",
)
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)*\.[^\W\d_][\w-]+\.?(?::\d+)?(?:[/?#]|$)")
_CHAT = re.compile(
    r"https?://(?:[a-z]+\.)?(?:discord(?:app)?\.com/channels/|[\w-]+\.slack\.com/archives/)",
    re.IGNORECASE,
)


async def _tldr(desk: Desk, ask: Ask) -> Reply:
    url = ask.values.get("url", "").strip().strip("<>")
    if url:
        return await _of_url(desk, ask, url)
    messages = _number(ask, "messages", MOST_MESSAGES)
    hours = _number(ask, "hours", MOST_HOURS)
    return await _of_room(desk, ask, ask.channel, messages=messages, hours=hours)


async def _of_url(desk: Desk, ask: Ask, url: str) -> Reply:
    if _CHAT.match(url):
        raise refusal(_CHAT_LINK, ask)
    if "://" not in url:
        if not _HOST.match(url):
            raise refusal(_NO_ADDRESS, ask, text=url[:60])
        url = f"https://{url}"
    await ask.progress(told(_READING, ask, url=url[:200]))
    language = primary(ask.person.language)
    posts = await desk.newsroom.summarize(url, channel=ask.channel, language=language)
    return _shareable(desk, ask, posts)


async def _of_room(
    desk: Desk, ask: Ask, channel: str, *, messages: int | None = None, hours: int | None = None
) -> Reply:
    room = await _read(desk, ask, channel, messages=messages, hours=hours)
    if not _says_something(room):
        return line(told(_NOTHING_SAID, ask), ask)
    return _shareable(desk, ask, [await desk.newsroom.summarize_room(ask, room)])


async def _read(
    desk: Desk, ask: Ask, channel: str, *, messages: int | None = None, hours: int | None = None
) -> Room:
    rooms = await _readable(desk, ask)
    await ask.progress(told(_READING_ROOM, ask))
    return await rooms.read(channel, ask.person.id, messages=messages, hours=hours)


def _says_something(room: Room) -> bool:
    return bool(room.thread.comments or room.thread.text.strip())


async def _readable(desk: Desk, ask: Ask) -> Rooms:
    """The platform's conversations. Raises `UserError` where they must not be read."""
    if await desk.database.read(chat.switched, ask.space, SUMMARIES, "on") == "off":
        raise refusal(_SWITCHED_OFF, ask)
    rooms = desk.rooms.get(ask.platform)
    if rooms is None:
        raise refusal(_NO_ROOMS, ask)
    return rooms


def _shareable(desk: Desk, ask: Ask, posts: Sequence[Post]) -> Reply:
    if not posts:
        return line(told(_NOTHING_SAID, ask), ask)
    shown = tuple(post.model_copy(update={"actions": ()}) for post in posts)
    controls: tuple[Button, ...] = (share_button(desk, ask, shown),)
    return Reply(posts=shown, controls=controls)


def _number(ask: Ask, name: str, most: int) -> int | None:
    text = ask.values.get(name, "").strip()
    if not text:
        return None
    if not text.isdecimal() or len(text) > 6 or not 1 <= int(text) <= most:
        raise refusal(_BAD_NUMBER, ask, name=name, most=most)
    return int(text)


async def _of_message(desk: Desk, ask: Ask) -> Reply:
    """The thread of a message where people talk in it, else the story that the message tells, else
    its first link.
    """
    assert ask.message is not None
    url = await _link_of(desk, ask)
    if ask.message.room is not None:
        try:
            room = await _read(desk, ask, ask.message.room)
        except UserError as exc:
            if url is None:
                raise
            return await _of_link_instead(desk, ask, url, str(exc))
        else:
            if _says_something(room):
                return _shareable(desk, ask, [await desk.newsroom.summarize_room(ask, room)])
    if url is None:
        raise refusal(_NOTHING, ask)
    return await _of_url(desk, ask, url)


async def _of_link_instead(desk: Desk, ask: Ask, url: str, why: str) -> Reply:
    """What the link says, and why the thread is not in it; that alone where the link fails too."""
    try:
        reply = await _of_url(desk, ask, url)
    except (UserError, OutsideError) as exc:
        raise UserError(why) from exc
    unread = notice(told(_UNREAD, ask, why=why), ask)
    return replace(reply, posts=(unread, *reply.posts))


async def _link_of(desk: Desk, ask: Ask) -> str | None:
    """Where the message leads: to a story's discussion or article, or by its own link."""
    assert ask.message is not None
    story = await story_or_none(desk, ask)
    if story is not None and (url := story.discussion or story.url):
        return url
    return next((url for url in ask.message.links if not _CHAT.match(url)), None)


async def _of_story(desk: Desk, ask: Ask) -> Reply:
    """What the button of a story's post summarises: its discussion, else its article."""
    story = await story_or_none(desk, ask)
    url = (story.discussion or story.url) if story else None
    if url is None and ask.argument.startswith(("http://", "https://")):
        url = ask.argument
    if url is None:
        raise refusal(_NO_LINK, ask)
    return await _of_url(desk, ask, url)


COMMAND = Command(
    name="tldr",
    description=said(
        "Summarise a link, or the thread or channel this is typed in (only you see it)",
        "Einen Link zusammenfassen oder diesen Thread oder Kanal (nur für Sie)",
    ),
    handle=_tldr,
    options=(
        Option(
            name="url",
            description=said(
                "An article, a Reddit or Hacker News discussion; left out: this conversation",
                "Artikel, Reddit- oder Hacker-News-Diskussion; ohne: diese Unterhaltung",
            ),
            max_length=2_000,
        ),
        Option(
            name="messages",
            description=said(
                "How many of the last messages of this channel",
                "Wie viele der letzten Nachrichten dieses Kanals",
            ),
            kind="whole",
        ),
        Option(
            name="hours",
            description=said(
                "The last so many hours of this channel", "Die letzten so vielen Stunden des Kanals"
            ),
            kind="whole",
        ),
    ),
    anywhere=True,
    example="https://news.ycombinator.com/item?id=1",
)
SUMMARIZE_THREAD = MessageCommand(
    name="Summarize thread",
    description=said(
        "What this thread, or the page it links to, says",
        "Was dieser Thread oder die verlinkte Seite sagt",
    ),
    handle=_of_message,
)
SUMMARIZE = Press(name="summarize", handle=_of_story)
