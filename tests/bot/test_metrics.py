"""The names that Prometheus reads are those that the dashboard draws."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from bot.metrics import Metrics

DASHBOARD = Path(__file__).parents[2] / "docs" / "ops" / "grafana.json"


def told_metrics() -> Metrics:
    """Every metric with a value."""
    metrics = Metrics(version="1.2.3")
    metrics.polled("new")
    metrics.stored(new=2, merged=1, edited=1)
    metrics.attempted("discord", "sent", timedelta(seconds=3))
    metrics.pushed("taken")
    metrics.answered("/healthz", 200, 0.01)
    metrics.paid(tokens_in=10, tokens_cached=4, tokens_out=5, cost_usd=0.25)
    metrics.show_process(lag_s=0.1, tick_ages_s={"poll": 0.5}, platforms={"discord": True})
    metrics.show_store(
        deliveries={"sent": 1},
        sources={"active": 1},
        leases={"active": 1},
        queue_age_s=0,
        size_bytes=1,
        backup_at_s=0,
    )
    metrics.show_spending(today_usd=0.25, budget_usd=1)
    return metrics


def samples(page: bytes) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(page.decode())
        for sample in family.samples
    }


def test_what_workers_tell_is_on_the_page() -> None:
    found = samples(told_metrics().page(with_spending=True))
    assert found["threadwire_polls_total", (("outcome", "new"),)] == 1
    assert found["threadwire_entries_total", (("change", "new"),)] == 2
    assert found["threadwire_item_to_post_seconds_sum", (("platform", "discord"),)] == 3
    assert found["threadwire_model_tokens_total", (("direction", "cached"),)] == 4
    assert found["threadwire_model_cost_usd_total", ()] == 0.25


def test_what_is_spent_is_not_for_everybody() -> None:
    assert b"threadwire_model" not in told_metrics().page(with_spending=False)


def test_the_dashboard_names_only_metrics_that_exist() -> None:
    known = {name for name, _ in samples(told_metrics().page(with_spending=True))}
    board = json.loads(DASHBOARD.read_text("utf-8"))
    named = {
        name
        for expression in expressions(board)
        for name in re.findall(r"\b(?:threadwire|process)_[a-z_]+", expression)
    }
    assert named <= known, named - known


def test_the_dashboard_draws_all_that_is_ours() -> None:
    families = text_string_to_metric_families(told_metrics().page(with_spending=True).decode())
    ours = {family.name for family in families if family.name.startswith("threadwire_")}
    drawn = " ".join(expressions(json.loads(DASHBOARD.read_text("utf-8"))))
    assert {name for name in ours if name not in drawn} == set()


def test_the_dashboard_has_panels_that_do_not_overlap() -> None:
    panels = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
    assert len({panel["id"] for panel in panels}) == len(panels)


def expressions(board: dict[str, Any]) -> Iterator[str]:
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            yield target["expr"]
