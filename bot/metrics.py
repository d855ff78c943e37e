"""What is counted for Prometheus, all of it, in a registry of its own.

Counters are told by the workers as things happen and begin at nothing with each start, as
Prometheus expects. Gauges are read from the store when somebody asks (`bot.vitals`).
docs/ops/grafana.json draws exactly these; a test compares the two.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.process_collector import ProcessCollector

CONTENT_TYPE = CONTENT_TYPE_LATEST
LATENCY_BUCKETS_S = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 21_600, 86_400)
REQUEST_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

PollOutcome = Literal["new", "unchanged", "failed", "put_off"]


class Metrics:
    """One registry for everybody, one for what is spent: that is not everybody's business."""

    def __init__(self, *, version: str = "") -> None:
        # Else each counter has a second series that nobody draws.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has no type there
        self.open, self.private = CollectorRegistry(), CollectorRegistry()
        ProcessCollector(registry=self.open)
        self._count_work()
        self._count_spending()
        self._gauges()
        build = Gauge(
            "threadwire_build_info", "What runs.", ["version", "python"], registry=self.open
        )
        build.labels(version, platform.python_version()).set(1)

    def _count_work(self) -> None:
        self._polls = Counter(
            "threadwire_polls", "Polls by how they ended.", ["outcome"], registry=self.open
        )
        self._entries = Counter(
            "threadwire_entries", "Entries stored, new or edited.", ["change"], registry=self.open
        )
        self._merges = Counter(
            "threadwire_merges",
            "New entries that joined a story which was there.",
            registry=self.open,
        )
        self._attempts = Counter(
            "threadwire_delivery_attempts",
            "Attempts to post, by what became of them.",
            ["platform", "outcome"],
            registry=self.open,
        )
        self._latency = Histogram(
            "threadwire_item_to_post_seconds",
            "From the moment we saw an item to the platform's answer to its post.",
            ["platform"],
            buckets=LATENCY_BUCKETS_S,
            registry=self.open,
        )
        self._pushes = Counter(
            "threadwire_websub_pushes",
            "What hubs sent, by what became of it.",
            ["outcome"],
            registry=self.open,
        )
        self._requests = Histogram(
            "threadwire_http_request_seconds",
            "Answers of the web server.",
            ["route", "status"],
            buckets=REQUEST_BUCKETS_S,
            registry=self.open,
        )

    def _count_spending(self) -> None:
        self._model_calls = Counter(
            "threadwire_model_calls", "Paid calls to the model.", registry=self.private
        )
        self._model_tokens = Counter(
            "threadwire_model_tokens",
            "Tokens sent to the model, of them found in its cache, and got back.",
            ["direction"],
            registry=self.private,
        )
        self._model_cost = Counter(
            "threadwire_model_cost_usd", "What the model cost.", registry=self.private
        )
        self._spent_today = Gauge(
            "threadwire_model_spent_today_usd",
            "What the model cost since midnight UTC, calls on their way at their most.",
            registry=self.private,
        )
        self._budget = Gauge(
            "threadwire_model_budget_usd",
            "What the model may cost in a day; 0 = no limit.",
            registry=self.private,
        )

    def _gauges(self) -> None:
        self._deliveries = self._gauge("deliveries", "Rows of the outbox by state.", "state")
        self._queue_age = self._gauge("queue_age_seconds", "Age of the oldest post that waits.")
        self._sources = self._gauge("sources", "Sources by state.", "state")
        self._leases = self._gauge("websub_subscriptions", "Hub subscriptions by state.", "state")
        self._platforms = self._gauge(
            "platform_up", "Whether a platform's connection stands.", "platform"
        )
        self._lag = self._gauge("loop_lag_seconds", "Longest stall of the loop in a minute.")
        self._ticks = self._gauge(
            "tick_age_seconds", "Since the scheduler last woke a worker.", "worker"
        )
        self._size = self._gauge("database_bytes", "Size of the database file.")
        self._backup = self._gauge(
            "backup_timestamp_seconds", "When the last backup was made; 0 = none yet."
        )

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"threadwire_{name}", text, labels, registry=self.open)

    # told by the workers

    def polled(self, outcome: PollOutcome) -> None:
        """One poll ended."""
        self._polls.labels(outcome).inc()

    def stored(self, *, new: int, merged: int, edited: int) -> None:
        """A document's entries are in the store."""
        self._entries.labels("new").inc(new)
        self._entries.labels("edited").inc(edited)
        self._merges.inc(merged)

    def attempted(self, platform_name: str, outcome: str, waited: timedelta | None = None) -> None:
        """One attempt to post ended; `waited` since the item was seen, where it was posted."""
        self._attempts.labels(platform_name, outcome).inc()
        if waited is not None:
            self._latency.labels(platform_name).observe(max(0.0, waited.total_seconds()))

    def pushed(self, outcome: str) -> None:
        """A hub sent something."""
        self._pushes.labels(outcome).inc()

    def answered(self, route: str, status: int, took_s: float) -> None:
        """The web server answered. `route` is the pattern, so that there are few."""
        self._requests.labels(route, str(status)).observe(took_s)

    def paid(self, *, tokens_in: int, tokens_cached: int, tokens_out: int, cost_usd: float) -> None:
        """One call to the model is settled."""
        self._model_calls.inc()
        for direction, tokens in (("in", tokens_in), ("cached", tokens_cached)):
            self._model_tokens.labels(direction).inc(tokens)
        self._model_tokens.labels("out").inc(tokens_out)
        self._model_cost.inc(cost_usd)

    # read when somebody asks

    def show_spending(self, *, today_usd: float, budget_usd: float) -> None:
        self._spent_today.set(today_usd)
        self._budget.set(budget_usd)

    def show_store(
        self,
        *,
        deliveries: Mapping[str, int],
        sources: Mapping[str, int],
        leases: Mapping[str, int],
        queue_age_s: float,
        size_bytes: int,
        backup_at_s: float,
    ) -> None:
        """What the store says now."""
        for gauge, counts in (
            (self._deliveries, deliveries),
            (self._sources, sources),
            (self._leases, leases),
        ):
            for state, count in counts.items():
                gauge.labels(state).set(count)
        self._queue_age.set(queue_age_s)
        self._size.set(size_bytes)
        self._backup.set(backup_at_s)

    def show_process(
        self, *, lag_s: float, tick_ages_s: Mapping[str, float], platforms: Mapping[str, bool]
    ) -> None:
        """How loop, scheduler and connections stand now."""
        self._lag.set(lag_s)
        for worker, age_s in tick_ages_s.items():
            self._ticks.labels(worker).set(age_s)
        for name, is_up in platforms.items():
            self._platforms.labels(name).set(is_up)

    def page(self, *, with_spending: bool) -> bytes:
        """The text that Prometheus reads."""
        text = generate_latest(self.open)
        return text + generate_latest(self.private) if with_spending else text
