-- What became of holding the records against each other. lines tell how far the
-- facts agree; they hold no fact.
CREATE TABLE contact_crosscheck (
	id TEXT PRIMARY KEY,
	matter_id TEXT NOT NULL REFERENCES contact_matter (id),
	other_id TEXT REFERENCES contact_matter (id),
	office_id TEXT NOT NULL,
	upper_id TEXT,
	state TEXT NOT NULL,
	found TEXT NOT NULL,
	permille BIGINT NOT NULL,
	lines TEXT NOT NULL,
	answer TEXT NOT NULL,
	due_on TEXT NOT NULL,
	at TEXT NOT NULL,
	rev BIGINT NOT NULL,
	UNIQUE (matter_id)
);
CREATE INDEX contact_crosscheck_office ON contact_crosscheck (office_id, state, id);
CREATE INDEX contact_crosscheck_upper ON contact_crosscheck (upper_id, state, id);
CREATE TABLE contact_crosscheck_entry (
	id TEXT PRIMARY KEY,
	crosscheck_id TEXT NOT NULL REFERENCES contact_crosscheck (id),
	at TEXT NOT NULL,
	act TEXT NOT NULL,
	from_state TEXT NOT NULL,
	to_state TEXT NOT NULL,
	unit_id TEXT,
	answer TEXT NOT NULL,
	sealed BYTEA
);
CREATE INDEX contact_crosscheck_entry_of ON contact_crosscheck_entry (crosscheck_id, id);
