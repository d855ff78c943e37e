"""The generated example, template and page: complete, current, and harmless."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from config.errors import SettingsError
from config.example import env_template, example_toml, settings_markdown, write_starter_files
from config.load import load_settings
from config.secrets import Secrets
from config.settings import list_models, section_models
from tests.config.support import load

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_is_current() -> None:
    page = (DOCS / "settings.md").read_text("utf-8")
    assert page == settings_markdown(), "run: python -m config.example > docs/settings.md"


def test_the_example_loads_as_the_defaults(tmp_path: Path) -> None:
    settings = load(tmp_path, example_toml())
    assert settings == load(tmp_path, "")
    assert settings.llm_provider == "extractive"


def test_the_example_uncommented_is_the_defaults_too(tmp_path: Path) -> None:
    example = re.sub(r"(?m)^#(?=[a-z_]+ = |\[\[)", "", example_toml())
    settings, defaults = load(tmp_path, example), load(tmp_path, "")
    for section in section_models():
        assert getattr(settings, section) == getattr(defaults, section)
    assert [source.url for source in settings.sources] == ["pack:ai"]
    assert settings.subscriptions[0].sources == ("tag:ai",)


def test_every_setting_is_explained_everywhere() -> None:
    example, page = example_toml(), settings_markdown()
    for name, model in (section_models() | list_models()).items():
        assert f"[{name}]" in example
        assert f"`[{name}]`" in page or f"`[[{name}]]`" in page
        assert model.__doc__
        for key, field in model.model_fields.items():
            assert f"\n#{key} = " in example
            assert f"\n| `{key}` | " in page
            assert field.description
            assert field.description.endswith(".")


def test_every_secret_is_in_the_template() -> None:
    for name, field in Secrets.model_fields.items():
        assert f"# {field.description}\n#{name.upper()}=\n" in env_template()
        assert f"| `{name.upper()}` |" in settings_markdown()


def test_lines_of_the_example_fit_a_screen() -> None:
    assert max(map(len, (example_toml() + env_template()).splitlines())) <= 100


def test_starter_files_load_as_they_stand(tmp_path: Path) -> None:
    written = write_starter_files(tmp_path)
    assert written == [tmp_path / "threadwire.toml", tmp_path / ".env"]
    settings = load_settings(None, {}, tmp_path)
    assert settings.secrets_in_use() == ()
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["threadwire.toml", ".env"])
def test_existing_files_are_never_overwritten(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(SettingsError, match=f"^{re.escape(name)} exists already"):
        write_starter_files(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^threadwire\.toml: cannot be written: No such file"):
        write_starter_files(tmp_path / "missing")
