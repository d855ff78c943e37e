"""What each type of setting takes and refuses."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from config import types
from config.secrets import Secrets
from config.types import LoadContext, format_duration, parse_duration, split_listen

CONTEXT = LoadContext(working_dir=Path("/w"), home=None, secrets=Secrets())


def check(kind: Any, value: object) -> object:
    return TypeAdapter(kind).validate_python(value, context=CONTEXT)


def fault(kind: Any, value: object) -> str:
    with pytest.raises(ValidationError) as caught:
        check(kind, value)
    context = caught.value.errors()[0]["ctx"]
    return f"{context['what']}|{context['detail']}|{context['hint']}"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("30m", 1800), ("1.5h", 5400), ("7d", 604_800), ("0.5s", 0.5)],
)
def test_durations_are_seconds(text: str, seconds: float) -> None:
    assert check(types.Duration, text) == seconds


@pytest.mark.parametrize(
    "value", ["", "30", "m", "30 m", "-1m", "1e3s", "30M", "1w", "٣m", ".5h", "1.h", 60, 60.0, True]
)
def test_other_spellings_of_durations_are_refused(value: object) -> None:
    assert fault(types.Duration, value).startswith('a duration such as "30m"')


@pytest.mark.parametrize("text", ["0s", "0.0d", "9" * 400 + "d", "400000d"])
def test_nonsense_durations_are_refused(text: str) -> None:
    assert fault(types.Duration, text).startswith("a duration above zero")


@given(st.integers(1, 10**9))
def test_durations_are_written_as_they_are_read(seconds: int) -> None:
    assert parse_duration(format_duration(seconds)) == seconds


def test_durations_are_written_naturally() -> None:
    written = [format_duration(seconds) for seconds in (30, 900, 3600, 86_400, 2_592_000, 90)]
    assert written == ["30s", "15m", "60m", "24h", "30d", "90s"]


@pytest.mark.parametrize(
    ("schedule", "days"),
    [
        ("0 9 * * mon", [5, 12]),
        ("0 9 * * 1", [5, 12]),
        ("0 9 * * 0", [4, 11]),
        ("0 9 * * 7", [4, 11]),
        ("0 9 * * SUN", [4, 11]),
        ("0 9 * * sat-sun", [3, 4]),
        ("0  9 * * fri-7", [2, 3]),
        ("0 9 */15 jan,feb *", [1, 16]),
        ("0 9 L * *", [31, 28]),
    ],
)
def test_cron_weekdays_are_crons(schedule: str, days: list[int]) -> None:
    start = datetime(2025, 12, 31, 12, tzinfo=UTC)  # the Wednesday before 2026
    runs = CronSim(str(check(types.Cron, schedule)), start)
    assert [next(runs).day, next(runs).day] == days


@pytest.mark.parametrize(
    ("schedule", "detail"),
    [
        ("0 9 * * moon", "bad day-of-week"),
        ("60 9 * * *", "bad minute"),
        ("0 9 * * 8", "bad day-of-week"),
        ("0 9 30 2 *", "bad day-of-month"),
        ("*/0 9 * * *", "bad minute"),
        ("0 9 * *", ""),
        ("0 0 9 * * *", ""),
        ("@daily", ""),
        ("", ""),
        ("9" * 5000 + " 9 * * *", "number too long"),
    ],
)
def test_other_cron_schedules_are_refused(schedule: str, detail: str) -> None:
    what, said, _ = fault(types.Cron, schedule).split("|")
    assert what == types.CRON_EXPECTED
    assert said == detail


def test_a_schedule_that_never_comes_is_refused() -> None:
    assert fault(types.Cron, "0 0 30 2 */8").startswith("a cron schedule")


@given(st.text("0123456789*/,-#L monfrisun", max_size=24))
def test_any_text_is_a_cron_schedule_or_refused(text: str) -> None:
    try:
        schedule = str(check(types.Cron, text))
    except ValidationError:
        return
    assert next(CronSim(schedule, datetime(2026, 1, 1, tzinfo=UTC))).year < 2100


def test_clock_changes_neither_skip_nor_repeat_a_schedule() -> None:
    """What we rely on in cronsim, and could not find in APScheduler's trigger."""
    zone = ZoneInfo("Europe/Berlin")
    spring = CronSim("30 2 * * *", datetime(2026, 3, 28, 12, tzinfo=zone))
    assert [next(spring).isoformat() for _ in range(2)] == [
        "2026-03-29T03:00:00+02:00",
        "2026-03-30T02:30:00+02:00",
    ]
    autumn = CronSim("30 2 * * *", datetime(2026, 10, 24, 12, tzinfo=zone))
    assert [next(autumn).isoformat() for _ in range(2)] == [
        "2026-10-25T02:30:00+02:00",
        "2026-10-26T02:30:00+01:00",
    ]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"])
def test_time_zones(zone: str) -> None:
    assert check(types.TimeZone, zone) == zone


@pytest.mark.parametrize(
    "zone", ["", "Mars", "America", "../x", "/etc/passwd", "a\0b", "x" * 5000, 1]
)
def test_what_is_no_time_zone_is_refused(zone: object) -> None:
    assert fault(types.TimeZone, zone).startswith("a time zone name")


def test_a_near_time_zone_is_named() -> None:
    assert fault(types.TimeZone, "europe/berln").endswith('; did you mean "Europe/Berlin"?')


@pytest.mark.parametrize("text", ["10.0.0.0/8", "127.0.0.1", "::1", "fd00::/8"])
def test_networks(text: str) -> None:
    assert str(check(types.Cidr, text)).startswith(text)


@pytest.mark.parametrize("value", ["", "localhost", "10.0.0.0/33", "10.0.0", "010.0.0.1", 5])
def test_what_is_no_network_is_refused(value: object) -> None:
    assert fault(types.Cidr, value).startswith("a network such as")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "HTTPS://x.org/a?b#c", "http://[::1]:1/"])
def test_base_urls(url: str) -> None:
    assert check(types.BaseUrl, url) == url


@pytest.mark.parametrize(
    "value",
    [
        *("", 5, "x.org", "ftp://x.org", "http://", "http:///x", "http://x.org:port", "http://a b"),
        *("http://u:p@x.org", "http://u@x.org", "http://x.org:99999", "http://[::1", "http://x\\y"),
    ],
)
def test_what_is_no_base_url_is_refused(value: object) -> None:
    assert fault(types.BaseUrl, value).startswith("a URL")


def test_listen_addresses() -> None:
    assert check(types.Listen, "") == ""
    assert split_listen("127.0.0.1:8080") == ("127.0.0.1", 8080)
    assert split_listen("[::1]:0") == ("::1", 0)
    assert split_listen(":80") == ("0.0.0.0", 80)


@pytest.mark.parametrize("channel", ["discord:123456789", "slack:C0123ABCD", "terminal", "files"])
def test_channels(channel: str) -> None:
    assert check(types.ChannelName, channel) == channel


@pytest.mark.parametrize(
    "channel",
    ["", "discord:", "discord:#general", "discord:١٢٣", "slack:general", "Terminal", "files\n", 1],
)
def test_what_is_no_channel_is_refused(channel: object) -> None:
    assert "discord:<channel id>" in fault(types.ChannelName, channel)


@pytest.mark.parametrize(
    "pattern", ["GPT", "open source", "/gpt-[0-9]+/", r"/\bai\b/", "a/b", "//"]
)
def test_filters(pattern: str) -> None:
    if pattern == "//":
        assert fault(types.Filter, pattern).startswith("a closing /")
    else:
        assert check(types.Filter, pattern) == pattern


@pytest.mark.parametrize(
    ("pattern", "detail"),
    [("/(/", "missing ): ("), (r"/(a)\1/", "invalid escape sequence: \\1"), ("/(?=a)/", "(?=")],
)
def test_what_re2_cannot_read_is_refused_quietly(
    pattern: str, detail: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert detail in fault(types.Filter, pattern)
    assert capfd.readouterr() == ("", "")


@given(st.text(max_size=20))
def test_any_text_is_a_filter_or_refused(text: str) -> None:
    try:
        assert check(types.Filter, f"/{text}/") == f"/{text}/"
    except ValidationError as exc:
        refusal = exc
    else:
        return
    assert refusal.errors()[0]["type"] == "expected"
