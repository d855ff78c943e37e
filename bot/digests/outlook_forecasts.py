"""Dated forecasts: found in what sources say, told apart from plans of the past, compared.

Pure and by pattern. A forecast is a sentence with a year to come and a word of foretelling.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from bot.digests.markdown_parts import tidy_url
from bot.digests.material import DigestStory, Material, PastPrediction
from bot.digests.outlook_developments import site_of
from bot.digests.outlook_record import DueForecast, Forecast
from bot.posts.safety import clean_line, clip
from bot.summarize.sentences import split_sentences
from bot.summarize.words import content_words, overlap

FURTHEST_YEARS = 100
MIN_SENTENCE, MAX_SENTENCE = 30, 400
MAX_EVENT = 110
SAME_EVENT = 0.55
MAX_DUE = 8
MAX_TEXT = 40_000

_YEAR = re.compile(
    r"\b(?:by|in|before|until|around|from|as (?:early|soon|late) as|no later than|the end of|"
    r"late|early|mid[- ]?|bis|im jahr|ab)\s+(?:the\s+)?"
    r"(?:year\s+|end of\s+|early\s+|late\s+|mid-?)?"
    r"(?P<year>2[01]\d\d)\b",
    re.IGNORECASE,
)
_FORETELLS = re.compile(
    r"\b(?:predict\w*|forecast\w*|foresee\w*|expect\w*|project(?:s|ed)?|estimat\w+|anticipat\w+|"
    r"believes?|thinks?|bets?|will|won't|could|may|might|likely|plans? to|aims? to|on track|"
    r"prognos\w+|erwart\w+|wird|werden|könnte)\b",
    re.IGNORECASE,
)
_NAME = r"(?:[A-Z][\w.'’-]+|of|de|van|von)(?: (?:[A-Z][\w.'’-]+|of|de|van|von)){0,4}"
_SAYS = (
    r"(?:said|says|predict(?:s|ed)|expect(?:s|ed)|believe[sd]|forecast(?:s|ed)?|estimate[sd]|"
    r"project(?:s|ed)|anticipate[sd]|thinks|thought|wrote|writes|told|argue[sd]|warn(?:s|ed)|bets)"
)
_SPEAKER = re.compile(rf"(?P<name>{_NAME})(?:, [^,]{{3,60}},)? {_SAYS}\b")
_SPEAKER_AFTER = re.compile(rf"\b(?:according to|{_SAYS}) (?P<name>{_NAME})")
# '"…," said the minister Ada Marin', "…, said Ada Marin": her office may stand before the name.
_SPEAKER_CLOSES = re.compile(
    rf"[,”\"’'] {_SAYS} (?:(?!that\b|how\b)[a-z][\w-]* ){{0,4}}(?=[A-Z])(?P<name>{_NAME})"
)
_SPOKEN = re.compile(rf"[\"“](?P<words>[^\"“”]+)[\"”] (?:[\w'’.-]+ ){{0,4}}?{_SAYS}\b")
_CLOSING = re.compile(rf", {_SAYS} (?!that\b|how\b)[^,.]+\.?$")
_LEAD = re.compile(
    rf"^.{{0,120}}?\b(?:{_SAYS}|predict\w*|expect\w*|believe\w*|estimate\w*)\b"
    r"(?: (?:that|how))?[,:]? ",
)
_FIRST_PERSON = re.compile(r"^(?:I|We)\b.{0,30}?\b(?:predict|expect|believe|think|bet|estimate)\b")


def made_by_sources(stories: Iterable[DigestStory], *, from_year: int) -> list[Forecast]:
    """The forecasts that stories contain, verbatim, one per event; none for a year gone by."""
    found: dict[str, Forecast] = {}
    for story in stories:
        for one in _in_story(story, from_year):
            found.setdefault(one.event_key, one)
    return list(found.values())


def _in_story(story: DigestStory, from_year: int) -> Iterator[Forecast]:
    url = tidy_url(story.text_url) or tidy_url(story.view.url)
    if url is None:
        return
    for sentence in split_sentences(story.text[:MAX_TEXT]):
        line = clean_line(sentence)
        year = forecast_year(line, from_year)
        if year is None:
            continue
        event = _event(line)
        yield Forecast(
            event_key=event_key(event),
            event=event,
            year=year,
            reason="",
            quote=line,
            confidence="",
            made_by=_speaker(line, story, url),
            made_at=story.news_at,
            url=url,
        )


def forecast_year(sentence: str, from_year: int) -> int | None:
    """The year that a sentence foretells something for; None where it foretells nothing."""
    if not MIN_SENTENCE <= len(sentence) <= MAX_SENTENCE or sentence.endswith("?"):
        return None
    match = _YEAR.search(sentence)
    if match is None or not _FORETELLS.search(sentence):
        return None
    year = int(match["year"])
    return year if from_year <= year <= from_year + FURTHEST_YEARS else None


def _speaker(line: str, story: DigestStory, url: str) -> str:
    """Who says so: the one named in the sentence, else the author, else the site."""
    match = _SPEAKER_CLOSES.search(line) or _SPEAKER.search(line) or _SPEAKER_AFTER.search(line)
    if match and not _FIRST_PERSON.match(line):
        return match["name"].strip().removesuffix(".")
    if story.submission and story.submission.author and url == tidy_url(story.submission.permalink):
        return f"u/{story.submission.author}"
    return site_of(url)


def _event(line: str) -> str:
    """The foretold thing in short: without who says so and without the date."""
    spoken = _SPOKEN.search(line)
    told = spoken["words"] if spoken and _YEAR.search(spoken["words"]) else line
    told = _CLOSING.sub("", told)
    clause = _LEAD.sub("", told, count=1)
    clause = _YEAR.sub("", clause if len(clause) >= MIN_SENTENCE // 2 else told)
    text = clean_line(re.sub(r"\s+([,.;:])", r"\1", clause)).strip(" ,;:.–—-")
    return clip(text[:1].upper() + text[1:], MAX_EVENT)


_SYNONYMS = {"artificial general intelligence": "agi", "artificial general": "agi"}


def event_key(event: str) -> str:
    """The event's own words, sorted: the same however the sentence runs."""
    text = event.casefold()
    for long, short in _SYNONYMS.items():
        text = text.replace(long, short)
    words = content_words(text) - _FORETELLING
    return " ".join(sorted(word for word in words if not word.isdecimal())) or text


_FORETELLING = frozenset(
    content_words(
        "predict expect believe forecast estimate anticipate project likely achieved reached will "
        "could may might happen occur arrive come year end early late think bet"
    )
)


def with_history(found: Sequence[Forecast], material: Material) -> tuple[Forecast, ...]:
    """Forecasts with how the event's year moved since it was last foretold, and the key it had.

    A source's forecast is compared with sources', a model's with a model's.
    """
    told: list[Forecast] = []
    for one in found:
        earlier = _earlier(one, material)
        if earlier is None:
            told.append(one)
            continue
        moved = earlier.year if earlier.year != one.year else None
        told.append(
            one.model_copy(
                update={
                    "event_key": earlier.event_key,
                    "moved_from": moved,
                    "moved_since": earlier.made_at if moved else None,
                }
            )
        )
    return tuple(told)


def _earlier(one: Forecast, material: Material) -> PastPrediction | None:
    """The last earlier forecast of the same event by the same kind of hand."""
    words = frozenset(one.event_key.split())
    same = [
        past
        for past in material.ledger
        if past.by_model == (not one.quote)
        and past.made_at < min(one.made_at, material.period.until)
        and overlap(words, frozenset(past.event_key.split())) >= SAME_EVENT
    ]
    return max(same, key=lambda past: past.made_at, default=None)


def due_forecasts(ledger: Sequence[PastPrediction], year: int) -> tuple[DueForecast, ...]:
    """Earlier forecasts for this year or the last, each event as it was foretold last."""
    latest: dict[tuple[str, bool], PastPrediction] = {}
    for past in sorted(ledger, key=lambda one: one.made_at):
        latest[past.event_key, past.by_model] = past
    due = [
        past for past in latest.values() if year - 1 <= past.year <= year and _is_older(past, year)
    ]
    due.sort(key=lambda past: (past.year, past.made_at, past.event))
    return tuple(
        DueForecast(
            event=past.event,
            year=past.year,
            made_by=past.made_by,
            made_at=past.made_at,
            url=past.url,
        )
        for past in due[-MAX_DUE:]
    )


def _is_older(past: PastPrediction, year: int) -> bool:
    """Foretold before the year came: what is said of the running year is no news when it is due."""
    made: datetime = past.made_at
    return made.year < past.year <= year
