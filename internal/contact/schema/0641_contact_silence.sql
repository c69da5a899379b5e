-- How many cases a person handled in a period, from the case system; post is the
-- line of work by which peers are found.
CREATE TABLE contact_caseload (
	id TEXT PRIMARY KEY,
	period TEXT NOT NULL,
	person_id TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	level BIGINT NOT NULL,
	post TEXT NOT NULL,
	cases BIGINT NOT NULL,
	by_id TEXT NOT NULL,
	at TEXT NOT NULL,
	rev BIGINT NOT NULL,
	UNIQUE (period, person_id)
);
CREATE INDEX contact_caseload_unit ON contact_caseload (unit_id, period, person_id, post, cases);
CREATE INDEX contact_caseload_peers ON contact_caseload (level, period, unit_id, post, person_id, cases);
-- Letters of verification: who is asked about is drawn by lot among zero returns.
CREATE TABLE contact_draw (
	id TEXT PRIMARY KEY,
	unit_id TEXT NOT NULL,
	period TEXT NOT NULL,
	size BIGINT NOT NULL,
	population BIGINT NOT NULL,
	list BYTEA NOT NULL,
	digest TEXT NOT NULL,
	commitment TEXT NOT NULL,
	sealed BYTEA,
	seed TEXT NOT NULL,
	salt TEXT NOT NULL,
	state TEXT NOT NULL,
	by_id TEXT NOT NULL,
	at TEXT NOT NULL,
	revealed_at TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX contact_draw_unit ON contact_draw (unit_id, id);
CREATE TABLE contact_letter (
	id TEXT PRIMARY KEY,
	draw_id TEXT NOT NULL REFERENCES contact_draw (id),
	return_id TEXT NOT NULL REFERENCES contact_return (id),
	person_id TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	office_id TEXT NOT NULL,
	period TEXT NOT NULL,
	state TEXT NOT NULL,
	outcome TEXT NOT NULL,
	lead_no TEXT NOT NULL,
	due_on TEXT NOT NULL,
	at TEXT NOT NULL,
	rev BIGINT NOT NULL,
	UNIQUE (draw_id, return_id)
);
CREATE INDEX contact_letter_office ON contact_letter (office_id, state, id);
CREATE TABLE contact_letter_entry (
	id TEXT PRIMARY KEY,
	letter_id TEXT NOT NULL REFERENCES contact_letter (id),
	at TEXT NOT NULL,
	act TEXT NOT NULL,
	from_state TEXT NOT NULL,
	to_state TEXT NOT NULL,
	person_id TEXT NOT NULL,
	sealed BYTEA
);
CREATE INDEX contact_letter_entry_of ON contact_letter_entry (letter_id, id);
