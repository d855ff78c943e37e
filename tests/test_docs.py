"""Links between our pages lead somewhere, and what they name in the code is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config.load import load_settings
from config.settings import Settings

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
GUIDES = [
    ROOT / "docs" / name
    for name in (
        "extending.md",
        "quickstart.md",
        "recipes.md",
        "security.md",
        "web.md",
        "ops/backup.md",
    )
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_that_are_there(page: Path) -> None:
    targets = re.findall(r"\]\(([^)\s#]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    local = [
        target for target in targets if "://" not in target and not target.startswith("mailto")
    ]
    assert [target for target in local if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.name)
def test_files_that_guides_name_are_there(page: Path) -> None:
    named = re.findall(
        r"`((?:bot|adapters|jobs|config|tests)/[\w/.]+\.(?:py|md))", page.read_text()
    )
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.name)
def test_settings_that_guides_name_are_there(page: Path) -> None:
    sections = {name: field.default for name, field in Settings.model_fields.items()}
    for section, key in re.findall(r"`([a-z]+)\.([a-z_]+)(?: = [^`]*)?`", page.read_text("utf-8")):
        if hasattr(sections.get(section), "model_dump"):
            assert key in sections[section].model_dump(), f"{section}.{key}"


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.name)
def test_settings_blocks_load(page: Path, tmp_path: Path) -> None:
    for block in re.findall(r"```toml\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
        (tmp_path / "threadwire.toml").write_text(block, "utf-8")
        load_settings(None, {}, tmp_path)


def test_the_image_copies_what_it_may() -> None:
    """What the Dockerfile copies is let in by .dockerignore and is in the repository."""
    recipe = (ROOT / "Dockerfile").read_text("utf-8")
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    for names in re.findall(r"^COPY (?!--)(.+) \S+$", recipe, re.MULTILINE):
        for name in names.split():
            assert (ROOT / name).exists()
            assert f"!{name}" in ignored
