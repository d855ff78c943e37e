"""`/status`: whether everything works, as a page for people and as JSON.

What is counted is for everybody. Which channel gets what, what is stuck there, and what models cost
is for who has the web token. The page answers also when the database does not.
"""

from __future__ import annotations

import asyncio
import json
import shlex
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from aiohttp import web
from markupsafe import Markup

from adapters.web import amounts
from adapters.web.charts import bars, sparkline
from adapters.web.site import HTML, Site
from bot.errors import StoreError
from bot.model import DeliveryState
from bot.posts.faults import advice
from bot.posts.safety import clean_line, clip
from bot.store import faults, status_pages
from bot.store.database import Connection
from bot.store.model_use import NANOS
from bot.store.status_pages import Channels, ChannelState, Flow, Spending, Spent, Stuck
from bot.vitals import Report

READ_WITHIN_S = 5.0
FRESH_S = 5
MAX_CHANNELS, MAX_STUCK = 100, 50
MAX_REASON, MAX_TITLE = 300, 120
WAITING = ("pending", "sending", "retry")
JSON = "application/json"
# Whose answer depends on what was asked for says so to the caches in between.
VARY = "Accept, Accept-Encoding, Authorization, Cookie"
_TO_DO = {
    DeliveryState.DEAD: "Mend what the reason names, then try again:",
    DeliveryState.UNCERTAIN: "Look into the channel. If the post is not there, try again:",
}


class Private(NamedTuple):
    """What only who has the token sees."""

    channels: Channels
    stuck: list[Stuck]
    spending: Spending


class Gathered(NamedTuple):
    """Everything at one moment. `error` says why something is missing."""

    report: Report
    health: dict[str, Any]
    now: datetime
    flow: Flow | None
    private: Private | None
    size_bytes: int | None
    error: str


def routes(site: Site) -> list[web.RouteDef]:
    """`/status`, in two forms, and `/status.json`."""

    async def status(request: web.Request) -> web.Response:
        asked = request.headers.get("Accept", "")
        if JSON in asked and HTML not in asked:
            return await as_json(request)
        answer = await _page(site, request)
        answer.headers["Vary"] = VARY
        return answer

    async def as_json(request: web.Request) -> web.Response:
        found = await _gathered(site, site.gate.admits(request))
        body = json.dumps(_facts(site, found), ensure_ascii=False, indent=2) + "\n"
        return site.text(request, body, JSON, max_age_s=FRESH_S, Vary=VARY)

    return [web.get("/status", status), web.get("/status.json", as_json)]


async def _gathered(site: Site, knows_all: bool) -> Gathered:
    """Look at everything. What cannot be read is left out and said."""
    now = site.clock.now()
    report = await site.vitals.report()
    flow, private, error = None, None, report.database.error
    if report.database.readable:
        try:
            async with asyncio.timeout(READ_WITHIN_S):
                flow, private = await site.database.read(_read, now, knows_all)
        except StoreError as exc:
            error = str(exc).replace(f"{site.database.path}: ", "")
        except TimeoutError:
            error = f"no answer within {READ_WITHIN_S:g} s"
    return Gathered(
        report=report,
        health=site.vitals.as_json(report),
        now=now,
        flow=flow,
        private=private,
        size_bytes=await asyncio.to_thread(_size, site),
        error=error,
    )


def _read(connection: Connection, now: datetime, knows_all: bool) -> tuple[Flow, Private | None]:
    flow = status_pages.flow(connection, now)
    if not knows_all:
        return flow, None
    return flow, Private(
        channels=status_pages.channels(connection, now, MAX_CHANNELS),
        stuck=status_pages.stuck(connection, MAX_STUCK),
        spending=status_pages.spending(connection, now),
    )


def _size(site: Site) -> int | None:
    """The database with its log; None where it is gone."""
    path = site.database.path
    log = path.with_name(path.name + "-wal")
    try:
        return path.stat().st_size + (log.stat().st_size if log.exists() else 0)
    except OSError:
        return None


async def _page(site: Site, request: web.Request) -> web.Response:
    found = await _gathered(site, site.gate.admits(request))
    private = found.private
    budget = site.settings.llm.daily_budget_usd
    return await site.page(
        request,
        "status.html",
        max_age_s=FRESH_S,
        found=found,
        health=found.health,
        now=found.now,
        waiting=_waiting(found),
        flow=found.flow,
        hours=_chart(found.flow.by_hour, "hours") if found.flow else None,
        days=_chart(found.flow.by_day, "days") if found.flow else None,
        private=private,
        channels=[_channel_row(one) for one in private.channels.shown] if private else [],
        stuck=[_stuck_row(one) for one in private.stuck] if private else [],
        money=_money(private.spending, budget) if private else None,
        span=amounts.span,
        size=amounts.size,
        coming=amounts.coming,
        iso=amounts.iso,
    )


def _waiting(found: Gathered) -> int:
    deliveries: Mapping[str, int] = found.report.store.deliveries if found.report.store else {}
    return sum(deliveries.get(state, 0) for state in WAITING)


def _chart(values: Sequence[int], unit: str) -> Markup:
    most = max(values, default=0)
    label = f"{sum(values):,} posts in {len(values)} {unit}, at most {most:,} in one of them"
    return sparkline(values, label=label)


class FaultRow(NamedTuple):
    """What keeps posts from a channel, and what to do about it. `what` where it is about more."""

    what: str
    reason: str
    advice: str
    since: datetime
    retry_at: datetime


class ChannelRow(NamedTuple):
    """A channel as the page shows it."""

    state: ChannelState
    faults: list[FaultRow]


def _channel_row(state: ChannelState) -> ChannelRow:
    rows = [
        FaultRow(
            what="" if fault.channel == state.channel else faults.described(fault.channel),
            reason=clip(clean_line(fault.reason), MAX_REASON),
            advice=advice(fault.fault),
            since=fault.since,
            retry_at=fault.retry_at,
        )
        for fault in state.faults
    ]
    return ChannelRow(state, rows)


class StuckRow(NamedTuple):
    """A delivery that needs a person, and what the person can do."""

    facts: Stuck
    title: str
    reason: str
    to_do: str
    command: str


def _stuck_row(stuck: Stuck) -> StuckRow:
    return StuckRow(
        facts=stuck,
        title=clip(clean_line(stuck.title), MAX_TITLE),
        reason=clip(clean_line(stuck.reason), MAX_REASON),
        to_do=_TO_DO[stuck.state],
        command=f"threadwire deliveries --retry {shlex.quote(stuck.key)}",
    )


class MoneyRow(NamedTuple):
    """A line of the books, its cost in words and its share of the most expensive, drawn."""

    spent: Spent
    cost: str
    bar: Markup


class Money(NamedTuple):
    """What models cost: today against the budget, by day and by purpose."""

    today: str
    budget: str
    bar: Markup | None
    days: list[MoneyRow]
    purposes: list[MoneyRow]


def _money(spending: Spending, budget_usd: float) -> Money:
    today_usd = spending.by_day[-1].cost_nanos / NANOS
    today, budget = amounts.dollars(today_usd), amounts.dollars(budget_usd)
    bar = None
    if budget_usd:
        bar = bars([(today_usd / budget_usd, f"{today} of {budget} spent today")])[0]
    used = [day for day in reversed(spending.by_day) if day.calls]
    return Money(
        today=today,
        budget=budget if budget_usd else "",
        bar=bar,
        days=_money_rows(used, most_nanos=round(budget_usd * NANOS)),
        purposes=_money_rows(spending.by_purpose),
    )


def _money_rows(rows: Sequence[Spent], *, most_nanos: int = 0) -> list[MoneyRow]:
    """Bars against `most_nanos` or, without it, against the dearest row."""
    most = most_nanos or max((row.cost_nanos for row in rows), default=0) or 1
    costs = [amounts.dollars(row.cost_nanos / NANOS) for row in rows]
    drawn = bars((row.cost_nanos / most, cost) for row, cost in zip(rows, costs, strict=True))
    return [MoneyRow(*row) for row in zip(rows, costs, drawn, strict=True)]


def _facts(site: Site, found: Gathered) -> dict[str, Any]:
    """The page as JSON. Times are ISO 8601 UTC."""
    flow = found.flow
    facts: dict[str, Any] = {
        **found.health,
        "at": found.now.isoformat(),
        "error": found.error or None,
        "database_bytes": found.size_bytes,
        "queue": {
            "waiting": _waiting(found),
            "age_s": found.health["queue_age_s"],
        },
        "sent_by_hour": flow.by_hour if flow else None,
        "sent_by_day": flow.by_day if flow else None,
        "attempts_24h": flow.outcomes if flow else None,
        "websub": dict(found.report.store.leases) if found.report.store else None,
    }
    return facts | (_private_facts(site, found.private) if found.private else {})


def _private_facts(site: Site, private: Private) -> dict[str, Any]:
    return {
        "channels": [_channel_facts(one) for one in private.channels.shown],
        "channels_total": private.channels.total,
        "needs_person": [_stuck_facts(one) for one in private.stuck],
        "spending": {
            "budget_usd": site.settings.llm.daily_budget_usd,
            "today_usd": private.spending.by_day[-1].cost_nanos / NANOS,
            "by_day": [_spent_facts(one) for one in private.spending.by_day],
            "by_purpose": [_spent_facts(one) for one in private.spending.by_purpose],
        },
    }


def _stuck_facts(stuck: Stuck) -> dict[str, Any]:
    row = _stuck_row(stuck)
    return {
        **stuck._asdict(),
        "created_at": stuck.created_at.isoformat(),
        "to_do": f"{row.to_do} {row.command}",
    }


def _channel_facts(state: ChannelState) -> dict[str, Any]:
    return {
        "channel": state.channel,
        "waiting": state.waiting,
        "waiting_since": state.waiting_since.isoformat() if state.waiting_since else None,
        "sent_24h": state.sent_today,
        "subscriptions": [
            {
                **one._asdict(),
                "next_run_at": one.next_run_at.isoformat() if one.next_run_at else None,
            }
            for one in state.subscriptions
        ],
        "faults": [
            {
                "name": fault.channel,
                "fault": fault.fault.value,
                "reason": fault.reason,
                "advice": advice(fault.fault),
                "since": fault.since.isoformat(),
                "retry_at": fault.retry_at.isoformat(),
            }
            for fault in state.faults
        ],
    }


def _spent_facts(spent: Spent) -> dict[str, Any]:
    facts = spent._asdict()
    del facts["cost_nanos"]
    return {**facts, "cost_usd": spent.cost_nanos / NANOS}
