"""The rules of doubt, as values."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import ChannelFault, DeliveryError
from bot.store.sending import unknown_since
from jobs.attempts import is_final, may_repeat, wait_s
from jobs.outgoing import SteadyClock
from tests.fakes.clock import FakeClock

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
    times = [f"2026-11-21T09:00:{n:02}.000Z" for n in range(10)]
    found = unknown_since(zip(times, steps.split(), strict=False))
    assert found == (None if first is None else NOW + timedelta(seconds=first))


@pytest.mark.parametrize(
    ("age_s", "window_s", "repeats"),
    [
        (0, 120, True),
        (119.9, 120, True),
        (120, 120, False),
        (-1, 120, False),
        (0, 0, False),
        (10**9, math.inf, True),
        (-(10**6), math.inf, True),
    ],
)
def test_a_key_is_repeated_within_its_window(age_s: float, window_s: float, repeats: bool) -> None:
    assert may_repeat(NOW - timedelta(seconds=age_s), NOW, window_s) is repeats


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


def test_a_steady_clock_goes_on_when_the_clock_is_put_back() -> None:
    clock, passed = FakeClock(), [0.0]
    steady = SteadyClock(clock, lambda: passed[0])
    began = clock.now()
    clock.advance(hours=-1)
    passed[0] = 30
    assert steady.now() == began + timedelta(seconds=30)
    clock.advance(hours=2)
    assert steady.now() == began + timedelta(hours=1)
