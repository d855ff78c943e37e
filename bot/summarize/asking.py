"""Asking a language model for an answer that is then checked: once more where it failed.

An answer's claims that fail are named to the model together with its answer. What fails again is
dropped; how much that is, is counted.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel

from bot.errors import ModelError
from bot.ports import LanguageModel, ModelAnswer, ModelRequest
from bot.summarize.tokens import estimate_tokens

_FAULTS = 12
# How much of a request may be what was wrong with the answer before, and of that the faults.
_AGAIN_TOKENS, _AGAIN_SHARE = 1_500, 0.2
_FAULTS_SHARE = 0.4
# What a client adds: words around the material and around what is sent back, roles, separators.
_FRAME_TOKENS = 200
_LEAST_ROOM = 60


class Verdict(Protocol):
    """What a check found: `faults` names each claim that failed, `kept` counts those that stand."""

    @property
    def faults(self) -> tuple[str, ...]: ...

    @property
    def kept(self) -> int: ...


V = TypeVar("V", bound=Verdict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What asking cost, whatever came of it. `model` is the one that answered last."""

    model: str = ""
    tokens_in: int = 0
    tokens_out: int = 0

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            model=other.model or self.model,
            tokens_in=self.tokens_in + other.tokens_in,
            tokens_out=self.tokens_out + other.tokens_out,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Mending(Generic[V]):
    """How to ask again about what failed alone, where something stands already.

    `narrow` gives the material that the failed claims are about, None to ask about all of it;
    `join` puts what stood and what stands now together, with the faults that remain.
    """

    narrow: Callable[[V], str | None]
    join: Callable[[V, V], V]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told(Generic[V]):
    """What stands after at most two requests, how many claims were dropped, and the price."""

    verdict: V
    dropped: int
    spent: Spent


async def ask_checked(
    model: LanguageModel,
    request: ModelRequest,
    check: Callable[[BaseModel], Awaitable[V]],
    again_tokens: int,
    mending: Mending[V] | None = None,
) -> Told[V]:
    """Ask, check, and ask once more where something failed. Raises `ModelError` of the first.

    `again_tokens`: how much may be sent back beside the material (`again_room`).
    """
    answer = await model.ask(request)
    verdict = await check(answer.result)
    spent = _spent(answer)
    if not verdict.faults:
        return Told(verdict=verdict, dropped=0, spent=spent)
    narrowed = mending.narrow(verdict) if mending and verdict.kept else None
    again = _again(request, answer, verdict.faults, narrowed, again_tokens)
    try:
        mended = await model.ask(again)
    except ModelError:
        return Told(verdict=verdict, dropped=len(verdict.faults), spent=spent)
    second = await check(mended.result)
    if mending and narrowed is not None:
        better = mending.join(verdict, second)
    else:
        better = second if second.kept >= verdict.kept else verdict
    return Told(verdict=better, dropped=len(better.faults), spent=spent + _spent(mended))


def _again(
    request: ModelRequest,
    answer: ModelAnswer,
    faults: Sequence[str],
    narrowed: str | None,
    room: int,
) -> ModelRequest:
    listed = "\n".join(("These claims do not stand in the material:", *faults[:_FAULTS]))
    told = _fitting(listed, int(_FAULTS_SHARE * room))
    said = _fitting(answer.result.model_dump_json(), room - estimate_tokens(told))
    return replace(request, content=narrowed or request.content, refused=(told, said))


def _fitting(text: str, room: int) -> str:
    text = text[: 8 * room]
    while (tokens := estimate_tokens(text)) > room:
        text = text[: min(len(text) - 1, len(text) * room // tokens)]
    return text


def material_room(instructions: str, answer: type[BaseModel], max_input_tokens: int) -> int:
    """How many tokens of material a request may carry, asked once more included."""
    schema = json.dumps(answer.model_json_schema())
    fixed = estimate_tokens(instructions) + estimate_tokens(schema) + _FRAME_TOKENS
    return max(_LEAST_ROOM, max_input_tokens - fixed - again_room(max_input_tokens))


def again_room(max_input_tokens: int) -> int:
    """How many tokens of a request are kept for sending back an answer with its faults."""
    return int(min(_AGAIN_TOKENS, _AGAIN_SHARE * max_input_tokens))


def _spent(answer: ModelAnswer) -> Spent:
    return Spent(model=answer.model, tokens_in=answer.tokens_in, tokens_out=answer.tokens_out)
