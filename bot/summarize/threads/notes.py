"""The notes on a thread's parts, as a language model is shown them to put them together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from bot.summarize.threads.claims import Checked, Point, Sentence, join_alike
from bot.summarize.threads.material import shown
from bot.summarize.tokens import estimate_tokens

_Note = TypeVar("_Note", Sentence, Point)

SENTENCES_OF_PART = 2
_LABEL_TOKENS = 8


def collect_notes(
    title: str, parts: Sequence[Checked], room: int
) -> tuple[list[Sentence], list[Point]]:
    """The sentences and points of all parts, in as much as fits: what fewest hold goes first."""
    room -= estimate_tokens(title) + 4 * _LABEL_TOKENS
    points = [point for part in parts for point in part.points]
    sentences = [one for part in parts for one in part.summary[:SENTENCES_OF_PART]]
    kept_sentences = _fitting(sentences, room // 2)
    room -= sum(_tokens(one) for one in kept_sentences)
    by_support = sorted(points, key=lambda point: -len(point.ids))
    kept = {id(point) for point in _fitting(by_support, room)}
    return kept_sentences, [point for point in points if id(point) in kept]


def render_notes(title: str, sentences: Sequence[Sentence], points: Sequence[Point]) -> str:
    """The material of the merging request: sentences first, then points, numbered through."""
    lines = [f"s {sentence.text}" for sentence in sentences]
    lines += [f"p ({len(point.ids)}) {point.text}" for point in points]
    numbered = "\n".join(f"{number} {line}" for number, line in enumerate(lines, 1))
    return f"Title: {shown(title)}\n{numbered}"


def merge_without_model(parts: Sequence[Checked]) -> Checked:
    """What the parts' answers come to where no model merges them: the largest part speaks first."""
    ranked = sorted(parts, key=lambda part: -sum(len(point.ids) for point in part.points))
    return Checked(
        summary=tuple(part.summary[0] for part in ranked if part.summary)[:3],
        points=join_alike([point for part in parts for point in part.points]),
    )


def _fitting(notes: Sequence[_Note], room: int) -> list[_Note]:
    kept = []
    for note in notes:
        room -= _tokens(note)
        if room < 0:
            break
        kept.append(note)
    return kept


def _tokens(note: Sentence | Point) -> int:
    return estimate_tokens(note.text) + _LABEL_TOKENS
