"""The schema, as the list of steps that made it. Append, never edit.

SQL outside the full-text index stays in the subset that SQLite >= 3.40 and PostgreSQL >= 15 take.
Times are UTC text of fixed width (`bot.store.times`), lists and the like are JSON text.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from itertools import groupby
from operator import itemgetter

from sqlite_utils import Database, Migrations

from bot.store.secret_addresses import bears_secret
from bot.store.story_index import STORY_INDEX_DDL, pack

migrations = Migrations("threadwire")


def _script(db: Database, script: str) -> None:
    """Run statements one by one: `executescript` would commit the transaction around us."""
    connection: sqlite3.Connection = db.conn
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""


def _migration(step: Callable[[Database], None]) -> Callable[[Database], None]:
    """Register a step; a typed face for the library's untyped decorator."""
    migrations()(step)
    return step


@_migration
def m0001_pipeline(db: Database) -> None:
    """Sources, entries, stories, subscriptions and the outbox."""
    _script(db, PIPELINE)
    _script(db, STORY_TERMS)


@_migration
def m0002_submissions(db: Database) -> None:
    """What discussion sites know of entries."""
    _script(db, SUBMISSIONS)


@_migration
def m0003_model_use(db: Database) -> None:
    """What language models cost, and their answers."""
    _script(db, MODEL_USE)


@_migration
def m0004_digests(db: Database) -> None:
    """Digests with their revisions, thread summaries, stars, and the predictions ledger."""
    _script(db, DIGESTS)


@_migration
def m0005_story_postings(db: Database) -> None:
    """The story index keeps one row for each word, not one for each word of each entry."""
    connection: sqlite3.Connection = db.conn
    connection.execute("ALTER TABLE story_term RENAME TO story_term_entry")
    _script(db, STORY_INDEX_DDL)
    rows = connection.execute("SELECT token, entry_id FROM story_term_entry ORDER BY token")
    connection.executemany(
        "INSERT INTO story_term (token, entries) VALUES (?, ?)",
        (
            (token, pack(entry_id for _, entry_id in group))
            for token, group in groupby(rows, key=itemgetter(0))
        ),
    )
    connection.execute("DROP TABLE story_term_entry")


@_migration
def m0006_host_pauses(db: Database) -> None:
    """Hosts that asked for a pause (Retry-After)."""
    _script(db, HOST_PAUSES)


@_migration
def m0007_chat(db: Database) -> None:
    """Servers and workspaces: whose a subscription is, what they switched, what ails a channel."""
    _script(db, CHAT)


@_migration
def m0008_chat_lookups(db: Database) -> None:
    """What people complete and point at in chats is found without reading whole tables."""
    _script(db, CHAT_LOOKUPS)


@_migration
def m0009_slack_installations(db: Database) -> None:
    """Slack workspaces that installed the app over the web."""
    _script(db, SLACK_INSTALLATIONS)


@_migration
def m0010_websub(db: Database) -> None:
    """What we asked hubs for, and under which address they reach us."""
    _script(db, WEBSUB)


@_migration
def m0011_public_sources(db: Database) -> None:
    """Whether the web pages may show a source and what it tells; digests by their period's end."""
    connection: sqlite3.Connection = db.conn
    connection.execute("ALTER TABLE source ADD COLUMN is_public INTEGER NOT NULL DEFAULT 1")
    rows = connection.execute("SELECT id, url FROM source").fetchall()
    connection.executemany(
        "UPDATE source SET is_public = 0 WHERE id = ?",
        [(source_id,) for source_id, url in rows if bears_secret(url)],
    )
    connection.execute("CREATE INDEX digest_until ON digest (until, id)")


@_migration
def m0012_story_and_digest_pages(db: Database) -> None:
    """Where merged stories went, and digests that can be searched."""
    _script(db, MERGED_STORIES)
    _script(db, DIGEST_SEARCH)


@_migration
def m0013_claim_stamps(db: Database) -> None:
    """When a delivery was claimed by a clock that nobody can put back."""
    _script(db, CLAIM_STAMPS)


@_migration
def m0014_status_page(db: Database) -> None:
    """How the outbox stands is read from an index, however many posts went out."""
    _script(db, STATUS_PAGE)


@_migration
def m0015_search_batches(db: Database) -> None:
    """What is indexed at once fits into the index's memory, and is written as one segment."""
    _script(db, SEARCH_BATCHES)


PIPELINE = """
CREATE TABLE source (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    fetch_url TEXT NOT NULL,
    site_url TEXT,
    title TEXT NOT NULL DEFAULT '',
    tags TEXT NOT NULL DEFAULT '[]',
    interval_s REAL,
    origin TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'active'
        CHECK (state IN ('active', 'failing', 'gone', 'removed')),
    etag TEXT,
    last_modified TEXT,
    body_hash TEXT,
    hub_url TEXT,
    last_polled_at TEXT,
    last_ok_at TEXT,
    next_poll_at TEXT,
    failures INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,
    moved_to TEXT,
    moved_count INTEGER NOT NULL DEFAULT 0,
    moved_since TEXT,
    gone_count INTEGER NOT NULL DEFAULT 0,
    gone_since TEXT,
    publish_gap_s REAL,
    memory TEXT NOT NULL DEFAULT '',
    habits TEXT NOT NULL DEFAULT '[]',
    created_at TEXT NOT NULL
);
CREATE INDEX source_due ON source (next_poll_at) WHERE state IN ('active', 'failing');

CREATE TABLE story (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    url TEXT,
    canonical_url TEXT,
    first_seen_at TEXT NOT NULL,
    news_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    entry_count INTEGER NOT NULL DEFAULT 1,
    source_count INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX story_updated ON story (updated_at);
CREATE INDEX story_news ON story (news_at);

CREATE TABLE entry (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES source (id),
    guid TEXT NOT NULL,
    url TEXT,
    canonical_url TEXT,
    title TEXT NOT NULL,
    author TEXT,
    published_at TEXT,
    updated_at TEXT,
    first_seen_at TEXT NOT NULL,
    news_at TEXT NOT NULL,
    story_id INTEGER NOT NULL REFERENCES story (id),
    terms TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    postable INTEGER NOT NULL,
    revision INTEGER NOT NULL DEFAULT 0,
    language TEXT,
    image_url TEXT,
    comments_url TEXT,
    tags TEXT NOT NULL DEFAULT '[]',
    story_reason TEXT NOT NULL,
    ingest_reason TEXT NOT NULL,
    -- Last, since what follows a long text costs a walk through its overflow pages.
    text TEXT NOT NULL,
    UNIQUE (source_id, guid)
);
CREATE INDEX entry_story ON entry (story_id);
CREATE INDEX entry_address ON entry (canonical_url) WHERE canonical_url IS NOT NULL;
CREATE INDEX entry_content ON entry (source_id, content_hash);
CREATE INDEX entry_latest ON entry (source_id, news_at);

CREATE TABLE entry_revision (
    id INTEGER PRIMARY KEY,
    entry_id INTEGER NOT NULL REFERENCES entry (id) ON DELETE CASCADE,
    seen_at TEXT NOT NULL,
    reason TEXT NOT NULL,
    old_title TEXT NOT NULL,
    old_text TEXT NOT NULL,
    old_guid TEXT NOT NULL
);
CREATE INDEX entry_revision_entry ON entry_revision (entry_id);

CREATE TABLE article_summary (
    story_id INTEGER PRIMARY KEY REFERENCES story (id) ON DELETE CASCADE,
    content_hash TEXT NOT NULL,
    method TEXT NOT NULL,
    model TEXT,
    reason TEXT NOT NULL DEFAULT '',
    result TEXT NOT NULL,
    made_at TEXT NOT NULL
);

CREATE TABLE subscription (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    origin TEXT NOT NULL,
    channel TEXT NOT NULL,
    sources TEXT NOT NULL,
    post TEXT NOT NULL CHECK (post IN ('instant', 'community', 'outlook', 'roundup')),
    schedule TEXT,
    timezone TEXT NOT NULL,
    language TEXT NOT NULL,
    min_score INTEGER NOT NULL DEFAULT 0,
    include TEXT NOT NULL DEFAULT '[]',
    exclude TEXT NOT NULL DEFAULT '[]',
    languages TEXT NOT NULL DEFAULT '[]',
    state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'removed')),
    created_at TEXT NOT NULL,
    next_run_at TEXT,
    covered_until TEXT
);
CREATE INDEX subscription_due ON subscription (next_run_at) WHERE state = 'active';

CREATE TABLE subscription_source (
    subscription_id INTEGER NOT NULL REFERENCES subscription (id) ON DELETE CASCADE,
    source_id INTEGER NOT NULL REFERENCES source (id) ON DELETE CASCADE,
    started_at TEXT,
    PRIMARY KEY (subscription_id, source_id)
);
CREATE INDEX subscription_source_source ON subscription_source (source_id);

CREATE TABLE delivery (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    subscription_id INTEGER NOT NULL REFERENCES subscription (id),
    channel TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('story', 'catchup', 'digest')),
    subject TEXT NOT NULL,
    story_id INTEGER REFERENCES story (id),
    state TEXT NOT NULL CHECK (state IN
        ('pending', 'sending', 'sent', 'retry', 'uncertain', 'dead', 'skipped')),
    rule TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    payload TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    next_attempt_at TEXT,
    sent_at TEXT,
    message_id TEXT,
    edit_due INTEGER NOT NULL DEFAULT 0,
    edits INTEGER NOT NULL DEFAULT 0,
    UNIQUE (subscription_id, subject)
);
CREATE INDEX delivery_open ON delivery (channel, id)
    WHERE state IN ('pending', 'sending', 'retry');
CREATE INDEX delivery_edit ON delivery (channel, id) WHERE edit_due = 1;
CREATE INDEX delivery_story ON delivery (story_id);

CREATE TABLE delivery_item (
    delivery_id INTEGER NOT NULL REFERENCES delivery (id) ON DELETE CASCADE,
    story_id INTEGER NOT NULL REFERENCES story (id),
    PRIMARY KEY (delivery_id, story_id)
);
CREATE INDEX delivery_item_story ON delivery_item (story_id);

CREATE TABLE delivery_attempt (
    id INTEGER PRIMARY KEY,
    delivery_id INTEGER NOT NULL REFERENCES delivery (id) ON DELETE CASCADE,
    at TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX delivery_attempt_delivery ON delivery_attempt (delivery_id);

CREATE TABLE search_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    indexed_until INTEGER NOT NULL
);
INSERT INTO search_state (id, indexed_until) VALUES (1, 0);

CREATE VIRTUAL TABLE entry_search USING fts5 (
    title, text, content = 'entry', content_rowid = 'id', columnsize = 0, detail = none,
    tokenize = 'unicode61 remove_diacritics 2'
);
"""

SUBMISSIONS = """
CREATE TABLE submission (
    entry_id INTEGER PRIMARY KEY REFERENCES entry (id) ON DELETE CASCADE,
    fullname TEXT NOT NULL,
    permalink TEXT NOT NULL,
    place TEXT NOT NULL,
    link_url TEXT,
    author TEXT,
    flair TEXT,
    score INTEGER,
    num_comments INTEGER,
    traits TEXT NOT NULL DEFAULT '[]',
    state TEXT NOT NULL,
    measured_at TEXT NOT NULL
);
CREATE INDEX submission_fullname ON submission (fullname);
"""

MODEL_USE = """
CREATE TABLE model_use (
    id INTEGER PRIMARY KEY,
    day TEXT NOT NULL,
    at TEXT NOT NULL,
    purpose TEXT NOT NULL,
    channel TEXT NOT NULL,
    model TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('held', 'settled')),
    tokens_in INTEGER NOT NULL DEFAULT 0,
    tokens_cached INTEGER NOT NULL DEFAULT 0,
    tokens_out INTEGER NOT NULL DEFAULT 0,
    cost_nanos BIGINT NOT NULL
);
CREATE INDEX model_use_day ON model_use (day, channel);

CREATE TABLE model_answer (
    key TEXT PRIMARY KEY,
    answer TEXT NOT NULL,
    model TEXT NOT NULL,
    purpose TEXT NOT NULL,
    is_private INTEGER NOT NULL DEFAULT 0,
    made_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
);
CREATE INDEX model_answer_expires ON model_answer (expires_at);
"""

DIGESTS = """
CREATE TABLE digest (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    scope TEXT NOT NULL,
    since TEXT NOT NULL,
    until TEXT NOT NULL,
    revision INTEGER NOT NULL DEFAULT 1,
    fingerprint TEXT NOT NULL,
    subscription_id INTEGER REFERENCES subscription (id),
    subject TEXT,
    is_public INTEGER NOT NULL DEFAULT 1,
    result TEXT NOT NULL,
    made_at TEXT NOT NULL,
    revised_at TEXT NOT NULL,
    UNIQUE (kind, scope, since, until)
);
CREATE INDEX digest_made ON digest (made_at);
CREATE INDEX digest_subject ON digest (subscription_id, subject);

CREATE TABLE digest_story (
    digest_id INTEGER NOT NULL REFERENCES digest (id) ON DELETE CASCADE,
    story_id INTEGER NOT NULL REFERENCES story (id) ON DELETE CASCADE,
    PRIMARY KEY (digest_id, story_id)
);
CREATE INDEX digest_story_story ON digest_story (story_id);

CREATE TABLE thread_summary (
    thread TEXT PRIMARY KEY,
    content_hash TEXT NOT NULL,
    method TEXT NOT NULL,
    result TEXT NOT NULL,
    made_at TEXT NOT NULL
);

CREATE TABLE star (
    story_id INTEGER NOT NULL REFERENCES story (id) ON DELETE CASCADE,
    person TEXT NOT NULL,
    name TEXT NOT NULL,
    place TEXT NOT NULL DEFAULT '',
    remark TEXT NOT NULL DEFAULT '',
    at TEXT NOT NULL,
    PRIMARY KEY (story_id, person)
);

CREATE TABLE prediction (
    id INTEGER PRIMARY KEY,
    scope TEXT NOT NULL,
    event_key TEXT NOT NULL,
    event TEXT NOT NULL,
    year INTEGER NOT NULL,
    confidence TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    made_at TEXT NOT NULL,
    made_by TEXT NOT NULL,
    by_model INTEGER NOT NULL,
    url TEXT,
    quote TEXT NOT NULL DEFAULT '',
    UNIQUE (scope, event_key, made_by, made_at)
);
CREATE INDEX prediction_event ON prediction (event_key, made_at);
"""

STORY_TERMS = """
CREATE TABLE story_term (
    token INTEGER NOT NULL,
    entry_id INTEGER NOT NULL,
    PRIMARY KEY (token, entry_id)
) WITHOUT ROWID;
"""

HOST_PAUSES = """
CREATE TABLE host_pause (
    place TEXT PRIMARY KEY,
    until TEXT NOT NULL
);
"""

CHAT = """
ALTER TABLE subscription ADD COLUMN space TEXT NOT NULL DEFAULT '';
ALTER TABLE subscription ADD COLUMN made_by TEXT NOT NULL DEFAULT '';
ALTER TABLE subscription ADD COLUMN role TEXT;
ALTER TABLE subscription ADD COLUMN publish INTEGER NOT NULL DEFAULT 0;
CREATE INDEX subscription_space ON subscription (space);

CREATE TABLE channel_fault (
    channel TEXT PRIMARY KEY,
    fault TEXT NOT NULL,
    reason TEXT NOT NULL,
    since TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    retry_at TEXT NOT NULL,
    told_at TEXT
);

CREATE TABLE catch_up (
    channel TEXT NOT NULL,
    person TEXT NOT NULL,
    asked_at TEXT NOT NULL,
    PRIMARY KEY (channel, person)
);

CREATE TABLE muted_source (
    channel TEXT NOT NULL,
    source_id INTEGER NOT NULL REFERENCES source (id) ON DELETE CASCADE,
    muted_by TEXT NOT NULL,
    muted_at TEXT NOT NULL,
    PRIMARY KEY (channel, source_id)
);

CREATE TABLE space_setting (
    space TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (space, name)
);

CREATE TABLE platform_note (
    platform TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (platform, name)
);
"""

CHAT_LOOKUPS = """
CREATE INDEX delivery_message ON delivery (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX source_name ON source (url, title, origin, state);
CREATE INDEX source_fetched ON source (fetch_url);
CREATE INDEX source_tags ON source (tags, origin, state) WHERE tags <> '[]';
"""

SLACK_INSTALLATIONS = """
CREATE TABLE slack_installation (
    team_id TEXT PRIMARY KEY,
    team_name TEXT NOT NULL,
    bot_user_id TEXT NOT NULL,
    scopes TEXT NOT NULL,
    sealed_token TEXT NOT NULL,
    installed_by TEXT NOT NULL,
    installed_at TEXT NOT NULL
);
"""

CLAIM_STAMPS = "ALTER TABLE delivery_attempt ADD COLUMN stamp TEXT NOT NULL DEFAULT '';"

WEBSUB = """
ALTER TABLE source ADD COLUMN self_url TEXT;

CREATE TABLE websub_subscription (
    source_id INTEGER PRIMARY KEY REFERENCES source (id) ON DELETE CASCADE,
    callback TEXT NOT NULL UNIQUE,
    hub_url TEXT NOT NULL,
    topic TEXT NOT NULL,
    secret TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('asked', 'active', 'failed')),
    asked_at TEXT NOT NULL,
    ask_again_at TEXT NOT NULL,
    lease_until TEXT,
    pushed_at TEXT,
    failures INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT ''
);
CREATE INDEX websub_due ON websub_subscription (ask_again_at);
CREATE INDEX source_hub ON source (hub_url) WHERE hub_url IS NOT NULL;
"""

MERGED_STORIES = """
CREATE TABLE merged_story (
    id INTEGER PRIMARY KEY,
    story_id INTEGER NOT NULL REFERENCES story (id) ON DELETE CASCADE
);
CREATE INDEX merged_story_into ON merged_story (story_id);
"""

# The index keeps no copy of the words: to forget a digest's, it is told them once more. Triggers do
# that, so that it stays in step whoever changes or deletes a digest.
_DIGEST_WORDS = """(
    SELECT COALESCE(GROUP_CONCAT(atom, ' '), '')
    FROM json_tree(CASE WHEN json_valid({row}.result) THEN {row}.result ELSE 'null' END)
    WHERE type = 'text' AND atom NOT LIKE 'http://%' AND atom NOT LIKE 'https://%'
)"""
_FORGET_DIGEST = f"""
    INSERT INTO digest_search (digest_search, rowid, words)
    VALUES ('delete', OLD.id, {_DIGEST_WORDS.format(row="OLD")});
"""  # noqa: S608  # our own words
_FIND_DIGEST = f"""
    INSERT INTO digest_search (rowid, words) VALUES (NEW.id, {_DIGEST_WORDS.format(row="NEW")});
"""  # noqa: S608  # our own words
DIGEST_SEARCH = f"""
CREATE VIRTUAL TABLE digest_search USING fts5 (
    words, content = '', columnsize = 0, detail = none,
    tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO digest_search (rowid, words)
SELECT digest.id, {_DIGEST_WORDS.format(row="digest")} FROM digest;
CREATE TRIGGER digest_made_searchable AFTER INSERT ON digest BEGIN {_FIND_DIGEST} END;
CREATE TRIGGER digest_forgotten AFTER DELETE ON digest BEGIN {_FORGET_DIGEST} END;
CREATE TRIGGER digest_revised AFTER UPDATE OF result ON digest
BEGIN {_FORGET_DIGEST} {_FIND_DIGEST} END;
"""  # noqa: S608  # our own words

# Partial ones, which no other question can be led astray by. What is counted by one holds the state
# all the same, since else SQLite looks at each row for it.
STATUS_PAGE = """
CREATE INDEX delivery_sent ON delivery (sent_at, state) WHERE sent_at IS NOT NULL;
CREATE INDEX delivery_stuck ON delivery (id) WHERE state IN ('dead', 'uncertain');
CREATE INDEX delivery_attempt_at ON delivery_attempt (at, outcome);
"""

# In bytes; measured: a batch of 2,000 entries costs a quarter less than in 1 MB, what is usual.
SEARCH_BATCHES = "INSERT INTO entry_search (entry_search, rank) VALUES ('hashsize', 4194304);"
