"""How long ago a claim was, by clocks that are put back, run ahead, sleep or begin anew."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest

from bot.store.sending import Claim
from jobs.stopwatch import Stopwatch, boot_id, seconds_since_boot
from tests.fakes.clock import FakeClock


@pytest.mark.parametrize(
    ("ticked", "clock_s", "passed"),
    [
        (30, 30, 30),
        (30, -70, 30),  # put back by 100 s
        (30, 3_600, 3_600),  # put forward, or the machine was frozen as a whole
        (30, -10_000, 30),
    ],
)
def test_a_clock_that_is_put_back_makes_nothing_younger(
    ticked: float, clock_s: float, passed: float
) -> None:
    clock, ticks = FakeClock(), [7.0]
    watch = Stopwatch(clock, lambda: ticks[0], "this run")
    claim = Claim(clock.now(), watch.stamp())
    ticks[0] += ticked
    clock.advance(seconds=clock_s)
    assert watch.passed_s(claim) == passed
    assert watch.began(claim) <= clock.now() - timedelta(seconds=ticked)


def test_another_run_of_the_machine_knows_nothing_of_the_time_between() -> None:
    clock = FakeClock()
    claim = Claim(clock.now(), Stopwatch(clock, lambda: 5.0, "this run").stamp())
    clock.advance(seconds=-50)
    again = Stopwatch(clock, lambda: 6.0, "the next run")
    assert again.passed_s(claim) == math.inf
    assert again.passed_s(Claim(clock.now(), "")) == math.inf
    assert again.began(claim) == clock.now()


def test_the_machine_says_which_run_it_is_and_counts_its_seconds() -> None:
    assert boot_id()
    assert seconds_since_boot() <= seconds_since_boot()
