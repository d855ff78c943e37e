"""`schema`: what the structured results look like, for those who read them by program."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from bot import model
from bot.digests.community import CommunityDigest
from bot.digests.outlook_record import OutlookDigest
from bot.digests.roundup_record import RoundupDigest
from bot.errors import UserError

Digest = Annotated[CommunityDigest | OutlookDigest | RoundupDigest, Field(discriminator="kind")]

_NOUNS: dict[str, Any] = {
    "ThreadSummary": model.ThreadSummary,
    "ArticleSummary": model.ArticleSummary,
    "Digest": Digest,
    "Post": model.Post,
    "Story": model.Story,
    "Entry": model.Entry,
}


def schema_names() -> list[str]:
    return list(_NOUNS)


def schema_of(name: str) -> dict[str, Any]:
    """JSON Schema (2020-12) of one noun. Raises `UserError` for a name that is none."""
    for known, noun in _NOUNS.items():
        if known.lower() == name.lower():
            return {"type": "object", **TypeAdapter(noun).json_schema()}
    raise UserError(f"no schema {name}: there are {', '.join(schema_names())}")
