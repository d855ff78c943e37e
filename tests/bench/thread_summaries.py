"""Summaries of e-mail threads against those that people wrote: ROUGE, ours beside baselines.

    python -m tests.bench thread_summaries

ConvoSumm's 130 threads (4 to 13 turns), each turn a comment with its author, the first subject as
title. Even and odd lines apart; both were on view while the few weights were chosen.
`first words` takes as many characters as ours does on the same thread, the sumy and MMR rows four
sentences; all see the turns' own sentences, without quotations and signatures, so that nobody wins
by better reading. ROUGE with stemming; `R-1 plain` without.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from rouge_score.rouge_scorer import RougeScorer
from sumy.models.dom import ObjectDocumentModel, Paragraph
from sumy.models.dom import Sentence as SumySentence
from sumy.summarizers.lex_rank import LexRankSummarizer
from sumy.summarizers.text_rank import TextRankSummarizer

from bot.summarize.language import STOP_WORDS
from bot.summarize.threads.extractive import summarize_thread
from bot.summarize.threads.leads import author_name
from bot.summarize.threads.reading import read_thread, readable, sentence_words
from bot.summarize.words import overlap
from bot.thread_model import Comment, Thread
from tests.bench.article_summaries import SumyWords
from tests.shared_data import SHARED

DATA = SHARED / "data" / "eval" / "convosumm-email.jsonl"
KINDS = ("rouge1", "rouge2", "rougeL")
SENTENCES = 4
_RELEVANT = 0.7  # MMR's usual balance of relevance and novelty

Summarizer = Callable[[Thread], str]


def load_threads() -> list[tuple[Thread, str]]:
    """Threads with their summary by a person."""
    rows = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
    return [(_thread(row), row["summary"]) for row in rows]


def _thread(row: dict[str, Any]) -> Thread:
    comments = tuple(
        Comment(id=str(at), text=turn["text"], author=turn["author"] or None)
        for at, turn in enumerate(row["turns"])
    )
    return Thread(
        kind="dump",
        id=row["id"],
        title=row["turns"][0]["subject"],
        num_comments=len(comments),
        comments=comments,
    )


def ours(thread: Thread) -> str:
    return summarize_thread(thread).summary


def first_words(thread: Thread) -> str:
    return " ".join(_sentences(thread))[: len(ours(thread))]


def first_sentences(thread: Thread) -> str:
    """The first sentence of each turn that has at least three words of its own."""
    told = []
    for remark in read_thread(thread).remarks:
        real = (one for one in remark.sentences if len(sentence_words(one)) >= 3)
        sentence = next(real, None)
        if sentence is not None:
            told.append(f"{author_name(remark.comment.author or '')}: {readable(sentence)}")
    return " ".join(told)


def sumy(kind: type[Any]) -> Summarizer:
    def summarize(thread: Thread) -> str:
        words = SumyWords()
        sentences = [SumySentence(one, words) for one in _sentences(thread)]
        summarizer = kind()
        summarizer.stop_words = STOP_WORDS["en"]
        if not sentences:
            return ""
        chosen = summarizer(ObjectDocumentModel([Paragraph(sentences)]), SENTENCES)
        return " ".join(map(str, chosen))

    return summarize


def mmr(thread: Thread) -> str:
    """Maximal marginal relevance: like the whole thread, unlike what was taken."""
    sentences = [(one, sentence_words(one)) for one in _sentences(thread)]
    whole = frozenset().union(*(words for _, words in sentences))
    chosen: list[int] = []
    while len(chosen) < min(SENTENCES, len(sentences)):
        rest = (at for at in range(len(sentences)) if at not in chosen)
        chosen.append(max(rest, key=lambda at: _relevance(sentences, chosen, whole, at)))
    return " ".join(sentences[at][0] for at in sorted(chosen))


def _relevance(
    sentences: Sequence[tuple[str, frozenset[str]]],
    chosen: list[int],
    whole: frozenset[str],
    at: int,
) -> float:
    words = sentences[at][1]
    again = max((overlap(words, sentences[other][1]) for other in chosen), default=0.0)
    return _RELEVANT * overlap(words, whole) - (1 - _RELEVANT) * again


def _sentences(thread: Thread) -> list[str]:
    return [readable(one) for remark in read_thread(thread).remarks for one in remark.sentences]


METHODS: dict[str, Summarizer] = {
    "first words": first_words,
    "sumy LexRank": sumy(LexRankSummarizer),
    "sumy TextRank": sumy(TextRankSummarizer),
    "MMR": mmr,
    "first sentence of each turn": first_sentences,
    "ours": ours,
}


def rouge(examples: Sequence[tuple[Thread, str]], summarize: Summarizer) -> dict[str, float]:
    """Mean F1 of each kind, plain ROUGE-1, and the mean length."""
    stemming, plain = RougeScorer(KINDS, use_stemmer=True), RougeScorer(KINDS[:1])
    sums = dict.fromkeys((*KINDS, "plain", "chars"), 0.0)
    for thread, reference in examples:
        summary = summarize(thread)
        sums["chars"] += len(summary)
        sums["plain"] += plain.score(reference, summary)["rouge1"].fmeasure
        for kind, score in stemming.score(reference, summary).items():
            sums[kind] += score.fmeasure
    return {name: value / len(examples) for name, value in sums.items()}


def main() -> None:
    examples = load_threads()
    for name, half in (("all", examples), ("even", examples[::2]), ("odd", examples[1::2])):
        print(f"{name}: {len(half)} threads")
        print(f"{'':30}{'R-1':>8}{'R-2':>8}{'R-L':>8}{'R-1 plain':>11}{'chars':>8}")
        for method, summarize in METHODS.items():
            mean = rouge(half, summarize)
            scores = "".join(f"{mean[kind]:8.3f}" for kind in KINDS)
            print(f"{method:30}{scores}{mean['plain']:11.3f}{mean['chars']:8.0f}")
        print()


if __name__ == "__main__":
    main()
