"""Reading an answer out of what a model wrote: JSON, alone or with talk around it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from pydantic import BaseModel, ValidationError

MAX_CHARS = 1_000_000
MAX_STARTS = 200  # places where an object may begin; a text with more of them is no answer
MAX_FAULTS = 8
_THOUGHTS = re.compile(r"\A\s*<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)


class UnreadableAnswerError(Exception):
    """The text holds no answer of the right shape. `faults`: what is wrong, for the model."""

    def __init__(self, faults: str, *, is_json: bool) -> None:
        super().__init__(faults)
        self.faults = faults
        self.is_json = is_json


def read_answer(text: str, answer: type[BaseModel]) -> BaseModel:
    """The first object in `text` that `answer` accepts. Raises `UnreadableAnswerError`."""
    faults: str | None = None
    for candidate in objects_in(text):
        try:
            return answer.model_validate(candidate)
        except ValidationError as exc:
            faults = faults or _faults(exc)
    if faults is None:
        raise UnreadableAnswerError("- it is not a JSON object", is_json=False)
    raise UnreadableAnswerError(faults, is_json=True)


def objects_in(text: str) -> Iterator[dict[str, Any]]:
    """The JSON objects that stand in a text, none inside another, in order."""
    text = _THOUGHTS.sub("", text[:MAX_CHARS], count=1)
    decoder = json.JSONDecoder(parse_constant=_refuse_constant)
    at, starts = text.find("{"), 0
    while at >= 0 and starts < MAX_STARTS:
        starts += 1
        try:
            found, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            yield found
        at = text.find("{", end)


def _refuse_constant(name: str) -> NoReturn:
    """NaN and Infinity are no JSON."""
    raise ValueError(name)


def _faults(exc: ValidationError) -> str:
    """A line for each fault, without the values: those stand in the answer."""
    errors = exc.errors(include_url=False, include_context=False, include_input=False)
    lines = [f"- {'.'.join(map(str, one['loc'])) or 'answer'}: {one['msg']}" for one in errors]
    more = len(lines) - MAX_FAULTS
    return "\n".join(lines[:MAX_FAULTS] + ([f"- and {more} more"] if more > 0 else []))
