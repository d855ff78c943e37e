"""Structured logs on stderr: for people on a terminal, JSON elsewhere. No secret passes."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any, Literal

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.store.secret_addresses import shown_url
from config.secrets import redactor

_ADDRESS = re.compile(r"\bhttps?://[^\s<>\"']*[^\s<>\"'.,:;)]")


def configure(
    *,
    level: Literal["debug", "info", "warning", "error"],
    format: Literal["auto", "human", "json"],  # noqa: A002  # the setting's own name
    secrets: Sequence[str],
) -> None:
    """Set logging up for the process, the libraries' loggers included."""
    human = format == "human" or (format == "auto" and sys.stderr.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _redactor(secrets),
    ]
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
        if human
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    # JSON carries a traceback as text; the human renderer prints it itself. Only then can be seen
    # what it gives away.
    traceback: list[Processor] = [] if human else [structlog.processors.format_exc_info]
    finish = [*traceback, renderer, _line_redactor(secrets)]
    structlog.configure(
        processors=[*shared, *finish],
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *finish],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # Libraries log each tick at info; what matters of theirs is a warning. The extractors
    # call every page without an article an error; that is told where it matters.
    for noisy in ("apscheduler", "asyncio", "aiohttp", "httpx2", "openai"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
    for noisy in ("trafilatura", "htmldate", "courlan"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)


def _line_redactor(secrets: Sequence[str]) -> Processor:
    redacted = redactor(secrets)

    def hide(_: WrappedLogger, __: str, line: Any) -> str:
        return redacted(str(line))

    return hide


def _redactor(secrets: Sequence[str]) -> Callable[[WrappedLogger, str, EventDict], EventDict]:
    redacted = redactor(secrets)

    def hide(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        return {
            key: _without_secret_addresses(redacted(value)) if isinstance(value, str) else value
            for key, value in event.items()
        }

    return hide


def _without_secret_addresses(text: str) -> str:
    """Of a feed's address that bears its subscriber's secret the host is told, and no more."""
    return _ADDRESS.sub(lambda found: shown_url(found.group()), text) if "://" in text else text
