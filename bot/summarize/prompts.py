"""The instructions that language models get, from the files in `config/prompts`."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def load_prompt(name: str) -> str:
    """The text of `config/prompts/<name>.md` without its front matter."""
    stored = files("config").joinpath("prompts", f"{name}.md").read_text(encoding="utf-8")
    _, _, rest = stored.partition("---\n")
    _, _, text = rest.partition("---\n")
    return text.strip()
