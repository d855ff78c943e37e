"""`doctor`: everything that can be wrong, and what to do about it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot.errors import DeliveryError, ModelError, SourceError, StoreError
from bot.model import Delivery, Source
from bot.opening import declared_database
from bot.ports import ChecksChannels, Platform
from bot.store import database as store
from bot.store import faults, outbox, platform_notes, sources, subscriptions
from bot.store.database import Connection
from bot.store.faults import StoredFault
from bot.surroundings import check_clock, check_web

if TYPE_CHECKING:
    from adapters.sources.reddit import Reddit
    from config.settings import Settings

FAILURES_TO_MEND = 3
REFUSALS_TO_MEND = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that `doctor` looked at."""

    ok: bool
    text: str


async def diagnose(settings: Settings) -> list[Finding]:
    """Look at everything that can be wrong, and say what to do about it."""
    findings = [Finding(True, "settings: read and valid")]
    polled: list[Source] = []
    findings += [Finding(True, f"settings: note: {remark}") for remark in settings.remarks()]
    try:
        async with declared_database(settings) as database:
            damage = await asyncio.to_thread(store.check, settings.database.path)
            findings.append(_database_finding(settings, damage))
            polled = await database.read(sources.listed)
            findings += _source_findings(polled)
            findings += _delivery_findings(
                await database.read(outbox.counts), await database.read(outbox.needing_person)
            )
            findings += await database.read(fault_findings)
    except StoreError as exc:
        findings.append(Finding(False, f"database: {exc}"))
    findings += _archive_findings(settings)
    findings += [Finding(*found) for found in await check_web(settings)]
    findings += await _web_findings(settings, polled)
    findings += await _discord_findings(settings)
    findings += await _slack_findings(settings)
    findings += await _model_findings(settings)
    return findings


def _database_finding(settings: Settings, damage: list[str]) -> Finding:
    path = settings.database.path
    if damage:
        return Finding(False, f"database: {path} is damaged ({damage[0]}): restore a backup")
    return Finding(True, f"database: {path} is sound")


def _source_findings(found: Sequence[Source]) -> list[Finding]:
    findings = [_ailing(source) for source in found if source.state != "active"]
    findings += [
        Finding(True, f"source {source.url}: {habit}")
        for source in found
        for habit in source.habits
    ]
    fine = sum(source.state == "active" for source in found)
    if not found:
        return [Finding(False, "sources: none; put some into [[sources]] or `sources add` one")]
    return [Finding(True, f"sources: {fine} of {len(found)} are well"), *findings]


def _ailing(source: Source) -> Finding:
    """What is gone, or fails again and again, needs a person; a single failure does not."""
    told = f"source {source.url}: {source.state.value}: {source.last_error}"
    if source.state == "gone":
        return Finding(
            False, f"{told}; no longer polled: remove it, or `sources add` its new address"
        )
    if source.failures < FAILURES_TO_MEND:
        return Finding(True, f"{told}; will be tried again")
    return Finding(
        False, f"{told}; {source.failures} times in a row: check its address with `preview`"
    )


def _delivery_findings(counts: dict[str, int], rows: Sequence[Delivery]) -> list[Finding]:
    waiting = counts["pending"] + counts["retry"]
    findings = [Finding(True, f"outbox: {counts['sent']} sent, {waiting} waiting")]
    return findings + [
        Finding(False, f"delivery {row.key} to {row.channel}: {row.state.value}: {row.reason}")
        for row in rows
    ]


def fault_findings(connection: Connection) -> list[Finding]:
    """Where posts wait for a person. What to do about it stands in each fault's own reason."""
    return [
        _fault_finding(fault, faults.waiting(connection, fault))
        for fault in faults.listed(connection)
    ]


def _fault_finding(fault: StoredFault, waiting: int) -> Finding:
    told = f"{faults.described(fault.channel)}: {fault.reason}; since {fault.since:%Y-%m-%d %H:%M}"
    if not waiting:
        return Finding(True, f"{told} UTC; nothing waits, the next post will ask again")
    return Finding(False, f"{told} UTC; {waiting} waiting")


def _archive_findings(settings: Settings) -> list[Finding]:
    directory = settings.archive.directory
    if directory is None:
        return []
    try:
        directory.mkdir(parents=True, exist_ok=True)
        probe = directory / ".threadwire-doctor"
        probe.touch()
        probe.unlink()
    except OSError as exc:
        return [Finding(False, f"archive: {directory} cannot be written: {exc.strerror}")]
    return [Finding(True, f"archive: {directory} can be written")]


async def _discord_findings(settings: Settings) -> list[Finding]:
    """Whether Discord takes the token, and whether we may post where we are to."""
    if not settings.discord_enabled:
        return [Finding(True, "discord: off (set DISCORD_TOKEN to turn it on)")]
    from bot.outside import SystemClock
    from bot.platforms import opened_platforms

    async with declared_database(settings) as database:
        wanted = {
            (one.channel, one.post)
            for one in await database.read(subscriptions.listed)
            if one.channel.startswith("discord:")
        }
        noted = await database.read(_discord_notes)
    async with opened_platforms(settings, SystemClock()) as platforms:
        platform = platforms["discord"]
        assert isinstance(platform, ChecksChannels)
        try:
            name = await platform.who_we_are()
        except DeliveryError as exc:
            return [Finding(False, f"discord: {exc}")]
        findings = [Finding(True, f"discord: logged in as {name}"), *noted]
        findings.append(_chat_threads_finding(settings, platform))
        for channel, post in sorted(wanted):
            findings.append(await _channel_finding(platform, channel, post))
    return findings


async def _slack_findings(settings: Settings) -> list[Finding]:
    """Whether Slack takes the tokens, what they may do, and whether we may post where we are to."""
    if not settings.slack_enabled:
        return [Finding(True, "slack: off (set SLACK_BOT_TOKEN to turn it on)")]
    from adapters.platforms.slack.checkup import look_over
    from bot.chats import given_on_slack
    from bot.outside import SystemClock

    async with declared_database(settings) as database:
        wanted = {one.channel for one in await database.read(subscriptions.listed)}
        channels = sorted(channel for channel in wanted if channel.startswith("slack:"))
        noted = await database.read(_link_note, "slack")
        found = await look_over(given_on_slack(settings), database, SystemClock(), channels)
    return [*(Finding(*one) for one in found), *noted]


def _link_note(connection: Connection, platform: str) -> list[Finding]:
    """What the running service last noted of its connection."""
    stored = platform_notes.get(connection, platform, "link")
    if not stored:
        return []
    link = json.loads(stored)
    told = f"{platform}: connection: {link['link']}, noted {_minute(link['at'])}"
    reason = f" ({link['reason']})" if link["reason"] else ""
    return [Finding(link["link"] != "refused", told + reason)]


def _discord_notes(connection: Connection) -> list[Finding]:
    """What the running service last noted of its connection, and of requests that were refused."""
    findings = _link_note(connection, "discord")
    if stored := platform_notes.get(connection, "discord", "refused"):
        refused = json.loads(stored)
        if count := refused["count"]:
            told = (
                f"discord: {count:,} requests refused in the ten minutes before "
                f"{_minute(refused['at'])}; at 500 nothing is asked for a while, and Discord "
                f"bans at 10,000"
            )
            findings.append(Finding(count < REFUSALS_TO_MEND, told))
    return findings


def _minute(moment: str) -> str:
    return f"{datetime.fromisoformat(moment):%Y-%m-%d %H:%M} UTC"


def _chat_threads_finding(settings: Settings, platform: Platform) -> Finding:
    """Whether /tldr can read chat threads. Only where that was asked for is it a fault."""
    from adapters.platforms.discord.client import DiscordPlatform
    from adapters.platforms.discord.intents import why_unreadable

    assert isinstance(platform, DiscordPlatform)
    wanted = settings.discord.chat_threads
    reason = why_unreadable(platform.session.client, wanted)
    if reason:
        return Finding(wanted is not True, f"discord: {reason}")
    return Finding(True, "discord: chat threads can be summarised")


async def _channel_finding(platform: ChecksChannels, channel: str, post: str) -> Finding:
    try:
        missing = await platform.check(channel.partition(":")[2], post)
    except DeliveryError as exc:
        return Finding(False, f"{channel}: {exc}")
    if missing:
        names = ", ".join(missing)
        return Finding(False, f"{channel}: the bot lacks {names}: allow it in the channel")
    return Finding(True, f"{channel}: may be posted to ({post})")


async def _web_findings(settings: Settings, polled: Sequence[Source]) -> list[Finding]:
    """What takes asking: Reddit, and what time it is elsewhere."""
    from bot.outside import open_outside

    async with open_outside(settings) as outside:
        reddit = await _reddit_finding(outside.reddit)
        return [reddit, Finding(*await check_clock(outside.http, polled))]


async def _reddit_finding(reddit: Reddit) -> Finding:
    """Which way in to Reddit there is, and whether Reddit takes it."""
    way = reddit.way_in
    try:
        await reddit.check()
    except SourceError as exc:
        return Finding(False, f"reddit: {way.value}: {exc}")
    return Finding(True, f"reddit: read through {way.value}; {way.meaning}")


async def _model_findings(settings: Settings) -> list[Finding]:
    """Ask the model for next to nothing: that finds a wrong key, name or address."""
    if settings.llm_provider == "extractive":
        return [Finding(True, "model: none; summaries are extracts (set OPENAI_API_KEY for one)")]
    from bot.language_model import check_model

    try:
        findings = [Finding(True, f"model: {await check_model(settings)}")]
    except ModelError as exc:
        return [Finding(False, f"model: {exc}")]
    llm = settings.llm
    budgeted = llm.daily_budget_usd or llm.channel_budget_usd
    if budgeted and not (llm.price_in or llm.price_out):
        note = "model: note: llm.price_in and llm.price_out are not set, so that no budget binds"
        findings.append(Finding(True, note))
    return findings
