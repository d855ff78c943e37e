"""What follows from the settings: providers, switches, sources, remarks."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest
from pydantic import ValidationError

from config.settings import FetchSettings, LlmSettings, PollSettings, Settings
from tests.config.support import load

TERMINAL = '[[subscriptions]]\nchannel = "terminal"\n'


@pytest.mark.parametrize(
    ("toml", "environ", "provider"),
    [
        ("", {}, "extractive"),
        ("", {"OPENAI_API_KEY": "k"}, "openai"),
        ('[llm]\nbase_url = "http://127.0.0.1:1/v1"', {}, "openai"),
        ("", {"THREADWIRE_LLM__BASE_URL": "http://127.0.0.1:1/v1"}, "openai"),
        ('[llm]\nmodel = "m"', {}, "extractive"),
        ('[llm]\nprovider = "openai"', {}, "openai"),
        ('[llm]\nprovider = "extractive"', {"OPENAI_API_KEY": "k"}, "extractive"),
    ],
)
def test_provider(tmp_path: Path, toml: str, environ: dict[str, str], provider: str) -> None:
    assert load(tmp_path, toml, environ).llm_provider == provider


@pytest.mark.parametrize(
    ("toml", "environ", "discord", "slack"),
    [
        ("", {}, False, False),
        ("", {"DISCORD_TOKEN": "t"}, True, False),
        ("", {"SLACK_BOT_TOKEN": "t"}, False, True),
        ("", {"SLACK_APP_TOKEN": "t"}, False, False),
        ("[discord]\nenabled = false", {"DISCORD_TOKEN": "t"}, False, False),
        ("[slack]\nenabled = true", {}, False, True),
    ],
)
def test_platforms_are_on_with_their_token(
    tmp_path: Path, toml: str, environ: dict[str, str], discord: bool, slack: bool
) -> None:
    settings = load(tmp_path, toml, environ)
    assert (settings.discord_enabled, settings.slack_enabled) == (discord, slack)


def test_user_agent_says_who_asks() -> None:
    page = r"https://github.com/threadwire/threadwire"
    assert FetchSettings().effective_user_agent == f"Threadwire/{version('threadwire')} (+{page})"
    assert FetchSettings(contact="me@example.org").effective_user_agent.endswith(
        f"(+{page}; me@example.org)"
    )
    assert FetchSettings(user_agent="mine/1").effective_user_agent == "mine/1"


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        Settings().llm.model = "other"  # type: ignore[misc]  # what is tried here


def test_code_gives_durations_in_seconds() -> None:
    poll = PollSettings(interval=5, min_interval=1.5, max_interval=10)
    assert (poll.interval, poll.min_interval, poll.max_interval) == (5, 1.5, 10)
    assert LlmSettings(model="m").timeout_s == 60


def test_digests_have_a_schedule_and_instant_posts_none(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        TERMINAL
        + 'sources = ["r/abc"]\nschedule = "0 9 * * MON"\n'
        + TERMINAL
        + 'sources = ["r/abc"]\npost = "outlook"\n'
        + TERMINAL
        + 'sources = ["r/abc"]\npost = "roundup"\nschedule = "0 7 1 * *"\n',
    )
    schedules = [subscription.effective_schedule for subscription in settings.subscriptions]
    assert schedules == [None, "0 9 * * *", "0 7 1 * *"]


def test_sources_that_only_a_subscription_names_are_polled_once(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        '[[sources]]\nurl = "r/abc"\ntags = ["t"]\ninterval = "5m"\n'
        + 2 * (TERMINAL + 'sources = ["r/abc", "tag:t", "https://example.org/feed"]\n'),
    )
    polled = [(source.url, source.interval) for source in settings.polled_sources()]
    assert polled == [("r/abc", 300), ("https://example.org/feed", None)]


def test_tags_come_from_packs_as_well(tmp_path: Path) -> None:
    toml = '[[sources]]\nurl = "pack:ai"\n' + TERMINAL + 'sources = ["tag:labs"]'
    assert load(tmp_path, toml).subscriptions[0].sources == ("tag:labs",)


def test_any_tag_may_come_from_an_opml_file(tmp_path: Path) -> None:
    (tmp_path / "feeds.opml").touch()
    toml = '[[sources]]\nurl = "feeds.opml"\n' + TERMINAL + 'sources = ["tag:anything"]'
    settings = load(tmp_path, toml)
    assert settings.resolve(settings.sources[0].url) == tmp_path / "feeds.opml"


def test_what_is_probably_not_meant_is_remarked_upon(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        '[[sources]]\nurl = "https://example.org/feed.xml"\n'
        + TERMINAL
        + 'sources = ["https://example.org/feed.xm"]\nschedule = "0 9 * * *"',
    )
    assert settings.remarks() == (
        "subscriptions[0].schedule has no effect: instant posts need none",
        "subscriptions[0].sources: https://example.org/feed.xm is not in [[sources]], polled by "
        'default settings; did you mean "https://example.org/feed.xml"?',
    )
    assert load(tmp_path).remarks() == ()


def test_web_address(tmp_path: Path) -> None:
    assert load(tmp_path).web.address == ("127.0.0.1", 8080)
    assert load(tmp_path, '[web]\nlisten = ""').web.address is None
