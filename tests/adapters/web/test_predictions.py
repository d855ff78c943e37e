"""`/predictions`: each forecast in the plot and in the table, and the median as it moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from adapters.web.predictions import median_steps
from bot.store import predictions
from bot.store.prediction_pages import ShownForecast
from bot.store.predictions import PredictionRow
from tests.adapters.web.site import Served, served
from tests.bot.digests.samples import OUTLOOK

AT = datetime(2026, 11, 21, 8, tzinfo=UTC)
DAY = timedelta(days=1)


def told(
    year: int, day: int, by: str = "Ada", *, event: str = "agi", own: bool = False
) -> ShownForecast:
    return ShownForecast(
        id=day,
        event_key=event,
        event=f"The {event}",
        year=year,
        confidence="low" if own else "",
        reason="Costs fall." if own else "",
        made_at=AT + day * DAY,
        made_by=by,
        by_model=own,
        url=None if own else f"https://news.example/{day}",
        quote="" if own else f"It comes by {year}.",
    )


async def foretell(it: Served, found: list[ShownForecast], *, is_public: bool = True) -> None:
    """An outlook told these."""
    scope = "open" if is_public else "closed"
    await it.keep_digest("outlook", OUTLOOK, until=AT, scope=scope, is_public=is_public)
    rows = [PredictionRow(**{n: getattr(one, n) for n in PredictionRow._fields}) for one in found]
    await it.database.write(predictions.keep, scope, rows)


def steps(*found: ShownForecast) -> list[tuple[int, float]]:
    return [((step.at - AT).days, step.year) for step in median_steps(found)]


def test_the_median_moves_with_what_becomes_known() -> None:
    found = (told(2030, 0, "a"), told(2040, 1, "b"), told(2031, 2, "c"), told(2031, 3, "d"))
    assert steps(*found) == [(0, 2030), (1, 2035), (2, 2031)]


def test_of_each_the_latest_counts() -> None:
    assert steps(told(2050, 0), told(2040, 1), told(2030, 2)) == [(0, 2050), (1, 2040), (2, 2030)]


def test_what_is_told_at_once_is_one_step() -> None:
    assert steps(told(2030, 0, "a"), told(2040, 0, "b")) == [(0, 2035)]


def test_models_count_only_where_no_source_spoke() -> None:
    own = told(2090, 1, "gpt", own=True)
    assert steps(told(2030, 0), own) == [(0, 2030)]
    assert steps(own) == [(1, 2090)]


@given(
    st.lists(
        st.tuples(st.integers(2025, 2100), st.integers(0, 50), st.sampled_from("abcde")),
        min_size=1,
        max_size=60,
    )
)
def test_the_median_is_that_of_the_latest_of_each(given_rows: list[tuple[int, int, str]]) -> None:
    rows = sorted(given_rows, key=lambda row: row[1])
    found = [told(*row)._replace(id=number) for number, row in enumerate(rows)]
    latest = sorted({by: year for year, _, by in rows}.values())
    middle = (latest[(len(latest) - 1) // 2] + latest[len(latest) // 2]) / 2
    assert median_steps(found)[-1].year == middle
    assert median_steps(reversed(found)) == median_steps(found)


async def test_nothing_foretold_yet(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        answer = await it.get("/predictions")
        assert "Nothing was foretold yet." in answer.page.text
        assert "<svg" not in answer.text


async def test_every_forecast_is_in_the_plot_and_in_the_table(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        found = [told(2025 + day, day, f"Maker {day}") for day in range(30)]
        await foretell(it, [*found, told(2100, 31, "gpt-5", own=True)])
        answer = await it.get("/predictions")
        assert answer.text.count('<circle class="said"') == 2 * 30  # of all, and of the event
        assert answer.text.count('class="own"') == 2
        for one in found:
            assert f"https://news.example/{one.id}" in answer.page.links
            assert f"“It comes by {one.year}.”" in answer.page.text or one.quote in answer.text
        assert "low confidence" in answer.page.text
        assert "The agi: 2030, Maker 5, 26 November 2026" in answer.text
        assert "30 forecasts" not in answer.page.text
        assert "31 forecasts." in answer.page.text
        assert "style=" not in answer.text


async def test_an_event_has_a_page_of_its_own(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        key = "agi & more/than?that"
        rows = [told(2050 - 3 * day, day, event=key) for day in range(4)]
        await foretell(it, [*rows, told(2060, 9, event="fusion")])
        page = (await it.get("/predictions")).page
        link = next(one for one in page.links if "event=agi" in one)
        page = (await it.get(link)).page
        assert "2041" in page.text
        assert "2060" not in page.text
        assert "from 2050" in (await it.get("/predictions")).page.text
        assert (await it.get(f"/predictions?event={quote('none')}")).status == 404


async def test_many_forecasts_are_paged_and_the_page_stays_light(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        rows = [
            told(2030 + day % 70, day, f"Maker {day % 9}", event=f"e{day % 3}")
            for day in range(330)
        ]
        await foretell(it, rows)
        path, seen = "/predictions", list[str]()
        while path:
            answer = await it.get(path)
            seen += [text for text in answer.page.texts if text.startswith("It comes by")]
            assert len(answer.text) < 300_000
            path = next((one for one in answer.page.links if "before=" in one), "")
        assert len(seen) == 330
        first = await it.get("/predictions")
        assert "The newest 250 of 330 are drawn." in first.page.text
        event = (await it.get("/predictions?event=e1")).page
        more = next(one for one in event.links if "before=" in one)
        assert (await it.get(more)).text.count("<tr>") == 41


async def test_forecasts_of_private_digests_need_the_token(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await foretell(it, [told(2077, 1, event="secret")], is_public=False)
        assert "2077" not in (await it.get("/predictions")).text
        assert (await it.get("/predictions?event=secret")).status == 404
        assert "2077" in (await it.get("/predictions?event=secret", known=True)).text


async def test_hostile_forecasts_are_words(tmp_path: Path) -> None:
    hostile = '"><script>alert(1)</script>'
    async with served(tmp_path) as it:
        row = told(2030, 1, hostile)._replace(
            event=hostile, event_key=hostile, quote=hostile, url="javascript:alert(1)"
        )
        await foretell(it, [row, row._replace(made_at=AT, year=2031)])
        answer = await it.get("/predictions")
        assert "<script" not in answer.text
        assert hostile in answer.page.text
        assert not any("javascript" in link for link in answer.page.links)
        link = next(one for one in answer.page.links if "event=" in one)
        assert (await it.get(link)).status == 200
