"""Loading settings from text, as the command line loads them from a folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from config.errors import SettingsError
from config.load import load_settings
from config.settings import Settings


def load(folder: Path, toml: str = "", environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from a `threadwire.toml` with this text in `folder`."""
    (folder / "threadwire.toml").write_text(toml, "utf-8")
    return load_settings(None, environ or {}, folder)


def complaint(folder: Path, toml: str = "", environ: Mapping[str, str] | None = None) -> str:
    """The one line that loading fails with."""
    with pytest.raises(SettingsError) as caught:
        load(folder, toml, environ)
    message = str(caught.value)
    assert "\n" not in message
    assert message.isprintable()
    assert caught.value.__cause__ is None
    # A traceback of the context would show the values that the message leaves out.
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    return message
