-- What is done now and then, by one process for all. The same file for SQLite has the same number,
-- name, tables and columns.

-- 'prune': the moment from which old rows may be deleted again, so that replicas take turns.
-- 'alive': counts the signs of life; a store that cannot write this row cannot write anything.
-- sample: 'prune' | 1790000000000
CREATE TABLE chores (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    mark BIGINT NOT NULL
);
INSERT INTO chores (name, mark) VALUES ('prune', 0), ('alive', 0);
