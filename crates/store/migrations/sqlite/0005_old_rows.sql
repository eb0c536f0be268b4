-- Old rows are found without reading all the others: on SQLite whoever deletes them keeps every other writer
-- waiting. The same file for PostgreSQL has the same number, name, tables and columns.

CREATE INDEX inbox_keys_received ON inbox_keys (received_at);
CREATE INDEX inbox_received ON inbox (received_at); -- the keys of what still waits stay
CREATE INDEX outbox_old ON outbox (said_at) WHERE next_at IS NULL;
CREATE INDEX calls_old ON calls (asked_at) WHERE next_at IS NULL;
