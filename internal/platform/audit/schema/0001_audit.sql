CREATE TABLE audit_entry (
	id TEXT PRIMARY KEY,
	at TEXT NOT NULL,
	action TEXT NOT NULL,
	leaf BYTEA NOT NULL,
	salt BYTEA,
	body BYTEA,
	idx BIGINT
);
CREATE UNIQUE INDEX audit_entry_idx ON audit_entry (idx) WHERE idx IS NOT NULL;
CREATE INDEX audit_entry_waiting ON audit_entry (id) WHERE idx IS NULL;
CREATE INDEX audit_entry_action ON audit_entry (action, idx);
CREATE TABLE audit_row (
	entry_id TEXT NOT NULL REFERENCES audit_entry (id),
	tab TEXT NOT NULL,
	row_id TEXT NOT NULL,
	digest BYTEA NOT NULL,
	PRIMARY KEY (tab, row_id, entry_id)
);
CREATE INDEX audit_row_entry ON audit_row (entry_id);
CREATE TABLE audit_hash (
	n BIGINT PRIMARY KEY,
	hash BYTEA NOT NULL
);
CREATE TABLE audit_head (
	one BIGINT PRIMARY KEY CHECK (one = 1),
	size BIGINT NOT NULL,
	checkpoint TEXT NOT NULL
);
INSERT INTO audit_head (one, size, checkpoint) VALUES (1, 0, '');
