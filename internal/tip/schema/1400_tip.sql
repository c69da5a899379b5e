CREATE TABLE tip (
	id TEXT PRIMARY KEY,
	no TEXT NOT NULL UNIQUE,
	year BIGINT NOT NULL,
	unit_id TEXT NOT NULL,
	office_id TEXT NOT NULL,
	code_blind TEXT NOT NULL UNIQUE,
	once_blind TEXT NOT NULL UNIQUE,
	sealed BYTEA NOT NULL,
	state TEXT NOT NULL,
	handler_id TEXT NOT NULL,
	due_on TEXT NOT NULL,
	lead TEXT NOT NULL,
	waiting BOOLEAN NOT NULL,
	files BIGINT NOT NULL,
	made_on TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX tip_office ON tip (office_id, state, id);
CREATE INDEX tip_due ON tip (due_on, id);
CREATE INDEX tip_state ON tip (state, due_on, office_id);
CREATE TABLE tip_entry (
	id TEXT PRIMARY KEY,
	tip_id TEXT NOT NULL REFERENCES tip (id),
	what TEXT NOT NULL,
	person_id TEXT NOT NULL,
	old TEXT NOT NULL,
	new TEXT NOT NULL,
	sealed BYTEA NOT NULL,
	at TEXT NOT NULL
);
CREATE INDEX tip_entry_of ON tip_entry (tip_id, id);
CREATE TABLE tip_file (
	id TEXT PRIMARY KEY,
	tip_id TEXT NOT NULL REFERENCES tip (id),
	entry_id TEXT NOT NULL REFERENCES tip_entry (id),
	hash TEXT NOT NULL,
	kind TEXT NOT NULL,
	mime TEXT NOT NULL,
	size BIGINT NOT NULL,
	sealed BYTEA NOT NULL
);
CREATE INDEX tip_file_of ON tip_file (tip_id, entry_id, id);
CREATE TABLE tip_counter (
	id TEXT PRIMARY KEY,
	n BIGINT NOT NULL
);
