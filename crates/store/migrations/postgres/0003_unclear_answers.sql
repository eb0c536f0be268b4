-- What the tool said to an operation that may have happened, so that whoever looks for it knows. The same
-- file for SQLite has the same number, name, tables and columns.

-- sample: '{"tool":"argocd","kind":"tool_failed","detail":"…"}'
ALTER TABLE calls ADD COLUMN unclear TEXT; -- wilco_core::answer::Trouble
