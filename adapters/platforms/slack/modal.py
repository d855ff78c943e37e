"""The form in which a channel is subscribed to something, with a preview, and reading it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from adapters.platforms.slack import words
from adapters.platforms.slack.asks import Raw, read_state
from adapters.platforms.slack.controls import plain
from adapters.platforms.slack.limits import MAX_VIEW_BLOCKS, MAX_VIEW_TITLE
from adapters.platforms.slack.replies import render_form, render_reply
from adapters.platforms.slack.words import say
from bot.commands.completing import is_zone
from bot.commands.kit import Ask, Form, Reply, TextField
from bot.commands.schedules import cron_of
from bot.commands.subscribe import subscribe_form
from bot.commands.subscription_texts import KINDS
from bot.commands.wishes import words_in
from bot.commands.words import told
from bot.errors import UserError
from bot.posts.filters import compile_filter
from bot.posts.safety import clip

View = dict[str, Any]

CALLBACK = "slack_subscribe"
PREVIEW = "slack_preview"
CHANNEL, SOURCE, POST, SCHEDULE, SCORE = "channel", "source", "post", "schedule", "min_score"
ZONE, INCLUDE, EXCLUDE = "timezone", "include", "exclude"
MAX_ERROR = 140
_NOTHING: Mapping[str, str] = MappingProxyType({})
_CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{1,20}")  # no direct messages, which may be another's
_CRON = re.compile(r"(?:[\d*/,a-zA-Z-]+\s+){4}[\d*/,a-zA-Z-]+")


def subscribe_view(
    ask: Ask,
    channel_id: str = "",
    shown: Sequence[Any] = (),
    typed: Mapping[str, str] = _NOTHING,
) -> View:
    """The form; `shown` are the blocks of a preview, `typed` what stands in the fields. Their names
    are stable: what was typed stays when the view is updated.
    """
    form = subscribe_form(ask)
    own_zone = ask.person.timezone or "UTC"
    more = (
        TextField(name=ZONE, label=told(words.MODAL_ZONE, ask), value=own_zone),
        TextField(name=SCORE, label=told(words.MODAL_SCORE, ask), hint="50"),
    )
    fields = [replace(one, value=typed.get(one.name, one.value)) for one in (*form.fields, *more)]
    view = render_form(
        Form(title=form.title, action=CALLBACK, fields=tuple(fields)),
        submit=told(words.MODAL_SUBMIT, ask),
        close=told(words.MODAL_CLOSE, ask),
    )
    blocks = [_channel_input(ask, channel_id)]
    for block in view["blocks"]:
        is_menu = block["block_id"] == POST
        blocks.append(_post_input(block, ask, typed.get(POST)) if is_menu else block)
        if block["block_id"] == SOURCE:
            blocks.append(_preview_button(ask))
    view["blocks"] = [*blocks, *shown][:MAX_VIEW_BLOCKS]
    return view


def preview_blocks(reply: Reply) -> list[Any]:
    """A preview as part of a view, without anything to press."""
    bodies = render_reply(Reply(posts=reply.posts))
    blocks = [block for body in bodies for block in body["blocks"] if block["type"] != "actions"]
    return [{"type": "divider"}, *blocks][: MAX_VIEW_BLOCKS - 15]


def waiting_view(language: str) -> View:
    """What stands in the place of the form while its source is read."""
    return _plain_view([note_block(say(words.MODAL_READING, language))], language)


def done_view(reply: Reply, ask: Ask) -> View:
    """What came of it."""
    return _plain_view(preview_blocks(reply)[1:], ask.person.language)


def again_view(view: Raw, reply: Reply, ask: Ask) -> View:
    """The form as it was sent, and above it why nothing came of it."""
    values = read_state(view)
    again = subscribe_view(ask, values.get(CHANNEL, ""), typed=values)
    blocks = [*_warning(reply), *again["blocks"]][:MAX_VIEW_BLOCKS]
    return {**again, "private_metadata": view.get("private_metadata") or "", "blocks": blocks}


def note_block(text: str) -> dict[str, Any]:
    return {"type": "section", "text": plain(text, 3_000)}


def form_errors(view: Raw, language: str) -> dict[str, str]:
    """What is wrong with the fields, by the name of their block: what can be told at once."""
    values = read_state(view)
    errors = {}
    if CHANNEL in values and not _CHANNEL_ID.fullmatch(values[CHANNEL]):
        errors[CHANNEL] = say(words.NO_CHANNEL, language)
    schedule = values.get(SCHEDULE, "").strip()
    if schedule and cron_of(schedule) is None and not _CRON.fullmatch(schedule):
        errors[SCHEDULE] = say(words.BAD_SCHEDULE, language)
    score = values.get(SCORE, "").strip()
    if score and not re.fullmatch(r"[+-]?\d{1,9}", score):
        errors[SCORE] = say(words.BAD_NUMBER, language)
    zone = values.get(ZONE, "").strip()
    if zone and not is_zone(zone):
        errors[ZONE] = say(words.BAD_ZONE, language)
    for name in (INCLUDE, EXCLUDE):
        try:
            compile_filter(include=words_in(values.get(name)) or ())
        except UserError as exc:
            errors[name] = clip(str(exc), MAX_ERROR)
    return errors


def wished(view: Raw) -> tuple[str, Mapping[str, str]]:
    """The chosen channel's id, and the values as `news subscribe` takes them."""
    values = read_state(view)
    channel_id = values.pop(CHANNEL, "")
    if values.get(SCHEDULE, "").strip() and values.get(POST) == "instant":
        del values[POST]  # the menu's default; a schedule says that a digest is wanted
    return channel_id, {name: value for name, value in values.items() if value.strip()}


def _channel_input(ask: Ask, channel_id: str) -> dict[str, Any]:
    element: dict[str, Any] = {
        "type": "conversations_select",
        "action_id": CHANNEL,
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    if channel_id and not channel_id.startswith("D"):
        element["initial_conversation"] = channel_id
    else:
        element["default_to_current_conversation"] = True
    return {
        "type": "input",
        "block_id": CHANNEL,
        "label": plain(told(words.MODAL_CHANNEL, ask), 75),
        "element": element,
    }


def _post_input(block: dict[str, Any], ask: Ask, chosen: str | None) -> dict[str, Any]:
    options = [{"text": plain(told(said, ask), 75), "value": kind} for kind, said in KINDS.items()]
    element = {
        "type": "static_select",
        "action_id": POST,
        "options": options,
        "initial_option": next((one for one in options if one["value"] == chosen), options[0]),
    }
    kept = {name: value for name, value in block.items() if name not in ("hint", "element")}
    return {**kept, "element": element}


def _plain_view(blocks: Sequence[Any], language: str) -> View:
    """A view without anything to send."""
    return {
        "type": "modal",
        "title": plain(say(words.MODAL_TITLE, language), MAX_VIEW_TITLE),
        "close": plain(say(words.MODAL_DONE, language), MAX_VIEW_TITLE),
        "blocks": list(blocks),
    }


def _warning(reply: Reply) -> list[Any]:
    return [note_block(f"⚠️ {post.title}") for post in reply.posts]


def _preview_button(ask: Ask) -> dict[str, Any]:
    button = {
        "type": "button",
        "action_id": PREVIEW,
        "text": plain(told(words.MODAL_PREVIEW, ask), 75),
    }
    return {"type": "actions", "block_id": PREVIEW, "elements": [button]}
