"""One digest of each kind, with the odd things that real ones have."""

from __future__ import annotations

from datetime import UTC, date, datetime

from bot.digests.community import (
    CommunityDetail,
    CommunityDigest,
    CommunityItem,
    CommunityView,
    OtherReport,
)
from bot.digests.outlook_record import (
    Consequence,
    Cover,
    Development,
    DueForecast,
    Forecast,
    OutlookDigest,
    Trend,
)
from bot.digests.roundup_record import (
    Citation,
    NamedLink,
    Remark,
    RoundupDigest,
    RoundupItem,
    RoundupMonth,
    RoundupThread,
)

SINCE = datetime(2026, 3, 1, 8, tzinfo=UTC)
UNTIL = datetime(2026, 3, 2, 8, tzinfo=UTC)
REDDIT = "https://www.reddit.com/r/LearnSystems/comments"

COMMUNITY = CommunityDigest(
    title="LearnSystems Subreddit",
    description="Analysis of top discussions and trends in the learnsystems subreddit",
    date="2026-03-02",
    tags=("learnsystems", "Project"),
    since=SINCE,
    until=UNTIL,
    timezone="Europe/Berlin",
    measured_at=datetime(2026, 3, 2, 7, 59, tzinfo=UTC),
    items=(
        CommunityItem(
            title="[P] A planner for small boats [open source]",
            url=f"{REDDIT}/a1/p_a_planner/",
            link_url="https://github.com/example/boats",
            score=42,
            num_comments=20,
            sentence="It plans a week of sailing from tide tables and wind forecasts.",
            is_moving=False,
            also_covered_by=(OtherReport(name="Harbour News", url="https://harbour.example/a"),),
            detail=CommunityDetail(
                summary="People like that it works offline. Some doubt the tide tables.",
                emotion="Predominantly Positive, with a mix of Neutral",
                positive=9,
                neutral=6,
                negative=2,
                views=(
                    CommunityView(
                        text="Working offline is what makes it useful.",
                        supporters=5,
                        of=15,
                        links=(f"{REDDIT}/a1/_/c1/", f"{REDDIT}/a1/_/c4/"),
                        quote="No signal, no problem: that's why I use it.",
                        quote_author="tidal_wave",
                        quote_url=f"{REDDIT}/a1/_/c1/",
                    ),
                    CommunityView(
                        text="The tide tables are *out of date* <b>for</b> Brittany.",
                        supporters=2,
                        of=15,
                        links=(f"{REDDIT}/a1/_/c9/",),
                        quote="Tables from 2019? In Brittany that's off by half an hour.",
                        quote_author=None,
                        quote_url=f"{REDDIT}/a1/_/c9/",
                    ),
                ),
                read=17,
                num_comments=20,
                skipped_deleted=3,
                skipped_bots=1,
            ),
        ),
        CommunityItem(
            title="Who else ] finds [this odd?",
            url=f"{REDDIT}/a2/who_else/",
            link_url=None,
            score=3,
            num_comments=2,
            sentence="A post that is only its title, with 2 comments.",
            is_moving=True,
            also_covered_by=(),
            detail=CommunityDetail(
                summary="Two people answer.",
                emotion="Neutral",
                positive=0,
                neutral=2,
                negative=0,
                views=(),
                read=2,
                num_comments=2,
                skipped_deleted=0,
                skipped_bots=0,
            ),
        ),
        CommunityItem(
            title="A gallery of harbours",
            url=f"{REDDIT}/a3/a_gallery/",
            link_url="https://www.reddit.com/gallery/a3",
            score=0,
            num_comments=None,
            sentence="A link to reddit.com, with 0 comments.",
            is_moving=False,
            also_covered_by=(),
            detail=None,
        ),
    ),
    method="extractive",
    model=None,
)

OUTLOOK = OutlookDigest(
    title="Harbours Outlook",
    date=UNTIL,
    author="Threadwire",
    tags=("outlook", "automated content", "example-model"),
    cover=Cover(image="https://site.example/cover.png", alt="a harbour", hidden=False),
    developments=(
        Development(
            title="Port authority releases tide model v2.1",
            url="https://port.example/v2-1",
            benefits=(
                Consequence(
                    who="Small ports",
                    text="They can plan arrivals two days ahead.",
                    quote="Small ports can now plan arrivals two days ahead.",
                    site="port.example",
                    url="https://port.example/v2-1",
                ),
            ),
            ramifications=(
                Consequence(
                    who="Pilots",
                    text="",
                    quote="Pilots fear that fewer of them will be needed.",
                    site="port.example",
                    url="https://port.example/v2-1",
                ),
            ),
        ),
        Development(title="Court rules on *automatic* docking", url="https://law.example/1"),
    ),
    trends=(
        Trend(term="tide model", count=5, before=2, url="https://site.example/stories?q=tide"),
        Trend(term="docking", count=2, before=0, url=None),
    ),
    said=(
        Forecast(
            event_key="dock port",
            event="Half of all ports will dock ships without pilots",
            year=2031,
            reason="",
            quote="Half of all ports will dock ships without pilots by 2031, said Ada Marin.",
            confidence="",
            made_by="Ada Marin",
            made_at=datetime(2026, 3, 1, 12, tzinfo=UTC),
            url="https://port.example/v2-1",
            moved_from=2033,
            moved_since=datetime(2026, 1, 5, 8, tzinfo=UTC),
        ),
    ),
    own=(
        Forecast(
            event_key="pilots remote",
            event="Most pilots work from shore",
            year=2034,
            reason="Remote control follows once models predict tides well.",
            quote="",
            confidence="medium",
            made_by="example-model",
            made_at=UNTIL,
            url="https://port.example/v2-1",
        ),
    ),
    due=(
        DueForecast(
            event="A ship crosses the bay alone",
            year=2026,
            made_by="Bo Larsen",
            made_at=datetime(2024, 5, 1, tzinfo=UTC),
            url="https://sea.example/bay",
        ),
    ),
    since=SINCE,
    until=UNTIL,
    timezone="UTC",
    method="llm",
    model="example-model",
    dropped_claims=1,
)

ROUNDUP = RoundupDigest(
    title="Harbour Watch",
    key="page-harbour-watch",
    months=(
        RoundupMonth(
            month="2026-03",
            items=(
                RoundupItem(
                    source="Port Blog",
                    title="Tides by a small model: [v2]",
                    url="https://port.example/tides",
                    reasons=("starred by Ada", "covered by 3 sources"),
                    links=(
                        NamedLink(name="paper", url="https://arxiv.org/abs/2603.00001"),
                        NamedLink(name="code", url="https://github.com/example/tides"),
                    ),
                    keywords=("tides", "small models"),
                    summary="A model of 3 million weights foretells tides as well as the old one.",
                    image_url="https://port.example/tides.png",
                    remarks=(Remark(text="Ran it on my boat: it works.", by="Ada"),),
                    also_covered_by=(NamedLink(name="Sea News", url="https://sea.example/tides"),),
                ),
                RoundupItem(
                    source="sea.example",
                    title="A harbour closes",
                    url="https://sea.example/closed",
                    reasons=(),
                    links=(),
                    keywords=(),
                    summary="",
                    image_url=None,
                    remarks=(),
                    also_covered_by=(),
                ),
            ),
        ),
    ),
    topics="LearnSystems",
    threads=(
        RoundupThread(
            place="r/LearnSystems",
            title="[D] Do you keep tide tables in SQL?",
            url=f"{REDDIT}/b1/d_do_you/",
            post=Citation(
                author="sql-gumby",
                url=f"{REDDIT}/b1/d_do_you/",
                score=61,
                on=date(2026, 3, 1),
                text=(
                    "We keep them like this:\n\n```\nSELECT ts, height\n  FROM tide\n```\n\n"
                    "Two problems:\n\n- it is *slow*\n- it grows\n\nWhat do you do?"
                ),
                is_cut=False,
            ),
            comment=Citation(
                author="pilot_7",
                url=f"{REDDIT}/b1/_/c2/",
                score=30,
                on=date(2026, 3, 1),
                text="> it grows\n\nPartition it by month. We have 11 years in 4 GB.",
                is_cut=True,
            ),
        ),
    ),
    since=datetime(2026, 2, 2, tzinfo=UTC),
    until=UNTIL,
    timezone="UTC",
    method="extractive",
    model=None,
)
