"""Numbers that say which one of a series a headline means."""

import pytest

from bot.ingest.editions import edition_conflict


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("Claude Opus 4.5 is here", "Claude Opus 4.6", "version differs (4.5 against 4.6)"),
        ("GPT-4o arrives", "GPT-5 arrives", "version differs (4o against 5)"),
        ("v1.2.3", "v1.2.4", "version differs (1.2.3 against 1.2.4)"),
        ("Test Article 3", "Test Article 4", "version differs (3 against 4)"),
        ("OpenAI o1", "OpenAI o3-mini", "version differs (1 against 3)"),
        ("Q1 sales of Acme", "Q4 sales of Acme", "version differs (1 against 4)"),
        ("Sonnet 5 launched", "Opus 5 launched", "product differs (sonnet against opus)"),
        ("Claude Haiku 4.5", "Claude Opus 4.6", "product differs (haiku against opus)"),
        ("Issue #12 of Byte", "Issue #13 of Byte", "version differs (12 against 13)"),
        ("July update", "September update", "month differs (july against september)"),
    ],
)
def test_other_edition_is_a_conflict(one: str, other: str, reason: str) -> None:
    assert edition_conflict(one, other) == reason


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Apple releases iOS 7.1", "iOS 7.1 speeds up the iPhone 4"),
        ("Apple iOS 7.1 released", "Apple's 7.1 update is out"),
        ("UniCredit posts €14bn loss", "UniCredit posts record $19 bln loss"),
        ("Dick's profit up 6.9%", "Dick's profit rose 7 percent"),
        ("Men's Wearhouse buys Jos. A. Bank for $1.8B", "Men's Wearhouse buys Jos. A. Bank"),
        ("SAC to rename itself Point72", "SAC renamed Point72 after 13 years"),
        ("8.5 million watch Cosmos", "Cosmos draws 5.8 million viewers"),
        ("Quill is now open source", "Quill 0.1 on the API"),
        ("Budget for 2013", "Budget for 2014"),
    ],
)
def test_sums_counts_and_common_editions_are_none(one: str, other: str) -> None:
    assert edition_conflict(one, other) is None
    assert edition_conflict(other, one) is None
