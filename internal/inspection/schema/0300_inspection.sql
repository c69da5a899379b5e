CREATE TABLE inspection_term (
	id TEXT PRIMARY KEY,
	no BIGINT NOT NULL,
	name TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	start_on TEXT NOT NULL,
	end_on TEXT NOT NULL,
	rev BIGINT NOT NULL,
	UNIQUE (unit_id, no)
);
CREATE TABLE inspection_round (
	id TEXT PRIMARY KEY,
	term_id TEXT NOT NULL REFERENCES inspection_term (id),
	no BIGINT NOT NULL,
	name TEXT NOT NULL,
	kind TEXT NOT NULL,
	state TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	start_on TEXT NOT NULL,
	end_on TEXT NOT NULL,
	rectify_months BIGINT NOT NULL,
	rectify_source TEXT NOT NULL,
	rev BIGINT NOT NULL,
	UNIQUE (term_id, no)
);
CREATE INDEX inspection_round_unit ON inspection_round (unit_id, id);
CREATE TABLE inspection_team (
	id TEXT PRIMARY KEY,
	round_id TEXT NOT NULL REFERENCES inspection_round (id),
	name TEXT NOT NULL,
	rev BIGINT NOT NULL,
	UNIQUE (round_id, name)
);
CREATE TABLE inspection_member (
	id TEXT PRIMARY KEY,
	team_id TEXT NOT NULL REFERENCES inspection_team (id),
	round_id TEXT NOT NULL,
	person_id TEXT NOT NULL,
	role TEXT NOT NULL,
	post TEXT NOT NULL,
	from_on TEXT NOT NULL,
	to_on TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX inspection_member_team ON inspection_member (team_id);
CREATE INDEX inspection_member_person ON inspection_member (person_id);
CREATE TABLE inspection_visit (
	id TEXT PRIMARY KEY,
	round_id TEXT NOT NULL REFERENCES inspection_round (id),
	team_id TEXT REFERENCES inspection_team (id),
	unit_id TEXT NOT NULL,
	by_id TEXT NOT NULL,
	entry_on TEXT NOT NULL,
	exit_on TEXT NOT NULL,
	feedback_on TEXT NOT NULL,
	state TEXT NOT NULL,
	rev BIGINT NOT NULL,
	UNIQUE (round_id, unit_id)
);
CREATE INDEX inspection_visit_unit ON inspection_visit (unit_id, entry_on);
CREATE INDEX inspection_visit_team ON inspection_visit (team_id);
CREATE INDEX inspection_visit_state ON inspection_visit (state, by_id);
CREATE TABLE inspection_finding (
	id TEXT PRIMARY KEY,
	round_id TEXT NOT NULL REFERENCES inspection_round (id),
	visit_id TEXT NOT NULL REFERENCES inspection_visit (id),
	team_id TEXT,
	unit_id TEXT NOT NULL,
	responsible_id TEXT NOT NULL,
	by_id TEXT NOT NULL,
	author_id TEXT,
	no TEXT NOT NULL,
	seq BIGINT NOT NULL,
	category TEXT NOT NULL,
	aspect TEXT NOT NULL,
	title TEXT NOT NULL,
	fact TEXT NOT NULL,
	basis TEXT NOT NULL,
	cause TEXT NOT NULL,
	consequence TEXT NOT NULL,
	severity TEXT NOT NULL,
	scope TEXT NOT NULL,
	origin TEXT NOT NULL,
	state TEXT NOT NULL,
	higher_cause BOOLEAN NOT NULL,
	amount BIGINT NOT NULL,
	recurs_id TEXT,
	response TEXT NOT NULL,
	response_reason TEXT NOT NULL,
	ruling TEXT NOT NULL,
	stated_no TEXT NOT NULL,
	stated_status TEXT NOT NULL,
	stated_due_on TEXT NOT NULL,
	stated_due TEXT NOT NULL,
	stated_lead TEXT NOT NULL,
	stated_department TEXT NOT NULL,
	stated_measures TEXT NOT NULL,
	rev BIGINT NOT NULL,
	UNIQUE (visit_id, seq)
);
CREATE INDEX inspection_finding_unit ON inspection_finding (unit_id, id);
CREATE INDEX inspection_finding_responsible ON inspection_finding (responsible_id, id);
CREATE INDEX inspection_finding_by ON inspection_finding (by_id, state, id);
CREATE INDEX inspection_finding_round ON inspection_finding (round_id, id);
CREATE INDEX inspection_finding_team ON inspection_finding (team_id, state, id);
CREATE INDEX inspection_finding_state ON inspection_finding (state, id);
CREATE INDEX inspection_finding_category ON inspection_finding (category, severity, id);
CREATE INDEX inspection_finding_severity ON inspection_finding (severity, id);
CREATE INDEX inspection_finding_author ON inspection_finding (author_id, id);
CREATE INDEX inspection_finding_recurs ON inspection_finding (recurs_id);
CREATE TABLE inspection_circular (
	id TEXT PRIMARY KEY,
	by_id TEXT NOT NULL,
	author_id TEXT,
	name TEXT NOT NULL,
	hash TEXT NOT NULL,
	article TEXT NOT NULL,
	state TEXT NOT NULL,
	visit_id TEXT,
	at TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX inspection_circular_by ON inspection_circular (by_id, state, id);
