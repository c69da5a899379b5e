-- The yearly statement of a person that his declaration of relatives is complete.
CREATE TABLE screening_declaration (
	id TEXT PRIMARY KEY,
	person_id TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	year BIGINT NOT NULL,
	relatives BIGINT NOT NULL,
	late BOOLEAN NOT NULL,
	note TEXT NOT NULL,
	at TEXT NOT NULL,
	rev BIGINT NOT NULL,
	UNIQUE (person_id, year)
);
