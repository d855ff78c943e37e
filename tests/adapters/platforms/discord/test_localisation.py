"""Our own texts in every language that we speak."""

from __future__ import annotations

import string

import pytest

from adapters.platforms.discord.localisation import (
    LANGUAGE,
    WORDS,
    language_of,
    localised,
    say,
)


@pytest.mark.parametrize("key", sorted(WORDS))
def test_each_text_is_there_in_both_languages_with_the_same_blanks(key: str) -> None:
    blanks = {
        language: {name for _, name, _, _ in string.Formatter().parse(text) if name}
        for language, text in WORDS[key].items()
    }
    assert set(blanks) == {"en", "de"}
    assert blanks["en"] == blanks["de"]


@pytest.mark.parametrize(
    ("locale", "language"),
    [("de", "de"), ("en-US", "en"), ("en-GB", "en"), ("es-ES", "es"), ("zh-TW", "zh-TW")],
)
def test_a_locale_names_the_language_we_write(locale: str, language: str) -> None:
    assert language_of(locale) == language


def test_a_language_that_we_do_not_speak_gets_english() -> None:
    assert say("stopping", "fr") == WORDS["stopping"]["en"]


def test_the_language_of_whoever_asks_is_the_default() -> None:
    before = LANGUAGE.set("de")
    assert say("room_yours") == WORDS["room_yours"]["de"]
    LANGUAGE.reset(before)


def test_english_stands_under_both_of_its_locales() -> None:
    assert localised({"en": "News", "de": "Neues"}) == {
        "en-US": "News",
        "en-GB": "News",
        "de": "Neues",
    }
