"""A subscription's filters: which entries a channel wants, and which rule decided.

Pure and without surprises in time: words are looked up, expressions run on RE2, whose time grows
with the text and not with its malice, over a bounded part of the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.errors import UserError
from config.regex import RegexError, Searcher, compile_regex

MAX_TEXT = 50_000
MAX_REGEX_TEXT = 20_000  # the worst expression within the next two limits: 0.4 s (two-core machine)

_WORD = re.compile(r"\w")
# Scripts that put no spaces between words, or hang particles on them (Korean): there a word may
# begin and end anywhere.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1100-\u11ff\uac00-\ud7af\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uff66-\uff9f\U00020000-\U0003ffff]"
)
_ACCENTS = re.compile("[\u0300-\u036f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterSubject:
    """What filters look at. `score` is None where the source knows no scores (feeds)."""

    title: str
    text: str = ""
    tags: tuple[str, ...] = ()
    score: int | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterVerdict:
    """Whether an entry passes, and the rule that decided, as a phrase for `why`."""

    passes: bool
    rule: str


@dataclass(frozen=True, slots=True)
class _Haystack:
    """One part of an entry, folded once for all words."""

    place: str
    raw: str
    folded: str
    bare: str


class _Matcher(Protocol):
    """One word or expression of a filter."""

    label: str

    def matches(self, haystack: _Haystack) -> bool: ...


@dataclass(frozen=True, slots=True)
class Filter:
    """A compiled filter. `Filter()` lets everything pass."""

    include: tuple[_Matcher, ...] = ()
    exclude: tuple[_Matcher, ...] = ()
    min_score: int = 0
    languages: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def verdict(self, subject: FilterSubject) -> FilterVerdict:
        """Decide. The first rule that turns an entry away is the one that is told."""
        refusal = (
            self._language_refusal(subject.language)
            or self._tag_refusal(subject.tags)
            or self._score_refusal(subject.score)
        )
        if refusal:
            return FilterVerdict(passes=False, rule=refusal)
        haystacks = _haystacks(subject) if self.include or self.exclude else []
        if found := _first_match(self.exclude, haystacks):
            return FilterVerdict(passes=False, rule=f"excluded by {found}")
        included = _first_match(self.include, haystacks)
        if self.include and not included:
            return FilterVerdict(passes=False, rule="no include word matched")
        return FilterVerdict(passes=True, rule=self._passing_rule(subject, included))

    def _language_refusal(self, language: str | None) -> str:
        if not self.languages or not language or _primary(language) in self.languages:
            return ""
        return f"language '{_primary(language)}' is not among {', '.join(self.languages)}"

    def _tag_refusal(self, tags: Sequence[str]) -> str:
        if not self.tags or {_folded(tag) for tag in tags} & set(self.tags):
            return ""
        return f"no tag is among {', '.join(self.tags)}"

    def _score_refusal(self, score: int | None) -> str:
        if score is None or score >= self.min_score:
            return ""
        return f"score {score} is under min_score {self.min_score}"

    def _passing_rule(self, subject: FilterSubject, included: str) -> str:
        reasons = [f"included by {included}"] if included else []
        if self.min_score and subject.score is None:
            reasons.append(f"min_score {self.min_score} does not apply: no score is known")
        elif self.min_score:
            reasons.append(f"score {subject.score} reaches min_score {self.min_score}")
        if self.languages and not subject.language:
            reasons.append("its language is not known")
        return "; ".join(reasons) or "no filter stands against it"


def compile_filter(
    *,
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
    min_score: int = 0,
    languages: Iterable[str] = (),
    tags: Iterable[str] = (),
) -> Filter:
    """A subscription's filter fields, ready for use.

    A word or phrase matches whole words in any case; written without accents it also matches with
    them (`resume` finds `résumé`, `résumé` does not find `resume`). `/expression/` is an RE2
    expression, in any case, found anywhere. Raises `UserError` for one that RE2 does not take.
    """
    return Filter(
        include=tuple(_matcher(pattern) for pattern in include if pattern.strip()),
        exclude=tuple(_matcher(pattern) for pattern in exclude if pattern.strip()),
        min_score=min_score,
        languages=tuple(dict.fromkeys(_primary(language) for language in languages)),
        tags=tuple(dict.fromkeys(_folded(tag) for tag in tags)),
    )


def _matcher(pattern: str) -> _Matcher:
    pattern = pattern.strip()
    if len(pattern) > 2 and pattern[0] == pattern[-1] == "/":
        return _Regex(pattern)
    return _Word(pattern)


class _Word:
    """A word or phrase."""

    def __init__(self, word: str) -> None:
        self.label = f"the word '{word}'"
        self._word = _folded(word)
        self._is_bare = _bare(self._word) == self._word
        starts, ends = self._word[:1], self._word[-1:]
        self._bound_left = _is_spaced_letter(starts)
        self._bound_right = _is_spaced_letter(ends)

    def matches(self, haystack: _Haystack) -> bool:
        text = haystack.bare if self._is_bare else haystack.folded
        at = text.find(self._word)
        while at >= 0:
            if self._stands_alone(text, at):
                return True
            at = text.find(self._word, at + 1)
        return False

    def _stands_alone(self, text: str, at: int) -> bool:
        end = at + len(self._word)
        left = not (self._bound_left and at > 0 and _is_spaced_letter(text[at - 1]))
        return left and not (self._bound_right and end < len(text) and _is_spaced_letter(text[end]))


class _Regex:
    """An expression between slashes."""

    def __init__(self, pattern: str) -> None:
        self.label = pattern
        self._search = _compiled(pattern[1:-1])

    def matches(self, haystack: _Haystack) -> bool:
        return bool(self._search.search(haystack.raw[:MAX_REGEX_TEXT]))


def _compiled(expression: str) -> Searcher:
    try:
        return compile_regex(expression)
    except RegexError as exc:
        message = f"/{expression[:40]}/ is not an expression that RE2 can read: {exc}"
        raise UserError(message) from exc


def _first_match(matchers: Sequence[_Matcher], haystacks: Sequence[_Haystack]) -> str:
    """Which matcher finds something, and where; empty when none does."""
    for matcher in matchers:
        for haystack in haystacks:
            if matcher.matches(haystack):
                return f"{matcher.label} in {haystack.place}"
    return ""


def _haystacks(subject: FilterSubject) -> list[_Haystack]:
    parts = (
        ("its title", subject.title),
        ("its text", subject.text),
        ("its tags", " · ".join(subject.tags)),
    )
    found = []
    for place, text in parts:
        if text:
            raw = text[:MAX_TEXT].encode("utf-8", "replace").decode()  # RE2 takes no surrogates
            folded = _folded(raw)
            found.append(_Haystack(place, raw, folded, _bare(folded)))
    return found


def _folded(text: str) -> str:
    """Case, width and ligatures evened out, spaces single; accents stay."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())  # folding may take letters apart


def _bare(folded: str) -> str:
    """Without the accents that Latin, Greek and Cyrillic letters carry."""
    if folded.isascii():
        return folded
    bare = _ACCENTS.sub("", unicodedata.normalize("NFD", folded))
    return unicodedata.normalize("NFC", bare)


def _is_spaced_letter(character: str) -> bool:
    return bool(_WORD.match(character)) and not _UNSPACED.match(character)


def _primary(language: str) -> str:
    return language.replace("_", "-").split("-")[0].lower()
