"""What `doctor` says of channels that take no posts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.doctor import Finding, fault_findings
from bot.errors import ChannelFault
from bot.store import faults, outbox, subscriptions
from bot.store.database import connect, migrate
from bot.store.faults import StoredFault
from bot.store.outbox import NewDelivery
from bot.store.subscriptions import DeclaredSubscription

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "described"),
    [
        ("discord:7", "channel discord:7"),
        ("discord", "platform discord"),
        (faults.space_name("discord:1"), "workspace discord:1"),
    ],
)
def test_a_fault_that_posts_wait_for_is_told_with_its_reason(
    tmp_path: Path, name: str, described: str
) -> None:
    migrate(tmp_path / "t.db")
    connection = connect(tmp_path / "t.db")
    wish = DeclaredSubscription(channel="discord:7", sources=("r/a",))
    number = subscriptions.declare(connection, wish, origin="chat", now=NOW)
    connection.execute("UPDATE subscription SET space = 'discord:1'")
    fault = StoredFault(name, ChannelFault.PERMISSION, "give it the right", NOW, 3, NOW, None)
    faults.put(connection, fault)
    told = f"{described}: give it the right; since 2026-11-21 09:00 UTC"
    assert fault_findings(connection) == [
        Finding(True, f"{told}; nothing waits, the next post will ask again")
    ]
    row = NewDelivery(
        key="k", subscription_id=number, channel="discord:7", kind="digest", subject="d"
    )
    outbox.add(connection, row, NOW)
    assert fault_findings(connection) == [Finding(False, f"{told}; 1 waiting")]
    connection.close()
