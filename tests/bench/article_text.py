"""Article text against text that people marked: 4-grams of words, ours beside trafilatura's modes.

    python -m tests.bench.article_text

Precision and recall are means over the pages, F1 is theirs. The last two columns are F1 on the
pages with odd and with even numbers, to show how much a figure hangs on single pages.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

import trafilatura

from adapters.sources.page_text import extract_lines
from adapters.sources.webpage import extract_article, parsed_page
from tests.shared_data import SHARED

PAGES = SHARED / "data" / "articles"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
_WORD = re.compile(r"\w+")

Extract = Callable[[bytes, str], str]


class Page(NamedTuple):
    """A page with the text that a person marked."""

    url: str
    html: bytes
    text: str


class Fit(NamedTuple):
    """How an extraction fits the marked text; None where a side has no words."""

    precision: float | None
    recall: float | None


def load_pages() -> list[Page]:
    listed = json.loads((PAGES / "truth.json").read_text())["articles"]
    return [
        Page(item["url"], (PAGES / item["file"]).read_bytes(), item["article_body"])
        for item in listed
    ]


def fit(truth: str, extracted: str) -> Fit:
    wanted, got = _grams(truth), _grams(extracted)
    shared = (wanted & got).total()
    return Fit(
        shared / got.total() if got else None,
        shared / wanted.total() if wanted else None,
    )


def f1(fits: list[Fit]) -> tuple[float, float, float]:
    precision = _mean([found.precision for found in fits])
    recall = _mean([found.recall for found in fits])
    return precision, recall, 2 * precision * recall / (precision + recall or 1)


def _grams(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    return Counter(tuple(words[at : at + 4]) for at in range(max(1, len(words) - 3)))


def _mean(values: list[float | None]) -> float:
    known = [value for value in values if value is not None]
    return sum(known) / len(known)


def _trafilatura(*, fast: bool = False, precision: bool = False, recall: bool = False) -> Extract:
    def extract(html: bytes, url: str) -> str:
        text = trafilatura.extract(
            html,
            url=url,
            include_comments=False,
            fast=fast,
            favor_precision=precision,
            favor_recall=recall,
        )
        return text or ""

    return extract


def _chosen_only(html: bytes, url: str) -> str:
    return "\n".join(line.text for line in extract_lines(parsed_page(html, ""), url))


METHODS: dict[str, Extract] = {
    "trafilatura": _trafilatura(),
    "trafilatura, recall": _trafilatura(recall=True),
    "trafilatura, precision": _trafilatura(precision=True),
    "trafilatura, fast": _trafilatura(fast=True),
    "ours, choice only": _chosen_only,
    "ours": lambda html, url: extract_article(html, url, "", NOW).text,
}


def main() -> None:
    logging.disable(logging.CRITICAL)
    pages = load_pages()
    print(f"{'':24}{'P':>8}{'R':>8}{'F1':>8}{'ms/page':>10}{'F1 odd':>9}{'F1 even':>9}")
    for name, extract in METHODS.items():
        started = time.perf_counter()
        fits = [fit(page.text, extract(page.html, page.url)) for page in pages]
        took_ms = (time.perf_counter() - started) * 1000 / len(pages)
        precision, recall, score = f1(fits)
        halves = f"{f1(fits[::2])[2]:9.4f}{f1(fits[1::2])[2]:9.4f}"
        print(f"{name:24}{precision:8.4f}{recall:8.4f}{score:8.4f}{took_ms:10.1f}{halves}")


if __name__ == "__main__":
    main()
