-- People. unit, department, title, rank and leadership repeat the main post,
-- because lists filter by them.
CREATE TABLE person (
	id TEXT PRIMARY KEY,
	staff_no TEXT NOT NULL UNIQUE,
	name TEXT NOT NULL,
	name_key TEXT NOT NULL,
	initials TEXT NOT NULL,
	gender TEXT NOT NULL,
	birth TEXT NOT NULL,
	native TEXT NOT NULL,
	id_sealed BYTEA,
	id_blind TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	department_id TEXT,
	title TEXT NOT NULL,
	rank TEXT NOT NULL,
	leadership BOOLEAN NOT NULL,
	status TEXT NOT NULL,
	departed_on TEXT NOT NULL,
	created_at TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE UNIQUE INDEX person_id_number ON person (id_blind) WHERE id_blind <> '';
CREATE INDEX person_unit ON person (unit_id, staff_no, status, leadership, department_id, id);
CREATE INDEX person_department ON person (department_id, staff_no);
CREATE INDEX person_name ON person (name_key, staff_no, unit_id, status, leadership, id);
CREATE INDEX person_initials ON person (initials, staff_no, unit_id, status, leadership, id);
CREATE INDEX person_status ON person (status, staff_no, unit_id, leadership, id);
CREATE INDEX person_leadership ON person (leadership, staff_no, unit_id, status, id);
CREATE TABLE person_post (
	id TEXT PRIMARY KEY,
	person_id TEXT NOT NULL REFERENCES person (id),
	unit_id TEXT NOT NULL,
	department_id TEXT,
	title TEXT NOT NULL,
	rank TEXT NOT NULL,
	leadership BOOLEAN NOT NULL,
	main BOOLEAN NOT NULL,
	valid_from TEXT NOT NULL,
	valid_to TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX person_post_person ON person_post (person_id);
CREATE TABLE person_employment (
	id TEXT PRIMARY KEY,
	person_id TEXT NOT NULL REFERENCES person (id),
	unit_id TEXT,
	employer TEXT NOT NULL,
	title TEXT NOT NULL,
	valid_from TEXT NOT NULL,
	valid_to TEXT NOT NULL,
	at TEXT NOT NULL
);
CREATE INDEX person_employment_person ON person_employment (person_id);
-- Entries about relatives: the current ones are those that no other replaces.
CREATE TABLE person_relative (
	id TEXT PRIMARY KEY,
	person_id TEXT NOT NULL REFERENCES person (id),
	kind TEXT NOT NULL,
	replaces_id TEXT UNIQUE REFERENCES person_relative (id),
	relation TEXT NOT NULL,
	name TEXT NOT NULL,
	related_id TEXT REFERENCES person (id),
	employer TEXT NOT NULL,
	id_sealed BYTEA,
	id_blind TEXT NOT NULL,
	valid_from TEXT NOT NULL,
	valid_to TEXT NOT NULL,
	reason TEXT NOT NULL,
	at TEXT NOT NULL,
	by_id TEXT
);
CREATE INDEX person_relative_person ON person_relative (person_id);
CREATE INDEX person_relative_related ON person_relative (related_id);
CREATE TABLE person_reveal (
	id TEXT PRIMARY KEY,
	person_id TEXT NOT NULL REFERENCES person (id),
	account TEXT NOT NULL,
	at TEXT NOT NULL
);
CREATE INDEX person_reveal_account ON person_reveal (account, at);
