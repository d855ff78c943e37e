"""`schema`: what the structured results look like, for those who read them by program."""

from __future__ import annotations

from typing import Annotated, Any, get_type_hints

from pydantic import Field, TypeAdapter, create_model

from bot import model
from bot.digests.community import CommunityDigest
from bot.digests.outlook_record import OutlookDigest
from bot.digests.roundup_record import RoundupDigest
from bot.errors import UserError

Digest = Annotated[CommunityDigest | OutlookDigest | RoundupDigest, Field(discriminator="kind")]


def _as_object(noun: Any) -> Any:
    """A named tuple as what it is to those outside: fields by name, not by place."""
    fields: dict[str, Any] = {
        name: (hint, noun._field_defaults.get(name, ...))
        for name, hint in get_type_hints(noun, include_extras=True).items()
    }
    return create_model(noun.__name__, __doc__=noun.__doc__, **fields)


_NOUNS: dict[str, Any] = {
    "ThreadSummary": model.ThreadSummary,
    "ArticleSummary": model.ArticleSummary,
    "Digest": Digest,
    "Post": model.Post,
    "Story": model.Story,
    "Entry": _as_object(model.Entry),
}


def schema_names() -> list[str]:
    return list(_NOUNS)


def schema_of(name: str) -> dict[str, Any]:
    """JSON Schema (2020-12) of one noun. Raises `UserError` for a name that is none."""
    for known, noun in _NOUNS.items():
        if known.lower() == name.lower():
            return {"type": "object", **TypeAdapter(noun).json_schema()}
    raise UserError(f"no schema {name}: there are {', '.join(schema_names())}")
