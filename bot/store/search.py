"""Full-text search over entries.

The index is brought up to date in batches behind ingest, not entry by entry: one statement for a
thousand entries costs a third of a thousand statements and leaves the interpreter free meanwhile.
`search_state` says how far it has come, in the same transaction, so a killed process goes on where
it was.
"""

from __future__ import annotations

import re
import sqlite3
from typing import NamedTuple

# As the index splits: letters and digits of any script (`unicode61`); marks join what they mark.
_TOKEN = re.compile(r"[^\W_]+")
_EDGES = " \t.,;:!?)]}'\""


def index_some(connection: sqlite3.Connection, limit: int) -> int:
    """Index up to `limit` entries that are not indexed yet; returns how many."""
    start = indexed_until(connection)
    row = connection.execute(
        """
        SELECT MAX(id) AS last, COUNT(*) AS n
        FROM (SELECT id FROM entry WHERE id > ? ORDER BY id LIMIT ?) AS waiting
        """,
        (start, limit),
    ).fetchone()
    if not row["n"]:
        return 0
    connection.execute(
        """
        INSERT INTO entry_search (rowid, title, text)
        SELECT id, title, text FROM entry WHERE id > ? AND id <= ?
        """,
        (start, row["last"]),
    )
    connection.execute("UPDATE search_state SET indexed_until = ?", (row["last"],))
    count: int = row["n"]
    return count


def indexed_until(connection: sqlite3.Connection) -> int:
    """The id of the newest entry that can be found."""
    until: int = connection.execute("SELECT indexed_until FROM search_state").fetchone()[0]
    return until


def reindex(
    connection: sqlite3.Connection,
    entry_id: int,
    *,
    old: tuple[str, str],
    new: tuple[str, str],
) -> None:
    """Find an entry by its new (title, text) instead of its old one.

    An index without its own copy of the text must be told the old words to forget them.
    """
    if entry_id > indexed_until(connection):
        return
    connection.execute(
        "INSERT INTO entry_search (entry_search, rowid, title, text) VALUES ('delete', ?, ?, ?)",
        (entry_id, *old),
    )
    connection.execute(
        "INSERT INTO entry_search (rowid, title, text) VALUES (?, ?, ?)", (entry_id, *new)
    )


class SearchQuery(NamedTuple):
    """A person's words for the index, and what must stand in the text letter by letter.

    The index keeps no positions (they would double its cost), so words that must stand together
    (a phrase, "gpt-4") are looked up one by one and then looked for in the texts that remain.
    """

    match: str
    together: tuple[str, ...]


def search_query(query: str) -> SearchQuery | None:
    """What to look for; None when nothing in `query` can be looked for.

    All words must be there; the last part of each also matches longer words that begin with it.
    FTS5's own syntax is never reachable from outside: only letters and digits pass, in quotes.
    """
    terms: list[str] = []
    together: list[str] = []
    for phrase, word in re.findall(r'"([^"]*)"|(\S+)', query.replace("\0", " ")):
        text = " ".join((phrase or word).split())
        tokens = _TOKEN.findall(text)
        if not tokens:
            continue
        terms += [f'"{token}"' for token in tokens[:-1]]
        terms.append(f'"{tokens[-1]}"' + ("" if phrase else "*"))
        if len(tokens) > 1:
            together.append(text[text.index(tokens[0]) :].rstrip(_EDGES))
    return SearchQuery(" AND ".join(terms), tuple(together)) if terms else None


def like_pattern(text: str) -> str:
    """A LIKE pattern (escape character: backslash) for texts that contain this one."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
