"""`/status`: honest, and discreet."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

from bot.errors import ChannelFault
from bot.model import DeliveryState
from bot.store import faults, model_use, outbox, overview, sending, subscriptions
from bot.store.database import Connection
from bot.store.faults import StoredFault
from bot.store.outbox import NewDelivery
from bot.store.subscriptions import DeclaredSubscription
from tests.adapters.web.site import Served, served
from tests.bot.commands.desk import feed

CHANNEL = "discord:987654321"
HOSTILE = '<script>alert("1")</script>'
SECRETS = (CHANNEL, "Missing Permissions", "dead-1", "article", "$0.25", "tag:labs")


def fill(connection: Connection, now: datetime) -> None:
    """A channel with two that were sent, one that waits, one dead and one uncertain; and spend."""
    wish = DeclaredSubscription(channel=CHANNEL, sources=("tag:labs", HOSTILE))
    number = subscriptions.declare(connection, wish, origin="file", now=now)
    for name in ("sent-1", "sent-2", "waits-1", "dead-1", "uncertain-1"):
        row = NewDelivery(
            key=name, subscription_id=number, channel=CHANNEL, kind="story", subject=name
        )
        delivery = outbox.add(connection, row, now - timedelta(minutes=30))
        assert delivery is not None
        if name.startswith("sent"):
            sending.mark_sent(connection, delivery, message_id=name, now=now - timedelta(hours=2))
        elif not name.startswith("waits"):
            state = DeliveryState(name.partition("-")[0])
            connection.execute(
                "UPDATE delivery SET state = ?, reason = ? WHERE id = ?",
                (state, f"it said {HOSTILE}", delivery),
            )
    held = StoredFault(
        channel=CHANNEL,
        fault=ChannelFault.PERMISSION,
        reason="Missing Permissions",
        since=now - timedelta(hours=1),
        tries=3,
        retry_at=now + timedelta(minutes=5),
        told_at=None,
    )
    faults.put(connection, held)
    overview.backed_up(connection, now - timedelta(hours=5))
    spend(connection, now, nanos=250_000_000)
    spend(connection, now - timedelta(days=3), nanos=500_000_000)


def spend(connection: Connection, at: datetime, *, nanos: int) -> None:
    row = model_use.hold(
        connection,
        purpose="article",
        channel="",
        model="m",
        most_nanos=nanos,
        limits=model_use.Limits(),
        now=at,
    )
    assert isinstance(row, int)
    model_use.settle(
        connection, row, tokens_in=900, tokens_cached=100, tokens_out=50, cost_nanos=nanos
    )


async def filled(it: Served) -> None:
    await it.database.write(fill, it.clock.now())


async def test_everybody_sees_counts_and_nobody_elses_business(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await it.publish("/a", feed("One"))
        await filled(it)
        answer = await it.get("/status")
        for told in ("Waiting 1", "Stuck 2", "2 sent", "1 dead", "5 hours ago", "ok"):
            assert told in answer.page.text
        assert "2 posts in 24 hours" in answer.page.text
        public = answer.text + (await it.get("/status.json")).text
        for secret in (*SECRETS, "needs_person", "spending"):
            assert secret not in public


async def test_who_has_the_token_sees_channels_troubles_and_spending(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await filled(it)
        answer = await it.get("/status", known=True)
        for told in (*SECRETS, "Give the bot the permission", "threadwire deliveries --retry"):
            assert told in answer.page.text
        assert "$0.25 today of $1.00" in answer.page.text
        labels = [
            given.get("aria-label", "") for tag, given in answer.page.elements if tag == "svg"
        ]
        assert "$0.25 of $1.00 spent today" in labels
        assert answer.page.count("script") == 0
        assert answer.headers["Cache-Control"] == "private, no-store"


async def test_json_is_given_to_who_asks_for_it(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await filled(it)
        negotiated = await it.get("/status", accept="application/json")
        browser = await it.get("/status", accept="text/html,application/xhtml+xml,*/*;q=0.8")
        assert negotiated.headers["Content-Type"].startswith("application/json")
        assert browser.headers["Content-Type"].startswith("text/html")
        assert "Accept" in negotiated.headers["Vary"].split(", ")
        assert "Accept" in browser.headers["Vary"].split(", ")
        told = json.loads((await it.get("/status.json")).text)
    assert told["status"] == "ok"
    assert told["queue"] == {"waiting": 1, "age_s": 1_800.0}
    assert told["deliveries"]["sent"] == sum(told["sent_by_hour"]) == sum(told["sent_by_day"]) == 2
    assert told["sent_by_hour"][-3] == 2
    assert told["database_bytes"] > 10_000
    assert told["error"] is None


async def test_json_with_the_token_has_the_rest(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await filled(it)
        told = json.loads((await it.get("/status.json", known=True)).text)
    channel = told["channels"][0]
    assert (channel["channel"], channel["waiting"], channel["sent_24h"]) == (CHANNEL, 1, 2)
    assert channel["faults"][0]["fault"] == "permission"
    assert {row["key"] for row in told["needs_person"]} == {"dead-1", "uncertain-1"}
    assert all("threadwire deliveries --retry" in row["to_do"] for row in told["needs_person"])
    spending = told["spending"]
    assert (spending["today_usd"], spending["budget_usd"]) == (0.25, 1.0)
    assert [day["cost_usd"] for day in spending["by_day"][-4:]] == [0.5, 0.0, 0.0, 0.25]
    assert spending["by_purpose"] == [
        {
            "name": "article",
            "calls": 2,
            "tokens_in": 1_800,
            "tokens_cached": 200,
            "tokens_out": 100,
            "cost_usd": 0.75,
        }
    ]


async def test_an_empty_service_says_so(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        text = (await it.get("/status", known=True)).page.text
        for told in (
            "No delivery is stuck",
            "No channel subscribes",
            "No model was asked",
            "none yet",
        ):
            assert told in text


async def test_the_page_answers_while_the_database_is_gone(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await filled(it)
        (tmp_path / "t.db").unlink()
        page = await it.get("/status", known=True)
        assert page.status == 200
        assert "Something here is broken" in page.page.text
        assert "taken away" in page.page.text
        told = json.loads((await it.get("/status.json", known=True)).text)
        assert told["status"] == "broken"
        assert told["error"]
        assert told["sent_by_hour"] is None
        assert "channels" not in told


async def test_the_page_answers_while_the_database_is_damaged(tmp_path: Path) -> None:
    """The file is overwritten in its place, below what has it open."""
    async with served(tmp_path) as it:
        await it.publish("/a", feed("One"))
        await it.database.tidy()
        size = (tmp_path / "t.db").stat().st_size
        with (tmp_path / "t.db").open("r+b") as file:
            file.write(b"\xff" * size)
        page = await it.get("/status")
        assert page.status == 200
        assert "Something here is broken" in page.page.text
        others = await it.get("/sources")
        assert others.status == 503
        assert "/status tells more" in others.page.text


async def test_a_deliverys_story_is_linked_and_stays_text(tmp_path: Path) -> None:
    async with served(tmp_path) as it:
        await it.publish("/a", feed("One &lt;script&gt;x&lt;/script&gt;"))

        def kill(connection: Connection) -> None:
            wish = DeclaredSubscription(channel=CHANNEL, sources=("x",))
            number = subscriptions.declare(connection, wish, origin="file", now=it.clock.now())
            row = NewDelivery(
                key="k 1",
                subscription_id=number,
                channel=CHANNEL,
                kind="story",
                subject="s",
                story_id=1,
                state=DeliveryState.DEAD,
            )
            outbox.add(connection, row, it.clock.now())

        await it.database.write(kill)
        answer = await it.get("/status", known=True)
        assert "/stories/1" in answer.page.links
        assert answer.page.count("script") == 0
        assert "No reason was noted." in answer.page.text
        assert "--retry 'k 1'" in answer.page.text
