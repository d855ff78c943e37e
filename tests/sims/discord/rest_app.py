"""The application itself: who it is, the gateway's address, its commands, direct messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.sims.discord import payloads, posting
from tests.sims.discord.command_limits import command_faults, commands_faults
from tests.sims.discord.errors import refusal
from tests.sims.discord.things import Json
from tests.sims.discord.wire import Call, Reply, route

if TYPE_CHECKING:
    from tests.sims.discord.world import World


@route("GET", "/gateway", is_open=True)
def gateway(world: World, call: Call) -> Any:
    return {"url": world.gateway_url}


@route("GET", "/gateway/bot")
def gateway_bot(world: World, call: Call) -> Any:
    limit = {
        "total": 1_000,
        "remaining": world.gateway.starts_left,
        "reset_after": 14_400_000,
        "max_concurrency": 1,
    }
    shards = world.gateway.shards
    return {"url": world.gateway_url, "shards": shards, "session_start_limit": limit}


@route("GET", "/users/@me")
def me(world: World, call: Call) -> Any:
    own = {"mfa_enabled": True, "verified": True, "email": None, "locale": "en-US"}
    return payloads.user(world.bot) | own


@route("GET", "/users/{user_id}")
def user(world: World, call: Call) -> Any:
    found = world.users.get(int(call.params["user_id"]))
    if found is None:
        raise refusal(10013)
    return payloads.user(found)


@route("GET", "/users/@me/guilds")
def guilds(world: World, call: Call) -> Any:
    keys = ("id", "name", "icon", "banner", "features")
    return [
        {key: payloads.guild(one)[key] for key in keys} | {"owner": False, "permissions": "0"}
        for one in world.guilds.values()
        if one.present
    ]


@route("POST", "/users/@me/channels")
def direct(world: World, call: Call) -> Any:
    found = world.users.get(int(call.body.get("recipient_id") or 0))
    if found is None:
        raise refusal(10013)
    return payloads.channel(world.direct(found))


@route("GET", "/oauth2/applications/@me")
@route("GET", "/applications/@me")
def application(world: World, call: Call) -> Any:
    return {
        "id": str(world.bot.id),
        "name": world.bot.name,
        "icon": None,
        "description": "",
        "summary": "",
        "type": None,
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": world.application_flags,
        "flags_new": str(world.application_flags),
        "owner": payloads.user(world.owner),
        "team": None,
        "bot": payloads.user(world.bot),
        "hook": True,
        "is_monetized": False,
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "approximate_guild_count": sum(one.present for one in world.guilds.values()),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "eligible_oauth2_scopes": [],
        "integration_types_config": {"0": {}, "1": {}},
    }


# Commands


def _scope(world: World, call: Call) -> int | None:
    if call.params["application_id"] != str(world.bot.id):
        raise refusal(50001)
    given = call.params.get("guild_id")
    return world.guild_of(given).id if given else None


def _get_all(world: World, call: Call) -> Any:
    return world.commands.get(_scope(world, call), [])


def _put_all(world: World, call: Call) -> Any:
    scope = _scope(world, call)
    wanted: list[Json] = call.body or []
    posting.reject(world, list(commands_faults(wanted)))
    before = {_key(one): one for one in world.commands.get(scope, [])}
    _count_creates(world, sum(_key(one) not in before for one in wanted))
    world.commands[scope] = [_stored(world, one, scope, before.get(_key(one))) for one in wanted]
    world.command_syncs += 1
    return world.commands[scope]


def _count_creates(world: World, number: int) -> None:
    """200 new commands a day; those of a known name do not count."""
    if number > world.command_creates_left:
        raise refusal(30034)
    world.command_creates_left -= number


def _key(command: Json) -> tuple[int, str]:
    return command.get("type") or 1, command["name"]


def _stored(world: World, command: Json, scope: int | None, before: Json | None) -> Json:
    """A command as Discord gives it back: with its ids and all defaults filled in."""
    defaults: Json = {
        "type": 1,
        "description": "",
        "default_member_permissions": None,
        "nsfw": False,
        "contexts": None,
        "integration_types": [0],
        "options": [],
        "dm_permission": True,
    }
    fixed: Json = {
        "id": before["id"] if before else str(world.ids.next()),
        "application_id": str(world.bot.id),
        "version": str(world.ids.next()),
    }
    if (allowed := command.get("default_member_permissions")) is not None:
        fixed["default_member_permissions"] = str(allowed)
    if scope is not None:
        fixed["guild_id"] = str(scope)
    return defaults | {key: one for key, one in command.items() if one is not None} | fixed


def _post_one(world: World, call: Call) -> Any:
    scope = _scope(world, call)
    posting.reject(world, list(command_faults("", call.body)))
    kept = world.commands.setdefault(scope, [])
    before = next((one for one in kept if _key(one) == _key(call.body)), None)
    _count_creates(world, before is None)
    stored = _stored(world, call.body, scope, before)
    kept[:] = [one for one in kept if one is not before] + [stored]
    return Reply(200 if before else 201, stored)


def _delete_one(world: World, call: Call) -> Any:
    kept = world.commands.get(_scope(world, call), [])
    left = [one for one in kept if one["id"] != call.params["command_id"]]
    if len(left) == len(kept):
        raise refusal(10063)
    kept[:] = left


for _path in ("/commands", "/guilds/{guild_id}/commands"):
    _template = "/applications/{application_id}" + _path
    route("GET", _template)(_get_all)
    route("PUT", _template)(_put_all)
    route("POST", _template)(_post_one)
    route("DELETE", _template + "/{command_id}")(_delete_one)
