"""Commands, buttons, menus and modals of the local Discord, answered by discord.py."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest
from discord import app_commands, ui

from tests.sims.discord import permissions as p
from tests.sims.discord.asking import NotOfferedError
from tests.sims.discord.client import Client, running
from tests.sims.discord.interactions import Answering, Interaction
from tests.sims.discord.server import LocalDiscord
from tests.sims.discord.things import COMPONENTS_V2, Channel, Guild, Message, User

Asked = discord.Interaction[Client]


class Panel(ui.View):
    """A message with a button, a menu and what they do."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @ui.button(label="Star", custom_id="star:42")
    async def star(self, asked: Asked, button: Any) -> None:
        await asked.response.edit_message(content=f"starred by {asked.user.name}", view=self)

    @ui.button(label="Mute", custom_id="mute:42", row=1)
    async def mute(self, asked: Asked, button: Any) -> None:
        await asked.response.defer()
        await asked.edit_original_response(content="muted")

    @ui.button(label="Why", custom_id="why:42", row=1)
    async def why(self, asked: Asked, button: Any) -> None:
        await asked.response.defer()
        await asked.followup.send("because", ephemeral=True)

    @ui.button(label="Off", custom_id="off:42", row=1, disabled=True)
    async def off(self, asked: Asked, button: Any) -> None:
        raise AssertionError

    @ui.button(label="Rename", custom_id="rename:42", row=1)
    async def rename(self, asked: Asked, button: Any) -> None:
        await asked.response.send_modal(Form())

    @ui.select(
        custom_id="filter:42",
        max_values=2,
        row=2,
        options=[discord.SelectOption(label=one) for one in ("ai", "chips", "law")],
    )
    async def choose(self, asked: Asked, menu: ui.Select[Any]) -> None:
        await asked.response.send_message("+".join(menu.values), ephemeral=True)


class Form(ui.Modal, title="A form"):
    name: ui.Label[Any] = ui.Label(text="Name", component=ui.TextInput(custom_id="name"))
    kind: ui.Label[Any] = ui.Label(
        text="Kind",
        component=ui.Select(custom_id="kind", options=[discord.SelectOption(label="digest")]),
    )

    async def on_submit(self, asked: discord.Interaction[Any]) -> None:
        name, kind = self.name.component, self.kind.component
        assert isinstance(name, ui.TextInput)
        assert isinstance(kind, ui.Select)
        await asked.response.send_message(f"{name.value} is a {kind.values[0]}", ephemeral=True)


def build(client: Client) -> None:
    """The commands that the tests use."""
    tree = client.tree
    news = app_commands.Group(
        name="news",
        description="News",
        default_permissions=discord.Permissions(manage_channels=True),
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False),
    )

    @news.command(name="add", description="Adds a source")
    async def add(
        asked: Asked,
        source: app_commands.Range[str, 1, 20],
        role: discord.Role | None = None,
        least: app_commands.Range[int, 0, 99] = 0,
    ) -> None:
        await asked.response.defer(ephemeral=True, thinking=True)
        await asked.edit_original_response(content="looking…")
        name = role.name if role else None
        await asked.edit_original_response(
            content=f"{source} {name} {least} {asked.locale} {asked.permissions.manage_channels}"
        )

    @add.autocomplete("source")
    async def sources(asked: Asked, typed: str) -> list[app_commands.Choice[str]]:
        known = [f"{typed}-{number}" for number in range(3)] + [str(asked.namespace.least)]
        return [app_commands.Choice(name=one, value=one) for one in known]

    @tree.command(name="panel", description="Shows the panel")
    async def panel(asked: Asked) -> None:
        await asked.response.send_message("a panel", view=Panel())

    @tree.command(name="twice", description="Answers twice")
    @app_commands.allowed_installs(guilds=True, users=True)
    async def twice(asked: Asked, late: bool = False, times: int = 1) -> None:
        if late:
            await asyncio.sleep(0.15)
        await asked.response.send_message("once")
        for number in range(times):
            await asked.followup.send(f"again {number}", wait=True)

    @tree.command(name="layout", description="Answers with components")
    async def layout(asked: Asked) -> None:
        await asked.response.defer(thinking=True)
        view = ui.LayoutView()
        view.add_item(ui.Container(ui.TextDisplay("**Digest**")))
        await asked.edit_original_response(view=view)

    @tree.context_menu(name="Summarize thread")
    async def summarize(asked: Asked, message: discord.Message) -> None:
        await asked.response.send_message(f"read: {message.content}", ephemeral=True)

    tree.add_command(news)


@pytest.fixture
async def sim() -> AsyncIterator[LocalDiscord]:
    async with LocalDiscord() as sim:
        sim.checks_itself = True
        yield sim
        sim.check()


@pytest.fixture
def guild(sim: LocalDiscord) -> Guild:
    return sim.add_guild("Acme", locale="de")


@pytest.fixture
def channel(sim: LocalDiscord, guild: Guild) -> Channel:
    return sim.add_channel(guild, "news")


@pytest.fixture
def ann(sim: LocalDiscord, guild: Guild, channel: Channel) -> User:
    return sim.add_member(guild, "ann", permissions=p.MANAGE_CHANNELS)


@pytest.fixture
async def client(sim: LocalDiscord, ann: User) -> AsyncIterator[Client]:
    client = Client()
    build(client)
    client.errors = []  # type: ignore[attr-defined]
    client.tree.on_error = _noted  # type: ignore[method-assign]
    async with running(sim, client):
        await client.tree.sync()
        yield client


async def _noted(asked: Asked, error: app_commands.AppCommandError) -> None:
    original = getattr(error, "original", error)
    asked.client.errors.append(original)  # type: ignore[attr-defined]
    asked.client.dispatch("noted", original)


async def _code(client: Client) -> int:
    """Discord's code of the error that a command ended with."""
    (error,) = (await client.heard("noted"))[-1]
    return int(error.code)


async def test_a_command_with_options(
    sim: LocalDiscord, client: Client, guild: Guild, channel: Channel, ann: User
) -> None:
    role = sim.add_role(guild, "readers")
    values = {"source": "r/x", "role": role, "least": 5}
    asked = await sim.command(guild, channel, ann, "news add", values, locale="de")
    answer = await asked.reads("r/x readers 5 de True")
    assert (asked.ephemeral, asked.ack_type) == (True, Answering.DEFER)
    assert [one["content"] for one in answer.versions] == ["", "looking…"]
    assert 0 < asked.ack_ms < 3000
    assert channel.history() == []


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("nothing", {}),
        ("news", {}),
        ("news drop", {}),
        ("news add", {}),
        ("news add", {"source": 5}),
        ("news add", {"source": "x" * 21}),
        ("news add", {"source": "x", "least": 100}),
        ("news add", {"source": "x", "other": 1}),
    ],
)
async def test_what_discord_would_not_send_is_not_sent(
    sim: LocalDiscord,
    client: Client,
    guild: Guild,
    channel: Channel,
    ann: User,
    name: str,
    values: dict[str, Any],
) -> None:
    with pytest.raises(NotOfferedError):
        await sim.command(guild, channel, ann, name, values)
    assert sim.interactions == {}


async def test_who_may_use_a_command_where(
    sim: LocalDiscord, client: Client, guild: Guild, channel: Channel, ann: User
) -> None:
    bob = sim.add_member(guild, "bob")
    sim.forbid_bot(channel, p.EMBED_LINKS)  # what the bot may do matters not
    private = sim.add_thread(channel, "private", private=True)
    stranger = sim.add_user("stranger")
    for place, person in (
        (channel, bob),
        (channel, stranger),
        (private, ann),
        (sim.direct(ann), ann),
        (sim.direct(bob), ann),
    ):
        with pytest.raises(NotOfferedError):
            await sim.command(place.guild, place, person, "news add", {"source": "x"})
    sim.set_permissions(channel, ann, deny=p.USE_APPLICATION_COMMANDS)
    with pytest.raises(NotOfferedError):
        await sim.command(guild, channel, ann, "panel")


async def test_autocomplete(
    sim: LocalDiscord, client: Client, guild: Guild, channel: Channel, ann: User
) -> None:
    asked = await sim.autocomplete(guild, channel, ann, "news add", "source", "r/", {"least": 3})
    await asked.acked()
    assert asked.names == ["r/-0", "r/-1", "r/-2", "3"]


@pytest.fixture
async def panel(
    sim: LocalDiscord, client: Client, guild: Guild, channel: Channel, ann: User
) -> Message:
    return await (await sim.command(guild, channel, ann, "panel")).answer()


async def test_buttons(
    sim: LocalDiscord, panel: Message, guild: Guild, channel: Channel, ann: User
) -> None:
    assert channel.history() == [panel]
    starred = await (await sim.press(panel, "star:", ann)).answer()
    assert (starred, panel.content) == (panel, "starred by ann")
    await (await sim.press(panel, "mute:42", ann)).answer()
    assert panel.content == "muted"
    why = await sim.press(panel, "why", ann)
    assert (await why.answer()).text == "because"
    assert (why.followups[0].ephemeral, panel.content) == (True, "muted")
    for wrong in ("off:42", "other", "r"):
        with pytest.raises(NotOfferedError):
            await sim.press(panel, "absent" if wrong == "r" else wrong, ann)


async def test_menus(sim: LocalDiscord, panel: Message, guild: Guild, ann: User) -> None:
    bob = sim.add_member(guild, "bob")
    asked = await sim.press(panel, "filter:", bob, ["ai", "law"])
    assert (await asked.answer()).text == "ai+law"
    for wrong in ([], ["ai", "law", "chips"], ["other"]):
        with pytest.raises(NotOfferedError):
            await sim.press(panel, "filter:", bob, wrong)


async def test_modals(sim: LocalDiscord, panel: Message, ann: User) -> None:
    opened = await sim.press(panel, "rename:", ann)
    sent = await sim.submit_modal(opened, {"name": "Daily", "kind": ["digest"]})
    assert (await sent.answer()).text == "Daily is a digest"
    for wrong in ({"name": "Daily"}, {"kind": ["digest"]}, {"name": "x", "kind": ["no"]}):
        with pytest.raises(NotOfferedError):
            await sim.submit_modal(opened, wrong)
    with pytest.raises(NotOfferedError):
        await sim.submit_modal(opened, {"name": "x", "kind": ["digest"], "more": "x"})


async def test_the_menu_of_a_message_gives_its_words(
    sim: LocalDiscord, client: Client, channel: Channel, ann: User
) -> None:
    said = sim.say(channel, sim.add_user("bob"), "words of bob")
    asked = await sim.message_menu("Summarize thread", said, ann)
    assert (await asked.answer()).text == "read: words of bob"


async def test_a_deferred_answer_becomes_a_layout(
    sim: LocalDiscord, client: Client, guild: Guild, channel: Channel, ann: User
) -> None:
    answer = await (await sim.command(guild, channel, ann, "layout")).answer()
    assert (answer.text, answer.flags & COMPONENTS_V2) == ("**Digest**", COMPONENTS_V2)
    assert not answer.loading


async def test_follow_ups_without_a_server_are_counted(
    sim: LocalDiscord, client: Client, ann: User
) -> None:
    elsewhere = sim.add_guild("Elsewhere", present=False)
    place = sim.new_channel(elsewhere, "talk", kind=sim.direct(ann).kind.TEXT)
    sim.add_member(elsewhere, ann)
    asked = await sim.command(elsewhere, place, ann, "twice", {"times": 6})
    assert await _code(client) == 40094
    assert len(asked.followups) == 5
    assert not asked.ephemeral
    sim.set_permissions(place, elsewhere.everyone, deny=p.USE_EXTERNAL_APPS)
    asked = await sim.command(elsewhere, place, ann, "twice")
    await asked.reads("again 0")
    assert asked.ephemeral
    with pytest.raises(NotOfferedError):
        await sim.command(elsewhere, place, ann, "panel")


async def test_direct_messages(sim: LocalDiscord, client: Client, ann: User) -> None:
    asked = await sim.command(None, sim.direct(ann), ann, "twice")
    await asked.reads("again 0")
    assert [one.content for one in sim.direct(ann).history()] == ["once", "again 0"]


async def test_who_is_late_is_unknown(
    sim: LocalDiscord, client: Client, guild: Guild, channel: Channel, ann: User
) -> None:
    sim.ack_within_s = 0.1
    asked = await sim.command(guild, channel, ann, "twice", {"late": True})
    assert await _code(client) == 10062
    assert asked.acked_at is None


async def test_a_lost_acknowledgement_leads_to_a_double(
    sim: LocalDiscord, client: Client, guild: Guild, channel: Channel, ann: User
) -> None:
    sim.fail_next("POST", "/interactions/*/*/callback", reset="after")
    asked = await sim.command(guild, channel, ann, "twice")
    await client.heard("noted")
    # The asker sees it though the app was told nothing; who asks again is told 40060.
    assert (await asked.answer()).text == "once"
    assert await _again(client, asked) == 40060


async def _again(client: Client, asked: Interaction) -> int:
    route = discord.http.Route(
        "POST", f"/interactions/{asked.id}/{asked.token}/callback", webhook_token=asked.token
    )
    try:
        await client.http.request(route, json={"type": 5})
    except discord.HTTPException as exc:
        return exc.code
    return 0


async def test_tokens_live_for_a_while(
    sim: LocalDiscord, panel: Message, client: Client, guild: Guild, channel: Channel, ann: User
) -> None:
    sim.token_life_s = 0
    asked = await sim.command(guild, channel, ann, "twice")
    assert await _code(client) == 50027
    assert asked.text == "once"


async def test_answers_of_the_wrong_kind_are_refused(
    sim: LocalDiscord, panel: Message, client: Client, ann: User
) -> None:
    opened = await sim.press(panel, "rename:", ann)
    await opened.acked()
    silent = Interaction(
        sim, 1, "token", opened.kind, ann, panel.channel, panel.channel.guild, {}, panel
    )
    sim.interactions["token"] = silent
    route = discord.http.Route("POST", "/interactions/1/token/callback")
    for body in ({"type": 8, "data": {"choices": []}}, {"type": 5, "data": {"content": "x"}}):
        with pytest.raises(discord.HTTPException, match="50035"):
            await client.http.request(route, json=body)
        assert sim.violations
        sim.violations.clear()


async def test_commands_are_kept_and_counted(
    sim: LocalDiscord, client: Client, guild: Guild
) -> None:
    assert sim.command_syncs == 1
    assert [one["name"] for one in sim.commands[None]] == [
        "panel",
        "twice",
        "layout",
        "news",
        "Summarize thread",
    ]
    assert sim.command_creates_left == 195
    await client.tree.sync()
    assert (sim.command_syncs, sim.command_creates_left) == (2, 195)
    assert {one.name for one in await client.tree.fetch_commands()} >= {"news", "panel"}
    client.tree.copy_global_to(guild=discord.Object(guild.id))
    await client.tree.sync(guild=discord.Object(guild.id))
    assert len(sim.commands[guild.id]) == 5
    sim.command_creates_left = 0

    @client.tree.command(name="one-more", description="Too much")
    async def more(asked: Asked) -> None:
        raise AssertionError

    with pytest.raises(discord.HTTPException, match="30034"):
        await client.tree.sync()
