-- Whoever asks again in a thread most likely means what was worked on there last, so its runs are found also when
-- they are over. The same file for PostgreSQL has the same number, name, tables and columns.

CREATE INDEX entities_ended_runs ON entities (thread) WHERE kind = 'run' AND live = 0;
