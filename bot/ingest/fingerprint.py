"""What a headline is about, as a few words that two reports of the same news share."""

from __future__ import annotations

import re

MAX_TERMS = 24
# A title with fewer words than this says too little; the text's first words speak for it.
MIN_TITLE_TERMS = 2
TEXT_CHARS = 160

STOPWORDS = frozenset(
    """a about after all also am an and any are as at be because been but by can could did do does
    for from get gets got had has have he her here him his how i if in into is it its just may me
    more most my new no not now of off on one or our out over own say says she so some than that
    the their them then there these they this those to too up us via was we were what when where
    which who why will with would you your s t re ve ll""".split()
)

_TOKEN = re.compile(r"[^\W_]+(?:[.'’][^\W_]+)*")
# Scripts that put no spaces between words.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")


def story_terms(title: str, text: str) -> tuple[str, ...]:
    """The distinct words of a headline that can tell stories apart, in order of appearance."""
    terms = _terms(title)
    if len(terms) < MIN_TITLE_TERMS and text:
        terms = _terms(f"{title} {text[:TEXT_CHARS]}")
    return terms


def _terms(headline: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for token in _TOKEN.findall(headline.casefold()):
        if not token.isascii() and _UNSPACED.search(token):
            found.update(dict.fromkeys(_bigrams(token)))
        elif token not in STOPWORDS:
            found[_stem(token)] = None
    return tuple(found)[:MAX_TERMS]


def _bigrams(token: str) -> list[str]:
    return [token[at : at + 2] for at in range(max(1, len(token) - 1))]


def _stem(token: str) -> str:
    if token.endswith(("'s", "’s")):
        token = token[:-2]
    if len(token) > 3 and token.endswith("s") and not token.endswith("ss") and token.isalpha():
        return token[:-1]
    return token
