"""`/news status`: nothing of it is another server's or workspace's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.store import platform_notes, spaces
from bot.store.database import Connection
from tests.bot.commands.desk import ASK, chat, feed, text_of


def note(connection: Connection) -> None:
    platform_notes.put(connection, "fake", "chats fake:8", "the app lacks a scope there")


async def test_what_is_spent_is_told_where_one_server_spends_it(tmp_path: Path) -> None:
    llm = {"provider": "openai", "base_url": "http://127.0.0.1:9/v1", "model": "m"}
    async with chat(tmp_path, llm=llm) as it:
        it.origin.serve("/f.xml", body=feed("One"))
        await it.type("subscribe", source=it.origin.url("/f.xml"))
        alone = text_of(await it.type("status"))
        other = replace(ASK, space="fake:8", channel="fake:80")
        it.rooms.managers["fake:80"] = {ASK.person.id}
        await it.type("subscribe", other, source=it.origin.url("/f.xml"))
        assert await it.database.read(spaces.are_several)
        together = text_of(await it.type("status"))
    assert "Spent today" in alone
    assert "Spent today" not in together


async def test_what_ails_another_workspace_is_told_there_alone(tmp_path: Path) -> None:
    async with chat(tmp_path) as it:
        await it.database.write(note)
        here = text_of(await it.type("status"))
        there = text_of(await it.type("status", replace(ASK, space="fake:8", channel="fake:80")))
    assert "lacks a scope" not in here
    assert "lacks a scope" in there
