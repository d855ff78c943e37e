"""The head of a Markdown file for a site generator: YAML of the plainest kind, written and read.

Strings are double-quoted in JSON's form, which every YAML reader takes alike; `Plain` ones stand
bare where that cannot be misread. `read_front_matter` reads what `front_matter` wrote.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

# YAML 1.2 section 5.1 lets these stand in no document unescaped; JSON has no quarrel with them.
_NOT_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
# What begins like this and goes on like this is no number, date, flag, list or comment.
_BARE = re.compile(r"[A-Za-z][A-Za-z0-9 _/(),.'-]*[A-Za-z0-9).]")
_FLAGS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
_FENCE = "---"
_INDENT = "    "


class Plain(str):
    """A string to be written without quotes where it can be (Jekyll's files have them so)."""

    __slots__ = ()


Scalar = str | bool | datetime
Value = Scalar | Sequence[str] | Mapping[str, Scalar]


def front_matter(fields: Mapping[str, Value]) -> str:
    """The block with its fences, in the order given, ending in a newline."""
    lines = [_FENCE]
    for name, value in fields.items():
        if isinstance(value, Mapping):
            lines.append(f"{name}:")
            lines += [f"{_INDENT}{inner}: {_scalar(one)}" for inner, one in value.items()]
        elif isinstance(value, (str, bool, datetime)):
            lines.append(f"{name}: {_scalar(value)}")
        else:
            lines.append(f"{name}: [{', '.join(quoted(one) for one in value)}]")
    return "\n".join((*lines, _FENCE, ""))


def read_front_matter(text: str) -> tuple[dict[str, Value], str]:
    """(fields, what follows the block). Raises `ValueError` where there is no such block."""
    head, found, body = text.partition(f"\n{_FENCE}\n")
    if not found or not head.startswith(f"{_FENCE}\n"):
        raise ValueError("no front matter")
    fields: dict[str, Value] = {}
    nested: dict[str, Scalar] = {}
    for line in head.split("\n")[1:]:
        name, _, written = line.partition(":")
        if line.startswith(_INDENT):
            nested[name.strip()] = _read_scalar(written.strip())
        elif not written:
            fields[name] = nested = {}
        elif written.startswith(" ["):
            fields[name] = tuple(json.loads(written))
        else:
            fields[name] = _read_scalar(written.strip())
    return fields, body


def quoted(text: str) -> str:
    """A double-quoted scalar."""
    written = json.dumps(text, ensure_ascii=False)
    return _NOT_YAML.sub(lambda match: f"\\u{ord(match[0]):04x}", written)


def utc_text(at: datetime) -> str:
    """`2026-11-21T09:00:00Z`, a date that Hugo and Jekyll both read."""
    return f"{at.astimezone(UTC).isoformat(timespec='seconds')[:19]}Z"


def _scalar(value: Scalar) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            return utc_text(value)
        case Plain() if _BARE.fullmatch(value) and value.lower() not in _FLAGS:
            return str(value)
        case _:
            return quoted(value)


def _read_scalar(written: str) -> Scalar:
    if written.startswith('"'):
        text: str = json.loads(written)
        return text
    if written in {"true", "false"}:
        return written == "true"
    if written[:1].isdigit():
        return datetime.fromisoformat(written)
    return Plain(written)
