"""The environment and `.env`: which variables are ours, and what they override."""

from __future__ import annotations

import io
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_origin

from pydantic.fields import FieldInfo

from config.errors import SettingsError
from config.secrets import Layer
from config.settings import Settings, section_models
from config.types import Shown

PREFIX = "THREADWIRE_"
CONFIG_VARIABLE = "THREADWIRE_CONFIG"
NOT_SETTINGS = frozenset({CONFIG_VARIABLE, "THREADWIRE_WEB_TOKEN", "THREADWIRE_WEB_TOKEN_FILE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One setting that a variable sets; `label` is how errors name the variable."""

    section: str
    key: str
    value: object
    label: str


def read_layers(environ: Mapping[str, str], working_dir: Path) -> tuple[Layer, ...]:
    """The environment, then what `.env` adds to it. Raises `SettingsError` for a broken `.env`."""
    return (Layer("", environ), Layer(".env", _read_dotenv(working_dir / ".env")))


def _read_dotenv(path: Path) -> dict[str, str]:
    """Variables of `.env`, taken as they stand: `$` and `${...}` mean themselves."""
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        return {}
    except OSError as exc:
        raise SettingsError(f".env: cannot be read: {exc.strerror or exc}") from None
    except UnicodeDecodeError:
        raise SettingsError(".env: not UTF-8 text") from None
    return _parse_dotenv(text)


def _parse_dotenv(text: str) -> dict[str, str]:
    from dotenv.parser import parse_stream

    variables = {}
    for binding in parse_stream(io.StringIO(text)):
        if binding.error:
            # The line itself may hold a secret: only its number is told.
            written = binding.original.string
            blank_lines = written[: len(written) - len(written.lstrip())].count("\n")
            line = binding.original.line + blank_lines
            raise SettingsError(f".env: line {line}: expected NAME=value")
        if binding.key is not None and binding.value is not None:
            variables[binding.key] = binding.value
    return variables


def find_overrides(layers: Sequence[Layer]) -> list[Override]:
    """Settings given as `THREADWIRE_SECTION__KEY`; the environment wins over `.env`.

    Raises `SettingsError` for a variable of this form that names no setting. Variables without
    the double underscore are left alone unless they are a setting but for it: Kubernetes sets
    `THREADWIRE_PORT` and the like for a service of that name.
    """
    known = _known_variables()
    found: dict[str, Override] = {}
    for layer in layers:
        for name, text in sorted(layer.variables.items()):
            if name in found or not name.startswith(PREFIX) or name in NOT_SETTINGS:
                continue
            target = _find_target(name, layer.label(name), known)
            if target is not None:
                section, key, field = target
                found[name] = Override(
                    section=section, key=key, value=_typed(text, field), label=layer.label(name)
                )
    return list(found.values())


Target = tuple[str, str, FieldInfo]


def _known_variables() -> dict[str, Target]:
    return {
        f"{PREFIX}{section}__{key}".upper(): (section, key, field)
        for section, model in section_models().items()
        for key, field in model.model_fields.items()
    }


def _find_target(name: str, label: str, known: Mapping[str, Target]) -> Target | None:
    if name in known:
        return known[name]
    if "__" not in name:
        single = {variable.replace("__", "_"): variable for variable in known}
        if name in single:
            raise SettingsError(f"{label}: unknown variable; did you mean {single[name]}?")
        return None
    section = name.removeprefix(PREFIX).split("__")[0].lower()
    if section in Settings.model_fields and section not in section_models():
        raise SettingsError(f"{label}: [[{section}]] can be given in threadwire.toml only")
    # Compared without the prefix: it is the same everywhere and would make all look alike.
    endings = [variable.removeprefix(PREFIX) for variable in (*known, *sorted(NOT_SETTINGS))]
    near = get_close_matches(name.removeprefix(PREFIX), endings, n=1, cutoff=0.75)
    hint = f"did you mean {PREFIX}{near[0]}?" if near else f"expected {_expected_after(section)}"
    raise SettingsError(f"{label}: unknown setting; {hint}")


def _expected_after(section: str) -> str:
    model = section_models().get(section)
    if model is None:
        return f"{PREFIX}SECTION__KEY with a section of " + ", ".join(section_models())
    return f"{PREFIX}{section.upper()}__KEY with a key of " + ", ".join(model.model_fields)


def _typed(text: str, field: FieldInfo) -> object:
    """A variable's text as TOML would have given it: numbers, true, false, lists.

    What does not read as such is handed on as text, for the setting's own check to complain.
    """
    if get_origin(field.annotation) is tuple:
        return _list(text)
    toggle = any(isinstance(mark, Shown) and mark.kind == "toggle" for mark in field.metadata)
    if toggle or field.annotation in (int, float, bool):
        return _toml_value(text)
    return text


def _list(text: str) -> object:
    stripped = text.strip()
    if stripped.startswith("["):
        return _toml_value(stripped)
    return [part.strip() for part in stripped.split(",")] if stripped else []


def _toml_value(text: str) -> Any:
    stripped = text.strip()
    if "\n" in stripped or "\r" in stripped:
        return text
    word = stripped.lower()
    try:
        return tomllib.loads(f"value = {word if word in ('true', 'false') else stripped}")["value"]
    except (ValueError, RecursionError):
        return text
