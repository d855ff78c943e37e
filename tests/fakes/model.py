"""A language model that answers from the material it is given, as well or as badly as told to."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic import BaseModel

from bot.errors import ModelError
from bot.ports import ModelAnswer, ModelRequest
from bot.summarize.sentences import split_sentences
from bot.summarize.threads.answers import (
    ArticleAnswer,
    MergeAnswer,
    MergedPoint,
    PartAnswer,
    PointAnswer,
)
from bot.summarize.tokens import estimate_tokens
from bot.summarize.words import content_words

Answering = Callable[[ModelRequest], BaseModel]


@dataclass
class FakeModel:
    """Implements `bot.ports.LanguageModel`, with the cache that goes before a real one.

    `answering` turns a request into an answer (`honest` where none is given). `failures` are
    raised by the next requests, one each; None among them lets one through. `deepest` is how many
    requests had to wait for one another.
    """

    answering: Answering | None = None
    failures: list[ModelError | None] = field(default_factory=list)
    name: str = "fake-1"
    asked: list[ModelRequest] = field(default_factory=list)
    cache: dict[tuple[object, ...], BaseModel] = field(default_factory=dict)
    round: int = 0
    deepest: int = 0

    async def ask(self, request: ModelRequest) -> ModelAnswer:
        key = (request.instructions, request.content, request.answer, request.refused)
        if key in self.cache:
            return ModelAnswer(result=self.cache[key], model=self.name, from_cache=True)
        self.asked.append(request)
        depth = self.round + 1
        await asyncio.sleep(0)  # whoever asks at the same time has asked by now
        self.round = self.deepest = max(self.deepest, depth)
        failure = self.failures.pop(0) if self.failures else None
        if failure is not None:
            raise failure
        result = (self.answering or honest)(request)
        self.cache[key] = result
        return ModelAnswer(
            result=result,
            model=self.name,
            tokens_in=tokens_of(request),
            tokens_out=estimate_tokens(result.model_dump_json()),
        )


def tokens_of(request: ModelRequest) -> int:
    """What a request sends, as we estimate it."""
    refused = "".join(request.refused or ())
    return estimate_tokens(request.instructions + request.content + refused)


def honest(request: ModelRequest) -> BaseModel:
    """An answer of which every word stands in the material."""
    if request.answer is PartAnswer:
        return honest_part(request.content)
    if request.answer is MergeAnswer:
        return honest_merge(request.content)
    assert request.answer is ArticleAnswer
    body = request.content.partition("\n\n")[2]
    sentences = split_sentences(body)
    return ArticleAnswer(summary=sentences[:2], points=sentences[2:5])


def comments_in(content: str) -> dict[int, str]:
    """The numbered lines of a request's material."""
    found = re.finditer(r"^(\d+)(?:>\d+)? (?:\(to: [^)]*\) )?(.*)$", content, re.MULTILINE)
    return {int(one.group(1)): one.group(2) for one in found}


def honest_part(content: str) -> PartAnswer:
    comments = comments_in(content)
    said = {n: split_sentences(text)[0] for n, text in comments.items() if split_sentences(text)}
    counts = Counter(word for text in said.values() for word in content_words(text))
    points: list[PointAnswer] = []
    taken: set[int] = set()
    for word, _ in sorted(counts.items(), key=lambda one: (-one[1], one[0])):
        holding = [n for n, text in said.items() if word in content_words(text) and n not in taken]
        if len(holding) >= 2 and len(points) < 4:
            taken.update(holding)
            best = max(holding, key=lambda n: _tells(said[n]))
            points.append(
                PointAnswer(text=said[best], citations=holding, quote=said[best], quote_id=best)
            )
    first = next(iter(said), 0)
    return PartAnswer(
        summary=said[first] if first else "",
        summary_citations=[first] if first else [],
        points=points,
    )


def _tells(sentence: str) -> int:
    """How much a sentence tells that is no list and no pile of links."""
    is_plain = len(sentence) <= 200 and "(link)" not in sentence and "[" not in sentence
    return len(sentence) if is_plain else -len(sentence)


def honest_merge(content: str) -> MergeAnswer:
    notes = comments_in(content)
    sentences = {n: text[2:] for n, text in notes.items() if text.startswith("s ")}
    points = {
        n: re.sub(r"^p \(\d+\) ", "", text) for n, text in notes.items() if text.startswith("p ")
    }
    first = next(iter(sentences), 0)
    return MergeAnswer(
        summary=sentences.get(first, ""),
        summary_notes=[first] if first else [],
        points=[MergedPoint(text=text, notes=[n]) for n, text in points.items()][:3],
    )
