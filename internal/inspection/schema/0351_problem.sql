CREATE TABLE inspection_problem (
	id TEXT PRIMARY KEY,
	by_id TEXT NOT NULL,
	title TEXT NOT NULL,
	subject TEXT NOT NULL,
	phrases TEXT NOT NULL,
	state TEXT NOT NULL,
	into_id TEXT,
	findings BIGINT NOT NULL,
	units BIGINT NOT NULL,
	rounds BIGINT NOT NULL,
	from_on TEXT NOT NULL,
	to_on TEXT NOT NULL,
	members TEXT NOT NULL,
	author_id TEXT,
	at TEXT NOT NULL,
	note TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX inspection_problem_by ON inspection_problem (by_id, state, units);
-- The findings of a problem. The row of the problem holds the digest of the list, so the log covers it.
CREATE TABLE inspection_problem_finding (
	problem_id TEXT NOT NULL REFERENCES inspection_problem (id),
	finding_id TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	PRIMARY KEY (problem_id, finding_id)
);
CREATE INDEX inspection_problem_finding_of ON inspection_problem_finding (finding_id);
CREATE INDEX inspection_problem_finding_unit ON inspection_problem_finding (unit_id, problem_id);
CREATE TABLE inspection_sweep (
	id TEXT PRIMARY KEY,
	problem_id TEXT NOT NULL REFERENCES inspection_problem (id),
	by_id TEXT NOT NULL,
	state TEXT NOT NULL,
	title TEXT NOT NULL,
	question TEXT NOT NULL,
	profile TEXT NOT NULL,
	due_on TEXT NOT NULL,
	rectify_days BIGINT NOT NULL,
	rectify_source TEXT NOT NULL,
	author_id TEXT,
	at TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX inspection_sweep_problem ON inspection_sweep (problem_id, id);
CREATE TABLE inspection_sweep_answer (
	id TEXT PRIMARY KEY,
	sweep_id TEXT NOT NULL REFERENCES inspection_sweep (id),
	unit_id TEXT NOT NULL,
	by_id TEXT NOT NULL,
	state TEXT NOT NULL,
	answer TEXT NOT NULL,
	note TEXT NOT NULL,
	proof TEXT NOT NULL,
	rectify_on TEXT NOT NULL,
	rectified TEXT NOT NULL,
	author_id TEXT,
	answered_on TEXT NOT NULL,
	rev BIGINT NOT NULL,
	UNIQUE (sweep_id, unit_id)
);
CREATE INDEX inspection_sweep_answer_unit ON inspection_sweep_answer (unit_id, state);
