"""From a failed validation to one line: file or variable, key, what is expected, what was got."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config.secrets import Secrets, redact
from config.settings import Settings, section_models
from config.types import did_you_mean

LONGEST_SHOWN = 60

# pydantic's error types that our models can raise, in our words; {…} are its own parameters.
_EXPECTED = {
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a number",
    "tuple_type": "a list",
    "model_type": "a table",
    "greater_than": "a number above {gt:g}",
    "greater_than_equal": "a number of at least {ge:g}",
    "literal_error": "{expected}",
    "too_short": "a list with at least one value",
    "string_too_short": "some text",
}

Location = tuple[str | int, ...]


def explain(
    error: ValidationError, file: str, labels: Mapping[Location, str], secrets: Iterable[str]
) -> str:
    """The first error as one line, and how many more there are.

    `labels` maps (section, key) to the environment variable that gave the value.
    """
    errors = _own_errors(error.errors(include_url=False))
    first, more = errors[0], len(errors) - 1
    location = _location(first)
    hidden = tuple(secrets)
    place = _place(location, file, labels)
    if first["type"] == "extra_forbidden":  # a key of ours is no secret, any other may be one
        place = redact(place, hidden)
    line = f"{place}: {_fault(first, location, hidden)}"
    return f"{line} (and {more} more)" if more else line


def _own_errors(errors: list[ErrorDetails]) -> list[ErrorDetails]:
    """Without the lists that only come out too short because what stands in them is wrong."""
    inside = {error["loc"][:-1] for error in errors}
    return [error for error in errors if error["type"] != "too_short" or error["loc"] not in inside]


def _location(error: ErrorDetails) -> Location:
    at: Location = error["ctx"].get("at", ()) if error["type"] == "conflict" else ()
    return (*error["loc"], *at)


def _place(location: Location, file: str, labels: Mapping[Location, str]) -> str:
    label = labels.get(location[:2])
    if label is not None:
        return label + _dotted(location[2:])
    return f"{file}: {_dotted(location)}"


def _dotted(location: Location) -> str:
    path = ""
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            path += f".{step}" if path else step
    return path


def _fault(error: ErrorDetails, location: Location, secrets: tuple[str, ...]) -> str:
    context: Mapping[str, Any] = error.get("ctx", {})
    match error["type"]:
        case "conflict":
            return str(context["text"])
        case "extra_forbidden":
            return "unknown key" + _key_hint(location)
        case "missing":
            return f"missing; expected {_description(location)}"
        case "expected":
            what = str(context["what"])
            detail = redact(str(context["detail"]), secrets)
            hint = str(context["hint"])
        case other:
            # A type that is not in the table still gives a line, only in pydantic's own words.
            template = _EXPECTED.get(other)
            what = template.format(**context).replace("'", '"') if template else error["msg"]
            detail, hint = "", _bracket_hint(location, other)
    aside = f" ({detail})" if detail else ""
    return f"expected {what}, got {shown(error['input'], secrets)}{aside}{hint}"


def _bracket_hint(location: Location, kind: str) -> str:
    """One pair of brackets or two is what people get wrong about tables."""
    if kind == "tuple_type" and len(location) == 1:
        return f"; write [[{location[0]}]]"
    if kind == "model_type" and len(location) == 1:
        return f"; write [{location[0]}]"
    return ""


def shown(value: object, secrets: Iterable[str]) -> str:
    """A value as an error may repeat it: short and without secrets."""
    match value:
        case bool():
            return "true" if value else "false"
        case dict():
            return "a table"
        case list() | tuple():
            return "a list" if value else "an empty list"
        case str():
            return f'"{_short(_without_login(redact(value, secrets)))}"'
        case _:
            return _short(redact(str(value), secrets))


def _without_login(text: str) -> str:
    """User name and password of a URL: they may not be given, so they will not be shown."""
    scheme, slashes, rest = text.partition("//")
    _, at, host = rest.rpartition("@")
    return f"{scheme}{slashes}...@{host}" if slashes and at else text


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "..."


def _key_hint(location: Location) -> str:
    """What to write instead: a near key, its right place, a secret's variable, or all keys."""
    key, section = str(location[-1]), str(location[0])
    known = list(_model_at(location[:-1]).model_fields)
    variable = _secret_variable(key, section)
    if variable is not None:
        return f"; secrets are set in the environment or .env: {variable}"
    near = did_you_mean(key, known, cutoff=0.7)
    elsewhere = [name for name, model in section_models().items() if key in model.model_fields]
    if not near and len(location) == 1 and elsewhere:
        return f'; did you mean "{elsewhere[0]}.{key}"?'
    return near or "; expected one of " + ", ".join(known)


def _secret_variable(key: str, section: str) -> str | None:
    names = list(Secrets.model_fields)
    spelled = [name for name in names if name in (key.lower(), f"{section}_{key}".lower())]
    endings = [name for name in names if name.endswith(f"_{key.lower()}")]
    if not spelled and len(endings) == 1:
        spelled = endings
    return spelled[0].upper() if spelled else None


def _description(location: Location) -> str:
    field = _model_at(location[:-1]).model_fields[str(location[-1])]
    text = (field.description or "a value").split(". ")[0].rstrip(".")
    return text[0].lower() + text[1:]


def _model_at(location: Location) -> type[BaseModel]:
    model: type[BaseModel] = Settings
    for step in location:
        if isinstance(step, str):
            annotation = model.model_fields[step].annotation
            model = next(part for part in (annotation, *get_args(annotation)) if _is_model(part))
    return model


def _is_model(part: object) -> bool:
    return isinstance(part, type) and issubclass(part, BaseModel)
