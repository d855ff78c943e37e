"""Regular expressions that people write: RE2, whose time grows with the text, not with malice."""

from __future__ import annotations

import functools
from typing import Protocol

MAX_REGEX = 1_000
MAX_REGEX_MEMORY = 1 << 20


class RegexError(ValueError):
    """An expression that RE2 cannot read, or one that is too large. The message says which."""


class Searcher(Protocol):
    """A compiled expression."""

    def search(self, text: str) -> object: ...


@functools.lru_cache(maxsize=1_024)
def compile_regex(expression: str) -> Searcher:
    """Compile without regard to case. Raises `RegexError`."""
    import re2  # only those who write expressions pay for loading it

    if len(expression) > MAX_REGEX:
        raise RegexError(f"it is longer than {MAX_REGEX} characters")
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False  # it would write to stderr past our one line
    options.max_mem = MAX_REGEX_MEMORY
    try:
        searcher: Searcher = re2.compile(expression, options=options)
    except (re2.error, UnicodeError) as exc:
        fault = exc.args[0] if exc.args else ""
        detail = fault.decode("utf-8", "replace") if isinstance(fault, bytes) else str(fault)
        raise RegexError(detail) from None
    return searcher
