"""The command line: parse, call, print. Results on stdout, everything else on stderr."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar, TypeVarTuple

import typer

if TYPE_CHECKING:
    from bot.model import Post
    from bot.targets import Summary
    from config.settings import Settings

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

cli = typer.Typer(
    name="threadwire",
    help="Posts AI news and thread summaries to your channels: each story once, each claim traced.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
sources_cli = typer.Typer(help="What is polled: add, list, remove, import and export OPML.")
subscriptions_cli = typer.Typer(help="Who gets what: add, list, remove.")
db_cli = typer.Typer(help="Back the database up, check it.")
manifest_cli = typer.Typer(help="Manifests of the chat apps.")
cli.add_typer(sources_cli, name="sources", no_args_is_help=True)
cli.add_typer(subscriptions_cli, name="subscriptions", no_args_is_help=True)
cli.add_typer(db_cli, name="db", no_args_is_help=True)
cli.add_typer(manifest_cli, name="manifest", no_args_is_help=True)


class Format(StrEnum):
    """How a result is printed."""

    text = "text"
    markdown = "markdown"
    json = "json"
    discord = "discord"
    slack = "slack"


class PostKind(StrEnum):
    """What a subscription gets."""

    instant = "instant"
    community = "community"
    outlook = "outlook"
    roundup = "roundup"


class DigestName(StrEnum):
    """The kinds of digest."""

    community = "community"
    outlook = "outlook"
    roundup = "roundup"


FormatOption = Annotated[Format, typer.Option("--format", help="How to print the result.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def main() -> NoReturn:
    """The console script. Exit 0 done, 1 failed, 2 wrong use or settings."""
    sys.exit(run_command(sys.argv[1:]))


def run_command(arguments: list[str]) -> int:
    """Run one command line; every expected failure is one line on stderr."""
    from bot.errors import ThreadwireError, UserError
    from config.errors import SettingsError

    try:
        return cli(config_first(arguments), standalone_mode=False) or 0
    except typer.TyperException as exc:
        return _wrong_use(exc.format_message())
    except typer.Abort:
        return _complain("stopped", 1)
    except (SettingsError, UserError) as exc:
        return _complain(str(exc), 2 if isinstance(exc, SettingsError) else _exit_code(exc))
    except ThreadwireError as exc:
        return _complain(str(exc), 1)
    except KeyboardInterrupt:
        return _complain("stopped", 130)
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _wrong_use(message: str) -> int:
    if message.startswith("Usage:"):  # the help, for a command without its subcommand
        print(message, file=sys.stderr)
        return 2
    told = message.replace("Value error, ", "")  # how pydantic begins what typer passes on
    return _complain(told or "wrong use: see `threadwire --help`", 2)


def _exit_code(exc: Exception) -> int:
    from bot.errors import ConfigError

    return 2 if isinstance(exc, ConfigError) else 1


def _complain(message: str, code: int) -> int:
    print(f"threadwire: {' '.join(message.split())}", file=sys.stderr)
    return code


def config_first(arguments: list[str]) -> list[str]:
    """Let `--config FILE` stand anywhere: it is moved before the command word."""
    moved, kept = [], []
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":
            kept += [argument, *rest]
        elif argument == "--config":
            moved += [argument, *[value for value in [next(rest, None)] if value is not None]]
        elif argument.startswith("--config="):
            moved.append(argument)
        else:
            kept.append(argument)
    return moved + kept


def _print_version(is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import version as installed

        print(f"threadwire {installed('threadwire')}")
        raise typer.Exit


@cli.callback()
def _global(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option("--config", help="Settings file. [default: threadwire.toml here]"),
    ] = None,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", is_eager=True, callback=_print_version
        ),
    ] = False,
) -> None:
    context.obj = config


def _settings(context: typer.Context, *, log_to_terminal: bool = False) -> Settings:
    """Load the settings and set logging up: warnings only, unless this is the service."""
    from bot import logs
    from config.load import load_settings

    settings = load_settings(context.obj, os.environ, Path.cwd())
    logs.configure(
        level=settings.log.level if log_to_terminal else "error",
        format=settings.log.format,
        secrets=settings.secrets_in_use(),
    )
    return settings


def _run(main: Coroutine[Any, Any, T]) -> T:
    """Run on uvloop where it is installed. A group of failures ends as its first."""
    try:
        import uvloop
    except ImportError:
        runner: Callable[..., T] = asyncio.run
    else:
        runner = uvloop.run
    try:
        return runner(main)
    except BaseExceptionGroup as group:
        raise first_failure(group) from None


def first_failure(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The failure that brought a task group down."""
    first = group.exceptions[0]
    return first_failure(first) if isinstance(first, BaseExceptionGroup) else first


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


def _print_result(
    output: Format,
    renderers: Mapping[str, Callable[[*Ts], str]],
    posts: Callable[[*Ts], Sequence[Post]],
    *result: *Ts,
) -> None:
    """Print in one of the renderers' formats, or as the messages that a platform would get."""
    if output.value in renderers:
        text = renderers[output.value](*result)
    else:
        from bot.payloads import payloads_json

        text = payloads_json(output.value, posts(*result))
    print(text, end="" if text.endswith("\n") else "\n")


@cli.command()
def demo() -> None:
    """Show posts, summaries and digests, offline, from samples."""
    from bot.demo import run_demo

    _run(run_demo())


@cli.command()
def run(
    context: typer.Context,
    once: Annotated[
        bool, typer.Option("--once", help="Poll what is due, post what is pending, and exit.")
    ] = False,
) -> None:
    """Run the service: poll, summarise, post, until stopped."""
    from bot import app

    settings = _settings(context, log_to_terminal=True)
    if not once:
        _run(app.run_service(settings))
        return
    outcome = _run(app.run_once(settings))
    for url, error in outcome.failed.items():
        _complain(f"{url}: {error}", 0)
    for trouble in outcome.needs_person:
        _complain(trouble, 1)
    raise typer.Exit(1 if outcome.needs_person else 0)


@cli.command()
def summarize(
    context: typer.Context,
    target: Annotated[
        str, typer.Argument(help="An address; a local page, saved thread or dump; - for stdin.")
    ],
    output: FormatOption = Format.text,
) -> None:
    """Summarise an article, or a discussion of any size."""
    from bot.commands import summaries

    settings = _settings(context)
    found = _run(_summarized(settings, target))
    _print_result(output, summaries.RENDERERS, summaries.posts, found)


async def _summarized(settings: Settings, target: str) -> tuple[Summary, ...]:
    from bot import targets
    from bot.commands.progress import progress_bar

    async with progress_bar("summarising", sys.stderr) as report:
        return await targets.summarize(settings, target, sys.stdin.buffer, report)


@cli.command()
def preview(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="A feed, a page, or r/<subreddit>.")],
    include: Annotated[
        list[str] | None, typer.Option(help="Only with this word or /regex/. Repeatable.")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option(help="Not with this word or /regex/. Repeatable.")
    ] = None,
    min_score: Annotated[int, typer.Option(help="Least score (Reddit, Hacker News).")] = 0,
    language: Annotated[str, typer.Option(help="Language of our own words.")] = "en",
    output: FormatOption = Format.text,
) -> None:
    """Show what a subscription to a source would post. Nothing is stored or sent."""
    from bot import previewing
    from bot.commands import previews

    wish = previews.PreviewWish(
        source=source,
        language=language,
        min_score=min_score,
        include=tuple(include or ()),
        exclude=tuple(exclude or ()),
    )
    result = _run(previewing.preview(_settings(context), wish))
    _print_result(output, previews.RENDERERS, previews.posts, result)


@cli.command()
def digest(
    context: typer.Context,
    kind: Annotated[DigestName, typer.Argument(help="Which kind of digest.")],
    source: Annotated[
        list[str], typer.Option("--source", help="A source as listed, or tag:<tag>. Repeatable.")
    ],
    since: Annotated[str, typer.Option(help="How far it reaches back: 1d, 30d.")] = "1d",
    until: Annotated[
        str, typer.Option(help="Its end: a date or time, or a duration ago. [default: now]")
    ] = "",
    timezone: Annotated[str, typer.Option(help="Whose days are counted.")] = "UTC",
    name: Annotated[str, typer.Option(help="What it is called. [default: its sources]")] = "",
    output: FormatOption = Format.markdown,
) -> None:
    """Make a digest now, fetching what it needs. Nothing is posted."""
    from datetime import UTC, datetime

    from bot import on_demand
    from bot.commands import digests

    order = on_demand.DigestOrder(
        kind=kind.value,
        sources=tuple(source),
        period=on_demand.period_of(timezone, since, until, datetime.now(UTC)),
        name=name,
    )
    made = _run(on_demand.make_digest(_settings(context), order))
    for url, error in made.failed.items():
        _complain(f"{url}: {error}", 0)
    for warning in made.warnings:
        _complain(warning, 0)
    if made.kind.is_empty(made.record):
        _complain("nothing was found in this period: a subscription would post nothing", 0)
    _print_result(output, digests.RENDERERS, digests.posts, made.kind, made.record)


@sources_cli.command("add")
def sources_add(
    context: typer.Context,
    urls: Annotated[list[str], typer.Argument(help="Feeds, pages, r/<subreddit>.")],
    tag: Annotated[list[str] | None, typer.Option("--tag", help="A tag; may be repeated.")] = None,
    interval: Annotated[str | None, typer.Option(help='Time between polls, as "30m".')] = None,
) -> None:
    """Poll more sources; the feed behind a page is found."""
    from bot import actions

    settings = _settings(context)
    for line in _run(actions.add_sources(settings, urls, tags=tag or [], interval=interval)):
        print(line)


@sources_cli.command("list")
def sources_list(context: typer.Context, as_json: JsonOption = False) -> None:
    """Sources with their state, rhythm and habits."""
    from bot import actions
    from bot.commands import reports

    sources = _run(actions.list_sources(_settings(context)))
    if as_json:
        _print_json([reports.source_json(row) for row in sources])
    else:
        print(reports.source_table(sources))


@sources_cli.command("remove")
def sources_remove(
    context: typer.Context,
    urls: Annotated[list[str], typer.Argument(help="As `sources list` shows them.")],
) -> None:
    """Stop polling sources. Their entries stay."""
    from bot import actions

    for line in _run(actions.remove_sources(_settings(context), urls)):
        print(line)


@sources_cli.command("import")
def sources_import(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="An OPML file.")],
    tag: Annotated[list[str] | None, typer.Option("--tag", help="A tag for all of them.")] = None,
) -> None:
    """Add every feed of an OPML file."""
    from bot import actions

    for line in _run(actions.import_opml(_settings(context), file, tags=tag or [])):
        print(line)


@sources_cli.command("export")
def sources_export(context: typer.Context) -> None:
    """Print all sources as OPML."""
    from bot import actions

    print(_run(actions.export_opml(_settings(context))))


@subscriptions_cli.command("add")
def subscriptions_add(
    context: typer.Context,
    channel: Annotated[str, typer.Argument(help="terminal, files, discord:<id>, slack:<id>.")],
    sources: Annotated[list[str], typer.Argument(help="Sources as listed, or tag:<tag>.")],
    post: Annotated[PostKind, typer.Option(help="Each story at once, or a digest.")] = (
        PostKind.instant
    ),
    schedule: Annotated[str | None, typer.Option(help='Cron, for digests: "0 9 * * mon".')] = None,
    timezone: Annotated[str, typer.Option(help="Of the schedule: Europe/Berlin.")] = "UTC",
    language: Annotated[str, typer.Option(help="Of our own words.")] = "en",
    min_score: Annotated[int, typer.Option(help="Least score, where there are scores.")] = 0,
    include: Annotated[
        list[str] | None, typer.Option(help="Word or /regex/; one must match. Repeatable.")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option(help="Word or /regex/; none may match. Repeatable.")
    ] = None,
) -> None:
    """Subscribe a channel to sources."""
    from bot import actions

    wish = {
        "channel": channel,
        "sources": sources,
        "post": post.value,
        "timezone": timezone,
        "language": language,
        "min_score": min_score,
        "include": include or [],
        "exclude": exclude or [],
    } | ({"schedule": schedule} if schedule else {})
    for line in _run(actions.add_subscription(_settings(context), wish)):
        print(line)


@subscriptions_cli.command("list")
def subscriptions_list(context: typer.Context, as_json: JsonOption = False) -> None:
    """Subscriptions, those of the settings file included."""
    from bot import actions
    from bot.commands import reports

    found = _run(actions.list_subscriptions(_settings(context)))
    if as_json:
        _print_json([reports.subscription_json(row) for row in found])
    else:
        print(reports.subscription_table(found))


@subscriptions_cli.command("remove")
def subscriptions_remove(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="As `subscriptions list` shows it.")],
) -> None:
    """Remove a subscription that was not made in the settings file."""
    from bot import actions

    print(_run(actions.remove_subscription(_settings(context), number)))


@cli.command()
def stories(
    context: typer.Context,
    since: Annotated[str, typer.Option(help="How far back: 12h, 7d.")] = "1d",
    search: Annotated[str, typer.Option(help="Only stories with all these words.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Stories with the entries that report them."""
    from bot import actions
    from bot.commands import reports

    found = _run(actions.list_stories(_settings(context), since=since, search=search))
    if as_json:
        _print_json([reports.story_json(story) for story in found])
    else:
        print(reports.story_table(found))


@cli.command()
def deliveries(
    context: typer.Context,
    as_json: JsonOption = False,
    retry: Annotated[
        str | None, typer.Option(metavar="KEY", help="Try a dead or uncertain delivery again.")
    ] = None,
) -> None:
    """The outbox: counts by state, and the rows that need a person."""
    from bot import actions
    from bot.commands import reports

    if retry is not None:
        print(_run(actions.retry_delivery(_settings(context), retry)))
        return

    counts, rows = _run(actions.list_deliveries(_settings(context)))
    if as_json:
        _print_json(reports.deliveries_json(counts, rows))
    else:
        print(reports.delivery_table(counts, rows))


@cli.command()
def why(
    context: typer.Context,
    item: Annotated[str, typer.Argument(help="A link, an entry's number, a delivery's key.")],
) -> None:
    """Each stage an entry or post went through, with the deciding rule."""
    from bot import actions
    from bot.commands import reports

    for stage in _run(actions.why(_settings(context), item)):
        print(reports.stage_line(stage))


@cli.command()
def export(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(help="Folder for the files; made if missing.")],
) -> None:
    """Write every digest as a Markdown file."""
    from bot import actions

    print(_run(actions.export_digests(_settings(context), directory)))


@cli.command()
def doctor(context: typer.Context) -> None:
    """Check settings, database, sources and deliveries, and say what to do."""
    from bot.doctor import diagnose

    findings = _run(diagnose(_settings(context)))
    for finding in findings:
        print(f"{'ok  ' if finding.ok else 'MEND'} {finding.text}")
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)


@cli.command()
def init() -> None:
    """Write a commented threadwire.toml and .env; print what makes the bot on Discord and Slack."""
    from adapters.platforms.slack.manifest import MAKE_AT, manifest
    from bot.invitation import invite_url
    from config.example import write_starter_files

    for path in write_starter_files(Path.cwd()):
        print(f"wrote {path.name}")
    print(f"Discord invite URL: {invite_url()}")
    print(f"Slack app manifest (for Socket Mode; {MAKE_AT}):")
    _print_json(manifest(socket_mode=True))
    print("Next: put your sources into threadwire.toml, then `threadwire run`.", file=sys.stderr)


@manifest_cli.command("slack")
def manifest_slack(context: typer.Context) -> None:
    """The Slack app's manifest, JSON, and on stderr what it asks for and why."""
    from adapters.platforms.slack.manifest import MAKE_AT, SCOPES, manifest

    settings = _settings(context)
    is_socket = settings.slack.mode == "socket"
    if not is_socket and not settings.web.public_url:
        from bot.errors import ConfigError

        raise ConfigError("slack.mode is http: set web.public_url to where Slack can reach us")
    _print_json(manifest(socket_mode=is_socket, public_url=str(settings.web.public_url or "")))
    reasons = "".join(f"\n  {scope}: {reason}" for scope, reason in SCOPES.items())
    print(f"{MAKE_AT}. It asks for these scopes:{reasons}", file=sys.stderr)


@db_cli.command("backup")
def db_backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where to put the copy.")],
) -> None:
    """Copy the database while it is in use."""
    from bot import actions

    print(_run(actions.backup(_settings(context), file)))


@db_cli.command("check")
def db_check(context: typer.Context) -> None:
    """Look for damage; exit 1 and name the file when there is some."""
    from bot import actions

    print(actions.check_database(_settings(context)))


@cli.command()
def schema(
    name: Annotated[str | None, typer.Argument(help="One of the list; no name: the list.")] = None,
) -> None:
    """JSON Schema of the structured results."""
    from bot.commands.schemas import schema_names, schema_of

    if name is None:
        print("\n".join(schema_names()))
    else:
        _print_json(schema_of(name))
