"""Loading: files and variables in, one checked `Settings` tree out, or one line of complaint."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from config.environment import CONFIG_VARIABLE, Override, find_overrides, read_layers
from config.errors import SettingsError
from config.explain import Location, explain
from config.secrets import Layer, read_secrets, redact
from config.settings import Settings
from config.types import LoadContext

DEFAULT_FILE = "threadwire.toml"


def load_settings(
    config_file: Path | None, environ: Mapping[str, str], working_dir: Path
) -> Settings:
    """Read settings and secrets.

    The file is `config_file`, else what THREADWIRE_CONFIG names, else `threadwire.toml` in the
    working folder, which may be absent. Variables win over the file. Raises `SettingsError`.
    """
    layers = read_layers(environ, working_dir)
    secrets = read_secrets(layers, working_dir)
    hidden = secrets.plain_values()
    tree, file = _read_chosen_file(config_file, layers, working_dir, hidden)
    labels = _apply(find_overrides(layers), tree)
    tree.setdefault("database", {})  # so that the default path, too, is put in its folder
    home = environ.get("HOME")
    context = LoadContext(
        working_dir=working_dir, home=Path(home) if home else None, secrets=secrets
    )
    try:
        return Settings.model_validate(tree, context=context)
    except ValidationError as exc:
        message = explain(exc, file, labels, hidden)
    # Raised outside of the handler: a traceback of pydantic's error would show the values.
    raise SettingsError(message)


def _read_chosen_file(
    config_file: Path | None, layers: Sequence[Layer], working_dir: Path, hidden: Sequence[str]
) -> tuple[dict[str, Any], str]:
    """The file's tree and the name that errors give it."""
    if config_file is not None:
        return _read_toml(working_dir / config_file, str(config_file), "", hidden), str(config_file)
    for layer in layers:
        named = layer.variables.get(CONFIG_VARIABLE)
        if named:
            prefix = f"{layer.label(CONFIG_VARIABLE)}: "
            return _read_toml(working_dir / named, named, prefix, hidden), named
    path = working_dir / DEFAULT_FILE
    try:
        path.lstat()  # a dangling link is a mistake to tell: reading it will
    except FileNotFoundError:
        return {}, DEFAULT_FILE
    except OSError:
        pass  # reading says what is wrong
    return _read_toml(path, DEFAULT_FILE, "", hidden), DEFAULT_FILE


def _read_toml(path: Path, name: str, prefix: str, hidden: Sequence[str]) -> dict[str, Any]:
    try:
        # Editors on Windows begin files with a byte order mark, which TOML does not know.
        return tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        fault = "no such file"
    except OSError as exc:
        fault = f"cannot be read: {exc.strerror or exc}"
    except UnicodeDecodeError as exc:
        line = exc.object.count(b"\n", 0, exc.start) + 1
        fault = f"not UTF-8 text (line {line}); save it as UTF-8"
    except tomllib.TOMLDecodeError as exc:
        fault = f"not TOML: {redact(str(exc), hidden)}"
    except ValueError:  # a NUL in the path, or a number of thousands of digits
        fault = "not TOML: a number is too long"
    except RecursionError:
        fault = "not TOML: nested too deeply"
    raise SettingsError(f"{prefix}{name}: {fault}")


def _apply(overrides: Sequence[Override], tree: dict[str, Any]) -> dict[Location, str]:
    """Put the variables' values into the tree; which variable gave which key."""
    labels: dict[Location, str] = {}
    for override in overrides:
        section = tree.setdefault(override.section, {})
        if isinstance(section, dict):  # else the file is wrong there, and the check will say so
            section[override.key] = override.value
            labels[override.section, override.key] = override.label
    return labels
