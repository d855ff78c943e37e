"""What a language model adds to an outlook: who gains and loses, and forecasts of its own.

Its answers are claims of an untrusted writer. A gain or loss is kept only with a quote that stands
word for word in its story and with no number, name or link from elsewhere; what fails is asked for
once more, then dropped and counted. Its forecasts are marked as its own, and name nobody and no
address that the stories do not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

import structlog
from pydantic import BaseModel

from bot.digests.material import Material
from bot.digests.outlook_developments import party_name, site_of
from bot.digests.outlook_forecasts import FURTHEST_YEARS, MAX_EVENT, event_key
from bot.digests.outlook_record import Consequence, Development, Forecast
from bot.errors import ModelError
from bot.ports import LanguageModel, ModelAnswer, ModelRequest
from bot.posts.safety import clean_line, clip
from bot.summarize.names import foreign_names
from bot.summarize.prompts import load_prompt
from bot.summarize.quotes import find_quote
from bot.summarize.verify import clean_claim, faults_in, foreign_links, without_links

log = structlog.get_logger(__name__)

PURPOSE = "outlook"
MAX_STORY_CHARS = 2_500
MAX_OUTPUT_TOKENS = 4_000
MAX_WHO, MAX_CLAIM, MAX_REASON = 60, 240, 300
MAX_EACH = 2
MAX_FORECASTS = 5
MIN_QUOTE_WORDS = 3


class ConsequenceAnswer(BaseModel):
    kind: Literal["benefit", "ramification"]
    story: int
    who: str
    text: str
    quote: str


class ForecastAnswer(BaseModel):
    event: str
    year: int
    confidence: Literal["low", "medium", "high"]
    reason: str
    story: int


class OutlookAnswer(BaseModel):
    """What is asked for."""

    consequences: list[ConsequenceAnswer]
    forecasts: list[ForecastAnswer]


class Written(NamedTuple):
    """What came through the checks. `developments` are those given, with what was said of them."""

    developments: list[Development]
    forecasts: tuple[Forecast, ...]
    model: str
    dropped_claims: int


class _Checked(NamedTuple):
    consequences: list[tuple[int, str, Consequence]]
    forecasts: list[Forecast]
    faults: list[str]


async def write(
    model: LanguageModel, found: Sequence[Development], material: Material
) -> Written | None:
    """Ask, check, ask once more for what failed. None where the model cannot be had."""
    request = ModelRequest(
        purpose=PURPOSE,
        instructions=load_prompt("outlook"),
        content="\n\n".join(_content(found, material)),
        answer=OutlookAnswer,
        max_output_tokens=MAX_OUTPUT_TOKENS,
    )
    try:
        answer = await model.ask(request)
        checked = await _checked(answer, found, material)
        if checked.faults:
            refused = ("\n".join(checked.faults), answer.result.model_dump_json())
            again = await _ask_again(model, request, refused, found, material)
            checked = again if again and len(again.faults) < len(checked.faults) else checked
    except ModelError as exc:
        log.warning("outlook without a model", error=str(exc))
        return None
    return Written(
        developments=[
            _with(one, number, checked.consequences) for number, one in enumerate(found, 1)
        ],
        forecasts=tuple(checked.forecasts[:MAX_FORECASTS]),
        model=answer.model,
        dropped_claims=len(checked.faults),
    )


async def _ask_again(
    model: LanguageModel,
    request: ModelRequest,
    refused: tuple[str, str],
    found: Sequence[Development],
    material: Material,
) -> _Checked | None:
    try:
        answer = await model.ask(replace(request, refused=refused))
    except ModelError:
        return None
    return await _checked(answer, found, material)


async def _checked(
    answer: ModelAnswer, found: Sequence[Development], material: Material
) -> _Checked:
    """Hold an answer against its stories, beside the loop: their texts may be long."""
    assert isinstance(answer.result, OutlookAnswer)
    return await asyncio.to_thread(_check, answer.result, found, material, answer.model)


def _content(found: Iterable[Development], material: Material) -> Iterator[str]:
    yield f"The forecasts' years are {material.period.until.year} or later."
    for number, one in enumerate(found, start=1):
        yield f"Story {number}: {one.title}\n{one.text[:MAX_STORY_CHARS]}"


def _check(
    answer: OutlookAnswer, found: Sequence[Development], material: Material, model: str
) -> _Checked:
    checked = _Checked([], [], [])
    for claim in answer.consequences:
        _check_consequence(claim, found, checked)
    for forecast in answer.forecasts[: 2 * MAX_FORECASTS]:
        _check_forecast(forecast, found, material, model, checked)
    return checked


def _check_consequence(
    claim: ConsequenceAnswer, found: Sequence[Development], checked: _Checked
) -> None:
    name = f"{claim.kind} of story {claim.story} ({clip(clean_line(claim.text), 60)!r})"
    if not 1 <= claim.story <= len(found) or (url := found[claim.story - 1].text_url) is None:
        checked.faults.append(f"{name}: there is no such story")
        return
    story = found[claim.story - 1]
    source = f"{story.title}\n{story.text}"
    quote = find_quote(claim.quote, story.text)
    who, text = clean_claim(claim.who), clean_claim(claim.text)
    if quote is None or len(quote.split()) < MIN_QUOTE_WORDS:
        checked.faults.append(f"{name}: the quote does not stand in the story")
    elif faults := faults_in(f"{who}: {text}", source):
        checked.faults.append(f"{name}: {', '.join(faults)}")
    elif who and text:
        consequence = Consequence(
            who=party_name(clip(who, MAX_WHO)),
            text=clip(text, MAX_CLAIM),
            quote=clean_line(quote),
            site=site_of(url),
            url=url,
        )
        checked.consequences.append((claim.story, claim.kind, consequence))


def _check_forecast(
    forecast: ForecastAnswer,
    found: Sequence[Development],
    material: Material,
    model: str,
    checked: _Checked,
) -> None:
    event, reason = clean_claim(forecast.event), clean_claim(forecast.reason)
    first = material.period.until.year
    if not first <= forecast.year <= first + FURTHEST_YEARS:
        checked.faults.append(f"forecast {event!r}: {forecast.year} is not {first} or later")
        return
    if not event or not reason:
        return
    source = "\n".join(part for one in found for part in (one.title, one.text, one.url or ""))
    foreign = [
        *foreign_links(f"{event} {reason}", source),
        *foreign_names(without_links(f"{event}. {reason}"), source),
    ]
    if foreign:
        checked.faults.append(f"forecast {event!r}: {', '.join(foreign)} not in the stories")
        return
    named = 1 <= forecast.story <= len(found)
    event = clip(event, MAX_EVENT)
    checked.forecasts.append(
        Forecast(
            event_key=event_key(event),
            event=event,
            year=forecast.year,
            reason=clip(reason, MAX_REASON),
            quote="",
            confidence=forecast.confidence,
            made_by=clean_line(model),
            made_at=material.period.until,
            url=found[forecast.story - 1].url if named else None,
        )
    )


def _with(
    one: Development, number: int, claims: Iterable[tuple[int, str, Consequence]]
) -> Development:
    """A development with what the model found, else with what stands in its text by pattern."""
    own = [(kind, claim) for story, kind, claim in claims if story == number]
    if not own:
        return one
    return one.model_copy(
        update={
            field: tuple(claim for which, claim in own if which == kind)[:MAX_EACH]
            for field, kind in (("benefits", "benefit"), ("ramifications", "ramification"))
        }
    )
