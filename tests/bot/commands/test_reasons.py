"""What the service says in English of its own accord reads in the language of who asked."""

from __future__ import annotations

import re
import string
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.platforms.discord import errors, intents
from adapters.sources.reddit import WayIn
from bot.commands import dispatch
from bot.commands.kit import Pointed, Reply
from bot.commands.reasons import FORMS, in_language
from bot.errors import ChannelFault
from bot.store import faults, outbox, platform_notes
from bot.store.database import Connection
from bot.store.faults import StoredFault
from tests.bot.commands.desk import ASK, CHANNEL, SITE, Chat, chat, poll, text_of

GERMAN = replace(ASK, person=replace(ASK.person, language="de"))
# Words that German has not, of which no English sentence is without one for long.
ENGLISH = re.compile(
    r"\b(?:the|of|is|are|not|with|this|that|for|since|and|could|already|its?|from|posted|published|"
    r"subscription|channel|there|say|give|see|expected|answered|posts? nothing|new story|without)\b"
)


def feed(*titles: str, day: int = 21) -> bytes:
    """An RSS document with German entries."""
    items = "".join(
        f"<item><guid>{title}</guid><title>{title}</title>"
        f"<link>{SITE}/{title.replace(' ', '-').lower()}</link>"
        f"<pubDate>{day} Nov 2026 0{max(8 - number, 0)}:00:00 GMT</pubDate>"
        f"<description>{title}: Darüber steht hier ein ganzer Absatz mit vielen Worten, damit "
        "niemand die Seite dahinter lesen muss, und noch ein Satz dazu.</description></item>"
        for number, title in enumerate(titles)
    )
    head = "<title>Der Feed</title><language>de</language>"
    return f"<rss version='2.0'><channel>{head}{items}</channel></rss>".encode()


def english_in(text: str) -> list[str]:
    """The lines of ours in which English words stand; names in code and addresses are no words."""
    bare = re.sub(r"https?://\S+|`[^`]*`|/news \w+|“[^”]*”|„[^“]*“", " ", text)
    return [line.strip() for line in bare.splitlines() if ENGLISH.search(line)]


async def eventful(it: Chat) -> None:
    """A channel with all kinds of things to tell."""
    it.origin.serve("/feed", body=feed("Hafen eröffnet in Oslo"))
    url = it.origin.url("/feed")
    await it.type("subscribe", GERMAN, source=url, exclude="Werbung", language="de")
    await it.type("subscribe", GERMAN, source=f"{url} r/LocalLLaMA", schedule="täglich 12:00")
    await it.post()
    it.clock.advance(minutes=30)
    it.origin.serve(
        "/feed", body=feed("Werbung am Abend", "Kestrel zwei kommt", "Hafen eröffnet in Oslo")
    )
    await poll(it, "/feed")
    it.origin.serve("/feed", body=feed("Alte Kunde", day=1) + b" ")
    await poll(it, "/feed")
    await it.post()
    await it.database.write(_ail, it)


def _ail(connection: Connection, it: Chat) -> None:
    now = it.clock.now()
    line = f"{errors.GONE} (Discord error {errors.UNKNOWN_CHANNEL})"
    fault = StoredFault(CHANNEL, ChannelFault.GONE, line, now, 0, now + timedelta(days=1), None)
    faults.put(connection, fault)
    platform_notes.put(connection, "fake", "chats", intents.UNSET)
    connection.execute(
        "UPDATE source SET failures = 5, last_error = 'x.example answered 404 Not Found'"
        " WHERE url LIKE '%/feed'"
    )


async def test_no_command_answers_in_english_to_a_german(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        await eventful(it)
        asked = {
            "source": [it.origin.url("/feed"), it.origin.url("/none"), "tag:nichts", "pack:nix"],
            "subscription": ["1", "2", "99", "nichts"],
            "query": ["Hafen", "nirgends"],
            "item": [*await it.database.read(_names), "nichts"],
            "url": [f"{SITE}/nichts", "nichts"],
            "kind": ["community", "roundup", "outlook"],
        }
        replies: dict[str, Reply] = {}
        for command in sorted(dispatch.commands(), key=lambda one: "unsub" in one.name):
            option = next((one for one in command.options if one.name in asked), None)
            for value in asked[option.name] if option else [""]:
                values = {option.name: value} if option else {}
                if command.name == "news digest":
                    values["source"] = it.origin.url("/feed")
                name = command.name.removeprefix("news ")
                replies[f"{name} {value}"] = await it.type(name, GERMAN, **values)
        found = {name: english_in(text_of(reply)) for name, reply in replies.items()}
        assert {name: lines for name, lines in found.items() if lines} == {}
        status = text_of(replies["status "])
        assert "Message Content Intent ist" in status
        assert "den Kanal gibt es nicht mehr" in status
        assert "etwa eine Anfrage in der Minute" in status


def _names(connection: Connection) -> list[str]:
    """Every entry and every delivery that can be asked for."""
    ids = [str(row["id"]) for row in connection.execute("SELECT id FROM entry")]
    return [*ids, *(one.key for one in outbox.listed(connection))]


async def test_no_button_answers_in_english_to_a_german(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        await eventful(it)
        [sent, *_] = [one for one in await it.database.read(outbox.listed) if one.message_id]
        assert sent.message_id
        here = replace(GERMAN, message=Pointed(channel=CHANNEL, id=sent.message_id))
        for press in dispatch.presses():
            for argument in ("1", "99", f"story:{sent.story_id}", "off", "nichts"):
                reply = await it.press(f"{press.name}:{argument}", here)
                assert english_in(text_of(reply)) == [], f"{press.name}:{argument}"


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form["en"][:50])
def test_a_form_keeps_its_words_in_every_language(form: dict[str, str]) -> None:
    names = {
        name: [part[1] for part in string.Formatter().parse(text)] for name, text in form.items()
    }
    assert set(filter(None, names["en"])) == set(filter(None, names["de"]))
    values = dict.fromkeys(filter(None, names["en"]), "xyz")
    assert in_language(form["en"].format(**values), "de") == form["de"].format(**values)
    assert in_language(form["en"].format(**values), "en-GB") == form["en"].format(**values)


OURS = [
    *(f"{way.value}: {way.meaning}" for way in WayIn),
    *(text for _, text in errors.FAULTS.values()),
    errors.ACCESS,
    intents.REFUSED,
    intents.UNSET,
    intents.OFF,
]


@pytest.mark.parametrize("text", OURS)
def test_what_adapters_say_of_themselves_is_known(text: str) -> None:
    assert in_language(text, "de") != text
    assert english_in(in_language(text, "de")) == []


def test_other_peoples_words_stay() -> None:
    assert in_language("The harbour is open", "de") == "The harbour is open"
    line = in_language("new story: nearest “What is new” is 0.31 alike", "de-AT")
    assert line == "neue Meldung: die nächste, „What is new“, gleicht ihr zu 0.31"
