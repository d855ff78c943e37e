"""Callbacks, original answers and follow-ups (interactions/receiving-and-responding)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tests.sims.discord import payloads, permissions, posting
from tests.sims.discord.component_limits import modal_faults
from tests.sims.discord.errors import Fault, refusal
from tests.sims.discord.interactions import Answering, Asking, Interaction
from tests.sims.discord.limits import autocomplete_faults
from tests.sims.discord.rest_messages import forget, send
from tests.sims.discord.things import COMPONENTS_V2, EPHEMERAL, LOADING, Json, Message
from tests.sims.discord.wire import Call, Reply, route

if TYPE_CHECKING:
    from tests.sims.discord.world import World

_ALLOWED = {
    Asking.COMMAND: {Answering.MESSAGE, Answering.DEFER, Answering.MODAL},
    Asking.AUTOCOMPLETE: {Answering.CHOICES},
    Asking.COMPONENT: set(Answering) - {Answering.CHOICES},
    Asking.MODAL: set(Answering) - {Answering.CHOICES, Answering.MODAL},
}
_KEPT_FLAGS = EPHEMERAL | COMPONENTS_V2 | 1 << 2 | 1 << 12


@route("POST", "/interactions/{interaction_id}/{interaction_token}/callback", is_open=True)
def callback(world: World, call: Call) -> Any:
    interaction = world.interactions.get(call.params["interaction_token"])
    if interaction is None or str(interaction.id) != call.params["interaction_id"]:
        raise refusal(10062)
    if interaction.acked_at is not None:
        raise refusal(40060)
    now = time.monotonic()
    if now - interaction.dispatched_at > world.ack_within_s:
        raise refusal(10062)
    kind = _kind_of(world, interaction, call.body)
    data = call.body.get("data") or {}
    _answer(world, interaction, kind, data, call)
    interaction.acked_at, interaction.ack_type = now, kind
    interaction.expires_at = interaction.dispatched_at + world.token_life_s
    if call.query.get("with_response") in {"1", "true", "True"}:
        return _described(world, interaction)
    return Reply(204)


def _kind_of(world: World, interaction: Interaction, body: Json) -> Answering:
    allowed = _ALLOWED[interaction.kind]
    if interaction.kind is Asking.MODAL and interaction.message is None:
        # There is nothing to update behind a modal that a command opened.
        allowed = allowed - {Answering.UPDATE, Answering.DEFER_UPDATE}
    if body.get("type") not in allowed:
        words = f"{body.get('type')} does not answer {interaction.kind.name}"
        posting.reject(world, [Fault("type", "UNION_TYPE_CHOICES", words)])
    return Answering(body["type"])


def _answer(
    world: World, interaction: Interaction, kind: Answering, data: Json, call: Call
) -> None:
    if kind is Answering.CHOICES:
        posting.reject(world, list(autocomplete_faults(data)))
        interaction.choices = data["choices"]
    elif kind is Answering.MODAL:
        posting.reject(world, list(modal_faults(data)))
        interaction.modal = data
    elif kind is Answering.DEFER:
        _defer(world, interaction, data)
    elif kind is Answering.MESSAGE:
        interaction.original = _say(world, interaction, data, call.files, where="data.")
    else:
        interaction.original = interaction.message
        interaction.is_waiting = kind is Answering.DEFER_UPDATE
        if kind is Answering.UPDATE:
            assert interaction.message is not None
            _change(world, interaction.message, data, call.files, where="data.")


def _defer(world: World, interaction: Interaction, data: Json) -> None:
    flags = data.get("flags") or 0
    if flags & ~EPHEMERAL or set(data) - {"flags"}:
        words = "a deferred answer carries the flag EPHEMERAL and nothing else"
        posting.reject(world, [Fault("data", "DEFERRED_RESPONSE", words)])
    message = _new(world, interaction, flags | LOADING)
    interaction.original, interaction.is_waiting = message, True
    send(world, message)


def _new(world: World, interaction: Interaction, flags: int, webhook: bool = False) -> Message:
    if interaction.user_installed and not _may_show(interaction):
        flags |= EPHEMERAL
    message = world.new_message(interaction.channel, world.bot, flags=flags)
    message.shown_to = interaction.user if message.ephemeral else None
    message.webhook_id = world.bot.id if webhook else None
    if interaction.kind is Asking.COMMAND:
        message.kind = 20 if interaction.data["type"] == 1 else 23
    message.metadata = _metadata(interaction)
    return message


def _may_show(interaction: Interaction) -> bool:
    """Whether an app that only the user installed may answer for all to see."""
    guild = interaction.guild
    if guild is None:
        return True
    allowed = permissions.in_channel(interaction.channel, guild.members[interaction.user.id])
    return bool(allowed & permissions.USE_EXTERNAL_APPS)


def _metadata(interaction: Interaction) -> Json:
    metadata: Json = {
        "id": str(interaction.id),
        "type": int(interaction.kind),
        "user": payloads.user(interaction.user),
        "authorizing_integration_owners": {},
    }
    if interaction.kind is Asking.COMPONENT and interaction.message is not None:
        metadata["interacted_message_id"] = str(interaction.message.id)
    if interaction.kind is Asking.MODAL:
        metadata["triggering_interaction_metadata"] = metadata | {"type": 2}
    return metadata


def _say(
    world: World,
    interaction: Interaction,
    data: Json,
    files: posting.Files,
    *,
    where: str = "",
    webhook: bool = False,
) -> Message:
    if posting.is_empty(data, files):
        raise refusal(50006)
    flags = (data.get("flags") or 0) & _KEPT_FLAGS
    posting.check_body(world, data, files, flags=data.get("flags") or 0, where=where)
    message = _new(world, interaction, flags, webhook)
    posting.apply(world, message, data, files, default_parse=posting.USERS_ONLY)
    send(world, message)
    return message


def _change(
    world: World, message: Message, data: Json, files: posting.Files, *, where: str = ""
) -> None:
    flags = posting.flags_after(message, data)
    posting.check_body(world, data, files, flags=flags, where=where)
    posting.edit(world, message, data, files, default_parse=posting.USERS_ONLY)
    world.gateway.publish_message("MESSAGE_UPDATE", message)


def _described(world: World, interaction: Interaction) -> Json:
    kind = interaction.ack_type
    about: Json = {"id": str(interaction.id), "type": int(interaction.kind)}
    answer: Json = {"interaction": about}
    if interaction.original is not None:
        about["response_message_id"] = str(interaction.original.id)
        about["response_message_loading"] = interaction.is_waiting
        about["response_message_ephemeral"] = interaction.original.ephemeral
    if kind in {Answering.MESSAGE, Answering.UPDATE}:
        assert kind is not None
        assert interaction.original is not None
        message = payloads.message(interaction.original, reader=world.bot)
        answer["resource"] = {"type": int(kind), "message": message}
    return answer


# The webhook that each interaction's token opens


def _opened(world: World, call: Call) -> Interaction:
    interaction = world.interactions.get(call.params["webhook_token"])
    if call.params["webhook_id"] != str(world.bot.id) or interaction is None:
        raise refusal(10015)
    if interaction.acked_at is None:
        raise refusal(10015)
    if time.monotonic() > interaction.expires_at:
        raise refusal(50027)
    return interaction


def _message(interaction: Interaction, message_id: str) -> Message:
    if message_id == "@original":
        message = interaction.original
    else:
        known = [one for one in interaction.messages if str(one.id) == message_id]
        message = known[0] if known else None
    if message is None or message.deleted:
        raise refusal(10008)
    return message


@route("POST", "/webhooks/{webhook_id}/{webhook_token}", is_open=True)
def follow_up(world: World, call: Call) -> Any:
    interaction = _opened(world, call)
    if interaction.is_waiting and interaction.ack_type is Answering.DEFER:
        # The first follow-up after a defer fills the placeholder, with its visibility.
        return _edit(world, interaction, "@original", call)
    if interaction.user_installed and len(interaction.followups) >= 5:
        raise refusal(40094)
    message = _say(world, interaction, call.body, call.files, webhook=True)
    interaction.followups.append(message)
    return payloads.message(message, reader=world.bot)


def _get(world: World, call: Call) -> Any:
    interaction = _opened(world, call)
    message = _message(interaction, call.params.get("message_id", "@original"))
    return payloads.message(message, reader=world.bot)


def _patch(world: World, call: Call) -> Any:
    interaction = _opened(world, call)
    return _edit(world, interaction, call.params.get("message_id", "@original"), call)


def _edit(world: World, interaction: Interaction, message_id: str, call: Call) -> Any:
    message = _message(interaction, message_id)
    _change(world, message, call.body, call.files)
    if message is interaction.original:
        interaction.is_waiting = False
    return payloads.message(message, reader=world.bot)


def _delete(world: World, call: Call) -> Any:
    interaction = _opened(world, call)
    message = _message(interaction, call.params.get("message_id", "@original"))
    forget(world, message)
    if message is interaction.original:
        interaction.is_waiting = False


for _path in ("@original", "{message_id}"):
    _template = "/webhooks/{webhook_id}/{webhook_token}/messages/" + _path
    route("GET", _template, is_open=True)(_get)
    route("PATCH", _template, is_open=True)(_patch)
    route("DELETE", _template, is_open=True)(_delete)
