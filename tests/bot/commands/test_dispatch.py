"""Whatever a person does, they get an answer; whatever breaks, we get the trace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.commands import dispatch
from bot.commands.kit import Ask, Completes, Person, Subscribed, SubscriptionWish
from bot.commands.previews import Preview
from bot.errors import SourceError, UserError
from bot.model import Post
from bot.newsroom import RunningNewsroom
from tests.bot.commands.desk import ASK, chat, feed, text_of


class _Broken(RunningNewsroom):
    """A newsroom that fails as told."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def summarize(self, url: str, *, channel: str, language: str = "en") -> Sequence[Post]:
        raise self._error


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (UserError("give a link that works"), "give a link that works"),
        (SourceError("site.example: HTTP 500"), "site.example: HTTP 500"),
        (RuntimeError("secret detail"), "Something went wrong"),
        (KeyError("x"), "Something went wrong"),
    ],
)
async def test_an_error_is_one_private_line(tmp_path: Path, error: Exception, told: str) -> None:
    async with chat(tmp_path) as it:
        desk = replace(it.desk, newsroom=_Broken(error))
        ask = replace(ASK, values={"url": "https://site.example/x"})
        reply = await dispatch.answer_command(desk, "tldr", ask)
        assert told in text_of(reply)
        assert "secret" not in text_of(reply)
        assert reply.private
        assert len(reply.posts) == 1
        assert not reply.posts[0].blocks


async def test_what_does_not_exist_is_answered_too(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        assert "no command" in text_of(await dispatch.answer_command(it.desk, "news dance", ASK))
        assert "older version" in text_of(await dispatch.answer_press(it.desk, "gone:1", ASK))
        reply = await dispatch.answer_message_command(it.desk, "Dance", ASK)
        assert "no command" in text_of(reply)


class _NoWeb(RunningNewsroom):
    """Knows no source but those that are stored."""

    async def subscribe(self, wish: SubscriptionWish, ask: Ask) -> Subscribed:
        raise SourceError("no web here")

    async def preview(self, source: str, *, language: str = "en") -> Preview:
        raise SourceError("no web here")

    async def summarize(self, url: str, *, channel: str, language: str = "en") -> Sequence[Post]:
        raise SourceError("no web here")


HOSTILE = (
    "'; DROP TABLE source; --", "%", "\\", '"', '""', "story:1", "1", "#1", "0", "-1", "tag:",
    "tag:%", "pack:", "pack:ai", "r/", "r/a b", "9" * 40, "\x00", "\ud800", "٣", "²", "http://[",
    "https://", "@everyone", "{}", "{0}", "<@1>", "a" * 5_000, "\n", " ", "hn:front", "on", "off",
    "1:fake:70", ":", "::", "،", "💥", "1,2", "../../etc/passwd", "/x/", "/(/", "1d", "99999d",
)  # fmt: skip


async def test_no_input_upsets_a_command_a_button_or_a_completion(tmp_path: Path) -> None:
    """Hostile words in every option and argument: always an answer, never the apology."""
    async with chat(tmp_path) as it:
        it.origin.serve("/a", body=feed("News"))
        await it.type("subscribe", source=it.origin.url("/a"))
        newsroom = _NoWeb.__new__(_NoWeb)
        vars(newsroom).update(vars(it.desk.newsroom))
        desk = replace(it.desk, newsroom=newsroom)
        for word in HOSTILE:
            for command in dispatch.commands():
                for option in command.options:
                    values = {one.name: "hn:front" for one in command.options if one.required}
                    ask = replace(ASK, values={**values, option.name: word})
                    reply = await dispatch.answer_command(desk, command.name, ask)
                    assert "went wrong" not in text_of(reply), (command.name, option.name, word)
            for press in dispatch.presses():
                ask = replace(ASK, values={"": word, "source": word, "include": word})
                reply = await dispatch.answer_press(desk, f"{press.name}:{word}", ask)
                assert "went wrong" not in text_of(reply), (press.name, word)
            for completes in Completes:
                assert len(await dispatch.complete(desk, completes, word, ASK)) <= 25


async def test_completions_are_of_this_space_and_what_fits(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        it.origin.serve("/a", body=feed("News", title="Nordic Notes"))
        url = it.origin.url("/a")
        await it.type("subscribe", source=url)

        async def values(completes: Completes, typed: str, ask: Ask = ASK) -> list[str]:
            return [one.value for one in await dispatch.complete(it.desk, completes, typed, ask)]

        assert await values(Completes.SOURCE, "nordic") == [url]
        assert "pack:ai" in await values(Completes.SOURCE, "pac")
        assert "hn:front" in await values(Completes.SOURCE, "")
        assert await values(Completes.SOURCE, f"{url} pac") == [f"{url} pack:ai"]
        assert await values(Completes.SUBSCRIPTION, "") == ["1"]
        assert await values(Completes.SUBSCRIPTION, "127.0") == ["1"]
        elsewhere = replace(ASK, channel="fake:71")
        assert await values(Completes.SUBSCRIPTION, "", elsewhere) == ["1"]
        reader = replace(elsewhere, person=Person(id="fake:50", name="Carl"), may_manage=False)
        assert await values(Completes.SUBSCRIPTION, "", reader) == []
        assert (await values(Completes.TIMEZONE, "berl"))[0] == "Europe/Berlin"
        assert (await values(Completes.TIMEZONE, "new york"))[0] == "America/New_York"
        assert (await values(Completes.SCHEDULE, "daily 7:30"))[0] == "30 7 * * *"
        assert "0 9 * * 1" in await values(Completes.SCHEDULE, "mon")
        assert len(await values(Completes.SCHEDULE, "")) > 5
