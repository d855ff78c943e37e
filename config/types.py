"""Types of settings that Python has no word for: duration, cron, network, channel and so on.

Each checks what a person wrote and, where it is wrong, says what is expected. `config.explain`
puts file, key and the value that was got around it. Libraries that only some settings need are
imported when one of those is checked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    AllowInfNan,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    Strict,
    ValidationInfo,
)
from pydantic_core import PydanticCustomError

from config.regex import RegexError, compile_regex
from config.secrets import Secrets

SECONDS_PER_UNIT = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
# A thousand years still fits into date arithmetic; what is longer is a slip of the keyboard.
LONGEST_DURATION_S = 1000 * 365 * 86400.0


class Section(BaseModel):
    """Base of all tables: frozen, and a key that is not here is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class Shown:
    """How the generated pages name a type."""

    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadContext:
    """What checking a file needs beside it. Absent when code builds settings itself."""

    working_dir: Path
    home: Path | None
    secrets: Secrets


def expected(what: str, *, detail: str = "", hint: str = "") -> PydanticCustomError:
    """A value is wrong. `detail` may repeat what a person wrote; secrets are hidden in it."""
    return PydanticCustomError(
        "expected", "expected {what}", {"what": what, "detail": detail, "hint": hint}
    )


def conflict(text: str, *at: str | int) -> PydanticCustomError:
    """Values do not go together; `at` leads from the checked table to the key to name."""
    return PydanticCustomError("conflict", "{text}", {"text": text, "at": at})


def did_you_mean(wrong: str, known: list[str], cutoff: float = 0.6) -> str:
    """`; did you mean "x"?`, or nothing."""
    near = get_close_matches(wrong, known, n=1, cutoff=cutoff)
    return f'; did you mean "{near[0]}"?' if near else ""


# --- durations ---------------------------------------------------------------------------------

_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)([smhd])")
DURATION_EXPECTED = 'a duration such as "30m" (number and s, m, h or d)'


def parse_duration(text: str) -> float:
    """Seconds in a duration such as `90s` or `1.5h`. Raises `ValueError`."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"expected {DURATION_EXPECTED}")
    return float(match[1]) * SECONDS_PER_UNIT[match[2]]


def format_duration(seconds: float) -> str:
    """The shortest natural way to write it: the largest unit of which there are two or more."""
    for unit in ("d", "h", "m"):
        count = seconds / SECONDS_PER_UNIT[unit]
        if count >= 2 and count == int(count):
            return f"{int(count)}{unit}"
    return f"{seconds:f}".rstrip("0").rstrip(".") + "s"


def _check_duration(value: object, info: ValidationInfo) -> float:
    # Code gives seconds; a file must name the unit, for 60 could be anything.
    if info.context is None and isinstance(value, int | float):
        return float(value)
    if not isinstance(value, str) or _DURATION.fullmatch(value) is None:
        raise expected(DURATION_EXPECTED)
    seconds = parse_duration(value)
    if not 0 < seconds <= LONGEST_DURATION_S:
        raise expected("a duration above zero and below a thousand years")
    return seconds


Duration = Annotated[float, PlainValidator(_check_duration), Shown("duration")]

# --- time --------------------------------------------------------------------------------------

CRON_EXPECTED = (
    'a cron schedule of five fields such as "0 9 * * mon" '
    "(minute, hour, day of month, month, day of week)"
)
# cron itself has Sunday at both ends of the week; the library knows 7 but not its name there.
_SUNDAY_LAST = re.compile(r"-sun\b", re.IGNORECASE)


def normalize_cron(schedule: str) -> str:
    """The schedule in one spelling, which cronsim reads: lower case, `mon-sun` as `mon-7`."""
    return _SUNDAY_LAST.sub("-7", " ".join(schedule.lower().split()))


def _check_cron(value: object) -> str:
    if not isinstance(value, str) or len(value.split()) != 5:
        raise expected(CRON_EXPECTED)
    from datetime import UTC, datetime

    from cronsim import CronSim, CronSimError

    schedule = normalize_cron(value)
    try:
        coming = next(CronSim(schedule, datetime(2026, 1, 1, tzinfo=UTC)), None)
    except (CronSimError, ValueError) as exc:
        fault = str(exc).lower() if isinstance(exc, CronSimError) else "number too long"
        raise expected(CRON_EXPECTED, detail=fault) from None
    if coming is None:
        raise expected("a cron schedule that comes up some day")
    return schedule


def is_cron(text: str) -> bool:
    """Whether the text is a schedule as cron writes it."""
    try:
        _check_cron(text)
    except PydanticCustomError:
        return False
    return True


Cron = Annotated[str, PlainValidator(_check_cron), Shown("cron")]


def _check_time_zone(value: object) -> str:
    what = 'a time zone name such as "Europe/Berlin"'
    if not isinstance(value, str):
        raise expected(what)
    from zoneinfo import ZoneInfo, available_timezones

    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):  # unknown, absolute or a folder of zones
        names = {name.lower(): name for name in available_timezones()}
        near = get_close_matches(value.lower()[:64], names, n=1, cutoff=0.7)
        hint = f'; did you mean "{names[near[0]]}"?' if near else ""
        raise expected(what, hint=hint) from None
    return value


TimeZone = Annotated[str, PlainValidator(_check_time_zone), Shown("time zone")]

# --- network -----------------------------------------------------------------------------------


def _check_cidr(value: object) -> IPv4Network | IPv6Network:
    if isinstance(value, IPv4Network | IPv6Network):
        return value
    what = 'a network such as "10.0.0.0/8" or an address such as "192.168.1.5"'
    if not isinstance(value, str):
        raise expected(what)
    try:
        return ip_network(value)
    except ValueError:
        raise expected(what, hint=_cidr_hint(value)) from None


def _cidr_hint(text: str) -> str:
    try:
        return f'; did you mean "{ip_network(text, strict=False)}"?'
    except ValueError:
        return ""


Cidr = Annotated[IPv4Network | IPv6Network, PlainValidator(_check_cidr), Shown("network")]


def http_url_fault(text: str) -> str | None:
    """Why this is no plain http(s) URL, or None where it is one."""
    if not text.isprintable() or any(char.isspace() for char in text) or "\\" in text:
        return "a URL without spaces, control characters or backslashes"
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "a URL with a valid host and port"
    if parts.scheme not in ("http", "https") or not host:
        return "a URL that starts with http:// or https:// and a host"
    if "@" in parts.netloc:
        return "a URL without user name and password"
    return None


def _check_base_url(value: object) -> str:
    fault = http_url_fault(value) if isinstance(value, str) else "a URL such as https://host/path"
    if fault is not None:
        raise expected(fault)
    return str(value)


def _check_optional_url(value: object) -> str:
    return "" if value == "" else _check_base_url(value)


BaseUrl = Annotated[str, PlainValidator(_check_base_url), Shown("URL")]
OptionalUrl = Annotated[str, PlainValidator(_check_optional_url), Shown("URL or empty")]

_LISTEN = re.compile(r"(?P<host>\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9.-]*):(?P<port>[0-9]{1,5})")


def split_listen(text: str) -> tuple[str, int]:
    """Host and port of `host:port`, `[v6]:port` or `:port` (all addresses). Raises `ValueError`."""
    match = _LISTEN.fullmatch(text)
    if match is None or int(match["port"]) > 65535:
        raise ValueError("expected host:port")
    return match["host"].strip("[]") or "0.0.0.0", int(match["port"])  # noqa: S104 # as asked for


def _check_listen(value: object) -> str:
    try:
        if isinstance(value, str) and (value == "" or split_listen(value)):
            return value
    except ValueError:
        pass
    raise expected('host and port such as "127.0.0.1:8080", or "" for off')


Listen = Annotated[str, PlainValidator(_check_listen), Shown("host:port or empty")]

# --- files -------------------------------------------------------------------------------------


def _check_path(value: object, info: ValidationInfo) -> Path:
    if isinstance(value, Path):
        value = str(value)
    if not isinstance(value, str) or not value or not value.isprintable():
        raise expected("a path")
    context: LoadContext | None = info.context
    if context is None:
        return Path(value)
    if context.home is not None and (value == "~" or value.startswith("~/")):
        return context.home / value[2:]
    return context.working_dir / value


def _check_optional_path(value: object, info: ValidationInfo) -> Path | None:
    return None if value in ("", None) else _check_path(value, info)


FilePath = Annotated[Path, PlainValidator(_check_path), Shown("path")]
OptionalPath = Annotated[Path | None, PlainValidator(_check_optional_path), Shown("path or empty")]

# --- words -------------------------------------------------------------------------------------

_CHANNEL = re.compile(r"discord:[0-9]{1,20}|slack:[A-Z][A-Z0-9]+|terminal|files")
_TAG = re.compile(r"[a-z0-9][a-z0-9_.-]*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def _check_channel(value: object) -> str:
    if not isinstance(value, str) or _CHANNEL.fullmatch(value) is None:
        raise expected('"discord:<channel id>", "slack:<channel id>", "terminal" or "files"')
    return value


def _check_tag(value: object) -> str:
    if not isinstance(value, str) or _TAG.fullmatch(value) is None:
        raise expected('a tag such as "open-source" (a-z, 0-9, and -, _ or . after the first)')
    return value


def _check_language(value: object) -> str:
    if not isinstance(value, str) or _LANGUAGE.fullmatch(value) is None:
        raise expected('a language code such as "en" or "pt-BR"')
    return value


def _check_line(value: object) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise expected("one line of text in quotes")
    return value


def _check_name(value: object) -> str:
    if value == "":
        raise expected("a name")
    return _check_line(value)


def _check_toggle(value: object) -> Literal["auto"] | bool:
    if value is True or value is False or value == "auto":
        return value
    raise expected('"auto", true or false')


ChannelName = Annotated[str, PlainValidator(_check_channel), Shown("channel")]
Tag = Annotated[str, PlainValidator(_check_tag), Shown("tag")]
Language = Annotated[str, PlainValidator(_check_language), Shown("language code")]
Line = Annotated[str, PlainValidator(_check_line), Shown("text")]
Name = Annotated[str, PlainValidator(_check_name), Shown("text")]
Toggle = Annotated[Literal["auto"] | bool, PlainValidator(_check_toggle), Shown("toggle")]
Flag = Annotated[bool, Strict(), Shown("true or false")]
Whole = Annotated[int, Strict(), Shown("whole number")]
Number = Annotated[float, Strict(), AllowInfNan(False), Shown("number")]
AtLeast0 = Annotated[Whole, Field(ge=0)]
AtLeast1 = Annotated[Whole, Field(ge=1)]
NotNegative = Annotated[Number, Field(ge=0)]
Positive = Annotated[Number, Field(gt=0)]


def regex_of(pattern: str) -> str | None:
    """The expression inside `/.../`, or None where the filter is a plain word."""
    return pattern[1:-1] if len(pattern) > 2 and pattern[0] == pattern[-1] == "/" else None


def _check_filter(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise expected("a word, or a regular expression between slashes")
    expression = regex_of(value)
    if expression is not None:
        _check_regex(expression)
    elif value.startswith("/"):
        raise expected("a closing / after the regular expression")
    return value


def _check_regex(expression: str) -> None:
    try:
        compile_regex(expression)
    except RegexError as exc:
        raise expected("a regular expression that RE2 can read", detail=str(exc)) from None


Filter = Annotated[str, PlainValidator(_check_filter), Shown("word or /regex/")]
