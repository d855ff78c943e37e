"""The example file, the `.env` template and docs/settings.md, all made from the model.

`python -m config.example` prints the page: `python -m config.example > docs/settings.md`.
"""

from __future__ import annotations

import json
import os
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from config.errors import SettingsError
from config.load import DEFAULT_FILE
from config.secrets import Secrets
from config.settings import list_models, section_models
from config.types import Section, Shown, format_duration

WIDTH = 100

_TOML_HEAD = """\
# Threadwire settings. Everything is optional. A line that begins with "#" and a key shows that
# key's default: take the "#" away and change the value. Other lines with "#" explain.
#
# Durations are a number and s, m, h or d, such as "90s", "30m", "1.5h", "7d".
# Relative paths start at the folder that Threadwire is started in.
# A variable wins over this file: THREADWIRE_LLM__MODEL sets model below [llm].
# Tokens and keys do not belong here; they stand in .env or the environment.
"""

_ENV_HEAD = """\
# Threadwire's secrets. Take the "#" away and put the value behind the "=".
# Each may be given as a file instead, as Docker secrets are: DISCORD_TOKEN_FILE=/run/secrets/token
# Variables of the environment win over this file. Keep it to yourself.
"""

_PAGE_HEAD = """\
# Settings

<!-- Made from config/settings.py by `python -m config.example`; a test compares the two. -->

Settings come from `threadwire.toml` in the working folder, or from the file that `--config FILE`
or `THREADWIRE_CONFIG` names. No file is needed: everything below has a default.
`threadwire init` writes a commented file to start from.

- A variable wins over the file: `THREADWIRE_LLM__MODEL` sets `model` below `[llm]`. Lists are
  separated by commas or written as in TOML. Such variables may stand in `.env` as well.
- Durations are a number and `s`, `m`, `h` or `d`: `"90s"`, `"30m"`, `"1.5h"`, `"7d"`. What you
  write is obeyed, even where it is unwise.
- Relative paths start at the working folder; `~/` is your home.
- An unknown key or a wrong value ends the program with exit status 2 and one line that names file,
  key, and what is expected.
"""

_SECRETS_HEAD = """\
## Secrets

From the environment, or a file `.env` in the working folder (`NAME=value` lines, taken as
they stand; the environment wins). Each may be given as `NAME_FILE`, the path of a file
that holds it, as Docker secrets are. They are never written to logs, errors or the database. An
empty value is no secret.

| variable | what for |
|---|---|
"""


def example_toml() -> str:
    """Every setting with description, unit and default, commented out: it loads as defaults."""
    sections = [
        "\n".join([f"# {_summary(model)}", f"[{name}]", *_example_keys(model)])
        for name, model in section_models().items()
    ]
    lists = [
        "\n".join([f"# {_summary(model)}", f"#[[{name}]]", *_example_keys(model)])
        for name, model in list_models().items()
    ]
    return "\n\n".join([_TOML_HEAD.rstrip(), *sections, *lists]) + "\n"


def _example_keys(model: type[Section]) -> Iterator[str]:
    for key, field in model.model_fields.items():
        yield from textwrap.wrap(
            field.description or "", WIDTH, initial_indent="# ", subsequent_indent="# "
        )
        value = field.examples[0] if field.examples else field.default
        yield f"#{key} = {_toml(value, field)}"


def env_template() -> str:
    """Every secret with what it is for, commented out."""
    blocks = [
        f"# {field.description}\n#{name.upper()}=" for name, field in Secrets.model_fields.items()
    ]
    return "\n\n".join([_ENV_HEAD.rstrip(), *blocks]) + "\n"


def write_starter_files(directory: Path) -> list[Path]:
    """Write `threadwire.toml` and `.env` (readable by its owner only); the paths written.

    Raises `SettingsError`, and writes nothing, where one of them exists already.
    """
    contents = {directory / DEFAULT_FILE: example_toml(), directory / ".env": env_template()}
    present = [path.name for path in contents if path.exists() or path.is_symlink()]
    if present:
        names = " and ".join(present)
        verb, those = ("exists", "it") if len(present) == 1 else ("exist", "them")
        raise SettingsError(
            f"{names} {verb} already; move {those} away to start anew, nothing written"
        )
    for path, text in contents.items():
        _write_new(path, text, mode=0o600 if path.name == ".env" else 0o644)
    return list(contents)


def _write_new(path: Path, text: str, *, mode: int) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as exc:
        raise SettingsError(f"{path.name}: cannot be written: {exc.strerror or exc}") from exc


def settings_markdown() -> str:
    """The page docs/settings.md."""
    tables = [
        f"## `[{name}]`\n\n{_summary(model)}\n\n{_table(model)}"
        for name, model in section_models().items()
    ]
    lists = [
        f"## `[[{name}]]`\n\n{_summary(model)}\n\n{_table(model)}"
        for name, model in list_models().items()
    ]
    return "\n".join([_PAGE_HEAD, _secrets_table(), *tables, *lists])


def _secrets_table() -> str:
    rows = [
        f"| `{name.upper()}` | {field.description} |\n"
        for name, field in Secrets.model_fields.items()
    ]
    return _SECRETS_HEAD + "".join(rows)


def _table(model: type[Section]) -> str:
    rows = ["| key | type | default | what it does |\n|---|---|---|---|\n"]
    for key, field in model.model_fields.items():
        cells = [f"`{key}`", _kind(field), _default(field), field.description or ""]
        rows.append("| " + " | ".join(_cell(cell) for cell in cells) + " |\n")
    return "".join(rows)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def _summary(model: type[Section]) -> str:
    return (model.__doc__ or "").split("\n\n")[0].strip()


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    if field.default is None and "empty" not in _kind(field):
        return "none"
    return f"`{_toml(field.default, field)}`"


def _kind(field: FieldInfo) -> str:
    for mark in field.metadata:
        if isinstance(mark, Shown):
            return mark.kind if mark.kind != "toggle" else '"auto", true or false'
    return _kind_of(field.annotation)


def _kind_of(annotation: Any) -> str:
    marks = [mark for mark in getattr(annotation, "__metadata__", ()) if isinstance(mark, Shown)]
    if marks:
        return marks[0].kind
    if get_origin(annotation) is Literal:
        return ", ".join(f'"{choice}"' for choice in get_args(annotation))
    parts = [part for part in get_args(annotation) if part not in (NoneType, Ellipsis)]
    return (
        f"list of {_kind_of(parts[0])}" if get_origin(annotation) is tuple else _kind_of(parts[0])
    )


def _toml(value: object, field: FieldInfo) -> str:
    """A value as one writes it in the file."""
    match value:
        case None:
            return '""'
        case bool():
            return "true" if value else "false"
        case tuple():
            return "[" + ", ".join(_toml(part, field) for part in value) + "]"
        case float() if _kind(field) == "duration":
            return f'"{format_duration(value)}"'
        case int() if value >= 10_000:
            return f"{value:_}"
        case int() | float():
            return str(value)
        case _:
            return json.dumps(str(value), ensure_ascii=False)


if __name__ == "__main__":
    sys.stdout.write(settings_markdown())
