"""Tokens sent to a language model for the sample threads, ours beside two usual ways.

    python -m tests.bench.thread_tokens

`whole once` is every thread's text in one request without a word of instruction: what nobody can
do for a thread larger than the model's window. The baselines are the common chains: *map-reduce*
(the text cut by length, each piece with a short instruction, the pieces' summaries sent once more)
and *refine* (one piece after another, each with the summary so far). Their summaries are taken to
be 300 tokens. Ours are the real requests of `LlmThreadSummarizer` to a model
that answers from its material; instructions, merging and the answers' JSON schema (in a row of its
own) are counted. A grown thread has 5 % more comments, at its end or in a hundred places.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from adapters.models.framing import instructions_of, turns_of
from adapters.models.strict_schema import strict_schema
from adapters.sources.dump import threads_from_dump
from bot.ports import ModelRequest
from bot.summarize.threads.llm import LlmThreadSummarizer
from bot.summarize.tokens import estimate_tokens
from bot.thread_model import Comment, Thread
from tests.bench.report import Row, render_table
from tests.fakes.model import FakeModel, comments_in
from tests.fakes.runner import run_at_once
from tests.shared_data import SHARED

MAX_INPUT_TOKENS = 24_000
SUMMARY_TOKENS = 300
# The chains' splitters go by characters; 4,000 tokens is a common length.
PIECE_CHARS = 16_000
MAP_TOKENS, REFINE_TOKENS = 40, 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A thread with its text as it came."""

    raw: str
    thread: Thread


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What reading one thread sent, and what of it was new when the thread had changed."""

    tokens: int
    schema_tokens: int
    deepest: int
    unchanged: int
    grown_at_end: int
    grown_all_over: int
    thirds: tuple[int, ...]
    read: int
    written: int


def load_samples() -> list[Sample]:
    """The ten sample threads."""
    samples = []
    for path in sorted((SHARED / "data" / "threads").glob("*.exact.txt")):
        raw = path.read_text(encoding="utf-8")
        samples.append(Sample(raw=raw, thread=threads_from_dump(raw)[0]))
    return samples


def read_thread(thread: Thread) -> Sent:
    """Summarise a thread, again unchanged, and again grown in two ways."""
    model = FakeModel()
    summarizer = LlmThreadSummarizer(model, run_at_once, MAX_INPUT_TOKENS)
    first = asyncio.run(summarizer.summarize_thread(thread))
    asked, deepest = list(model.asked), model.deepest
    known = dict(model.cache)

    def again(changed: Thread) -> int:
        other = FakeModel(cache=dict(known))
        asyncio.run(
            LlmThreadSummarizer(other, run_at_once, MAX_INPUT_TOKENS).summarize_thread(changed)
        )
        return sum(map(tokens_of, other.asked))

    schemas = (json.dumps(strict_schema(request.answer)) for request in asked)
    return Sent(
        tokens=sum(map(tokens_of, asked)),
        schema_tokens=sum(map(estimate_tokens, schemas)),
        deepest=deepest,
        unchanged=again(thread),
        grown_at_end=again(grow_at_end(thread)),
        grown_all_over=again(grow_all_over(dated(thread))) if thread.comments else 0,
        thirds=thirds_read(thread, [request.content for request in asked]),
        read=first.comments_read,
        written=len(thread.comments),
    )


def tokens_of(request: ModelRequest) -> int:
    """All the text of a request, as the client puts it into messages."""
    turns = (text for _, text in turns_of(request))
    return sum(map(estimate_tokens, (instructions_of(request, None), *turns)))


def new_comments(thread: Thread) -> list[Comment]:
    """5 % more comments, each said in new words out of old ones."""
    count = max(1, round(0.05 * len(thread.comments)))
    step = max(1, len(thread.comments) // count)
    return [
        replace(
            one, id=f"new{at}", text=f"Seen again by number {at}: {one.text[::-1][:40]} {one.text}"
        )
        for at, one in enumerate(thread.comments[::step][:count])
    ]


def grow_at_end(thread: Thread) -> Thread:
    return replace(thread, comments=(*thread.comments, *new_comments(thread)))


def dated(thread: Thread) -> Thread:
    """The thread as a site would give it: written one after another."""
    start = datetime(2026, 11, 1, tzinfo=UTC)
    comments = (
        replace(one, created_at=start + timedelta(minutes=at))
        for at, one in enumerate(thread.comments)
    )
    return replace(thread, comments=tuple(comments))


def grow_all_over(thread: Thread) -> Thread:
    """The new comments stand behind old ones all over the thread, as answers do."""
    added = new_comments(thread)
    last = thread.comments[-1].created_at or datetime(2026, 11, 1, tzinfo=UTC)
    step = max(1, len(thread.comments) // len(added))
    comments: list[Comment] = []
    for at, one in enumerate(thread.comments):
        comments.append(one)
        if at % step == 0 and at // step < len(added):
            answer = added[at // step]
            created = last + timedelta(minutes=1 + at)
            comments.append(
                replace(answer, parent_id=one.id, depth=one.depth + 1, created_at=created)
            )
    return replace(thread, comments=tuple(comments))


def thirds_read(thread: Thread, contents: Sequence[str]) -> tuple[int, ...]:
    """How many of each third's comments stand in the requests, by their first words."""
    sent = "\n".join(text for content in contents for text in comments_in(content).values())
    size = -(-len(thread.comments) // 3)
    thirds = (thread.comments[at : at + size] for at in range(0, len(thread.comments), size))
    return tuple(sum(_begins(one.text) in sent for one in third) for third in thirds)


def _begins(text: str) -> str:
    return " ".join(text.split())[:24]


def map_reduce_tokens(raw: str) -> int:
    pieces = split_by_length(raw)
    sent = sum(MAP_TOKENS + estimate_tokens(piece) for piece in pieces)
    return sent + MAP_TOKENS + SUMMARY_TOKENS * len(pieces)


def refine_tokens(raw: str) -> int:
    pieces = split_by_length(raw)
    sent = sum(estimate_tokens(piece) for piece in pieces) + MAP_TOKENS
    return sent + (len(pieces) - 1) * (REFINE_TOKENS + SUMMARY_TOKENS)


def split_by_length(raw: str) -> list[str]:
    """As the chains' recursive splitter does: by length, with 200 characters told twice."""
    return [raw[at : at + PIECE_CHARS + 200] for at in range(0, len(raw), PIECE_CHARS)]


def main() -> None:
    samples = load_samples()
    sent = [read_thread(sample.thread) for sample in samples]
    whole = sum(estimate_tokens(sample.raw) for sample in samples)
    largest = max(range(len(samples)), key=lambda at: len(samples[at].raw))
    big, big_whole = sent[largest], estimate_tokens(samples[largest].raw)
    ours = sum(one.tokens for one in sent)

    def total(count: Callable[[str], int]) -> int:
        return sum(count(sample.raw) for sample in samples)

    once = "whole once"
    first = "the largest, first time"
    rows = [
        Row(name=once, value=whole, unit="tokens"),
        Row(name="map-reduce", value=total(map_reduce_tokens), unit="tokens", baseline=once),
        Row(name="refine", value=total(refine_tokens), unit="tokens", baseline=once),
        Row(name="ours", value=ours, unit="tokens", baseline=once, goal="<= 1.0x"),
        Row(
            name="ours with schemas",
            value=ours + sum(one.schema_tokens for one in sent),
            unit="tokens",
            baseline=once,
            goal="<= 1.0x",
        ),
        Row(name="the largest, whole once", value=big_whole, unit="tokens"),
        Row(name=first, value=big.tokens, unit="tokens", baseline="the largest, whole once"),
        Row(name="unchanged", value=big.unchanged, unit="tokens", baseline=first, goal="0"),
        Row(
            name="5 % more at its end",
            value=big.grown_at_end,
            unit="tokens",
            baseline=first,
            goal="<= 0.25x",
        ),
        Row(
            name="5 % more answers all over",
            value=big.grown_all_over,
            unit="tokens",
            baseline=first,
            goal="<= 0.25x",
        ),
    ]
    deepest = max(one.deepest for one in sent)
    thirds = " / ".join(map(str, big.thirds))
    read = ", ".join(f"{one.read}/{one.written}" for one in sent)
    notes = [
        f"requests that waited for one another, merging included: {deepest} (refine: one a piece)",
        f"the largest thread's comments read word for word, by thirds: {thirds} of {big.written}",
        f"comments read (bots are not): {read}",
    ]
    print(render_table("Tokens sent for the ten sample threads", rows, notes))


if __name__ == "__main__":
    main()
