CREATE TABLE rectify_report (
	id TEXT PRIMARY KEY,
	round_id TEXT NOT NULL,
	unit_id TEXT,
	by_id TEXT NOT NULL,
	title TEXT NOT NULL,
	on_date TEXT NOT NULL,
	prior_id TEXT REFERENCES rectify_report (id),
	person_id TEXT,
	at TEXT NOT NULL
);
CREATE INDEX rectify_report_by ON rectify_report (by_id, id);
CREATE INDEX rectify_report_unit ON rectify_report (unit_id, id);
CREATE TABLE rectify_figure (
	id TEXT PRIMARY KEY,
	owner_id TEXT NOT NULL,
	name TEXT NOT NULL,
	value BIGINT NOT NULL,
	asked TEXT NOT NULL,
	rows TEXT NOT NULL,
	at TEXT NOT NULL,
	UNIQUE (owner_id, name)
);
