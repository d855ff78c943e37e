"""Schemas for structured outputs: strict, within the documented limits, and refused where not."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field, create_model

from adapters.models.strict_schema import strict_schema
from tests.adapters.models.asking import Summary


class _Loose(BaseModel):
    words: dict[str, int]


class _Pair(BaseModel):
    both: tuple[str, int]


class _Tree(BaseModel):
    below: tuple[_Tree, ...]


class _Cat(BaseModel):
    kind: Literal["cat"]


class _Dog(BaseModel):
    kind: Literal["dog"]
    name: str = "Rex"


class _Kennel(BaseModel):
    animals: list[Annotated[_Cat | _Dog, Field(discriminator="kind")]] = []


def test_every_property_is_required_and_no_other_allowed() -> None:
    schema = strict_schema(Summary)
    assert schema["required"] == ["summary", "views"]
    assert schema["additionalProperties"] is False
    view = schema["properties"]["views"]["items"]
    assert set(view["required"]) == set(view["properties"])
    assert view["properties"]["aside"]["anyOf"] == [{"type": "string"}, {"type": "null"}]
    assert view["properties"]["stance"]["enum"] == ["for", "against"]


def test_constraints_are_said_in_words() -> None:
    properties = strict_schema(Summary)["properties"]
    assert "maxLength" not in properties["summary"]
    assert properties["summary"]["description"] == "At most 400 characters, at least 1 characters"
    assert "at most 3 items" in properties["views"]["description"].lower()


def test_choices_and_defaults_are_rewritten() -> None:
    dog = strict_schema(_Kennel)["properties"]["animals"]["items"]["anyOf"][1]
    assert dog["properties"] == {
        "kind": {"type": "string", "enum": ["dog"]},
        "name": {"type": "string"},
    }
    assert dog["required"] == ["kind", "name"]


def _nested(levels: int) -> type[BaseModel]:
    if not levels:
        return create_model("Level", leaf=(str, ...))
    return create_model("Level", below=(_nested(levels - 1), ...))


_WIDE: dict[str, tuple[type[int], object]] = {f"p{n}": (int, ...) for n in range(5_001)}


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (_Loose, "no mappings"),
        (_Pair, "prefixItems"),
        (_Tree, "cannot contain itself"),
        (_nested(10), "11 levels"),
        (create_model("Wide", **_WIDE), "5001 properties"),  # type: ignore[call-overload]  # made here
    ],
    ids=["mapping", "pair", "recursion", "depth", "width"],
)
def test_what_structured_outputs_cannot_say_is_refused(
    model: type[BaseModel], message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        strict_schema(model)
