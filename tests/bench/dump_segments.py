"""Dumps taken apart: thread borders found, comments cut where they really end.

    python -m tests.bench.dump_segments [--fit]

*Comments*: recorded Reddit threads whose comments are joined as the dumps are (". "), so that the
truth is known. `held out` uses weights fitted on the other threads only, with the same recipe;
`shipped` are the weights in `adapters.sources.dump_comments`, fitted on all. `--fit` prints them.
*Threads*: the ten threads run together of the shared sample. *Text*: the same, repaired.
"""

from __future__ import annotations

import html
import json
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from typing import NamedTuple

import ftfy
import numpy as np

from adapters.sources import dump_comments
from adapters.sources.dump import find_threads, threads_from_dump
from adapters.sources.dump_comments import JOIN, SURE, THRESHOLD, signs_between
from adapters.sources.dump_encoding import repair
from tests.bench.report import Row, render_table
from tests.shared_data import SHARED

REDDIT = SHARED / "data" / "reddit"
THREADS = SHARED / "data" / "threads"
SETS = {
    "questions to staff, 2010": ("exchanges/thread-n49rw-2016",),
    "questions to an actor, 2015": ("exchanges/thread-3hahrw-full-2020",),
    "mixed, to 2024": (
        "listings/r_askreddit_comments-asyncpraw-0",
        "threads/refresh__removed_comment-2",
        "threads/replace__on_direct_comment-2",
        "threads/sticky-2",
        "listings/r_TEST_SUBREDDIT_comments-asyncpraw-1",
    ),
}
PENALTY = 1.0  # of the fit, on squared weights


class Dump(NamedTuple):
    """Comments joined, and at which of the joins one really ends."""

    pieces: list[str]
    truth: list[bool]


Weights = dict[str, float]
Decide = Callable[[float | tuple[str, ...]], bool]


def main() -> None:
    dumps = {name: load_dump(files) for name, files in SETS.items()}
    if "--fit" in sys.argv:
        weights = fitted(dumps.values())
        print(
            "\n".join(f'    "{sign}": {weight:+.2f},' for sign, weight in sorted(weights.items()))
        )
        return
    rows = list(comment_rows(dumps))
    print(
        render_table("Comments of a dump", rows, ["truth: recorded threads, joined the same way"])
    )
    print(render_table("Threads of a dump", list(thread_rows())))


def load_dump(files: Iterable[str]) -> Dump:
    """Comments in the order recorded, joined as the customer's dumps are."""
    comments: dict[str, str] = {}
    for name in files:
        for found in _comments(json.loads((REDDIT / f"{name}.json").read_text("utf-8"))):
            text = html.unescape(str(found.get("body") or "")).strip()
            if text:
                comments.setdefault(str(found["id"]), text)
    pieces = [comment.split(JOIN) for comment in comments.values()]
    # A comment that ends in a full stop takes part in the join: "run." + ". " splits the same.
    truth = [place == len(one) - 1 for one in pieces for place in range(len(one))]
    return Dump([piece for one in pieces for piece in one], truth[:-1])


def _comments(node: object) -> Iterator[dict[str, object]]:
    if isinstance(node, list):
        for one in node:
            yield from _comments(one)
    elif isinstance(node, dict):
        if node.get("kind") == "t1":
            yield node["data"]
        for one in node.values():
            yield from _comments(one)


def fitted(dumps: Iterable[Dump]) -> Weights:
    """Logistic regression on the uncertain joins, by Newton's method."""
    uncertain = [
        (signs, is_border)
        for dump in dumps
        for signs, is_border in zip(signs_between(dump.pieces), dump.truth, strict=True)
        if not isinstance(signs, float)
    ]
    names = sorted({sign for signs, _ in uncertain for sign in signs})
    column = {name: place for place, name in enumerate(names)}
    seen = np.zeros((len(uncertain), len(names)))
    for row, (signs, _) in enumerate(uncertain):
        seen[row, [column[sign] for sign in signs]] = 1.0
    truth = np.array([is_border for _, is_border in uncertain], float)
    weights = np.zeros(len(names))
    for _ in range(30):
        chance = 1 / (1 + np.exp(-seen @ weights))
        slope = seen.T @ (chance - truth) + PENALTY * weights
        bend = (seen.T * (chance * (1 - chance))) @ seen + PENALTY * np.eye(len(names))
        weights -= np.linalg.solve(bend, slope)
    return dict(zip(names, (float(weight) for weight in weights), strict=True))


def comment_rows(dumps: dict[str, Dump]) -> Iterator[Row]:
    for name, dump in dumps.items():
        held_out = fitted(other for title, other in dumps.items() if title != name)
        ours = quality(dump, _weighing(held_out))
        yield Row(name=f"{name}: every join, F1", value=_f1(*quality(dump, _always)), unit="")
        yield Row(name=f"{name}: sure joins only, F1", value=_f1(*quality(dump, _sure)), unit="")
        yield Row(
            name=f"{name}: ours held out, F1",
            value=_f1(*ours),
            unit="",
            baseline=f"{name}: every join, F1",
        )
        yield Row(name=f"{name}: ours held out, precision", value=ours[0], unit="")
        yield Row(name=f"{name}: ours held out, recall", value=ours[1], unit="")
        shipped = quality(dump, _weighing(dump_comments.WEIGHTS))
        yield Row(name=f"{name}: ours as shipped, F1", value=_f1(*shipped), unit="")


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall)


def _always(_: float | tuple[str, ...]) -> bool:
    return True


def _sure(signs: float | tuple[str, ...]) -> bool:
    return signs == SURE


def _weighing(weights: Weights) -> Decide:
    def decide(signs: float | tuple[str, ...]) -> bool:
        if isinstance(signs, float):
            return signs == SURE
        return sum(weights.get(sign, 0.0) for sign in signs) > THRESHOLD

    return decide


def quality(dump: Dump, decide: Decide) -> tuple[float, float]:
    """Precision and recall of the borders."""
    chosen = [decide(signs) for signs in signs_between(dump.pieces)]
    right = sum(one and true for one, true in zip(chosen, dump.truth, strict=True))
    return right / max(1, sum(chosen)), right / sum(dump.truth)


def thread_rows() -> Iterator[Row]:
    damaged = [
        json.loads(path.read_text("utf-8"))["raw_text"]
        for path in sorted(THREADS.glob("seed-001-thread-*.json"))
    ]
    exact = [
        path.read_bytes().decode() for path in sorted(THREADS.glob("seed-001-thread-*.exact.txt"))
    ]
    text = "".join(damaged)
    mended = repair(text)
    wrong = sum(a != b for a, b in zip(mended.split("\n"), "".join(exact).split("\n"), strict=True))
    by_ftfy = ftfy.fix_encoding(text).split("\n")
    wrong_ftfy = sum(a != b for a, b in zip(by_ftfy, "".join(exact).split("\n"), strict=False))
    yield Row(name="lines not mended: ftfy", value=wrong_ftfy, unit="lines")
    yield Row(name="lines not mended: ours", value=wrong, unit="lines", goal="0")
    truth = set(accumulate(map(len, exact[:-1])))
    found = {one.start for one in find_threads(mended)} - {0}
    by_tag = {match.start() for match in re.finditer(r"\[[A-Z][a-z]*\] ", mended)} - {0}
    for way, starts in (("at each [tag]", by_tag), ("ours", found)):
        yield Row(name=f"borders found: {way}", value=len(starts & truth), unit=f"of {len(truth)}")
        yield Row(name=f"borders false: {way}", value=len(starts - truth), unit="")
    began = time.process_time()
    threads = threads_from_dump(text * 2)
    took = time.process_time() - began
    size = len((text * 2).encode()) / 1e6
    count = sum(len(thread.comments) for thread in threads)
    yield Row(name=f"{size:.2f} MB, {count} comments", value=took, unit="s", goal="<= 2")


if __name__ == "__main__":
    main()
