-- What is over is looked through from the newest on: which runs there were, and what they changed. The same file for
-- PostgreSQL has the same number, name, tables and columns.

CREATE INDEX entities_over ON entities (kind, LENGTH(id), id) WHERE live = 0 AND gone = 0;
