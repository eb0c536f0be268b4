-- The first tables. The same file for PostgreSQL has the same number, name, tables and columns.
--
-- Types are the portable subset: TEXT, BIGINT (moments are milliseconds since the Unix epoch, truth
-- is 0 or 1), JSON as TEXT. Bodies are JSON that wilco-core wrote; nothing here looks into them.

-- Events that wait to be handled, each exactly once. A handled event is deleted, its key stays in
-- inbox_keys. AUTOINCREMENT, so that the number of a handled event never names a later one.
-- sample: 17 | 'said console main ops 5 mina' | '{"event":"message",…}' | 1790000000000
CREATE TABLE inbox (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    lane        TEXT   NOT NULL, -- events of one lane are handled in order
    body        TEXT   NOT NULL, -- wilco_core::event::Event
    received_at BIGINT NOT NULL
);
CREATE INDEX inbox_lane ON inbox (lane, seq);

-- Every event received, so that a second delivery changes nothing; old ones are deleted.
-- sample: 'console:mina:42' | 1790000000000
CREATE TABLE inbox_keys (
    key         TEXT   NOT NULL PRIMARY KEY,
    received_at BIGINT NOT NULL
) WITHOUT ROWID;

-- Threads in which something relevant was said; the filter in front of the inbox keeps them.
-- sample: 'console main ops 5' | 1790000000000
CREATE TABLE known_threads (
    thread   TEXT   NOT NULL PRIMARY KEY,
    known_at BIGINT NOT NULL
) WITHOUT ROWID;

-- Everything with state: dialogs, runs, locks. A removed entity keeps its row, empty and gone, so
-- that its versions go on counting when the same key comes back: a reader that saw the old one must
-- not mistake the new one for it.
-- sample: 'run' | 'r1' | 7 | 'console main ops 5' | 1 | 0 | '{"run":{…}}'
CREATE TABLE entities (
    kind    TEXT   NOT NULL,
    id      TEXT   NOT NULL,
    version BIGINT NOT NULL, -- counts the writes, from 1
    thread  TEXT,            -- where it lives, if in a thread
    live    BIGINT NOT NULL, -- 1: something can still happen to it
    gone    BIGINT NOT NULL, -- 1: removed
    body    TEXT   NOT NULL, -- wilco_core::entity::Entity
    PRIMARY KEY (kind, id)
);
CREATE INDEX entities_thread ON entities (thread) WHERE live = 1;
CREATE INDEX entities_live ON entities (kind, id) WHERE live = 1;

-- Messages that the bot wants to stand on a platform. See src/claim.rs for next_at, epoch,
-- lease_until and earlier_send_by.
-- sample: 'r1 card' | 'console main ops 5' | 3 | 1790000000000 | '{"thread":…}' | '{"text":…}'
--         | NULL | 4 | 3 | '17' | 0 | 1790000060000 | 6 | 1790000060000 | NULL
CREATE TABLE outbox (
    key             TEXT   NOT NULL PRIMARY KEY,
    lane            TEXT   NOT NULL, -- first posts of one lane go out in order …
    place           BIGINT NOT NULL, -- … of this number
    said_at         BIGINT NOT NULL, -- when the oldest wish that still waits was made
    goes_to         TEXT   NOT NULL, -- wilco_core::message::To
    body            TEXT   NOT NULL, -- wilco_core::message::Body
    receipt         TEXT,            -- wilco_core::entity::EntityKey that wants to know the id
    wanted          BIGINT NOT NULL, -- which wish this is, from 1
    sent            BIGINT NOT NULL, -- the wish that stands on the platform; 0: none
    message         TEXT,            -- the platform's id, once posted
    dropped         BIGINT NOT NULL, -- 1: it will never go out
    next_at         BIGINT,          -- claimable from this moment; NULL: nothing to do
    epoch           BIGINT NOT NULL, -- counts the claims
    lease_until     BIGINT,          -- the end of the claim in force
    earlier_send_by BIGINT           -- the last moment at which an earlier claim may have sent
);
CREATE INDEX outbox_next ON outbox (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX outbox_unposted ON outbox (lane, place) WHERE message IS NULL AND next_at IS NOT NULL;

-- The last place given out in each lane of the outbox.
-- sample: 'console main ops 5' | 3
CREATE TABLE outbox_lanes (
    lane TEXT   NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL
) WITHOUT ROWID;

-- Queries and operations. One that is over keeps its row without a body, because its id names it for
-- ever: wanting it again must not do it again. See src/claim.rs.
-- sample: 'r1.4' | 'operation' | '{"id":"r1.4",…}' | 1790000000000 | 0 | 0 | NULL | NULL
CREATE TABLE calls (
    id              TEXT   NOT NULL PRIMARY KEY,
    task            TEXT   NOT NULL, -- query or operation
    body            TEXT   NOT NULL, -- wilco_core::call::Query or Operation
    asked_at        BIGINT NOT NULL,
    next_at         BIGINT,
    epoch           BIGINT NOT NULL,
    lease_until     BIGINT,
    earlier_send_by BIGINT
);
CREATE INDEX calls_next ON calls (next_at) WHERE next_at IS NOT NULL;

-- Timers that run; a fired one moves to the inbox.
-- sample: 'run r1' | 'look 0' | 1790000005000 | '{"owner":{"run":"r1"},…}'
CREATE TABLE timers (
    owner TEXT   NOT NULL,
    name  TEXT   NOT NULL,
    due   BIGINT NOT NULL,
    body  TEXT   NOT NULL, -- wilco_core::timer::Timer
    PRIMARY KEY (owner, name)
);
CREATE INDEX timers_due ON timers (due, owner, name); -- the order in which they fire

-- Sources of runbooks, under the SHA-256 by which dialogs, approvals and runs name them.
-- sample: '9f86d0…' | 'runbook: deploy …'
CREATE TABLE definitions (
    hash   TEXT NOT NULL PRIMARY KEY,
    source TEXT NOT NULL
);

-- Lists that adapters without a platform of their own keep their messages in, and for each journal
-- the last place given out.
-- sample: 'console' | 12 and 'console' | 'm7' | 12 | '{"text":…}'
CREATE TABLE journals (
    name TEXT   NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL
) WITHOUT ROWID;
CREATE TABLE journal_entries (
    journal TEXT   NOT NULL,
    key     TEXT   NOT NULL,
    seq     BIGINT NOT NULL,
    body    TEXT   NOT NULL,
    PRIMARY KEY (journal, key)
);
CREATE UNIQUE INDEX journal_order ON journal_entries (journal, seq);

-- Facts that must never be lost or changed. Nothing updates or deletes them.
-- sample: 3 | 1790000000000 | '{"at":1790000000000,"who":"jun",…}'
CREATE TABLE audits (
    seq  INTEGER PRIMARY KEY AUTOINCREMENT,
    at   BIGINT NOT NULL,
    body TEXT   NOT NULL -- wilco_core::audit::AuditRecord
);

-- The number of the last run.
CREATE TABLE run_numbers (
    last BIGINT NOT NULL
);
INSERT INTO run_numbers (last) VALUES (0);
