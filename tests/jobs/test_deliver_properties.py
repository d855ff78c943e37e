"""Whatever happens to requests, clocks and the process: nothing lost, nothing twice, in order.

A machine of random events runs the real job on a real store against a chat platform that loses
answers before and after it stored the message, sleeps through rate limits, forgets keys, refuses
channels and takes them again. The process is killed before or after any commit or request.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from bot.errors import ChannelFault
from bot.model import Delivery, Post
from bot.store import edits, faults, outbox, subscriptions
from bot.store.database import Connection, Database, migrate
from bot.store.outbox import NewDelivery
from bot.store.subscriptions import DeclaredSubscription
from jobs.compose import Composer
from jobs.deliver import DeliverJob
from tests.fakes.chat import FakeChat, Plan
from tests.fakes.timelapse import TimelapseLoop

START = datetime(2026, 11, 21, 9, tzinfo=UTC)
CHANNELS = ("a", "b")
KINDS = {  # how long a key is promised to be known, for how long it is, whether one can look
    "nonce and history": (120.0, 150.0, True),
    "nonce alone": (120.0, 150.0, False),
    "history alone": (0.0, 0.0, True),
    "neither": (0.0, 0.0, False),
    "keys for ever": (float("inf"), float("inf"), True),
}
FATES = ("lost after", "lost before", "arrives late", "taken", "refused", "bad", "bug")
plans = st.builds(
    Plan,
    st.sampled_from(FATES),
    st.sampled_from([0.0, 0.0, 1.0, 100.0, 140.0, 1_000.0]),
    st.sampled_from([0.0, 1.0, 40.0, 200.0]),
    st.booleans(),
)


class Killed(BaseException):
    """The end of the process, at an await."""


class Switch:
    """Kills at the n-th place where a process can be killed with something to be found later."""

    def __init__(self) -> None:
        self.left: int | None = None
        self.dies_in_send = False

    def tick(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise Killed


class KillableDatabase(Database):
    """A store where the process may die before and after each step."""

    switch: Switch
    loop: TimelapseLoop

    async def write(self, *args: Any, **kwargs: Any) -> Any:
        self.switch.tick()
        with self.loop.working():
            result = await super().write(*args, **kwargs)
        self.switch.tick()
        return result

    async def read(self, *args: Any, **kwargs: Any) -> Any:
        with self.loop.working():
            return await super().read(*args, **kwargs)


class KillableChat(FakeChat):
    switch: Switch

    async def send(self, channel: str, post: Post, key: str) -> Any:
        self.switch.tick()
        try:
            return await super().send(channel, post, key)
        finally:
            if self.switch.dies_in_send:
                self.switch.dies_in_send = False
                raise Killed
            self.switch.tick()


class Versions(Composer):
    """Posts that tell their own version; it grows while they wait, are sent and are edited."""

    def __init__(self) -> None:
        super().__init__()
        self.latest: Counter[str] = Counter()

    def fresh(self, connection: Connection, delivery: Delivery) -> Post:
        return Post(kind="notice", title=f"{delivery.key} {self.latest[delivery.key]}")


class Steps:
    """The machine's own clock: true time and how far it is off."""

    def __init__(self, loop: TimelapseLoop) -> None:
        self._loop = loop
        self.off_s = 0.0

    def true(self) -> datetime:
        return START + timedelta(seconds=self._loop.time())

    def now(self) -> datetime:
        return self.true() + timedelta(seconds=self.off_s)


@functools.cache
def _empty_store() -> Path:
    path = Path(tempfile.mkdtemp(prefix="deliver-properties-")) / "empty.db"
    migrate(path)
    return path


class Deliveries(RuleBasedStateMachine):
    """The outbox, its job and a platform, through good and bad times."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = contextlib.ExitStack()
        self.folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        shutil.copy(_empty_store(), self.folder / "t.db")
        self.loop = TimelapseLoop()
        self.clock = Steps(self.loop)
        self.switch = Switch()
        self.composer = Versions()
        self.added = 0
        self.wanted: dict[str, list[str]] = {}

    @initialize(kind=st.sampled_from(sorted(KINDS)), steps_clock=st.booleans())
    def begin(self, kind: str, steps_clock: bool) -> None:
        same_key_s, window_s, has_history = KINDS[kind]
        self.boots = 1
        self.steps_clock = steps_clock
        self.chat = KillableChat(
            now=self.clock.true,
            same_key_s=same_key_s,
            window_s=window_s,
            has_history=has_history,
        )
        self.chat.switch = self.switch
        self.chat.overtake = self._change
        self.loop.run_until_complete(self._open())

    async def _open(self) -> None:
        self.database = KillableDatabase(self.folder / "t.db", exclusive=True)
        self.database.switch, self.database.loop = self.switch, self.loop
        with self.loop.working():
            await self.database.__aenter__()
        for channel in CHANNELS:
            wish = DeclaredSubscription(channel=f"fake:{channel}", sources=("x",))
            await self.database.write(
                subscriptions.declare, wish, origin="chat", now=self.clock.now()
            )
        self._start()
        await self.job.settle_interrupted()

    def _start(self) -> None:
        self.job = DeliverJob(
            self.database,
            {"fake": self.chat},
            self.composer,
            self.clock,
            random.Random(1),
            ticks=self.loop.time,
            boot=f"boot {self.boots}",
        )

    def _add(self, channel: str, count: int) -> None:
        def step(connection: Connection) -> None:
            for _ in range(count):
                self.added += 1
                key = f"k{self.added}"
                self.wanted.setdefault(channel, []).append(key)
                row = NewDelivery(
                    key=key,
                    subscription_id=CHANNELS.index(channel) + 1,
                    channel=f"fake:{channel}",
                    kind="digest",
                    subject=key,
                )
                outbox.add(connection, row, self.clock.now())

        self.loop.run_until_complete(self.database.write(step))

    @rule(channel=st.sampled_from(["", *CHANNELS]), fault=st.sampled_from(ChannelFault))
    def break_channel(self, channel: str, fault: ChannelFault) -> None:
        is_everywhere = fault is ChannelFault.ACCESS
        self.chat.faults["" if is_everywhere else channel or "a"] = fault

    @rule(says_so=st.booleans())
    def mend(self, says_so: bool) -> None:
        self.chat.faults.clear()
        if says_so:
            self.job.mended(None)

    @rule(looks=st.integers(1, 3))
    def blind(self, looks: int) -> None:
        self.chat.blind_looks = looks

    @rule(key=st.integers(1, 30))
    def change(self, key: int) -> None:
        """What a delivery tells changes, whether it waits, is under way or was posted."""
        self.loop.run_until_complete(self._change(f"k{key}"))

    async def _change(self, key: str) -> None:
        def step(connection: Connection) -> None:
            delivery = outbox.by_key(connection, key)
            if delivery is not None and delivery.attempts:
                self.composer.latest[key] += 1
                edits.mark_due(connection, delivery.id, "it changed", self.clock.now())

        await self.database.write(step)

    @rule(
        added=st.sampled_from([1, 1, 2, 12]),
        planned=st.lists(plans, max_size=5),
        others=st.lists(plans, max_size=2),
        kill_after=st.one_of(st.none(), st.integers(0, 30)),
        reboots=st.booleans(),
        every_s=st.sampled_from([1, 7, 60]),
        rounds=st.integers(1, 8),
        step_s=st.sampled_from([0, 0, -3_000, -100, 100, 3_000]),
    )
    def live(
        self,
        added: int,
        planned: list[Plan],
        others: list[Plan],
        kill_after: int | None,
        reboots: bool,
        every_s: int,
        rounds: int,
        step_s: int,
    ) -> None:
        """The service runs for a while, with new deliveries and all these troubles."""
        self._add("a", added)
        self._add("b", 1)
        self.chat.plans["a"].extend(planned)
        self.chat.plans["b"].extend(others)
        for number in range(rounds):
            dies_after = kill_after if number == 0 else None
            self.loop.run_until_complete(self._run(dies_after, reboots=reboots))
            if number == 0 and self.steps_clock:
                self.clock.off_s = max(-3_000.0, min(3_000.0, self.clock.off_s + step_s))
            self.wait(every_s)
        self._check_nothing_is_twice()

    def add(self, channel: str, *planned: Plan) -> None:
        """One delivery, and what happens to the next requests there."""
        self._add(channel, 1)
        self.chat.plans[channel].extend(planned)

    def run_for(self, seconds: int) -> None:
        """The service runs, looking every second."""
        until = self.loop.time() + seconds
        while self.loop.time() < until:
            self.loop.run_until_complete(self._run(None))
            self.wait(1)

    def die_in_send(self, *, reboots: bool = False) -> None:
        """The process is killed when the next request has reached the platform."""
        self.switch.dies_in_send = True
        self.loop.run_until_complete(self._run(None, reboots=reboots))

    async def _run(self, kill_after: int | None, *, reboots: bool = False) -> None:
        self.switch.left = kill_after
        try:
            await self.job.run()
        except* Killed:
            self.boots += reboots
            await self._restart()
        finally:
            self.switch.left = None

    async def _restart(self) -> None:
        self.switch.left = None
        self._start()
        await self.job.settle_interrupted()

    @rule(seconds=st.sampled_from([1, 30, 100, 119, 121, 3_600, 100_000]))
    def wait(self, seconds: int) -> None:
        self.loop.run_until_complete(asyncio.sleep(seconds))

    def teardown(self) -> None:
        try:
            if hasattr(self, "database"):
                self.loop.run_until_complete(self._calm())
                self._check_nothing_is_twice()
                self._check_all_is_there()
        finally:
            if hasattr(self, "database"):
                self.loop.run_until_complete(self._close())
            self.loop.close()
            self.stack.close()

    async def _close(self) -> None:
        with self.loop.working():
            await self.database.__aexit__(None, None, None)

    async def _calm(self) -> None:
        """Good times, for as long as it takes."""
        self.chat.plans.clear()
        self.chat.faults.clear()
        self.chat.blind_looks = 0
        self.job.mended(None)
        for _ in range(100):
            await self.job.run()
            await asyncio.sleep(3_600)
            self.rows = {one.key: one for one in await self.database.read(outbox.listed)}
            if all(_is_settled(one) for one in self.rows.values()):
                break
        self.held = await self.database.read(faults.listed)

    def _check_nothing_is_twice(self) -> None:
        self.chat.settle()
        counted = Counter(message.key for message in self.chat.messages)
        assert {key: n for key, n in counted.items() if n > 1} == {}

    def _check_all_is_there(self) -> None:
        shown = {message.key: message for message in self.chat.messages}
        assert set(self.rows) == {key for keys in self.wanted.values() for key in keys}
        for key, row in self.rows.items():
            if row.state == "sent":
                assert shown[key].text == f"{key} {self.composer.latest[key]}"
            elif row.state == "dead":
                assert key in self.chat.bad
                assert key not in shown
            else:
                assert (row.state.value, self.chat.has_history) == ("uncertain", False)
        for channel, keys in self.wanted.items():
            told = [one.key for one in self.chat.messages if one.channel == channel]
            assert told == [key for key in keys if key in set(told)]
        posted_last = {channel: keys[-1] in shown for channel, keys in self.wanted.items()}
        assert not any(posted_last.get(one.channel.partition(":")[2]) for one in self.held)


def _is_settled(row: Delivery) -> bool:
    return (row.state == "sent" and not row.edit_due) or row.state in ("dead", "uncertain")


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    with structlog.testing.capture_logs():
        yield


@pytest.mark.parametrize("examples", [40, pytest.param(300, marks=pytest.mark.slow)])
def test_whatever_happens_nothing_is_lost_or_posted_twice(examples: int) -> None:
    chosen = settings(
        max_examples=examples,
        stateful_step_count=15,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    with _quiet():
        run_state_machine_as_test(Deliveries, settings=chosen)


@contextlib.contextmanager
def machine(kind: str, *, steps_clock: bool = False) -> Iterator[Deliveries]:
    """The machine in our own hands; in the end it checks that all is there, once and in order."""
    with _quiet():
        deliveries = Deliveries()
        try:
            deliveries.begin(kind, steps_clock)
            yield deliveries
        finally:
            deliveries.teardown()


def states(deliveries: Deliveries) -> list[str]:
    rows = deliveries.loop.run_until_complete(deliveries.database.read(outbox.listed))
    return [row.state.value for row in rows]


def test_a_repeat_that_sleeps_too_long_is_called_off() -> None:
    with machine("nonce alone") as deliveries:
        deliveries.add("a", Plan("lost after"), Plan("taken", sleep_s=140))
        deliveries.run_for(300)
        assert states(deliveries) == ["uncertain"]


def test_a_repeat_in_time_leaves_one_post_where_nobody_can_look() -> None:
    with machine("nonce alone") as deliveries:
        deliveries.add("a", Plan("lost after"), Plan("lost before", sleep_s=60))
        deliveries.run_for(300)
        assert states(deliveries) == ["sent"]


def test_a_clock_that_is_put_back_makes_no_key_last_longer() -> None:
    with machine("nonce and history", steps_clock=True) as deliveries:
        deliveries.add("a", Plan("lost after"), Plan("lost after", sleep_s=1, answer_s=100))
        deliveries.run_for(1)
        deliveries.clock.off_s = -100
        deliveries.run_for(300)
        assert states(deliveries) == ["sent"]


def test_a_clock_that_ran_ahead_makes_no_key_last_longer() -> None:
    with machine("nonce alone", steps_clock=True) as deliveries:
        deliveries.clock.off_s = 100
        deliveries.add("a", Plan("lost after"), Plan("taken", sleep_s=160))
        deliveries.run_for(1)
        deliveries.clock.off_s = 0
        deliveries.run_for(300)
        assert states(deliveries) == ["uncertain"]


@pytest.mark.parametrize(
    ("kind", "reboots", "ends"),
    [
        ("nonce alone", False, "sent"),
        ("nonce alone", True, "uncertain"),
        ("nonce and history", True, "sent"),
    ],
)
def test_a_clock_put_back_while_we_were_dead_makes_no_key_last_longer(
    kind: str, reboots: bool, ends: str
) -> None:
    with machine(kind, steps_clock=True) as deliveries:
        deliveries.add("a", Plan("taken"), Plan("taken", sleep_s=40))
        deliveries.die_in_send(reboots=reboots)
        deliveries.wait(60)
        deliveries.clock.off_s = -50
        deliveries.run_for(300)
        assert states(deliveries) == [ends]


def test_a_clock_put_back_while_we_were_dead_for_long_is_no_reason_to_repeat() -> None:
    with machine("nonce alone", steps_clock=True) as deliveries:
        deliveries.add("a", Plan("taken"))
        deliveries.die_in_send()
        deliveries.wait(160)
        deliveries.clock.off_s = -100
        deliveries.run_for(300)
        assert states(deliveries) == ["uncertain"]


@pytest.mark.parametrize(("kind", "ends"), [("history alone", "sent"), ("neither", "uncertain")])
def test_what_is_refused_for_good_after_a_doubt_may_have_been_posted(kind: str, ends: str) -> None:
    with machine(kind) as deliveries:
        deliveries.add("a", Plan("lost after"), Plan("bad"))
        deliveries.run_for(60)
        assert states(deliveries) == [ends]


def test_a_refused_repeat_of_a_posted_one_is_no_dead_one() -> None:
    with machine("nonce and history") as deliveries:
        deliveries.add("a", Plan("lost after"), Plan("bad"))
        deliveries.run_for(60)
        assert states(deliveries) == ["sent"]


def test_what_was_under_way_at_a_kill_is_waited_for() -> None:
    with machine("history alone") as deliveries:
        deliveries.add("a", Plan("arrives late"))
        deliveries.die_in_send()
        deliveries.run_for(30)
        assert states(deliveries) == ["sent"]


def test_what_changes_while_it_is_edited_is_edited_again() -> None:
    with machine("history alone") as deliveries:
        deliveries.add("a", Plan("taken", is_overtaken=True), Plan("taken", is_overtaken=True))
        deliveries.run_for(5)
        (message,) = deliveries.chat.messages
        assert message.text == "k1 2"


def test_an_edit_that_was_refused_is_tried_again_and_its_channel_goes_on() -> None:
    with machine("history alone") as deliveries:
        deliveries.add("a", Plan("taken", is_overtaken=True), Plan("refused", answer_s=50))
        deliveries.run_for(10)
        deliveries.add("a")
        deliveries.run_for(20)
        assert [message.text for message in deliveries.chat.messages] == ["k1 0", "k2 0"]
        deliveries.run_for(60)
        assert deliveries.chat.messages[0].text == "k1 1"
