"""The shapes in which a language model answers about a thread. Numbers are ours (`Part.comments`).

No defaults, no dictionaries: servers that enforce a schema take no others. Shares, counts and moods
are not asked for: we count ourselves.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


def _without_titles(schema: dict[str, Any]) -> None:
    """Names and instructions say it already; these would be sent and paid with every request."""
    schema.pop("title", None)
    schema.pop("description", None)
    for field in schema.get("properties", {}).values():
        field.pop("title", None)


class Answer(BaseModel):
    """Base of what models answer."""

    model_config = ConfigDict(frozen=True, extra="ignore", json_schema_extra=_without_titles)


class PointAnswer(Answer):
    text: str
    citations: list[int]
    quote: str
    quote_id: int


class PartAnswer(Answer):
    """What a part of a discussion says."""

    summary: str
    summary_citations: list[int]
    points: list[PointAnswer]


class MergedPoint(Answer):
    text: str
    notes: list[int]


class MergeAnswer(Answer):
    """What the notes on all parts come to."""

    summary: str
    summary_notes: list[int]
    points: list[MergedPoint]


class ArticleAnswer(Answer):
    """What an article says."""

    summary: list[str]
    points: list[str]
