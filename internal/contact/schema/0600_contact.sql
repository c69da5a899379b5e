-- The index rows say when, where, of what kind; they name nobody. reporter and
-- the persons of access_concern are pseudonyms of this room; what was recorded
-- lies sealed in contact_entry, under a key that contact_key wraps for each office.
CREATE TABLE contact_matter (
	id TEXT PRIMARY KEY,
	code TEXT NOT NULL UNIQUE,
	reporter TEXT NOT NULL,
	record TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	level BIGINT NOT NULL,
	office_id TEXT NOT NULL,
	upper_id TEXT,
	period TEXT NOT NULL,
	area TEXT NOT NULL,
	asker TEXT NOT NULL,
	channel TEXT NOT NULL,
	claimed TEXT NOT NULL,
	category TEXT NOT NULL,
	insider BOOLEAN NOT NULL,
	harmless BOOLEAN NOT NULL,
	affected BOOLEAN NOT NULL,
	catch_up BOOLEAN NOT NULL,
	hidden BOOLEAN NOT NULL,
	second BOOLEAN NOT NULL,
	leadership BOOLEAN NOT NULL,
	state TEXT NOT NULL,
	outcome TEXT NOT NULL,
	due_on TEXT NOT NULL,
	case_key TEXT NOT NULL,
	name_key TEXT NOT NULL,
	draft BYTEA,
	read_at TEXT NOT NULL,
	recorded_on TEXT NOT NULL,
	submitted_at TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX contact_matter_reporter ON contact_matter (reporter, id);
CREATE INDEX contact_matter_office ON contact_matter (office_id, state, id);
CREATE INDEX contact_matter_upper ON contact_matter (upper_id, state, id);
CREATE INDEX contact_matter_period ON contact_matter (period, unit_id, state);
CREATE INDEX contact_matter_case ON contact_matter (case_key);
CREATE INDEX contact_matter_name ON contact_matter (name_key);
CREATE TABLE contact_key (
	id TEXT PRIMARY KEY,
	matter_id TEXT NOT NULL REFERENCES contact_matter (id),
	reader TEXT NOT NULL,
	wrap BYTEA NOT NULL,
	UNIQUE (matter_id, reader)
);
CREATE TABLE contact_entry (
	id TEXT PRIMARY KEY,
	matter_id TEXT NOT NULL REFERENCES contact_matter (id),
	at TEXT NOT NULL,
	act TEXT NOT NULL,
	from_state TEXT NOT NULL,
	to_state TEXT NOT NULL,
	unit_id TEXT,
	detail TEXT NOT NULL,
	sealed BYTEA,
	commitment TEXT NOT NULL
);
CREATE INDEX contact_entry_matter ON contact_entry (matter_id, id);
CREATE TABLE contact_file (
	id TEXT PRIMARY KEY,
	matter_id TEXT NOT NULL REFERENCES contact_matter (id),
	entry_id TEXT NOT NULL REFERENCES contact_entry (id),
	hash TEXT NOT NULL,
	sealed BYTEA NOT NULL
);
CREATE INDEX contact_file_matter ON contact_file (matter_id, id);
CREATE TABLE contact_opening (
	id TEXT PRIMARY KEY,
	matter_id TEXT NOT NULL REFERENCES contact_matter (id),
	at TEXT NOT NULL,
	on_day TEXT NOT NULL,
	person_id TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	purpose TEXT NOT NULL,
	reason TEXT NOT NULL,
	state TEXT NOT NULL,
	second_id TEXT,
	second_at TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX contact_opening_matter ON contact_opening (matter_id, id);
CREATE INDEX contact_opening_state ON contact_opening (state, id);
CREATE TABLE contact_return (
	id TEXT PRIMARY KEY,
	period TEXT NOT NULL,
	person_id TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	department_id TEXT,
	zero BOOLEAN NOT NULL,
	attested BOOLEAN NOT NULL,
	late BOOLEAN NOT NULL,
	by_id TEXT,
	reason TEXT NOT NULL,
	at TEXT NOT NULL,
	corrected_at TEXT NOT NULL,
	rev BIGINT NOT NULL,
	UNIQUE (period, person_id)
);
CREATE INDEX contact_return_unit ON contact_return (period, unit_id, zero, late);
CREATE TABLE contact_gate (
	id TEXT PRIMARY KEY,
	case_key TEXT NOT NULL,
	stage TEXT NOT NULL,
	person_id TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	zero BOOLEAN NOT NULL,
	at TEXT NOT NULL,
	UNIQUE (case_key, stage, person_id)
);
CREATE TABLE contact_delegate (
	id TEXT PRIMARY KEY,
	person_id TEXT NOT NULL,
	delegate_id TEXT NOT NULL,
	from_on TEXT NOT NULL,
	to_on TEXT NOT NULL,
	reason TEXT NOT NULL,
	at TEXT NOT NULL,
	by_id TEXT NOT NULL,
	ended_at TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX contact_delegate_person ON contact_delegate (person_id, id);
CREATE INDEX contact_delegate_delegate ON contact_delegate (delegate_id, id);
CREATE TABLE contact_setting (
	id TEXT PRIMARY KEY,
	unit_id TEXT NOT NULL,
	cadence TEXT NOT NULL,
	end_day BIGINT NOT NULL,
	grace BIGINT NOT NULL,
	from_period TEXT NOT NULL,
	reason TEXT NOT NULL,
	at TEXT NOT NULL,
	by_id TEXT NOT NULL
);
CREATE INDEX contact_setting_unit ON contact_setting (unit_id, id);
CREATE TABLE contact_reminder (
	id TEXT PRIMARY KEY,
	period TEXT NOT NULL,
	person_id TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	at TEXT NOT NULL,
	by_id TEXT NOT NULL
);
CREATE INDEX contact_reminder_person ON contact_reminder (period, person_id);
CREATE TABLE contact_closing (
	id TEXT PRIMARY KEY,
	period TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	at TEXT NOT NULL,
	by_id TEXT NOT NULL,
	owed BIGINT NOT NULL,
	filed BIGINT NOT NULL,
	zero BIGINT NOT NULL,
	late BIGINT NOT NULL,
	UNIQUE (period, unit_id)
);
