"""Which sentence may speak for a view: whole, understood by itself, and saying what someone holds.

The marks of an opinion are English ones; in other languages length, shape and theme decide.
"""

from __future__ import annotations

import re

from bot.summarize.threads.reading import readable, sentence_words, without_links
from bot.summarize.threads.themes import Vector, theme_words

QUOTE_CHARS = (30, 280)
# What is longer is cut where a point's text is shown.
COMFORTABLE_CHARS = 200
FEWEST_WORDS = 3
_LEANS, _ASKS, _TELLS, _SPEAKS_TO, _ROUGH, _HOLDS = 0.1, 0.15, 0.15, 0.1, 0.05, 0.08
_SHORT, _LONG = 0.15, 0.15

_UNFIT = re.compile(
    r"""^\W*(?:i\s(?:\w+\s)?(?:dis)?agree\b|same\b|this[.!]|edit\b|thanks|thank\syou|sorry\b|tl;?dr
    |source\b|\w+\swrote:|http|@\w+\W*$|lol\b|can\s(?:any|some)(?:one|body)\b|i['’]m\ssorry\b|.{0,12}\bthank\b)""",
    re.VERBOSE | re.IGNORECASE,
)
_LEANING = re.compile(
    r"""^\W*(?:this|that|these|those|he|she|they|it|it['’]s|that['’]s|so|but|and|or|then|also|which
    |because|him|her|them|his|their|same|such|however|therefore|thus|hence|yes|no|yeah|nope|not
    |another|otherwise|by\sthat|again|(?:per|for|on|to)\s(?:your\s)?points?)\b""",
    re.VERBOSE | re.IGNORECASE,
)
# What happened to somebody is no view yet.
_TELLING = re.compile(
    r"""^\W*(?:i|we)\s(?:\w+ly\s|just\s|once\s|also\s)?(?:started|was|were|had|got|went|tried|saw
    |wish|laughed|read|came|come|work|worked|live|lived|made|did|used|remember|am|ran|found|bought)\b
    |^\W*i['’](?:m|ve)\b|^\W*my\b|^\W*the\slinks?\b""",
    re.VERBOSE | re.IGNORECASE,
)
_SPEAKING_TO = re.compile(
    r"^\W*(?:you|your|you['’]re|u)\b|\b(?:OP|sir|dude|bro|bruh|mate)\b|^\W*(?:let['’]s|please|pl[sz])\b",
    re.I,
)
# Half a sentence: the condition or the predicate alone.
_HALF = re.compile(
    r"^\W*(?:(?:if|when|because|unless|until|while|although)\b[^,]*$|(?:makes|than|which|like)\b)",
    re.I,
)
_STANCE = re.compile(
    r"""\b(?:should|shouldn['’]t|must|ought|need(?:s)?\sto|have\sto|has\sto|better|best|worse|worst
    |problems?|issues?|because|never|always|too|not|only|isn['’]t|aren['’]t|doesn['’]t|don['’]t|can['’]t
    |cannot|won['’]t|wouldn['’]t|would|will|more|less|great|bad|good|hard|easy|easier|useful|useless
    |wrong|right|important|impressive|terrible|awful|amazing|fair|unfair|worth|waste|makes?|means|lack
    |enough|most|few|real(?:ly)?|impossible|necessary|dangerous|harmful|beautiful|broken|honest|think
    |believe|prefer|love|hate|like|matters?|reason|instead|than)\b""",
    re.VERBOSE | re.IGNORECASE,
)


def manner(text: str) -> float:
    """What a text gains or loses as a spokesman by how it speaks, whatever it speaks of."""
    shortest, longest = QUOTE_CHARS[0], COMFORTABLE_CHARS
    worth = min(3, len(_STANCE.findall(text))) * _HOLDS
    worth -= _SHORT * (len(text) < 1.5 * shortest) + _LONG * (len(text) > longest)
    worth -= _LEANS * bool(_LEANING.match(text)) + _ASKS * text.rstrip().endswith("?")
    worth -= _TELLS * bool(_TELLING.match(text)) + _SPEAKS_TO * bool(_SPEAKING_TO.search(text))
    return worth - _ROUGH * (
        (text[:1].islower() or text[:1] == "(") + (text.rstrip()[-1:] not in ".!?。！？")
    )


def holds_a_view(text: str) -> bool:
    """Whether a text has at least one of the marks of an opinion."""
    return bool(_STANCE.search(text))


def best_sentence(sentences: tuple[str, ...], center: Vector) -> str | None:
    """The sentence that says most of a theme, if one can stand alone."""
    fitting = [one for one in sentences if is_quotable(one)]
    if not fitting:
        return None
    return max(fitting, key=lambda one: _says(one, center) + manner(one))


def is_plain_view(sentence: str) -> bool:
    """Whether a sentence tells what its writer holds, in words that mark an opinion."""
    return holds_a_view(sentence) and is_statement(sentence)


def is_statement(sentence: str) -> bool:
    """Whether a sentence states something: no question, request, event or link."""
    return (
        not sentence.rstrip(" \"'”’)").endswith(("?", "？", "؟", ":"))
        and "http" not in sentence
        and not _HALF.match(sentence)
        and not _TELLING.match(sentence)
        and not _SPEAKING_TO.search(sentence)
    )


def is_quotable(sentence: str) -> bool:
    """Whether a sentence can stand in a post as somebody's words: of sensible length, in words."""
    shortest, longest = QUOTE_CHARS
    plain = without_links(readable(sentence))
    letters = sum(one.isalpha() or one.isspace() for one in plain)
    return (
        (shortest <= len(plain) or (not plain.isascii() and len(plain) >= shortest // 3))
        and len(sentence) <= longest
        and letters >= 0.8 * len(plain)
        and len(sentence_words(sentence)) >= FEWEST_WORDS
        and not _UNFIT.match(plain)
        and plain.count("(") == plain.count(")")
        and plain.count('"') % 2 == 0
    )


def _says(sentence: str, center: Vector) -> float:
    return sum(center.get(word, 0.0) for word in theme_words(sentence))
