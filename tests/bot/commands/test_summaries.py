"""`summarize`: one result is an object, several are an array; each form shows all of them."""

from __future__ import annotations

import json

import pytest

from bot.commands.summaries import RENDERERS, Summary
from tests.bot.posts.samples import discussion, dump, summary

ONE: tuple[Summary, ...] = (discussion(),)
SEVERAL: tuple[Summary, ...] = (discussion(), dump())


def test_json_of_one_is_an_object_and_of_several_an_array() -> None:
    assert json.loads(RENDERERS["json"](ONE))["points"][0]["supporters"] == 5
    found = json.loads(RENDERERS["json"](SEVERAL))
    assert [one["title"] for one in found] == [one.title for one in SEVERAL]
    assert found[1]["url"] is None


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_each_of_several_is_shown(form: str) -> None:
    shown = RENDERERS[form](SEVERAL)
    assert "A kite that tows ships" in shown
    assert "Drachen vor Frachtern" in shown
    assert "(5 of 17 commenters)" in shown


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_an_article_is_shown_as_before(form: str) -> None:
    article: tuple[Summary, ...] = (summary("Cranes stopped.", points=("Cranes stopped.",)),)
    assert "Cranes stopped." in RENDERERS[form](article)
