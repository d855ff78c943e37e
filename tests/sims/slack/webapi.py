"""The methods of the Web API that posts and summaries need."""

from __future__ import annotations

from typing import Any

from tests.sims.slack.checks import has_picture, message_faults
from tests.sims.slack.server import Call, LocalSlack, method
from tests.sims.slack.world import Json, Room, Said, SlackError


def kind_of(room: Room) -> str:
    """How the scopes for this kind of conversation begin."""
    if room.id.startswith("D"):
        return "im"
    return "groups" if room.is_private else "channels"


def room_of(call: Call, *, joined: bool = False) -> Room:
    """The channel of a call; `joined`: the bot has to be in it."""
    room = call.team.rooms.get(str(call.body.get("channel") or ""))
    if room is None or (room.is_private and call.team.bot.id not in room.members):
        raise SlackError("channel_not_found")
    if joined and call.team.bot.id not in room.members:
        raise SlackError("not_in_channel")
    return room


def readable(call: Call) -> Room:
    """A channel whose history the bot may read."""
    room = room_of(call, joined=True)
    scope = f"{kind_of(room)}:history"
    if scope not in call.team.scopes:
        raise SlackError("missing_scope", needed=scope)
    return room


def checked(sim: LocalSlack, call: Call) -> None:
    if faults := message_faults(call.body):
        sim.violate(f"{call.method}: {faults}")
        raise SlackError("invalid_blocks", response_metadata={"messages": faults})
    if sim.dead_pictures and has_picture(call.body):
        raise SlackError("invalid_blocks", errors=["downloading image failed"])
    if call.body.get("unfurl_links") is not False and call.method == "chat.postMessage":
        sim.violate("links would unfold")


def message_in(room: Room, ts: object) -> Said:
    for said in room.messages:
        if said.ts == str(ts):
            return said
    raise SlackError("message_not_found")


@method("auth.test")
async def auth_test(sim: LocalSlack, call: Call) -> Json:
    team = call.team
    return {
        "url": f"https://{team.name.lower()}.slack.com/",
        "team": team.name,
        "team_id": team.id,
        "user": team.bot.name,
        "user_id": team.bot.id,
        "bot_id": team.bot_id,
    }


@method("chat.postMessage", "chat:write")
async def post_message(sim: LocalSlack, call: Call) -> Json:
    checked(sim, call)
    channel = str(call.body.get("channel") or "")
    if channel in call.team.people:  # a direct message to a person
        room = call.team.rooms.setdefault(
            f"D{channel}", Room(id=f"D{channel}", name=channel, team=call.team)
        )
        room.members |= {channel, call.team.bot.id}
    else:
        room = room_of(call, joined=True)
    if room.is_archived:
        raise SlackError("is_archived")
    if room.restricted:
        raise SlackError("restricted_action")
    said = Said(
        ts=sim.next_ts(),
        user=call.team.bot.id,
        bot_id=call.team.bot_id,
        body={key: value for key, value in call.body.items() if key != "channel"},
        thread_ts=call.body.get("thread_ts"),
    )
    room.messages.append(said)
    return {"channel": room.id, "ts": said.ts, "message": said.shown()}


@method("chat.update", "chat:write")
async def update(sim: LocalSlack, call: Call) -> Json:
    checked(sim, call)
    if len(str(call.body.get("text") or "").encode()) > 4_000:
        raise SlackError("msg_too_long")
    said = message_in(room_of(call), call.body.get("ts"))
    if said.user != call.team.bot.id:
        raise SlackError("cant_update_message")
    said.versions.append(said.body)
    said.body = {**said.body, **call.body}
    return {"channel": call.body["channel"], "ts": said.ts, "text": said.body["text"]}


@method("chat.delete", "chat:write")
async def delete(sim: LocalSlack, call: Call) -> Json:
    room = room_of(call)
    said = message_in(room, call.body.get("ts"))
    room.messages.remove(said)
    return {"channel": room.id, "ts": said.ts}


@method("chat.getPermalink")
async def permalink(sim: LocalSlack, call: Call) -> Json:
    room = room_of(call)
    said = message_in(room, call.body.get("message_ts"))
    name = call.team.name.lower()
    address = f"https://{name}.slack.com/archives/{room.id}/p{said.ts.replace('.', '')}"
    return {"channel": room.id, "permalink": address}


@method("conversations.info")
async def info(sim: LocalSlack, call: Call) -> Json:
    room = room_of(call)
    if f"{kind_of(room)}:read" not in call.team.scopes:
        raise SlackError("missing_scope", needed=f"{kind_of(room)}:read")
    return {
        "channel": {
            "id": room.id,
            "name": room.name,
            "is_channel": not room.id.startswith(("D", "G")),
            "is_private": room.is_private,
            "is_archived": room.is_archived,
            "is_member": call.team.bot.id in room.members,
        }
    }


@method("conversations.members")
async def members(sim: LocalSlack, call: Call) -> Json:
    room = room_of(call)
    return paged(call, "members", sorted(room.members))


@method("conversations.history")
async def history(sim: LocalSlack, call: Call) -> Json:
    room = readable(call)
    oldest, latest = float(call.body.get("oldest") or 0), call.body.get("latest")
    found = [
        said
        for said in reversed(room.posts())  # the newest first
        if float(said.ts) > oldest and (not latest or float(said.ts) < float(latest))
    ]
    return paged(call, "messages", [_with_count(call, room, said) for said in found])


def _with_count(call: Call, room: Room, said: Said) -> Json:
    """A message of a channel tells of the thread below it."""
    message = shown(call, said)
    if answers := room.thread(said.ts):
        message |= {"thread_ts": said.ts, "reply_count": len(answers)}
    return message


@method("conversations.replies")
async def replies(sim: LocalSlack, call: Call) -> Json:
    room = readable(call)
    head = message_in(room, call.body.get("ts"))
    found = [head, *room.thread(head.ts)]
    return paged(call, "messages", [shown(call, said) for said in found])


@method("users.info", "users:read")
async def user_info(sim: LocalSlack, call: Call) -> Json:
    person = call.team.people.get(str(call.body.get("user") or ""))
    if person is None:
        raise SlackError("user_not_found")
    return {
        "user": {
            "id": person.id,
            "name": person.name,
            "is_bot": person.is_bot,
            "is_admin": person.is_admin,
            "locale": person.locale,
            "tz": person.timezone,
            "profile": {"display_name": person.name, "real_name": person.name},
        }
    }


def shown(call: Call, said: Said) -> Json:
    with_metadata = str(call.body.get("include_all_metadata")).lower() in ("true", "1")
    return said.shown(with_metadata=with_metadata)


def paged(call: Call, name: str, found: list[Any]) -> Json:
    """One page by `cursor` and `limit`; the cursor is opaque to callers."""
    start = int(str(call.body.get("cursor") or "page-0").removeprefix("page-"))
    end = start + max(1, min(int(call.body.get("limit") or 100), 1_000))
    more = end < len(found)
    return {
        name: found[start:end],
        "has_more": more,
        "response_metadata": {"next_cursor": f"page-{end}" if more else ""},
    }
