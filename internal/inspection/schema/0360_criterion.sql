CREATE TABLE inspection_criterion (
	id TEXT PRIMARY KEY,
	series_id TEXT NOT NULL,
	version BIGINT NOT NULL,
	by_id TEXT NOT NULL,
	document TEXT NOT NULL,
	article TEXT NOT NULL,
	body TEXT NOT NULL,
	from_on TEXT NOT NULL,
	to_on TEXT NOT NULL,
	person_id TEXT,
	at TEXT NOT NULL,
	rev BIGINT NOT NULL,
	UNIQUE (series_id, version)
);
CREATE INDEX inspection_criterion_order ON inspection_criterion (document, article, version);
ALTER TABLE inspection_finding ADD COLUMN criterion_id TEXT NOT NULL DEFAULT '';
ALTER TABLE inspection_finding ADD COLUMN criterion TEXT NOT NULL DEFAULT '';
ALTER TABLE inspection_finding ADD COLUMN manifestations TEXT NOT NULL DEFAULT '';
ALTER TABLE inspection_finding ADD COLUMN manifested BIGINT NOT NULL DEFAULT 0;
CREATE INDEX inspection_finding_criterion ON inspection_finding (criterion_id, id);
CREATE TABLE inspection_file (
	id TEXT PRIMARY KEY,
	finding_id TEXT NOT NULL REFERENCES inspection_finding (id),
	hash TEXT NOT NULL,
	name TEXT NOT NULL,
	kind TEXT NOT NULL,
	mime TEXT NOT NULL,
	size BIGINT NOT NULL,
	person_id TEXT,
	at TEXT NOT NULL
);
CREATE INDEX inspection_file_finding ON inspection_file (finding_id, id);
