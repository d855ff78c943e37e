"""The parts of Slack's live side, put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from adapters.platforms.slack.bolt import Front, build_app
from adapters.platforms.slack.connection import SlackConnection
from adapters.platforms.slack.events import Events
from adapters.platforms.slack.home import Home
from adapters.platforms.slack.http_mode import HttpMode
from adapters.platforms.slack.interactions import Interactions
from adapters.platforms.slack.oauth import Install
from adapters.platforms.slack.office import Office
from adapters.platforms.slack.people import People
from adapters.platforms.slack.rooms import SlackRooms, switched_in
from adapters.platforms.slack.socket_mode import PING_EVERY_S, Link, SocketMode
from adapters.platforms.slack.tasks import Tasks
from adapters.platforms.slack.workspaces import Workspaces
from bot.commands.kit import Desk
from bot.ports import Channels


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """How Slack reaches us: an app token for the socket, else a signing secret for requests; and
    what installing into further workspaces needs. `missing`: why it cannot reach us at all.
    """

    api_base: str
    app_token: str | None = None
    signing_secret: str | None = None
    client_id: str | None = None
    client_secret: str | None = None
    public_url: str = ""
    web_token: str | None = None
    missing: str = ""
    first_wait_s: float = 1.0
    ping_s: float = PING_EVERY_S


def open_live(
    workspaces: Workspaces, desk: Desk, channels: Channels, reached: Reached
) -> tuple[SlackRooms, SlackConnection]:
    """What it knows of channels, for `desk.rooms`, and the connection, which does nothing yet."""
    people = People(workspaces)
    rooms = SlackRooms(workspaces, people, desk.clock, switched_in(desk.database))
    office = Office(desk=desk, workspaces=workspaces, people=people, rooms=rooms, tasks=Tasks())
    home = Home(office)
    front = Front(office, Interactions(office), home, Events(office, home, channels))
    app = build_app(office, front, workspaces.new_client())
    routes = []
    if reached.signing_secret is not None:
        routes += HttpMode(app, reached.signing_secret).routes()
    if reached.client_id and reached.client_secret:
        install = Install(
            workspaces,
            desk.clock,
            client_id=reached.client_id,
            client_secret=reached.client_secret,
            api_base=reached.api_base,
            public_url=reached.public_url,
            web_token=reached.web_token,
            installed=partial(channels.mended, None),
        )
        routes += install.routes()
    socket = None
    if (app_token := reached.app_token) is not None:

        def socket(changed: Callable[[Link, str], None]) -> SocketMode:
            return SocketMode(
                app,
                app_token,
                workspaces.new_client(),
                changed=changed,
                first_wait_s=reached.first_wait_s,
                ping_s=reached.ping_s,
            )

    connection = SlackConnection(
        office,
        socket=socket,
        routes=routes,
        missing=reached.missing,
        first_wait_s=reached.first_wait_s,
    )
    return rooms, connection
