"""What a headline is about, as a few words that two reports of the same news share."""

from __future__ import annotations

import re
from functools import lru_cache

MAX_TERMS = 24
# No headline is longer; what calls itself one must not make the patterns below work for seconds.
MAX_TITLE_CHARS = 400
# A title with fewer words than this says too little; the text's first words speak for it.
MIN_TITLE_TERMS = 2
TEXT_CHARS = 160

_STOPWORDS = """
    a about after all also am an and any are as at be because been but by can could did do does
    for from get gets got had has have he her here him his how i if in into is it its just may
    me more most my new no not now of off on one or our out over own say says she so some than
    that the their them then there these they this those to too up via was we were what when
    where which who why will with would you your s t re ve ll
"""

# Words of the headline trade: they open many stories and tell none apart.
_COMMON = """
    announce announced announcing launch launched release released reveal revealed report reported
    update updated review video watch photo picture news live today tomorrow yesterday week weekly
    month monthly year time first second last next top best big bigger biggest great good better bad
    worst high low latest old early late make making made take taking took give giving go going come
    coming see seen seem look looking want need know think find found show showing shown tell told
    talk ask call called keep help use using used work working set put let try plan planned move hit
    end start started open close back down world people man woman men women us u.s uk american
    america million billion trillion percent per cent company companies business market stock share
    deal ceo chief executive president minister official two three four five six ten 1 2 3 4 5 6 7 8
    9 10 11 12 read thing way real free full part page story home life might still even ever never
    many much few less amid despite against under before during since until without around between
    through really every another other same star fan online app data ai technology tech model test
    item entry title feed rss atom post blog article introducing introduce guide episode podcast
    newsletter product version beta day hour day-one daily
"""

_TOKEN = re.compile(r"[^\W_]+(?:[.'’][^\W_]+)*")
# Scripts that put no spaces between words: Thai to Lao, Burmese, kana, Han.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
# " | TechCrunch", " - Reuters", " — The Verge": up to three capitalised words at the very end.
_PUBLISHER = re.compile(
    r"(?:\s+[|–—·»]\s*|\s+-\s+)(?:[A-Z][\w.&'’]*|of|the)(?:\s(?:[A-Z][\w.&'’]*|of|the)){0,3}$"
)
_PUBLISHER_SIGN = re.compile("[|–—·»-]")
_MIN_WORDS_BEFORE_PUBLISHER = 4
# What agencies put before a headline that they send again.
_RESENT = re.compile(r"^(?:UPDATE|RPT|WRAPUP|CORRECTED|BREAKING|EXCLUSIVE)(?:[ -]\d+)?\s?[-:]\s?")


def story_terms(title: str, text: str) -> tuple[str, ...]:
    """The distinct words of a headline that can tell stories apart, in order of appearance.

    Scripts without spaces give pairs of characters. No term has white space in it.
    """
    terms = _terms(headline(title))
    if len(terms) < MIN_TITLE_TERMS and text:
        terms = _terms(f"{title[:MAX_TITLE_CHARS]} {text[:TEXT_CHARS]}")
    return terms


def headline(title: str) -> str:
    """The title without the publisher's name behind it and the agency's mark before it."""
    title = _RESENT.sub("", title.strip()[:MAX_TITLE_CHARS], count=1)
    # At each space the pattern would be tried.
    found = _PUBLISHER.search(title) if _PUBLISHER_SIGN.search(title) else None
    if found and len(title[: found.start()].split()) >= _MIN_WORDS_BEFORE_PUBLISHER:
        return title[: found.start()]
    return title


def _terms(words: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for token in _TOKEN.findall(words.casefold()):
        if not token.isascii() and _UNSPACED.search(token):
            found.update(dict.fromkeys(_pairs(token)))
        elif token not in _SILENT:
            found[_stem(token)] = None
    return tuple(found)[:MAX_TERMS]


def _pairs(token: str) -> list[str]:
    return [token[at : at + 2] for at in range(max(1, len(token) - 1))]


@lru_cache(maxsize=1 << 14)
def _stem(token: str) -> str:
    if token.endswith(("'s", "’s")):
        token = token[:-2]
    if len(token) > 3 and token.endswith("s") and not token.endswith("ss") and token.isalpha():
        return token[:-1]
    return token


_SILENT = frozenset(_STOPWORDS.split())
# Also each year that a headline is likely to name.
COMMON_TERMS = frozenset(_stem(word) for word in _COMMON.split()) | frozenset(
    str(year) for year in range(1990, 2051)
)
