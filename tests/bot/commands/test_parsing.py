"""One line of text read as options, as Slack has it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import dispatch
from bot.commands.kit import Command
from bot.commands.parsing import form_of, typed_values
from bot.errors import UserError
from tests.bot.commands.desk import ASK


def _command(name: str) -> Command:
    found = dispatch.find_command(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("r/MachineLearning", {"source": "r/MachineLearning"}),
        (
            "r/MachineLearning daily 9:00 min:50",
            {"source": "r/MachineLearning", "schedule": "daily 9:00", "min_score": "50"},
        ),
        (
            "hn:front https://example.org/a?x=1:2 outlook mondays 9am Europe/Berlin",
            {
                "source": "hn:front https://example.org/a?x=1:2",
                "post": "outlook",
                "schedule": "mondays 9am",
                "timezone": "Europe/Berlin",
            },
        ),
        (
            'tag:ai include:"open weights, GPU" exclude:crypto, NFT',
            {"source": "tag:ai", "include": "open weights, GPU", "exclude": "crypto, NFT"},
        ),
        (
            "pack:ai schedule=30 8 * * 1-5 language:de",
            {"source": "pack:ai", "schedule": "30 8 * * 1-5", "language": "de"},
        ),
        ("pack:ai 30 8 * * 1-5", {"source": "pack:ai", "schedule": "30 8 * * 1-5"}),
        ("daily 9:00 source:r/LocalLLaMA", {"source": "r/LocalLLaMA", "schedule": "daily 9:00"}),
    ],
)
def test_words_go_where_they_fit(text: str, values: dict[str, str]) -> None:
    assert typed_values(_command("news subscribe"), text, ASK) == values


def test_a_title_of_several_words_is_one_source() -> None:
    values = typed_values(_command("news latest"), "Hacker News front page", ASK)
    assert values == {"source": "Hacker News front page"}


def test_a_digest_takes_its_kind_and_its_source() -> None:
    values = typed_values(_command("news digest"), "r/MachineLearning community since:7d", ASK)
    assert values == {"kind": "community", "source": "r/MachineLearning", "since": "7d"}


def test_a_query_keeps_its_quotes() -> None:
    values = typed_values(_command("news search"), 'query:"open weights"', ASK)
    assert values["query"] == "open weights"
    values = typed_values(_command("news search"), '"open weights" gpu', ASK)
    assert values["query"] == '"open weights" gpu'
    values = typed_values(_command("news latest"), '"The Daily Gradient"', ASK)
    assert values["source"] == "The Daily Gradient"


def test_tldr_takes_a_link_or_nothing_or_hours() -> None:
    tldr = _command("tldr")
    assert typed_values(tldr, "", ASK) == {}
    assert typed_values(tldr, "https://a.example/x", ASK) == {"url": "https://a.example/x"}
    assert typed_values(tldr, "hours:6", ASK) == {"hours": "6"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("news subscribe", ""),
        ("news subscribe", "min:50"),
        ("news subscribe", "r/a min:lots"),
        ("news list", "everything"),
        ("news pause", ""),
    ],
)
def test_what_does_not_fit_is_answered_with_the_right_form(name: str, text: str) -> None:
    command = _command(name)
    with pytest.raises(UserError, match="The form is: /news") as caught:
        typed_values(command, text, ASK)
    assert form_of(command.on(ASK.platform)) in str(caught.value)


@given(st.text(alphabet='abz:="“ /.,#19*é', max_size=60), st.sampled_from(dispatch.commands()))
def test_any_text_is_read_or_refused(text: str, command: Command) -> None:
    try:
        values = typed_values(command, text, ASK)
    except UserError:
        return
    assert set(values) <= {option.name for option in command.options}
