"""The rules of doubt, as values."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from bot.errors import ChannelFault, DeliveryError
from bot.store.sending import first_unknown
from jobs.attempts import is_final, wait_s

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("steps", "first"),
    [
        ("", None),
        ("claimed", 0),
        ("claimed sent", 0),
        ("claimed retry", None),
        ("claimed held claimed", 2),
        ("claimed doubt", 0),
        ("claimed claimed", 0),
        ("claimed doubt claimed retry", 0),
        ("claimed retry claimed doubt", 2),
        ("claimed doubt absent", None),
        ("claimed doubt unseen", 0),
        ("claimed doubt absent claimed", 3),
        ("claimed doubt uncertain revived", None),
        ("risen claimed grown doubt", 1),
    ],
)
def test_doubt_begins_with_the_first_claim_nobody_knows_of(steps: str, first: int | None) -> None:
    found = first_unknown(zip("0123456789", steps.split(), strict=False))
    assert found == (None if first is None else str(first))


@pytest.mark.parametrize(
    ("error", "attempts", "in_outage", "final"),
    [
        (DeliveryError("bad form", permanent=True), 1, False, True),
        (DeliveryError("down"), 24, False, False),
        (DeliveryError("down"), 25, False, True),
        (DeliveryError("down"), 99, True, False),
        (DeliveryError("down"), 100, True, True),
        (DeliveryError("disk full", needs_person=True), 1_000, False, False),
        (DeliveryError("gone", permanent=True, fault=ChannelFault.GONE), 1_000, False, False),
    ],
)
def test_an_attempt_is_the_last_where_another_cannot_help(
    error: DeliveryError, attempts: int, in_outage: bool, final: bool
) -> None:
    assert is_final(error, attempts, in_outage=in_outage) is final


def test_waits_double_to_an_hour_unless_the_platform_says_how_long() -> None:
    rng = random.Random(1)
    waits = [wait_s(DeliveryError("down"), attempts, rng) for attempts in range(30)]
    assert all(0.7 * min(3_600, 2 * 2**n) <= s <= min(3_600, 2 * 2**n) for n, s in enumerate(waits))
    assert wait_s(DeliveryError("slow down", retry_after_s=77), 5, rng) == 77
