"""One digest of each kind, as the pages are looked at with them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.digests.community import CommunityDetail, CommunityDigest, CommunityItem, CommunityView
from bot.digests.outlook_record import (
    Consequence,
    Cover,
    Development,
    Forecast,
    OutlookDigest,
    Trend,
)
from bot.digests.roundup_record import NamedLink, Remark, RoundupDigest, RoundupItem, RoundupMonth

STORY = "Larkspur 3 runs a 40-billion-parameter model on a laptop"
DISCUSSED = "[P] A planner for small boats that runs on a phone"
THREAD = "https://www.reddit.com/r/LearnSystems/comments/1boats/p_a_planner/"
_REDDIT = "https://www.reddit.com/r/LearnSystems/comments"


def community(until: datetime) -> CommunityDigest:
    view = CommunityView(
        text="Working offline is what makes it useful.",
        supporters=24,
        of=61,
        links=(f"{THREAD}c1/", f"{THREAD}c2/"),
        quote="No signal, no problem: that's why I use it.",
        quote_author="tidal_wave",
        quote_url=f"{THREAD}c1/",
    )
    detail = CommunityDetail(
        summary="People like that it works offline. Some doubt the tide tables.",
        emotion="Predominantly Positive, with a mix of Neutral",
        positive=71,
        neutral=34,
        negative=12,
        views=(view,),
        read=117,
        num_comments=121,
        skipped_deleted=3,
        skipped_bots=1,
    )
    titles = (
        DISCUSSED,
        "[D] Do you keep tide tables in SQL?",
        "<script>alert(1)</script> [odd] {{x}}",
    )
    items = tuple(
        CommunityItem(
            title=title,
            url=f"{_REDDIT}/{number}/x/",
            link_url=None,
            score=342 - 40 * number,
            num_comments=121,
            sentence="It plans a week of sailing from tide tables and wind forecasts.",
            is_moving=number == 1,
            also_covered_by=(),
            detail=detail,
        )
        for number, title in enumerate(titles)
    )
    return CommunityDigest(
        title="LearnSystems Subreddit",
        description="Analysis of top discussions and trends in the learnsystems subreddit",
        date=until.date().isoformat(),
        tags=("learnsystems",),
        since=until - timedelta(days=1),
        until=until,
        timezone="UTC",
        measured_at=until,
        items=items,
        method="extractive",
        model=None,
    )


def outlook(now: datetime) -> OutlookDigest:
    url = "https://harbour.example/5"
    small_ports = Consequence(
        who="Small ports",
        text="They can plan arrivals two days ahead.",
        quote="Small ports can now plan arrivals two days ahead.",
        site="harbour.example",
        url=url,
    )
    forecast = Forecast(
        event_key="ships pilots",
        event="Half of all ports will dock ships without pilots",
        year=2031,
        reason="",
        quote="Half of all ports will dock ships without pilots by 2031, said Ada Marin.",
        confidence="",
        made_by="Ada Marin",
        made_at=now - timedelta(days=55),
        url=url,
        moved_from=2033,
        moved_since=now - timedelta(days=110),
    )
    return OutlookDigest(
        title="AI Outlook",
        date=now,
        author="Threadwire",
        tags=("outlook",),
        cover=Cover(image="", alt="", hidden=True),
        developments=(
            Development(
                title="Port authority publishes tide model v2.1",
                url=url,
                benefits=(small_ports,),
                ramifications=(),
            ),
        ),
        trends=(Trend(term="tide model", count=5, before=2, url=None),),
        said=(forecast,),
        own=(),
        due=(),
        since=now - timedelta(days=7),
        until=now,
        timezone="UTC",
        method="llm",
        model="example-model",
        dropped_claims=0,
    )


def roundup() -> RoundupDigest:
    item = RoundupItem(
        source="The Daily Gradient",
        title=STORY,
        url="https://gradient.example/9",
        reasons=("covered by 2 sources",),
        links=(NamedLink(name="paper", url="https://arxiv.org/abs/2603.00001"),),
        keywords=("small models", "laptops"),
        summary="In four-bit form the model needs 22 GB of memory.",
        image_url=None,
        remarks=(Remark(text="Ran it on my boat: it works.", by="Ada"),),
        also_covered_by=(NamedLink(name="Tensor Weekly", url="https://tensorweekly.example/7"),),
    )
    return RoundupDigest(
        title="Model Watch",
        key="page-model-watch",
        months=(RoundupMonth(month="2026-11", items=(item,)),),
        topics="",
        threads=(),
        since=datetime(2026, 10, 21, tzinfo=UTC),
        until=datetime(2026, 11, 21, tzinfo=UTC),
        timezone="UTC",
        method="extractive",
        model=None,
    )
