"""Discord's official OpenAPI document, where it lies beside the project.

A body is checked once per shape: two bodies that differ in their words only have one verdict, as
lengths are checked in `limits` every time. That keeps thousands of deliveries fast.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import jsonschema

from tests.shared_data import SHARED

DOCUMENT = SHARED / "specs" / "discord" / "openapi-v10.json"
_good_shapes: set[tuple[str, str, str]] = set()


def body_faults(method: str, template: str, body: Any) -> list[str]:
    """What the document says against a request's body; nothing where it is silent or absent."""
    schema = _body_schema(method, template)
    if schema is None or body is None:
        return []
    shape = (method, template, json.dumps(_shape(body)))
    if shape in _good_shapes:
        return []
    faults = _faults(schema, _with_text_ids(body))
    if not faults:
        _good_shapes.add(shape)
    return faults


def schema_faults(name: str, value: Any) -> list[str]:
    """What the document's schema of that name says against a value."""
    return _faults(f"#/components/schemas/{name}", value) if DOCUMENT.exists() else []


def answer_faults(method: str, template: str, status: int, body: Any) -> list[str]:
    """What the document says against an answer of this server."""
    operation = _document().get("paths", {}).get(template, {}).get(method.lower())
    answers = (operation or {}).get("responses", {})
    described = answers.get(str(status), {}).get("content", {}).get("application/json")
    if not described:
        return []
    escaped = template.replace("~", "~0").replace("/", "~1")
    pointer = f"#/paths/{escaped}/{method.lower()}/responses/{status}/content"
    return _faults(f"{pointer}/application~1json/schema", body)


@cache
def _document() -> dict[str, Any]:
    return dict(json.loads(DOCUMENT.read_text())) if DOCUMENT.exists() else {}


@cache
def _body_schema(method: str, template: str) -> str | None:
    operation = _document().get("paths", {}).get(template, {}).get(method.lower(), {})
    if "application/json" not in operation.get("requestBody", {}).get("content", {}):
        return None
    escaped = template.replace("~", "~0").replace("/", "~1")
    pointer = f"#/paths/{escaped}/{method.lower()}/requestBody/content"
    return f"{pointer}/application~1json/schema"


@cache
def _validator(pointer: str) -> Any:
    root = {key: _document()[key] for key in ("paths", "components")}
    return jsonschema.Draft202012Validator(root | {"$ref": pointer})


def _faults(pointer: str, value: Any) -> list[str]:
    errors = _validator(pointer).iter_errors(value)
    return [f"OpenAPI: {_deepest(one)}" for one in errors]


_IDS = {"applied_tags", "users", "roles", "attachments.id"}


def _with_text_ids(value: Any, key: str = "") -> Any:
    """Discord takes ids as numbers, too, and the library sends them so; the document does not."""
    if isinstance(value, dict):
        inner = f"{key}." if key == "attachments" else ""
        return {name: _with_text_ids(one, inner + name) for name, one in value.items()}
    if isinstance(value, list):
        return [_with_text_ids(one, key) for one in value]
    is_id = key in _IDS or key.endswith("_id")
    return str(value) if is_id and type(value) is int else value


def _deepest(error: Any) -> str:
    best = jsonschema.exceptions.best_match([error])
    return f"{best.json_path}: {best.message[:300]}"


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shape(one) for key, one in sorted(value.items())}
    if isinstance(value, list):
        return [_shape(one) for one in value]
    if isinstance(value, str):
        kinds = ((r"", "empty"), (r"\d+", "digits"), (r"https?://\S+", "url"))
        return next((kind for pattern, kind in kinds if re.fullmatch(pattern, value)), "words")
    return value
