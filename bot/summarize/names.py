"""The names in a text: words that begin with a capital, words with digits in them, handles.

No list of names is needed: a name that a summary gives must stand in what it summarises. Scripts
without capitals are not looked at.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from bot.summarize.language import STOP_WORDS, guess_language, word_set

_TOKEN = re.compile(r"[^\W_]+(?:[-.'’&+][^\W_]+)*")
_HANDLE = re.compile(r"(?<![\w/])/?u/[\w-]{3,}|(?<![\w.@/])@[\w-]{2,}")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;…\n]\s+|[\"“„«(\[]|[-–—•]\s+)$")
_POSSESSIVE = re.compile(r"['’]s?$")
# German writes every noun with a capital: there only names of two words can be told.
_CAPITAL_NOUNS = frozenset({"de"})
_TITLE_CASE_WORDS, _TITLE_CASE_SHARE = 4, 0.7
# What a discussion is called by, whoever discusses.
_OURS = word_set(
    """i ok okay op reddit redditor redditors subreddit hacker news hn discord slack english
    commenter commenters thread poster"""
)
# Behind a first word that is a name of one person or company, such words follow.
_SINGULAR_VERB = re.compile(
    r"(?:is|was|has|does|did|will|would|can|could|should|may|might|said|told|wrote|made|gave|went"
    r"|left|won|lost|built|sold|bought|[a-z]{3,}(?:ed|es|s))$"
)
_STARTERS = word_set(
    """another anyone everyone everybody somebody someone nobody nothing something each either
    neither author submitter discussion debate conversation consensus opinion sentiment criticism
    scepticism skepticism support humor humour overall much several many others few while though
    although since because whether however both most among between against despite instead still
    even once yet then thus here there such same one user post article piece question answer
    argument reply response two three four five six seven eight nine ten first second third"""
)


def foreign_names(claim: str, source: str) -> list[str]:
    """The names in a claim that do not stand in its source."""
    squeezed = _source(source)
    missing = [handle for handle in _HANDLE.findall(claim) if handle.lower() not in source.lower()]
    language = guess_language(f"{claim} {source[:1000]}")
    tokens = list(_TOKEN.finditer(claim))
    if _is_title_case(tokens):
        return missing + [
            token.group()
            for token in tokens
            if _is_marked(token.group()) and not squeezed.has(token.group())
        ]
    previous: re.Match[str] | None = None
    for token in tokens:
        named = _is_name(claim, tokens, token, language, squeezed)
        if named and not squeezed.has(token.group()):
            missing.append(token.group())
        elif named and previous is not None and claim[previous.end() : token.start()] == " ":
            pair = f"{previous.group()} {token.group()}"
            if _is_person_like(previous, token) and not squeezed.has_pair(previous, token):
                missing.append(pair)
        previous = token if named else None
    return missing


def _is_name(
    claim: str,
    tokens: list[re.Match[str]],
    token: re.Match[str],
    language: str | None,
    source: _Source,
) -> bool:
    word = token.group()
    if _is_marked(word):
        return True
    if not word[0].isupper() or _bare(word) in _OURS:
        return False
    following = _following(claim, tokens, token)
    if language in _CAPITAL_NOUNS:
        pair = following is not None and following[0].isupper()
        return pair and not source.has(word) and not source.has(following or "")
    if not _SENTENCE_START.search(claim[: token.start()]):
        return True
    return _starts_with_name(word, following, language, source)


def _starts_with_name(
    word: str, following: str | None, language: str | None, source: _Source
) -> bool:
    """Whether the first word of a sentence, capital as all of them are, is a name."""
    bare = _bare(word)
    if source.has(word) or bare in _STARTERS or bare in STOP_WORDS.get(language or "en", ()):
        return source.has(word)
    if following is None or bare.endswith(("ing", "ly")):
        return False
    if _POSSESSIVE.search(word) and not bare.endswith("s"):
        return True
    plural = bare.endswith("s") and not bare.endswith(("ss", "us", "is"))
    return following[0].isupper() or (
        not plural and _SINGULAR_VERB.match(following) is not None and language in (None, "en")
    )


def _following(claim: str, tokens: list[re.Match[str]], token: re.Match[str]) -> str | None:
    for other in tokens:
        if other.start() >= token.end():
            return other.group() if claim[token.end() : other.start()] == " " else None
    return None


def _is_marked(word: str) -> bool:
    """Whether a word is a name wherever it stands: `OpenAI`, `GPT-4o`, `NASA`."""
    if any(map(str.isdigit, word)):
        return any(map(str.isalpha, word)) and not _is_amount(word)
    capitals = sum(map(str.isupper, word))
    inner = any(char.isupper() for char in word[1:])
    return inner and capitals >= 2 and len(word) > 1 and _bare(word) not in _OURS


def _is_amount(word: str) -> bool:
    """`10k`, `5GB`, `3rd`, `20-year`: a number with its unit, for `numbers` to judge."""
    return re.fullmatch(r"[\d.,]+(?:st|nd|rd|th|s|-?[a-zA-Z]{1,2}|-[a-z]+|x)?", word) is not None


def _is_title_case(tokens: list[re.Match[str]]) -> bool:
    words = [token.group() for token in tokens if len(token.group()) > 3]
    capitals = sum(word[0].isupper() for word in words)
    if len(words) < _TITLE_CASE_WORDS or capitals < _TITLE_CASE_SHARE * len(words):
        return False
    # a row of names writes its small words small
    small = (token.group() for token in tokens[1:])
    return any(word[0].isupper() and word.lower() in STOP_WORDS["en"] for word in small)


def _is_person_like(left: re.Match[str], right: re.Match[str]) -> bool:
    words = (left.group(), right.group())
    return all(len(word) > 1 and word.isalpha() and not word.isupper() for word in words)


def _bare(word: str) -> str:
    return _POSSESSIVE.sub("", word).lower()


def _squeeze(word: str) -> str:
    return re.sub(r"[\W_]+", "", _bare(word))


@lru_cache(maxsize=2)  # the sentences of one summary come one after another
def _source(text: str) -> _Source:
    return _Source(text)


class _Source:
    """The words of a source, alone and in pairs, without case, hyphens and possessives."""

    def __init__(self, text: str) -> None:
        found = _TOKEN.findall(text)
        self._words = {_squeeze(word) for word in found}
        self._row = [part for word in found for part in re.split(r"\W+", _bare(word)) if part]
        self._words.update(self._row)
        self._pairs = set(pairwise(self._row))
        self._joined = {left + right for left, right in self._pairs}
        self._initials = "".join(word[0] for word in self._row)

    def has(self, word: str) -> bool:
        """Whether a word stands there, in singular or plural, or written in two."""
        squeezed = _squeeze(word)
        forms = {squeezed, squeezed.removesuffix("s"), f"{squeezed}s"}
        if forms & self._words or squeezed in self._joined:
            return True
        parts = [part for part in re.split(r"\W+", _bare(word)) if part]
        if len(parts) > 1 and not any(map(str.isdigit, squeezed)):
            return all(part in self._words for part in parts)
        short = word.removesuffix("s")
        return 2 <= len(short) <= 5 and short.isupper() and self._has_initials(short.lower())

    def has_pair(self, left: re.Match[str], right: re.Match[str]) -> bool:
        """Whether two words stand next to each other."""
        return (_bare(left.group()), _bare(right.group())) in self._pairs

    def _has_initials(self, short: str) -> bool:
        """`ML` for "machine learning": words in a row, none of them a mere function word."""
        at = self._initials.find(short)
        while at >= 0:
            row = self._row[at : at + len(short)]
            if all(len(word) > 3 for word in row):
                return True
            at = self._initials.find(short, at + 1)
        return False
