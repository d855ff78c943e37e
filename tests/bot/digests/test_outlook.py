"""What an outlook says of stories: developments, what sources say of them, dated forecasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.digests.kind import DigestOptions
from bot.digests.material import DigestStory, Material, PastPrediction, Period
from bot.digests.outlook import Outlook
from bot.digests.outlook_developments import is_development
from bot.digests.outlook_forecasts import event_key, forecast_year
from bot.digests.outlook_model import ConsequenceAnswer, ForecastAnswer, OutlookAnswer
from bot.digests.outlook_record import OutlookDigest
from bot.errors import ModelError
from bot.ports import ModelRequest
from bot.posts.compose import Coverage, StoryView
from tests.fakes.model import FakeModel

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
TEXT = (
    "The port authority published the model on Monday. Small ports can now plan arrivals two days "
    "ahead, which saves developers of schedules a week of work. Critics warn that pilots may lose "
    "their work. Ada Marin said that half of all ports will dock ships without pilots by 2031."
)


def story(title: str, text: str = TEXT, *, number: int = 1, sources: int = 1) -> DigestStory:
    coverage = tuple(
        Coverage(
            source=f"Paper {each}",
            source_url=f"https://s{each}.example/feed",
            url=f"https://s{each}.example/{number}",
            published_at=NOW,
        )
        for each in range(sources)
    )
    view = StoryView(id=number, title=title, url=f"https://s0.example/{number}", coverage=coverage)
    return DigestStory(view=view, text=text, news_at=NOW - timedelta(hours=number))


def material(
    stories: Sequence[DigestStory],
    *,
    ledger: tuple[PastPrediction, ...] = (),
    background: tuple[Sequence[str], ...] = (),
) -> Material:
    return Material(
        name="Harbours",
        sources=("tag:harbours",),
        period=Period(since=NOW - timedelta(days=1), until=NOW),
        language="en",
        made_at=NOW,
        measured_at=None,
        stories=tuple(stories),
        ledger=ledger,
        background=background,
        archive_url="https://news.example",
    )


async def built(given: Material, model: FakeModel | None = None) -> OutlookDigest:
    return await Outlook().build(given, DigestOptions(), model)


@pytest.mark.parametrize(
    "title",
    [
        "Port authority releases tide model v2.1",
        "[R] A small model outperforms the old one on tides",
        "Court bans automatic docking",
        "Outage stops ferries for a day",
        "Verband veröffentlicht neue Gezeitentafeln",
    ],
)
def test_what_happened_is_a_development(title: str) -> None:
    assert is_development(title)


@pytest.mark.parametrize(
    "title",
    [
        "How do you predict tides?",
        "[D] Am I the only one finding this a bit upsetting",
        "Why do we need the convolution in upsample blocks",
        "[D] Which lab releases the best models",
        "New to research, how often are you disheartened?",
        "Tides",
    ],
)
def test_questions_and_complaints_are_none(title: str) -> None:
    assert not is_development(title)


async def test_gains_and_losses_are_quotes_that_name_who() -> None:
    made = await built(material([story("Port authority releases tide model v2.1")]))
    (one,) = made.developments
    assert [claim.quote in TEXT for claim in (*one.benefits, *one.ramifications)] == [True, True]
    assert one.ramifications[0].quote == "Critics warn that pilots may lose their work."
    assert made.method == "extractive"
    assert made.tags[-1] == "extractive"
    assert not made.own


@pytest.mark.parametrize(
    ("sentence", "gains", "loses"),
    [
        ("Authors gain income, while small labs lose access to books.", "Authors", "Small labs"),
        ("The tug crews lose hours, while rival firms gain orders.", "Rival firms", None),
        ("Start-ups face higher costs, warned the association of ports.", None, "Start-ups"),
        ("Despite the concern of regulators, users gain free access.", "Users", "Regulators"),
    ],
    ids=["both", "unknown", "costs", "despite"],
)
async def test_who_gains_and_who_loses_are_told_apart(
    sentence: str, gains: str | None, loses: str | None
) -> None:
    made = await built(material([story("Port authority releases tide model v2.1", sentence)]))
    (one,) = made.developments
    assert [each.who for each in one.benefits] == [gains] * (gains is not None)
    assert [each.who for each in one.ramifications] == [loses] * (loses is not None)


async def test_a_claim_leads_to_the_report_that_makes_it() -> None:
    """The story's title leads to the first report, its longest text stands elsewhere."""
    elsewhere = "https://s1.example/longer"
    found = replace(story("Port authority releases tide model v2.1", sources=2), text_url=elsewhere)
    made = await built(material([found]))
    (one,) = made.developments
    assert one.url == "https://s0.example/1"
    assert {(each.url, each.site) for each in (*one.benefits, *one.ramifications)} == {
        (elsewhere, "s1.example")
    }
    assert [(each.url, each.made_by) for each in made.said] == [(elsewhere, "Ada Marin")]


async def test_nothing_is_invented_where_sources_say_nothing() -> None:
    made = await built(material([story("Port releases a model", "It is there.")]))
    assert made.developments[0].benefits == ()
    assert made.developments[0].ramifications == ()
    assert Outlook().body(made).count("##") == 1


@pytest.mark.parametrize(
    ("sentence", "year"),
    [
        ("Half of all ports will dock ships without pilots by 2031.", 2031),
        ("We expect that ferries are electric before 2040, said the ministry.", 2040),
        ("Analysts predicted that it would happen by 2019.", None),
        ("The port was opened in 2031 BC by somebody unknown.", None),
        ("Will half of all ports dock ships without pilots by 2031?", None),
        ("The model has 2031 parameters and will grow.", None),
    ],
)
def test_forecasts_have_a_year_to_come(sentence: str, year: int | None) -> None:
    assert forecast_year(sentence, 2026) == year


async def test_a_source_s_forecast_is_verbatim_with_speaker_and_link() -> None:
    made = await built(material([story("Port authority releases tide model v2.1")]))
    (said,) = made.said
    assert said.quote in TEXT
    assert (said.year, said.made_by, said.url) == (2031, "Ada Marin", "https://s0.example/1")


@pytest.mark.parametrize(
    ("sentence", "event", "speaker"),
    [
        (
            '"By 2031 every port will dock ships alone," said harbour master Ada Marin.',
            "Every port will dock ships alone",
            "Ada Marin",
        ),
        (
            "The new dock will open by 2031, said spokesman Karl Weber.",
            "The new dock will open",
            "Karl Weber",
        ),
        (
            "“We expect tide tables on Mars by 2031,” Sam Poe said.",
            "Tide tables on Mars",
            "Sam Poe",
        ),
        (
            "The authority expects that Lisbon will lead by 2031.",
            "Lisbon will lead",
            "s0.example",
        ),
    ],
    ids=["quoted", "office", "before", "nobody"],
)
async def test_a_forecast_is_told_apart_from_its_speaker(
    sentence: str, event: str, speaker: str
) -> None:
    made = await built(material([story("Port authority releases tide model v2.1", sentence)]))
    assert [(one.event, one.made_by, one.quote) for one in made.said] == [
        (event, speaker, sentence)
    ]


async def test_the_ledger_shows_how_an_event_moved_and_what_is_due() -> None:
    event = "Half of all ports will dock ships without pilots"
    past = PastPrediction(
        event_key=event_key(event),
        event=event,
        year=2035,
        confidence="",
        reason="",
        made_at=NOW - timedelta(days=90),
        made_by="Bo Larsen",
        by_model=False,
        url="https://old.example/1",
        quote="…",
    )
    due = PastPrediction(
        event_key="ferries electric",
        event="Ferries are electric",
        year=2026,
        confidence="",
        reason="",
        made_at=NOW - timedelta(days=900),
        made_by="Bo Larsen",
        by_model=False,
        url="https://old.example/2",
        quote="…",
    )
    made = await built(material([story("Port releases tide model v2.1")], ledger=(past, due)))
    assert (made.said[0].moved_from, made.said[0].moved_since) == (2035, past.made_at)
    assert [(one.event, one.url) for one in made.due] == [("Ferries are electric", due.url)]
    (kept,) = Outlook().predictions(made)
    assert kept.event_key == past.event_key


async def test_trends_are_counted_against_the_periods_before() -> None:
    stories = [
        story(title, number=number)
        for number, title in enumerate(
            [
                "Brest tries tide gates",
                "Tide gates for Cork",
                "Gdansk to vote on tide gates",
                "Turku builds tide gates in May",
            ],
            1,
        )
    ]
    usual = [f"Ferry {number} is late" for number in range(20)]
    made = await built(material(stories, background=([*usual, "Tide gates in Oslo"], usual)))
    first = made.trends[0]
    assert (first.term, first.count, first.before) == ("tide gates", 4, 1)
    assert first.url == "https://news.example/stories?q=tide%20gates"


QUOTE = "Small ports can now plan arrivals two days ahead"


def answer(**changes: object) -> OutlookAnswer:
    claim = {
        "kind": "benefit",
        "story": 1,
        "who": "small ports",
        "text": "They plan arrivals two days ahead.",
        "quote": QUOTE,
    }
    return OutlookAnswer(
        consequences=[ConsequenceAnswer.model_validate(claim | changes)],
        forecasts=[
            ForecastAnswer(
                event="Most pilots work from shore",
                year=2034,
                confidence="medium",
                reason="Remote control follows.",
                story=1,
            )
        ],
    )


async def test_a_model_s_claims_are_shown_with_their_source() -> None:
    model = FakeModel(answering=lambda request: answer())
    made = await built(material([story("Port releases tide model v2.1")]), model)
    (claim,) = made.developments[0].benefits
    assert (claim.who, claim.text) == ("Small ports", "They plan arrivals two days ahead.")
    assert QUOTE in claim.quote
    assert claim.quote in TEXT
    assert made.tags[-1] == made.model == "fake-1"
    assert made.own[0].made_by == "fake-1"
    assert "## fake-1 predicts future events" in Outlook().body(made)
    assert made.dropped_claims == 0


@pytest.mark.parametrize(
    "lie",
    [
        {"quote": "Small ports cannot plan arrivals two days ahead"},
        {"text": "They save 9731 dollars a day."},
        {"text": "They win, says Elmar Gantry."},
        {"text": "They win, see https://evil.example/prize."},
        {"story": 7},
    ],
)
async def test_a_claim_without_ground_is_asked_for_once_more_and_dropped(
    lie: dict[str, object],
) -> None:
    model = FakeModel(answering=lambda request: answer(**lie))
    made = await built(material([story("Port releases tide model v2.1")]), model)
    assert len(model.asked) == 2
    assert made.dropped_claims == 1
    document = Outlook().body(made)
    assert "9731" not in document
    assert "Gantry" not in document
    assert "evil" not in document
    assert all(claim.quote in TEXT for claim in made.developments[0].benefits)


@pytest.mark.parametrize(
    "lie",
    [
        {"event": "Free coins at https://evil.example/prize"},
        {"reason": "So it stands at www.evil.example today."},
        {"reason": "So it is told at evil.example today."},
        {"reason": "It comes, says Elmar Evil."},
    ],
    ids=["address", "www", "site", "name"],
)
async def test_a_forecast_brings_no_address_and_no_name_of_its_own(lie: dict[str, str]) -> None:
    told = {"event": "Ports dock ships alone", "reason": "Ada Marin said so."} | lie

    def answering(request: ModelRequest) -> OutlookAnswer:
        forecast = ForecastAnswer(year=2030, confidence="low", story=1, **told)
        honest = forecast.model_copy(
            update={"event": "Small ports plan", "reason": "As s0.example says."}
        )
        return OutlookAnswer(consequences=[], forecasts=[forecast, honest])

    model = FakeModel(answering=answering)
    made = await built(material([story("Port releases tide model v2.1")]), model)
    assert [one.event for one in made.own] == ["Small ports plan"]
    assert len(model.asked) == 2
    assert made.dropped_claims == 1
    assert "evil" not in Outlook().body(made).casefold()


async def test_a_forecast_for_a_year_gone_by_is_refused() -> None:
    def answering(request: ModelRequest) -> OutlookAnswer:
        early = ForecastAnswer(
            event="It happens", year=2025, confidence="low", reason="So.", story=0
        )
        return OutlookAnswer(consequences=[], forecasts=[early])

    made = await built(
        material([story("Port releases tide model v2.1")]), FakeModel(answering=answering)
    )
    assert made.own == ()
    assert made.dropped_claims == 1


async def test_without_an_answer_the_outlook_does_without() -> None:
    model = FakeModel(failures=[ModelError("away")])
    made = await built(material([story("Port releases tide model v2.1")]), model)
    assert made.method == "extractive"
    assert made.developments
