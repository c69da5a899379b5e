CREATE TABLE fieldwork_slot (
	id TEXT PRIMARY KEY,
	term_id TEXT NOT NULL REFERENCES inspection_term (id),
	unit_id TEXT NOT NULL,
	by_id TEXT NOT NULL,
	wave BIGINT NOT NULL,
	kind TEXT NOT NULL,
	due_on TEXT NOT NULL,
	note TEXT NOT NULL,
	rev BIGINT NOT NULL,
	UNIQUE (term_id, unit_id)
);
CREATE TABLE fieldwork_period (
	id TEXT PRIMARY KEY,
	round_id TEXT NOT NULL REFERENCES inspection_round (id),
	limit_key TEXT NOT NULL,
	amount BIGINT NOT NULL,
	unit TEXT NOT NULL,
	source TEXT NOT NULL,
	rev BIGINT NOT NULL,
	UNIQUE (round_id, limit_key)
);
CREATE TABLE fieldwork_act (
	id TEXT PRIMARY KEY,
	round_id TEXT NOT NULL REFERENCES inspection_round (id),
	visit_id TEXT REFERENCES inspection_visit (id),
	unit_id TEXT NOT NULL,
	by_id TEXT NOT NULL,
	team_id TEXT,
	kind TEXT NOT NULL,
	body TEXT NOT NULL,
	document TEXT NOT NULL,
	text TEXT NOT NULL,
	on_on TEXT NOT NULL,
	due_on TEXT NOT NULL,
	until_on TEXT NOT NULL,
	answer TEXT NOT NULL,
	answered_on TEXT NOT NULL,
	person_id TEXT,
	state TEXT NOT NULL,
	author_id TEXT,
	rev BIGINT NOT NULL
);
CREATE INDEX fieldwork_act_visit ON fieldwork_act (visit_id, id);
CREATE INDEX fieldwork_act_round ON fieldwork_act (round_id, kind, id);
CREATE INDEX fieldwork_act_state ON fieldwork_act (state, by_id);
CREATE TABLE fieldwork_immediate (
	id TEXT PRIMARY KEY,
	round_id TEXT NOT NULL REFERENCES inspection_round (id),
	visit_id TEXT NOT NULL REFERENCES inspection_visit (id),
	unit_id TEXT NOT NULL,
	by_id TEXT NOT NULL,
	team_id TEXT,
	no TEXT NOT NULL,
	text TEXT NOT NULL,
	issued_on TEXT NOT NULL,
	due_on TEXT NOT NULL,
	signed_on TEXT NOT NULL,
	signer_id TEXT,
	reply TEXT NOT NULL,
	reason TEXT NOT NULL,
	closed_on TEXT NOT NULL,
	state TEXT NOT NULL,
	author_id TEXT,
	rev BIGINT NOT NULL,
	UNIQUE (visit_id, no)
);
CREATE INDEX fieldwork_immediate_unit ON fieldwork_immediate (unit_id, state, id);
CREATE INDEX fieldwork_immediate_team ON fieldwork_immediate (team_id, state, id);
CREATE TABLE fieldwork_request (
	id TEXT PRIMARY KEY,
	round_id TEXT NOT NULL REFERENCES inspection_round (id),
	visit_id TEXT NOT NULL REFERENCES inspection_visit (id),
	unit_id TEXT NOT NULL,
	by_id TEXT NOT NULL,
	team_id TEXT,
	no TEXT NOT NULL,
	title TEXT NOT NULL,
	text TEXT NOT NULL,
	sent_on TEXT NOT NULL,
	due_on TEXT NOT NULL,
	reply TEXT NOT NULL,
	replied_on TEXT NOT NULL,
	reason TEXT NOT NULL,
	state TEXT NOT NULL,
	author_id TEXT,
	rev BIGINT NOT NULL,
	UNIQUE (visit_id, no)
);
CREATE INDEX fieldwork_request_unit ON fieldwork_request (unit_id, state, id);
CREATE INDEX fieldwork_request_team ON fieldwork_request (team_id, state, id);
CREATE TABLE fieldwork_file (
	id TEXT PRIMARY KEY,
	owner_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	hash TEXT NOT NULL,
	name TEXT NOT NULL,
	file_kind TEXT NOT NULL,
	mime TEXT NOT NULL,
	size BIGINT NOT NULL,
	at TEXT NOT NULL,
	author_id TEXT,
	rev BIGINT NOT NULL
);
CREATE INDEX fieldwork_file_owner ON fieldwork_file (owner_id, id);
CREATE TABLE fieldwork_inspector (
	id TEXT PRIMARY KEY,
	by_id TEXT NOT NULL,
	person_id TEXT NOT NULL,
	skills TEXT NOT NULL,
	leads BOOLEAN NOT NULL,
	from_on TEXT NOT NULL,
	to_on TEXT NOT NULL,
	note TEXT NOT NULL,
	rev BIGINT NOT NULL,
	UNIQUE (by_id, person_id)
);
CREATE TABLE fieldwork_recusal (
	id TEXT PRIMARY KEY,
	round_id TEXT NOT NULL REFERENCES inspection_round (id),
	by_id TEXT NOT NULL,
	person_id TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	ground TEXT NOT NULL,
	on_on TEXT NOT NULL,
	rev BIGINT NOT NULL,
	UNIQUE (round_id, person_id, unit_id)
);
CREATE TABLE fieldwork_checklist (
	id TEXT PRIMARY KEY,
	by_id TEXT NOT NULL,
	theme TEXT NOT NULL,
	version BIGINT NOT NULL,
	from_on TEXT NOT NULL,
	source TEXT NOT NULL,
	state TEXT NOT NULL,
	rev BIGINT NOT NULL,
	UNIQUE (by_id, theme, version)
);
CREATE TABLE fieldwork_check (
	id TEXT PRIMARY KEY,
	checklist_id TEXT NOT NULL REFERENCES fieldwork_checklist (id),
	no BIGINT NOT NULL,
	text TEXT NOT NULL,
	basis TEXT NOT NULL,
	rev BIGINT NOT NULL,
	UNIQUE (checklist_id, no)
);
CREATE TABLE fieldwork_paper (
	id TEXT PRIMARY KEY,
	round_id TEXT NOT NULL REFERENCES inspection_round (id),
	visit_id TEXT NOT NULL REFERENCES inspection_visit (id),
	unit_id TEXT NOT NULL,
	by_id TEXT NOT NULL,
	team_id TEXT,
	no TEXT NOT NULL,
	seq BIGINT NOT NULL,
	kind TEXT NOT NULL,
	title TEXT NOT NULL,
	secrecy TEXT NOT NULL,
	on_on TEXT NOT NULL,
	place TEXT NOT NULL,
	sealed BYTEA NOT NULL,
	state TEXT NOT NULL,
	reason TEXT NOT NULL,
	author_id TEXT,
	reviewer_id TEXT,
	rev BIGINT NOT NULL,
	UNIQUE (visit_id, seq)
);
CREATE INDEX fieldwork_paper_team ON fieldwork_paper (team_id, state, id);
CREATE TABLE fieldwork_bears (
	id TEXT PRIMARY KEY,
	paper_id TEXT NOT NULL REFERENCES fieldwork_paper (id),
	finding_id TEXT NOT NULL REFERENCES inspection_finding (id),
	rev BIGINT NOT NULL,
	UNIQUE (paper_id, finding_id)
);
CREATE INDEX fieldwork_bears_finding ON fieldwork_bears (finding_id);
CREATE TABLE fieldwork_answer (
	id TEXT PRIMARY KEY,
	round_id TEXT NOT NULL REFERENCES inspection_round (id),
	visit_id TEXT NOT NULL REFERENCES inspection_visit (id),
	unit_id TEXT NOT NULL,
	by_id TEXT NOT NULL,
	team_id TEXT,
	check_id TEXT NOT NULL REFERENCES fieldwork_check (id),
	result TEXT NOT NULL,
	note TEXT NOT NULL,
	paper_id TEXT,
	author_id TEXT,
	rev BIGINT NOT NULL,
	UNIQUE (visit_id, check_id)
);
CREATE TABLE fieldwork_report (
	id TEXT PRIMARY KEY,
	round_id TEXT NOT NULL REFERENCES inspection_round (id),
	visit_id TEXT NOT NULL REFERENCES inspection_visit (id),
	unit_id TEXT NOT NULL,
	by_id TEXT NOT NULL,
	team_id TEXT,
	kind TEXT NOT NULL,
	title TEXT NOT NULL,
	sealed BYTEA NOT NULL,
	state TEXT NOT NULL,
	reason TEXT NOT NULL,
	bare BIGINT NOT NULL,
	author_id TEXT,
	rev BIGINT NOT NULL
);
CREATE INDEX fieldwork_report_visit ON fieldwork_report (visit_id, id);
CREATE INDEX fieldwork_report_state ON fieldwork_report (state, by_id);
CREATE TABLE fieldwork_clue (
	id TEXT PRIMARY KEY,
	round_id TEXT NOT NULL REFERENCES inspection_round (id),
	visit_id TEXT NOT NULL REFERENCES inspection_visit (id),
	unit_id TEXT NOT NULL,
	by_id TEXT NOT NULL,
	team_id TEXT,
	no TEXT NOT NULL,
	seq BIGINT NOT NULL,
	line TEXT NOT NULL,
	sealed BYTEA NOT NULL,
	on_on TEXT NOT NULL,
	handed_on TEXT NOT NULL,
	receipt TEXT NOT NULL,
	state TEXT NOT NULL,
	author_id TEXT,
	rev BIGINT NOT NULL,
	UNIQUE (visit_id, seq)
);
CREATE INDEX fieldwork_clue_by ON fieldwork_clue (by_id, state, id);
CREATE INDEX fieldwork_clue_team ON fieldwork_clue (team_id, id);
