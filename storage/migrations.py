"""The tables, as numbered migrations; sqlite-utils records in `_sqlite_migrations` which were applied.

A migration that was released is never changed: a change is a new one, with the next number. Moments are
ISO-8601 text in UTC with milliseconds, so that they sort as text and every tool reads them.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

migrations = Migrations("nightdesk")
KNOWN = frozenset(
    {
        "0001_start",
        "0002_people",
        "0003_alerts",
        "0004_evidence",
        "0004_drift",
        "0005_knowledge",
        "0006_moments",
        "0007_reads",
        "0008_verdicts",
        "0009_short_ways",
        "0010_places",
        "0011_alarmed",
    }
)

_TABLES = """
create table shops (
    shop text primary key,
    title text not null,
    console text not null,
    platform text not null,
    state text not null,
    why text not null,
    state_since text not null,
    beat_at text,
    live_since text
) {strict};

create table conversations (
    id integer primary key,
    shop text not null references shops(shop),
    key text not null,
    handled_key text,
    silent_until text,
    choices text not null default '[]',
    unique (shop, key)
) {strict};

create table turns (
    id integer primary key,
    conversation_id integer not null references conversations(id),
    state text not null,
    seen_at text not null,
    asked_at text,
    first_key text,
    last_key text,
    text text not null default '',
    outcome text,
    entry text,
    confidence real,
    reason text not null default '',
    would_say text not null default '',
    holding_at text,
    holding_by text,
    reply_at text,
    reply_by text,
    handed_at text
) {strict};

create table messages (
    id integer primary key,
    conversation_id integer not null references conversations(id),
    turn_id integer references turns(id),
    key text not null,
    sender text not null,
    kind text not null,
    text text not null,
    at text,
    noted_at text not null,
    unique (conversation_id, key)
) {strict};

create table replies (
    id integer primary key,
    turn_id integer not null references turns(id),
    conversation_id integer not null references conversations(id),
    kind text not null,
    entry text,
    text text not null,
    state text not null,
    why text not null default '',
    newest_key text not null,
    message_key text,
    drafted_at text not null,
    typing_at text,
    sending_at text,
    confirmed_at text
) {strict};

create table handoffs (
    id integer primary key,
    turn_id integer not null references turns(id),
    state text not null,
    reason text not null,
    urgent integer not null,
    opened_at text not null,
    deadline_at text not null,
    claimed_by text,
    claimed_at text,
    done_at text
) {strict};

create table events (
    id integer primary key,
    at text not null,
    shop text,
    kind text not null,
    severity text not null,
    detail text not null
) {strict};

create table commands (
    id integer primary key,
    at text not null,
    shop text not null,
    kind text not null,
    args text not null,
    state text not null,
    result text not null default '{{}}'
) {strict};

create unique index turns_open on turns(conversation_id) where state = 'open';
create index turns_still_open on turns(state) where state = 'open';
create index turns_of_conversation on turns(conversation_id);
create index turns_seen on turns(seen_at);
create index messages_of_turn on messages(turn_id);
create unique index replies_bubble on replies(conversation_id, message_key) where state = 'confirmed';
create index replies_unfinished on replies(state) where state in ('drafted', 'typing', 'sending');
create index replies_of_conversation on replies(conversation_id);
create index replies_of_turn on replies(turn_id);
create unique index handoffs_open on handoffs(turn_id) where state in ('open', 'claimed');
create index handoffs_of_turn on handoffs(turn_id);
create index commands_of_shop on commands(shop, state);
"""

_PEOPLE = """
create table pauses (
    id integer primary key,
    shop text,
    conversation_key text,
    since text not null,
    by text not null
) {strict};

create unique index pauses_once on pauses(coalesce(shop, ''), coalesce(conversation_key, ''));
alter table shops add column picture text;
"""


@migrations(name="0001_start")
def start(db: Database) -> None:
    """The tables that the first version needs."""
    db.executescript(_TABLES.format(strict="strict" if db.supports_strict else ""))


@migrations(name="0002_people")
def people(db: Database) -> None:
    """What people told to keep quiet, and the picture of what a shop waits for a person to do."""
    db.executescript(_PEOPLE.format(strict="strict" if db.supports_strict else ""))


_ALERTS = """
create table calls (
    key text primary key,
    kind text not null,
    shop text,
    subject text not null,
    severity text not null,
    began_at text not null,
    gone_at text,
    over_at text,
    times integer not null,
    rounds integer not null,
    told_at text,
    kinds text not null,
    people text not null,
    owed integer not null,
    held integer not null,
    acked_by text,
    acked_at text
) {strict};

create table alerts (
    id integer primary key,
    code text not null,
    at text not null,
    person text not null,
    kind text not null,
    urgent integer not null,
    calls text not null,
    title text not null,
    text text not null,
    pictures text not null,
    state text not null,
    channel text,
    repeats integer not null default 0,
    why text not null default '',
    sent_at text,
    acked_by text,
    acked_at text
) {strict};

create table signs (
    name text primary key,
    at text not null,
    since text not null,
    fine integer not null,
    why text not null
) {strict};

create index calls_over on calls(over_at);
create index alerts_unsent on alerts(state) where state in ('new', 'leaving');
create index alerts_at on alerts(at);
create index alerts_code on alerts(code);
create index events_severe on events(at) where severity in ('warning', 'alert');
"""


@migrations(name="0003_alerts")
def add_alerts(db: Database) -> None:
    """Who is called for what, the messages that say so, and signs of what else must be well."""
    db.executescript(_ALERTS.format(strict="strict" if db.supports_strict else ""))


@migrations(name="0004_evidence")
def evidence(db: Database) -> None:
    """What a person gets to see of a handoff: a picture's path, and the thread as it was read."""
    db.execute("alter table handoffs add column picture text")
    db.execute("alter table handoffs add column seen text not null default '{}'")


_DRIFTS = """
create table portraits (
    shop text primary key references shops(shop),
    taken_at text not null,
    portraits text not null
) {strict};

create table drifts (
    id integer primary key,
    shop text not null references shops(shop),
    at text not null,
    over_at text,
    key text not null,
    why text not null,
    page text,
    report text not null default '{{}}'
) {strict};

create unique index drifts_open on drifts(shop) where over_at is null;
create index drifts_of_shop on drifts(shop);
"""


@migrations(name="0004_drift")
def drift(db: Database) -> None:
    """What pages looked like while their packs fitted, and when they did not."""
    db.executescript(_DRIFTS.format(strict="strict" if db.supports_strict else ""))


_KNOWLEDGE = """
create table knowledge_notes (
    id integer primary key,
    at text not null,
    state text not null,
    digest text not null,
    why text not null default ''
) {strict};

create table knowledge_texts (
    digest text primary key,
    files blob not null
) {strict};
"""


@migrations(name="0005_knowledge")
def knowledge(db: Database) -> None:
    """Which versions of the knowledge were live, with their texts packed, and which edits were wrong."""
    db.executescript(_KNOWLEDGE.format(strict="strict" if db.supports_strict else ""))


@migrations(name="0006_moments")
def moments(db: Database) -> None:
    """When a turn was decided on and a reply given up: what the story of a turn needs, put in with what is written
    anyway.
    """
    db.execute("alter table turns add column decided_at text")
    db.execute("alter table replies add column ended_at text")
    db.execute("create index events_of_shop on events(shop, at)")


@migrations(name="0007_reads")
def reads(db: Database) -> None:
    """When each shop's page was last read, and a short way to the replies of which nobody knows."""
    db.execute("alter table shops add column read_at text")
    db.execute("create index replies_unverified on replies(conversation_id) where state = 'unverified'")


_VERDICTS = """
create table verdicts (
    reply_id integer primary key references replies(id),
    at text not null,
    correct integer not null,
    by text not null
) {strict};
"""


@migrations(name="0008_verdicts")
def verdicts(db: Database) -> None:
    """What people said of answers that they looked at in the morning."""
    db.executescript(_VERDICTS.format(strict="strict" if db.supports_strict else ""))


@migrations(name="0009_short_ways")
def short_ways(db: Database) -> None:
    """Short ways to the last event of a kind and to the calls whose end is still to be told: both are asked for
    while everybody waits for the ledger.
    """
    db.execute("create index events_of_kind on events(kind)")
    db.execute("create index calls_owed on calls(owed) where owed = 1")


@migrations(name="0010_places")
def places(db: Database) -> None:
    """At which address and account a shop is: it may answer only where a person has tried it."""
    db.execute("alter table shops add column url text")
    db.execute("alter table shops add column account text")


@migrations(name="0011_alarmed")
def alarmed(db: Database) -> None:
    """Whether a call was told as an alert: one that becomes urgent later is told at once."""
    db.execute("alter table calls add column alarmed integer not null default 0")
    db.execute("update calls set alarmed = 1 where severity = 'alert' and told_at is not null")
