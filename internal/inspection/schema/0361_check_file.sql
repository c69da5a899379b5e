CREATE TABLE inspection_check_file (
	id TEXT PRIMARY KEY,
	check_id TEXT NOT NULL REFERENCES inspection_sweep_answer (id),
	hash TEXT NOT NULL,
	name TEXT NOT NULL,
	kind TEXT NOT NULL,
	mime TEXT NOT NULL,
	size BIGINT NOT NULL,
	person_id TEXT,
	at TEXT NOT NULL
);
CREATE INDEX inspection_check_file_of ON inspection_check_file (check_id, id);
