"""`/news subscribe`: one command with good defaults, and buttons for what one may want else."""

from __future__ import annotations

from dataclasses import replace

from bot.commands.answers import item, listing, notice, paragraph, refusal
from bot.commands.kit import (
    Access,
    Ask,
    Button,
    Choice,
    Command,
    Completes,
    Control,
    Desk,
    Form,
    Menu,
    Option,
    Press,
    Reply,
    Subscribed,
    SubscriptionWish,
    TextField,
)
from bot.commands.subscription_texts import (
    called,
    channel_name,
    chosen,
    filters_text,
    names_text,
    role_text,
    when_text,
)
from bot.commands.unsubscribe import remove
from bot.commands.wishes import (
    DAILY_DIGEST,
    POSTS,
    filters_form,
    filters_of,
    schedule_field,
    wish_of,
)
from bot.commands.words import UNDO, counted, said, told
from bot.digests.schedule import next_run
from bot.model import Block, Post, Subscription, Time
from bot.store import places

DAILY = "0 9 * * *"
SCORES = (10, 50, 100, 500, 1_000)

_LACKS = said(
    "I may not post in {channel}: I lack {permissions} there. Grant it and try again; nothing was "
    "stored.",
    "In {channel} darf ich nicht posten: Mir fehlt dort {permissions}. Bitte gewähren und noch "
    "einmal versuchen; gespeichert wurde nichts.",
)
_READING = said("Reading {names} …", "Lese {names} …")
_SUBSCRIBED = said("Subscribed: {names}", "Abonniert: {names}")
_UPDATED = said(
    "This was subscribed already and is up to date now: {names}",
    "Das war schon abonniert und ist nun auf dem neuesten Stand: {names}",
)
_CHANGED = said("Subscription #{number} changed: {names}", "Abonnement #{number} geändert: {names}")
_WHERE = said("Where", "Wo")
_WHAT = said("What", "Was")
_FILTERS = said("Filters", "Filter")
_CALLS = said("Mentions", "Erwähnt")
_FIRST = said("First digest", "Erster Digest")
_ONE = said(
    "The source is being read now; its newest posts follow.",
    "Die Quelle wird nun gelesen; ihre neuesten Meldungen folgen.",
)
_SEVERAL = said(
    "{n} sources are being read now; their newest posts follow.",
    "{n} Quellen werden nun gelesen; ihre neuesten Meldungen folgen.",
)
_SUCH_AS = said(
    "This is what it will post, the newest first:", "So sehen die Posts aus, das Neueste zuerst:"
)
_NOTHING_YET = said(
    "There is nothing to show yet: posts come when something new does.",
    "Noch gibt es nichts zu zeigen: Gepostet wird, wenn etwas Neues kommt.",
)
_MAKE_DAILY = said("Make it a daily digest", "Als täglichen Digest")
_MAKE_INSTANT = said("Post each story at once", "Jede Meldung sofort")
_CHANGE_FILTERS = said("Change filters", "Filter ändern")
_QUICK = said("Quick filters …", "Schnelle Filter …")
_ANY_SCORE = said("Any score", "Jede Punktzahl")
_LEAST_SCORE = said("Score of at least {n}", "Mindestens {n} Punkte")
_NO_SOURCE = said(
    "Say what to subscribe to: a feed or page, r/subreddit, hn:front, pack:ai or tag:…",
    "Bitte angeben, was abonniert werden soll: Feed oder Seite, r/subreddit, hn:front, pack:ai "
    "oder tag:…",
)
_FORM = said("Subscribe this channel", "Diesen Kanal abonnieren")
_SOURCE = said("Source", "Quelle")
_POST_FIELD = said("How to post", "Wie posten")
_INCLUDE = said("Only with one of these words", "Nur mit einem dieser Wörter")
_EXCLUDE = said("Without these words", "Ohne diese Wörter")


async def _subscribe(desk: Desk, ask: Ask) -> Reply:
    if not ask.values.get("source", "").strip():
        raise refusal(_NO_SOURCE, ask)
    wish = await wish_of(desk, ask)
    await _check_permissions(desk, ask, ask.channel, wish.post or "instant")
    await ask.progress(told(_READING, ask, names=names_text(wish.sources, ask)))
    made = await desk.newsroom.subscribe(wish, ask)
    await _note_name(desk, made.subscription.channel)
    return await _answer(made, desk, ask)


async def _note_name(desk: Desk, channel: str) -> None:
    """So that the channel is still called by its name when it is gone."""
    rooms = desk.rooms.get(channel.partition(":")[0])
    name = rooms.name_of(channel) if rooms else ""
    if name and name not in channel:
        await desk.database.write(places.note_names, {channel: name})


async def _check_permissions(desk: Desk, ask: Ask, channel: str, post: str) -> None:
    """Raises `UserError` that names what we lack to post there."""
    rooms = desk.rooms.get(channel.partition(":")[0])
    lacking = await rooms.lacks(channel, post) if rooms else ()
    if lacking:
        name = channel_name(desk, channel)
        raise refusal(_LACKS, ask, channel=name, permissions=", ".join(lacking))


async def _answer(made: Subscribed, desk: Desk, ask: Ask) -> Reply:
    one = made.subscription
    names = await called(desk, ask, one)
    title = told(_SUBSCRIBED if made.is_new else _UPDATED, ask, names=names)
    blocks: list[Block] = [_facts(one, desk, ask)]
    if made.waiting:
        blocks.append(paragraph(counted(_ONE, _SEVERAL, made.waiting, ask)))
    if made.posts:
        blocks.append(paragraph(told(_SUCH_AS, ask)))
    elif not made.waiting:
        blocks.append(paragraph(told(_NOTHING_YET, ask)))
    return Reply(
        posts=(notice(title, ask, *blocks), *(_unpressed(post) for post in made.posts)),
        controls=_controls(one, ask, is_new=made.is_new),
    )


def _facts(one: Subscription, desk: Desk, ask: Ask) -> Block:
    facts = [item(f"{told(_WHERE, ask)}: {channel_name(desk, one.channel)} (#{one.id})")]
    facts.append(item(f"{told(_WHAT, ask)}: {when_text(one, ask)}"))
    if filters := filters_text(one, ask):
        facts.append(item(f"{told(_FILTERS, ask)}: {filters}"))
    if role := role_text(one, desk, ask):
        facts.append(item(f"{told(_CALLS, ask)}: {role}"))
    if one.post != "instant" and one.schedule:
        first = next_run(one.schedule, one.timezone, desk.clock.now())
        facts.append(item(f"{told(_FIRST, ask)}: ", Time(at=first)))
    return listing(facts)


def _unpressed(post: Post) -> Post:
    """A sample has no buttons: it is nothing that was posted."""
    return post.model_copy(update={"actions": ()})


def _controls(one: Subscription, ask: Ask, *, is_new: bool) -> tuple[Control, ...]:
    other = _MAKE_DAILY if one.post == "instant" else _MAKE_INSTANT
    action = f"daily:{one.id}" if one.post == "instant" else f"instant:{one.id}"
    controls: list[Control] = [
        Button(label=told(other, ask), action=action, style="primary"),
        Button(label=told(_CHANGE_FILTERS, ask), action=f"filters_form:{one.id}"),
    ]
    if is_new:
        controls.append(Button(label=told(UNDO, ask), action=f"undo:{one.id}", style="danger"))
    if _has_scores(one):
        controls.append(_score_menu(one, ask))
    return tuple(controls)


def _has_scores(one: Subscription) -> bool:
    return any(name.startswith(("r/", "hn:")) for name in one.sources)


def _score_menu(one: Subscription, ask: Ask) -> Menu:
    choices = [Choice(value="0", label=told(_ANY_SCORE, ask), chosen=not one.min_score)]
    choices += [
        Choice(
            value=str(score),
            label=told(_LEAST_SCORE, ask, n=score),
            chosen=one.min_score == score,
        )
        for score in SCORES
    ]
    return Menu(placeholder=told(_QUICK, ask), action=f"score:{one.id}", choices=tuple(choices))


async def _changed(desk: Desk, ask: Ask, number: int, wish: SubscriptionWish) -> Reply:
    one = await desk.newsroom.change(number, wish, ask)
    title = told(_CHANGED, ask, number=one.id, names=await called(desk, ask, one))
    return Reply(
        posts=(notice(title, ask, _facts(one, desk, ask)),),
        controls=_controls(one, ask, is_new=False),
    )


def _same(one: Subscription) -> SubscriptionWish:
    return SubscriptionWish(channel=one.channel, sources=one.sources)


async def _daily(desk: Desk, ask: Ask) -> Reply:
    one = await chosen(desk, ask, ask.argument)
    await _check_permissions(desk, ask, one.channel, DAILY_DIGEST)
    wish = replace(_same(one), post=DAILY_DIGEST, schedule=one.schedule or DAILY)
    return await _changed(desk, ask, one.id, wish)


async def _instant(desk: Desk, ask: Ask) -> Reply:
    one = await chosen(desk, ask, ask.argument)
    await _check_permissions(desk, ask, one.channel, "instant")
    return await _changed(desk, ask, one.id, replace(_same(one), post="instant"))


async def _least_score(desk: Desk, ask: Ask) -> Reply:
    one = await chosen(desk, ask, ask.argument)
    value = ask.values.get("", "0")
    score = int(value) if value.isdecimal() and len(value) < 10 else 0
    return await _changed(desk, ask, one.id, replace(_same(one), min_score=score))


async def _filters_form(desk: Desk, ask: Ask) -> Reply:
    return Reply(form=filters_form(await chosen(desk, ask, ask.argument), ask))


async def _filters(desk: Desk, ask: Ask) -> Reply:
    one = await chosen(desk, ask, ask.argument)
    return await _changed(desk, ask, one.id, filters_of(ask, one))


async def _undo(desk: Desk, ask: Ask) -> Reply:
    return await remove(desk, ask, await chosen(desk, ask, ask.argument))


async def _subscribe_form(desk: Desk, ask: Ask) -> Reply:
    """What a platform opens where `subscribe` was asked for with nothing to it."""
    return Reply(form=subscribe_form(ask))


def subscribe_form(ask: Ask) -> Form:
    """The form in which everything about a new subscription is asked; sent, it is `subscribed`."""
    return Form(
        title=told(_FORM, ask),
        action="subscribed",
        fields=(
            TextField(
                name="source",
                label=told(_SOURCE, ask),
                value=ask.values.get("source", ""),
                hint="r/MachineLearning, https://…, hn:front, pack:ai",
                required=True,
            ),
            TextField(name="post", label=told(_POST_FIELD, ask), hint=", ".join(POSTS)),
            schedule_field(ask),
            TextField(name="include", label=told(_INCLUDE, ask), hint="LLM, GPU"),
            TextField(name="exclude", label=told(_EXCLUDE, ask), hint="sponsored"),
        ),
    )


COMMAND = Command(
    name="news subscribe",
    description=said(
        "Post what a feed, page, subreddit or pack brings in this channel",
        "In diesem Kanal posten, was Feed, Seite, Subreddit oder Paket bringt",
    ),
    handle=_subscribe,
    options=(
        Option(
            name="source",
            description=said(
                "A feed or page, r/subreddit, hn:front, pack:ai or tag:…; several with spaces",
                "Feed, Seite, r/subreddit, hn:front, pack:ai oder tag:…; mehrere mit Leerzeichen",
            ),
            required=True,
            completes=Completes.SOURCE,
            max_length=2_000,
        ),
        Option(
            name="post",
            description=said(
                "Each story at once (instant, the default) or a kind of digest",
                "Jede Meldung sofort (instant, wenn nichts gesagt ist) oder eine Art Digest",
            ),
            choices=POSTS,
        ),
        Option(
            name="schedule",
            description=said(
                "When a digest is posted: daily 9:00, mondays 9:00, or cron",
                "Wann ein Digest kommt: täglich 9:00, montags 9:00 oder cron",
            ),
            completes=Completes.SCHEDULE,
            max_length=100,
        ),
        Option(
            name="timezone",
            description=said(
                "Time zone of the schedule, such as Europe/Berlin (default: your own, else UTC)",
                "Zeitzone des Zeitplans, etwa Europe/Berlin (sonst die eigene, sonst UTC)",
            ),
            completes=Completes.TIMEZONE,
            max_length=60,
        ),
        Option(
            name="min_score",
            description=said(
                "Least score, for Reddit and Hacker News",
                "Mindestpunktzahl, für Reddit und Hacker News",
            ),
            kind="whole",
        ),
        Option(
            name="include",
            description=said(
                "Only with one of these words (commas between; /regex/ works)",
                "Nur mit einem dieser Wörter (durch Kommas getrennt; /regex/ geht)",
            ),
        ),
        Option(
            name="exclude",
            description=said(
                "Without these words (commas between; /regex/ works)",
                "Ohne diese Wörter (durch Kommas getrennt; /regex/ geht)",
            ),
        ),
        Option(
            name="language",
            description=said(
                "Language of our own words: en or de", "Sprache unserer eigenen Worte: en oder de"
            ),
            choices=("en", "de"),
        ),
        Option(
            name="role",
            description=said(
                "A role to mention with each post", "Eine Rolle, die jeder Post erwähnt"
            ),
            kind="role",
        ),
        Option(
            name="publish",
            description=said(
                "Publish posts of an announcement channel to the channels that follow it",
                "Posts eines Ankündigungskanals an die Kanäle geben, die ihm folgen",
            ),
            choices=("yes", "no"),
            only_on="discord",
        ),
    ),
    access=Access.MANAGE,
    example="r/MachineLearning",
    presses=(
        Press(name="daily", handle=_daily, access=Access.MANAGE),
        Press(name="instant", handle=_instant, access=Access.MANAGE),
        Press(name="score", handle=_least_score, access=Access.MANAGE),
        Press(name="filters_form", handle=_filters_form, access=Access.MANAGE, opens_form=True),
        Press(name="filters", handle=_filters, access=Access.MANAGE),
        Press(name="undo", handle=_undo, access=Access.MANAGE),
        Press(name="subscribe_form", handle=_subscribe_form, access=Access.MANAGE, opens_form=True),
        Press(name="subscribed", handle=_subscribe, access=Access.MANAGE),
    ),
)
