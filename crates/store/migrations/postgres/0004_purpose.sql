-- What a store is for, so that neither a demo, where anyone speaks as anyone, works on what `wilco serve` has
-- begun, nor the other way round. The same file for SQLite has the same number, name, tables and columns.

-- At most one row, written when the store is first opened for something; see src/tables/purpose.rs.
-- sample: 1 | 'serve'
CREATE TABLE purpose (
    one  BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    name TEXT COLLATE "C" NOT NULL -- wilco_store::Purpose
);
