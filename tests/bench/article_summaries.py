"""Extractive summaries against what publishers wrote themselves: ROUGE, ours beside baselines.

    python -m tests.bench.article_summaries

Two sets. `pages`: the marked pages, with their meta description as reference; the summariser sees
the article's text only, as extracted. `feeds`: real feed entries that have both a full text and a
description of its own (not the text's beginning). Descriptions are one or two sentences, so a
shorter summary has the better precision; the column `chars` says what each method spends, and
`lead, same length` is the article's beginning, as many whole sentences as our summary has.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import feedparser
from lxml import html
from rouge_score.rouge_scorer import RougeScorer
from sumy.models.dom import ObjectDocumentModel, Paragraph
from sumy.models.dom import Sentence as SumySentence
from sumy.summarizers.lex_rank import LexRankSummarizer
from sumy.summarizers.lsa import LsaSummarizer
from sumy.summarizers.luhn import LuhnSummarizer
from sumy.summarizers.text_rank import TextRankSummarizer

from adapters.sources.webpage import extract_article
from bot.errors import SourceError
from bot.summarize.article import choose_sentences
from bot.summarize.language import STOP_WORDS
from bot.summarize.sentences import split_sentences
from tests.bench.article_text import NOW, load_pages
from tests.shared_data import SHARED

FEEDS = SHARED / "data" / "feeds"
MIN_TEXT_CHARS = 1_200
DESCRIPTION_CHARS = (60, 420)
PER_FEED = 15
KINDS = ("rouge1", "rouge2", "rougeL")

Pick = Callable[[str, str], Sequence[str]]


class Example(NamedTuple):
    """An article and how its publisher describes it."""

    title: str
    text: str
    description: str


class SumyWords:
    """Tokenizer for sumy, so that nobody wins by a better sentence splitter."""

    def to_sentences(self, text: str) -> tuple[str, ...]:
        return tuple(split_sentences(text))

    def to_words(self, sentence: str) -> tuple[str, ...]:
        return tuple(re.findall(r"[^\W\d_]{2,}", sentence.lower()))


def page_examples() -> list[Example]:
    found = []
    for page in load_pages():
        try:
            article = extract_article(page.html, page.url, "", NOW)
        except SourceError:
            continue
        if article.description and len(article.description) >= DESCRIPTION_CHARS[0]:
            found.append(Example(article.title, article.text, article.description))
    return [example for example in found if _is_latin(example.text)]


def feed_examples() -> list[Example]:
    found: dict[str, Example] = {}
    listed = json.loads((FEEDS / "manifest.json").read_text())
    for item in listed:
        if item["kind"] != "recorded":
            continue
        taken = 0
        for entry in feedparser.parse((FEEDS / item["file"]).read_bytes()).entries:
            example = _example(entry)
            if example is not None and taken < PER_FEED:
                taken += found.setdefault(_folded(example.description), example) is example
    return [example for example in found.values() if _is_latin(example.text)]


def _example(entry: Any) -> Example | None:
    text = _readable(max((part.value for part in entry.get("content", [])), key=len, default=""))
    description = " ".join(_readable(entry.get("summary", "")).split())
    shortest, longest = DESCRIPTION_CHARS
    if len(text) < MIN_TEXT_CHARS or not shortest < len(description) < longest:
        return None
    if _folded(text).startswith(_folded(description)[:60]):
        return None
    return Example(entry.get("title", ""), text, description)


def _readable(markup: str) -> str:
    if not markup.strip():
        return ""
    tree: Any = html.fromstring(f"<div>{markup}</div>")
    for element in list(tree.iter("script", "style", "pre")):
        element.drop_tree()
    for element in tree.iter("p", "div", "li", "h1", "h2", "h3", "h4", "br", "blockquote", "ul"):
        element.tail = "\n\n" + (element.tail or "")
    for item in tree.iter("li"):
        item.text = "- " + (item.text or "")
    return str(tree.text_content()).strip()


def _folded(text: str) -> str:
    return re.sub(r"\W+", "", text.lower())


def _is_latin(text: str) -> bool:
    letters: list[str] = re.findall(r"[^\W\d_]", text)
    return sum(letter < "\u0250" for letter in letters) > 0.9 * len(letters)


def lead(count: int) -> Pick:
    return lambda title, text: split_sentences(text)[:count]


def lead_of_our_length(title: str, text: str) -> Sequence[str]:
    return split_sentences(text)[: len(ours(title, text))]


def ours(title: str, text: str) -> Sequence[str]:
    return choose_sentences(title, text).summary


def sumy(kind: type[Any]) -> Pick:
    def pick(title: str, text: str) -> Sequence[str]:
        words = SumyWords()
        paragraphs = [
            Paragraph([SumySentence(s, words) for s in split_sentences(block)])
            for block in text.split("\n")
        ]
        summarizer = kind()
        summarizer.stop_words = STOP_WORDS["en"]
        document = ObjectDocumentModel([p for p in paragraphs if p.sentences])
        return [str(sentence) for sentence in summarizer(document, 3)]

    return pick


METHODS: dict[str, Pick] = {
    "lead-1": lead(1),
    "lead-2": lead(2),
    "lead-3": lead(3),
    "lead, same length": lead_of_our_length,
    "sumy LexRank": sumy(LexRankSummarizer),
    "sumy TextRank": sumy(TextRankSummarizer),
    "sumy Luhn": sumy(LuhnSummarizer),
    "sumy LSA": sumy(LsaSummarizer),
    "ours": ours,
}


def rouge(examples: list[Example], pick: Pick) -> dict[str, float]:
    """Mean F1 of each kind, and the mean length and time of a summary."""
    scorer = RougeScorer(KINDS, use_stemmer=True)
    sums = dict.fromkeys((*KINDS, "chars", "ms"), 0.0)
    for example in examples:
        started = time.perf_counter()
        summary = " ".join(pick(example.title, example.text))
        sums["ms"] += (time.perf_counter() - started) * 1000
        sums["chars"] += len(summary)
        for kind, score in scorer.score(example.description, summary).items():
            sums[kind] += score.fmeasure
    return {name: value / len(examples) for name, value in sums.items()}


def main() -> None:
    logging.disable(logging.CRITICAL)
    for name, examples in (("pages", page_examples()), ("feeds", feed_examples())):
        print(f"{name}: {len(examples)} articles")
        print(f"{'':20}{'R-1':>8}{'R-2':>8}{'R-L':>8}{'chars':>8}{'ms':>8}")
        for method, pick in METHODS.items():
            mean = rouge(examples, pick)
            scores = "".join(f"{mean[kind]:8.3f}" for kind in KINDS)
            print(f"{method:20}{scores}{mean['chars']:8.0f}{mean['ms']:8.1f}")
        print()


if __name__ == "__main__":
    main()
