"""Articles summarised by a language model, every sentence held against the article's text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from bot.errors import ModelError
from bot.model import ArticleSummary
from bot.ports import Article, LanguageModel, ModelRequest, Runner
from bot.summarize.article import MOST_POINTS, SUMMARY_SENTENCES, summarize
from bot.summarize.asking import again_room, ask_checked, material_room
from bot.summarize.prompts import load_prompt
from bot.summarize.threads.answers import ArticleAnswer
from bot.summarize.threads.material import TEXT_CUT_MARK, cut_at_sentence
from bot.summarize.tokens import estimate_tokens
from bot.summarize.verify import clean_claim, faults_in
from bot.summarize.words import content_words, overlap

MAX_OUTPUT_TOKENS = 800
_SAME = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedArticle:
    """The sentences that stand, and what is wrong with the others."""

    summary: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def kept(self) -> int:
        """How many sentences stand."""
        return len(self.summary) + len(self.points)


class LlmArticleSummarizer:
    """Implements `bot.ports.ArticleSummarizer`."""

    def __init__(self, model: LanguageModel, run: Runner, max_input_tokens: int) -> None:
        self._model = model
        self._run = run
        self._max_input_tokens = max_input_tokens

    async def summarize_article(self, article: Article) -> ArticleSummary:
        """Two or three sentences and the key points, as far as the text bears them out.

        Raises `ModelError`, also where no sentence of the summary stands. An article without text
        is not worth asking about: its extractive summary is empty too.
        """
        chosen = await self._run(summarize, article)
        if not article.text.strip():
            return chosen

        async def check(answer: BaseModel) -> CheckedArticle:
            assert isinstance(answer, ArticleAnswer)
            return await self._run(check_article, answer, article)

        told = await ask_checked(
            self._model, self._request(article), check, again_room(self._max_input_tokens)
        )
        if not told.verdict.summary:
            raise ModelError(f"nothing that {told.spent.model} said stands in {article.url}")
        return chosen.model_copy(
            update={
                "summary": " ".join(told.verdict.summary),
                "points": told.verdict.points,
                "method": "llm",
                "model": told.spent.model,
            }
        )

    def _request(self, article: Article) -> ModelRequest:
        instructions = load_prompt("article")
        room = material_room(instructions, ArticleAnswer, self._max_input_tokens)
        title = " ".join(article.title.split())[:500]
        body, _ = cut_at_sentence(article.text, room - estimate_tokens(title) - 8, TEXT_CUT_MARK)
        return ModelRequest(
            purpose="article",
            instructions=instructions,
            content=f"Title: {title}\n\n{body}",
            answer=ArticleAnswer,
            max_output_tokens=MAX_OUTPUT_TOKENS,
        )


def check_article(answer: ArticleAnswer, article: Article) -> CheckedArticle:
    """Hold an answer against the article's own words; sentences that repeat others fall away."""
    source = "\n".join((article.title, article.site, article.author or "", article.text))
    summary, faults = _standing(answer.summary[:SUMMARY_SENTENCES], source, ())
    points, more = _standing(answer.points[:MOST_POINTS], source, summary)
    return CheckedArticle(summary=tuple(summary), points=tuple(points), faults=tuple(faults + more))


def _standing(
    claims: Sequence[str], source: str, told: Sequence[str]
) -> tuple[list[str], list[str]]:
    kept: list[str] = []
    faults: list[str] = []
    for claim in claims:
        text = clean_claim(claim)
        wrong = faults_in(text, source)
        words = content_words(text)
        if wrong:
            faults.append(f"- {claim[:80]!r}: {'; '.join(wrong[:4])}")
        elif all(overlap(words, content_words(one)) < _SAME for one in (*told, *kept)):
            kept.append(text)
    return kept, faults
