"""`schema`: what the structured results look like, for those who read them by program."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from bot import model
from bot.errors import UserError

_MODELS = (
    model.ThreadSummary,
    model.ArticleSummary,
    model.Digest,
    model.Post,
    model.Story,
    model.Entry,
)


def schema_names() -> list[str]:
    return [noun.__name__ for noun in _MODELS]


def schema_of(name: str) -> dict[str, Any]:
    """JSON Schema (2020-12) of one noun. Raises `UserError` for a name that is none."""
    for noun in _MODELS:
        if noun.__name__.lower() == name.lower():
            return TypeAdapter(noun).json_schema()
    raise UserError(f"no schema {name}: there are {', '.join(schema_names())}")
