-- Records that somebody had to make and did not (R-11): noted, the person heard, a
-- consequence proposed by one and decided by another. Words are sealed for the office.
CREATE TABLE contact_omission (
	id TEXT PRIMARY KEY,
	person_id TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	office_id TEXT NOT NULL,
	upper_id TEXT,
	kind TEXT NOT NULL,
	source TEXT NOT NULL,
	ref TEXT NOT NULL,
	on_day TEXT NOT NULL,
	state TEXT NOT NULL,
	consequence TEXT NOT NULL,
	proposer_id TEXT NOT NULL,
	lead_no TEXT NOT NULL,
	due_on TEXT NOT NULL,
	at TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX contact_omission_office ON contact_omission (office_id, state, id);
CREATE INDEX contact_omission_upper ON contact_omission (upper_id, state, id);
CREATE INDEX contact_omission_person ON contact_omission (person_id, kind, state);
CREATE TABLE contact_omission_entry (
	id TEXT PRIMARY KEY,
	omission_id TEXT NOT NULL REFERENCES contact_omission (id),
	at TEXT NOT NULL,
	act TEXT NOT NULL,
	from_state TEXT NOT NULL,
	to_state TEXT NOT NULL,
	person_id TEXT NOT NULL,
	detail TEXT NOT NULL,
	sealed BYTEA
);
CREATE INDEX contact_omission_entry_of ON contact_omission_entry (omission_id, id);
-- When the person himself has looked at what somebody else filed in his absence.
ALTER TABLE contact_return ADD COLUMN confirmed_at TEXT NOT NULL DEFAULT '';
CREATE INDEX contact_return_unconfirmed ON contact_return (person_id) WHERE by_id IS NOT NULL AND confirmed_at = '';
