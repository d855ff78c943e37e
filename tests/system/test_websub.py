"""A hub and the whole service: what is sent is posted within a second."""

from __future__ import annotations

import statistics

import pytest

from tests.bench.websub import latencies


@pytest.mark.slow
async def test_what_a_hub_sends_is_posted_within_a_second() -> None:
    found = await latencies(5, pushed=True)
    assert statistics.median(found) < 1.0
