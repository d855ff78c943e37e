"""The registry: every command is whole, within the platforms' limits, in both languages."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

import bot.commands
from bot.commands import COMMANDS, MESSAGE_COMMANDS, STORY_BUTTONS, dispatch
from bot.commands.kit import Access, Command, Option, Press
from bot.commands.reference import reference_markdown
from bot.commands.words import LANGUAGES
from bot.posts import compose

DOCS = Path(__file__).parents[3] / "docs"
NAME = re.compile(r"[-_a-z0-9]{1,32}")  # Discord's, of what Slack takes as text
ALL = dispatch.commands()


def test_the_page_is_current() -> None:
    page = (DOCS / "commands.md").read_text("utf-8")
    assert page == reference_markdown(), "run: python -m bot.commands.reference > docs/commands.md"


def test_names_are_those_of_the_contract() -> None:
    news = (
        "subscribe unsubscribe list latest catchup search digest preview why pause resume status "
        "help"
    )
    assert list(COMMANDS) == [*(f"news {name}" for name in news.split()), "tldr"]
    assert list(MESSAGE_COMMANDS) == ["Summarize thread"]
    assert [command.name for command in ALL] == list(COMMANDS)


@pytest.mark.parametrize("command", ALL, ids=lambda command: command.name)
def test_a_command_is_within_the_limits(command: Command) -> None:
    assert all(NAME.fullmatch(part) for part in command.name.split())
    assert len(command.options) <= 25
    required = [option.required for option in command.options]
    assert required == sorted(required, reverse=True)  # Discord wants the required ones first
    assert sum(required) <= 2
    names = [option.name for option in command.options]
    assert len(set(names)) == len(names)
    descriptions = [command.description, *(option.description for option in command.options)]
    for text in descriptions:
        assert all(1 <= len(text[language]) <= 100 for language in LANGUAGES)
    total = len(command.name) + max(len(text) for text in command.description.values())
    total += sum(map(_weight, command.options))
    assert total <= 8_000


def _weight(option: Option) -> int:
    texts = max(len(text) for text in option.description.values())
    return len(option.name) + texts + sum(2 * len(choice) for choice in option.choices)


@pytest.mark.parametrize("command", ALL, ids=lambda command: command.name)
def test_an_option_completes_or_chooses(command: Command) -> None:
    for option in command.options:
        assert NAME.fullmatch(option.name)
        assert not (option.completes and option.choices)
        assert len(option.choices) <= 25


@pytest.mark.parametrize("press", dispatch.presses(), ids=lambda press: press.name)
def test_what_is_pressed_is_found_by_its_action(press: Press) -> None:
    assert NAME.fullmatch(press.name)
    assert dispatch.find_press(press.name) is press
    assert dispatch.find_press(f"{press.name}:anything:at all") is press


def test_whoever_changes_subscriptions_must_manage_the_channel() -> None:
    changing = {"subscribe", "unsubscribe", "pause", "resume"}
    for command in ALL:
        is_changing = command.name.removeprefix("news ") in changing
        assert (command.access is Access.MANAGE) == is_changing, command.name


def test_every_action_of_a_story_post_has_its_button() -> None:
    labels = {compose.SUMMARIZE, compose.STAR, compose.MUTE, compose.WHY}
    assert labels == {"Summarize thread", "Star", "Mute source", "Why am I seeing this"}
    assert {"summarize", "star", "mute", "why", "share"} <= set(STORY_BUTTONS)


def _texts() -> Iterator[tuple[str, Mapping[str, str]]]:
    """Every text of every module of the package."""
    for module in iter_modules(bot.commands.__path__):
        loaded = import_module(f"bot.commands.{module.name}")
        for name, value in vars(loaded).items():
            if isinstance(value, dict) and set(value) & set(LANGUAGES):
                yield f"{module.name}.{name}", value


@pytest.mark.parametrize("name", sorted(dict(_texts())))
def test_a_text_is_whole_in_every_language(name: str) -> None:
    text = dict(_texts())[name]
    assert set(text) == set(LANGUAGES)
    fields = [
        {field for _, field, _, _ in string.Formatter().parse(text[language]) if field}
        for language in LANGUAGES
    ]
    assert fields[0] == fields[1]
    assert all(text[language].strip() for language in LANGUAGES)
