CREATE TABLE meeting (
	id TEXT PRIMARY KEY,
	unit_id TEXT NOT NULL,
	title TEXT NOT NULL,
	held_on TEXT NOT NULL,
	begins TEXT NOT NULL,
	form TEXT NOT NULL,
	place TEXT NOT NULL,
	host TEXT NOT NULL,
	guests TEXT NOT NULL,
	audience TEXT NOT NULL,
	units TEXT NOT NULL,
	state TEXT NOT NULL,
	author_id TEXT NOT NULL,
	made_at TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX meeting_unit ON meeting (unit_id, held_on, id);
CREATE INDEX meeting_held ON meeting (held_on, id);
CREATE TABLE meeting_agenda (
	id TEXT PRIMARY KEY,
	meeting_id TEXT NOT NULL REFERENCES meeting (id),
	no BIGINT NOT NULL,
	kind TEXT NOT NULL,
	title TEXT NOT NULL,
	speaker TEXT NOT NULL,
	minutes BIGINT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX meeting_agenda_of ON meeting_agenda (meeting_id, no);
CREATE TABLE meeting_venue (
	id TEXT PRIMARY KEY,
	meeting_id TEXT NOT NULL REFERENCES meeting (id),
	unit_id TEXT NOT NULL,
	by_unit_id TEXT NOT NULL,
	level BIGINT NOT NULL,
	main BIGINT NOT NULL,
	state TEXT NOT NULL,
	expected BIGINT NOT NULL,
	present BIGINT NOT NULL,
	lead TEXT NOT NULL,
	reason TEXT NOT NULL,
	by_id TEXT NOT NULL,
	at TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE UNIQUE INDEX meeting_venue_once ON meeting_venue (meeting_id, unit_id);
CREATE INDEX meeting_venue_unit ON meeting_venue (unit_id, state, meeting_id);
CREATE INDEX meeting_venue_state ON meeting_venue (meeting_id, state, level, unit_id);
CREATE TABLE meeting_material (
	id TEXT PRIMARY KEY,
	meeting_id TEXT NOT NULL REFERENCES meeting (id),
	agenda_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	title TEXT NOT NULL,
	hash TEXT NOT NULL,
	name TEXT NOT NULL,
	mime TEXT NOT NULL,
	size BIGINT NOT NULL,
	by_id TEXT NOT NULL,
	at TEXT NOT NULL
);
CREATE INDEX meeting_material_of ON meeting_material (meeting_id, at);
CREATE TABLE meeting_stream (
	id TEXT PRIMARY KEY,
	meeting_id TEXT NOT NULL REFERENCES meeting (id),
	directive_id TEXT NOT NULL,
	by_id TEXT NOT NULL,
	at TEXT NOT NULL
);
CREATE UNIQUE INDEX meeting_stream_once ON meeting_stream (meeting_id, directive_id);
