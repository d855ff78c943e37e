"""JSON Schemas that structured outputs accept, from the models that answers are read into.

pydantic's own schemas are refused there: they leave properties optional, carry defaults and let
unknown keys in. Limits are those of OpenAI's guide to structured outputs (platform.openai.com/docs/
guides/structured-outputs, "Supported schemas"). Constraints on length and range are taken out, as
not every server knows them, and said in words instead; pydantic checks them in the answer.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from pydantic import BaseModel

MAX_PROPERTIES = 5_000
MAX_DEPTH = 10
MAX_ENUM_VALUES = 1_000
MAX_NAME_CHARS = 120_000  # of all property names, enum values and the like together

_KEPT = ("type", "enum", "description")
_SPOKEN = {
    "maxItems": "at most {} items",
    "minItems": "at least {} items",
    "maxLength": "at most {} characters",
    "minLength": "at least {} characters",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "pattern": "matching {}",
    "format": "as {}",
}
_IMPOSSIBLE = ("allOf", "not", "if", "then", "else", "prefixItems", "patternProperties")


@lru_cache(maxsize=64)
def strict_schema(answer: type[BaseModel]) -> dict[str, Any]:
    """The schema to send for `answer`. Shared between callers: not to be changed.

    Raises `TypeError` for a model that structured outputs cannot express: a mapping, a tuple of
    fixed length, a recursion, or one beyond the limits.
    """
    source = answer.model_json_schema()
    strict = _node(source, source.get("$defs", {}), ())
    if strict.get("type") != "object":
        raise TypeError(f"{answer.__name__}: the root of an answer must be an object")
    _check_limits(answer.__name__, strict)
    return strict


def _node(node: dict[str, Any], defs: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    if "$ref" in node:
        name = str(node["$ref"]).rpartition("/")[2]
        if name in path:
            raise TypeError(f"{name}: an answer cannot contain itself")
        own = {key: value for key, value in node.items() if key != "$ref"}
        return _node({**defs[name], **own}, defs, (*path, name))
    if found := [key for key in _IMPOSSIBLE if key in node]:
        raise TypeError(f"structured outputs have no {found[0]}")
    strict = {key: node[key] for key in _KEPT if key in node}
    if "const" in node:
        strict["enum"] = [node["const"]]
    if choices := node.get("anyOf") or node.get("oneOf"):
        strict["anyOf"] = [_node(choice, defs, path) for choice in choices]
    if node.get("type") == "array":
        strict["items"] = _node(node.get("items", {"type": "string"}), defs, path)
    if node.get("type") == "object":
        strict |= _object(node, defs, path)
    return _with_constraints_said(strict, node)


def _object(node: dict[str, Any], defs: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    if node.get("additionalProperties"):
        raise TypeError("structured outputs have no mappings: use a list of pairs")
    properties = node.get("properties", {})
    return {
        "properties": {name: _node(child, defs, path) for name, child in properties.items()},
        "required": list(properties),
        "additionalProperties": False,
    }


def _with_constraints_said(strict: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    said = [text.format(node[key]) for key, text in _SPOKEN.items() if key in node]
    if said:
        words = ", ".join(said)
        known = strict.get("description", "").rstrip(".")
        strict["description"] = f"{known} ({words})" if known else words.capitalize()
    return strict


def _check_limits(name: str, schema: dict[str, Any]) -> None:
    names, values, depth = _measure(schema, 0)
    chars = sum(map(len, names)) + sum(len(str(value)) for value in values)
    for what, count, limit in (
        ("properties", len(names), MAX_PROPERTIES),
        ("levels", depth, MAX_DEPTH),
        ("enum values", len(values), MAX_ENUM_VALUES),
        ("characters in names", chars, MAX_NAME_CHARS),
    ):
        if count > limit:
            raise TypeError(f"{name}: {count} {what}, more than the {limit} of structured outputs")


def _measure(node: dict[str, Any], level: int) -> tuple[list[str], list[Any], int]:
    """All property names, all enum values, and how many levels deep objects and lists nest."""
    children: list[dict[str, Any]] = [*node.get("anyOf", ()), *node.get("properties", {}).values()]
    if "items" in node:
        children.append(node["items"])
    names, values = list(node.get("properties", {})), list(node.get("enum", ()))
    depth = level = level + (node.get("type") in {"object", "array"})
    for child in children:
        more_names, more_values, below = _measure(child, level)
        names += more_names
        values += more_values
        depth = max(depth, below)
    return names, values, depth
