CREATE TABLE inspection_taxonomy (
	id TEXT PRIMARY KEY,
	by_id TEXT NOT NULL,
	version BIGINT NOT NULL,
	title TEXT NOT NULL,
	source TEXT NOT NULL,
	state TEXT NOT NULL,
	body TEXT NOT NULL,
	author_id TEXT,
	at TEXT NOT NULL,
	publisher_id TEXT,
	published_on TEXT NOT NULL,
	rev BIGINT NOT NULL,
	UNIQUE (by_id, version)
);
ALTER TABLE inspection_finding ADD COLUMN class_of TEXT NOT NULL DEFAULT '';
ALTER TABLE inspection_finding ADD COLUMN class_code TEXT NOT NULL DEFAULT '';
CREATE INDEX inspection_finding_class ON inspection_finding (class_of, class_code, round_id) WHERE class_of <> '';
