"""From options and form fields as typed to a subscription as wished, and its filters in a form."""

from __future__ import annotations

import re

from bot.commands.answers import refusal
from bot.commands.kit import Ask, Desk, Form, SubscriptionWish, TextField
from bot.commands.naming import names_in
from bot.commands.schedules import cron_of, words_of
from bot.commands.words import said, told
from bot.model import Subscription
from config.types import is_cron

POSTS = ("instant", "community", "outlook", "roundup")
DIGESTS = POSTS[1:]
DAILY_DIGEST = "community"
_SCORE = re.compile(r"[+-]?\d{1,9}")
_YES = ("yes", "true", "on", "ja", "1")

_BAD_SCORE = said(
    "“{text}” is no score: give a whole number such as 50.",
    "„{text}“ ist keine Punktzahl: bitte eine ganze Zahl wie 50.",
)
_BAD_POST = said(
    "“{text}” is nothing that can be posted: {choices}.",
    "„{text}“ kann nicht gepostet werden: {choices}.",
)
_BAD_SCHEDULE = said(
    "“{text}” is no schedule: say it in words such as daily 9:00, weekdays 8:30, mondays 9am, or "
    "as cron, five fields such as 0 9 * * mon.",
    "„{text}“ ist kein Zeitplan: bitte in Worten wie täglich 9:00, werktags 8:30, montags 9 Uhr "
    "oder als cron, fünf Felder wie 0 9 * * mon.",
)
_EVERYONE = said(
    "Posts call no @everyone: choose another role.",
    "Posts rufen nicht @everyone: bitte eine andere Rolle wählen.",
)
FILTERS = said("Filters", "Filter")
_INCLUDE = said("Only with one of these words", "Nur mit einem dieser Wörter")
_EXCLUDE = said("Without these words", "Ohne diese Wörter")
_WORDS_HINT = said(
    "Separated by commas; /regex/ works too", "Durch Kommas getrennt; /regex/ geht auch"
)
_LEAST = said("Least score (Reddit, Hacker News)", "Mindestpunktzahl (Reddit, Hacker News)")
_SCHEDULE = said("Schedule of a digest", "Zeitplan eines Digests")
_SCHEDULE_HINT = said("daily 9:00, mondays 9:00, or cron", "täglich 9:00, montags 9:00 oder cron")
_ZONE = said("Time zone", "Zeitzone")


async def wish_of(desk: Desk, ask: Ask) -> SubscriptionWish:
    """What the options of `subscribe` ask for in this channel. Raises `UserError`."""
    values = ask.values
    return SubscriptionWish(
        channel=ask.channel,
        sources=await names_in(desk, ask, values.get("source", "")),
        post=_post(ask),
        schedule=_schedule(ask),
        timezone=_text(values.get("timezone")),
        language=_text(values.get("language")),
        min_score=_score(ask),
        include=words_in(values.get("include")),
        exclude=words_in(values.get("exclude")),
        role=_role(ask),
        publish=_flag(values.get("publish")),
    )


def filters_of(ask: Ask, subscription: Subscription) -> SubscriptionWish:
    """What a form of filters asks for; a field that was emptied is a filter less."""
    values = ask.values
    is_digest = subscription.post != "instant"
    return SubscriptionWish(
        channel=subscription.channel,
        sources=subscription.sources,
        schedule=_schedule(ask) if is_digest else None,
        timezone=_text(values.get("timezone")) if is_digest else None,
        min_score=_score(ask) or 0,
        include=words_in(values.get("include", "")) or (),
        exclude=words_in(values.get("exclude", "")) or (),
    )


def filters_form(subscription: Subscription, ask: Ask) -> Form:
    """The form in which a subscription's filters are changed."""
    fields = [
        TextField(
            name="include",
            label=told(_INCLUDE, ask),
            value=", ".join(subscription.include),
            hint=told(_WORDS_HINT, ask),
        ),
        TextField(
            name="exclude",
            label=told(_EXCLUDE, ask),
            value=", ".join(subscription.exclude),
            hint=told(_WORDS_HINT, ask),
        ),
        TextField(
            name="min_score",
            label=told(_LEAST, ask),
            value=str(subscription.min_score or ""),
            hint="50",
        ),
    ]
    if subscription.post != "instant" and subscription.schedule:
        fields += [schedule_field(ask, subscription.schedule), _zone_field(ask, subscription)]
    return Form(
        title=f"{told(FILTERS, ask)} #{subscription.id}",
        action=f"filters:{subscription.id}",
        fields=tuple(fields),
    )


def schedule_field(ask: Ask, schedule: str = "") -> TextField:
    value = words_of(schedule, ask.person.language) if schedule else ""
    if schedule and cron_of(value) != schedule:
        value = schedule  # no words that would be read back as the same
    return TextField(
        name="schedule", label=told(_SCHEDULE, ask), value=value, hint=told(_SCHEDULE_HINT, ask)
    )


def _zone_field(ask: Ask, subscription: Subscription) -> TextField:
    return TextField(
        name="timezone", label=told(_ZONE, ask), value=subscription.timezone, hint="Europe/Berlin"
    )


def words_in(text: str | None) -> tuple[str, ...] | None:
    """The words of a filter, separated by commas or lines; commas within /…/ are its own."""
    if text is None:
        return None
    found = re.findall(r"\s*(/(?:\\.|[^/\\\n])+/|[^,\n]+)\s*(?:,|\n|$)", text)
    return tuple(dict.fromkeys(word.strip() for word in found if word.strip()))


def _post(ask: Ask) -> str | None:
    text = (_text(ask.values.get("post")) or "").lower()
    if not text:
        return DAILY_DIGEST if _text(ask.values.get("schedule")) else None
    found = next((post for post in POSTS if post.startswith(text)), None)
    if found is None:
        raise refusal(_BAD_POST, ask, text=text[:40], choices=", ".join(POSTS))
    return found


def _schedule(ask: Ask) -> str | None:
    """Words become cron. Raises `UserError` for what is neither."""
    given = _text(ask.values.get("schedule"))
    if given is None:
        return None
    cron = cron_of(given)
    if cron is None and not is_cron(given):
        raise refusal(_BAD_SCHEDULE, ask, text=given[:40])
    return cron or given


def _score(ask: Ask) -> int | None:
    text = _text(ask.values.get("min_score"))
    if text is None:
        return None
    if not _SCORE.fullmatch(text):
        raise refusal(_BAD_SCORE, ask, text=text[:40])
    return int(text)


def _role(ask: Ask) -> str | None:
    """A role to call. On Discord the role of everyone has the server's own id."""
    role = _text(ask.values.get("role"))
    if role is not None and role == ask.space.partition(":")[2]:
        raise refusal(_EVERYONE, ask)
    return role


def _flag(text: str | None) -> bool | None:
    given = _text(text)
    return None if given is None else given.lower() in _YES


def _text(text: str | None) -> str | None:
    return (text or "").strip() or None
