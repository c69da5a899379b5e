-- Talks that follow on long runs of zero returns of a department or a unit (R-15):
-- with whom, by when, and what came of it. Words are sealed for the office.
CREATE TABLE contact_talk (
	id TEXT PRIMARY KEY,
	unit_id TEXT NOT NULL,
	department_id TEXT NOT NULL,
	office_id TEXT NOT NULL,
	upper_id TEXT,
	person_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	run BIGINT NOT NULL,
	state TEXT NOT NULL,
	outcome TEXT NOT NULL,
	held_on TEXT NOT NULL,
	due_on TEXT NOT NULL,
	at TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE UNIQUE INDEX contact_talk_waits ON contact_talk (unit_id, department_id) WHERE state = 'arranged';
CREATE INDEX contact_talk_group ON contact_talk (unit_id, department_id, id);
CREATE INDEX contact_talk_office ON contact_talk (office_id, state, id);
CREATE INDEX contact_talk_upper ON contact_talk (upper_id, state, id);
CREATE TABLE contact_talk_entry (
	id TEXT PRIMARY KEY,
	talk_id TEXT NOT NULL REFERENCES contact_talk (id),
	at TEXT NOT NULL,
	act TEXT NOT NULL,
	from_state TEXT NOT NULL,
	to_state TEXT NOT NULL,
	person_id TEXT NOT NULL,
	detail TEXT NOT NULL,
	sealed BYTEA
);
CREATE INDEX contact_talk_entry_of ON contact_talk_entry (talk_id, id);
-- Runs of zero returns are summed by department.
CREATE INDEX contact_return_department ON contact_return (unit_id, period, department_id, zero);
