CREATE TABLE rectify_item (
	id TEXT PRIMARY KEY,
	finding_id TEXT NOT NULL,
	round_id TEXT NOT NULL,
	team_id TEXT,
	lent_id TEXT,
	unit_id TEXT NOT NULL,
	by_id TEXT NOT NULL,
	no TEXT NOT NULL,
	title TEXT NOT NULL,
	problem TEXT NOT NULL,
	severity TEXT NOT NULL,
	category TEXT NOT NULL,
	fed_back_on TEXT NOT NULL,
	first_due_on TEXT NOT NULL,
	due_on TEXT NOT NULL,
	state TEXT NOT NULL,
	open BIGINT NOT NULL,
	claimed TEXT NOT NULL,
	claimed_word TEXT NOT NULL,
	verified TEXT NOT NULL,
	verified_on TEXT NOT NULL,
	lasting TEXT NOT NULL,
	lead TEXT NOT NULL,
	department TEXT NOT NULL,
	root TEXT NOT NULL,
	goal TEXT NOT NULL,
	similar_found TEXT NOT NULL,
	rules_made TEXT NOT NULL,
	handled TEXT NOT NULL,
	closed_on TEXT NOT NULL,
	closer_id TEXT,
	rectifier_id TEXT,
	applications BIGINT NOT NULL,
	reopened BIGINT NOT NULL,
	extensions BIGINT NOT NULL,
	changed_at TEXT NOT NULL,
	changer_id TEXT,
	rev BIGINT NOT NULL,
	UNIQUE (finding_id)
);
CREATE INDEX rectify_item_due ON rectify_item (due_on, id, unit_id, by_id, state);
CREATE INDEX rectify_item_open ON rectify_item (open, due_on, id, state, unit_id, by_id);
CREATE INDEX rectify_item_unit ON rectify_item (unit_id, due_on, id);
CREATE INDEX rectify_item_by ON rectify_item (by_id, state, due_on, id);
CREATE INDEX rectify_item_state ON rectify_item (state, due_on, id, unit_id, by_id);
CREATE INDEX rectify_item_round ON rectify_item (round_id, due_on, id);
CREATE INDEX rectify_item_team ON rectify_item (team_id, due_on, id);
CREATE INDEX rectify_item_lent ON rectify_item (lent_id, due_on, id);
CREATE INDEX rectify_item_category ON rectify_item (category, severity, due_on, id);
CREATE INDEX rectify_item_verified ON rectify_item (verified, due_on, id);
CREATE INDEX rectify_item_no ON rectify_item (no, id);
CREATE TABLE rectify_measure (
	id TEXT PRIMARY KEY,
	unit_id TEXT NOT NULL,
	body TEXT NOT NULL,
	kind TEXT NOT NULL,
	responsible TEXT NOT NULL,
	department TEXT NOT NULL,
	due_on TEXT NOT NULL,
	state TEXT NOT NULL,
	done_on TEXT NOT NULL,
	changed_at TEXT NOT NULL,
	changer_id TEXT,
	rev BIGINT NOT NULL
);
CREATE INDEX rectify_measure_unit ON rectify_measure (unit_id, id);
CREATE TABLE rectify_serves (
	id TEXT PRIMARY KEY,
	item_id TEXT NOT NULL REFERENCES rectify_item (id),
	measure_id TEXT NOT NULL REFERENCES rectify_measure (id),
	UNIQUE (item_id, measure_id)
);
CREATE INDEX rectify_serves_measure ON rectify_serves (measure_id);
CREATE TABLE rectify_progress (
	id TEXT PRIMARY KEY,
	item_id TEXT NOT NULL REFERENCES rectify_item (id),
	measure_id TEXT REFERENCES rectify_measure (id),
	on_date TEXT NOT NULL,
	body TEXT NOT NULL,
	person_id TEXT,
	at TEXT NOT NULL,
	corrects_id TEXT REFERENCES rectify_progress (id)
);
CREATE INDEX rectify_progress_item ON rectify_progress (item_id, id);
CREATE TABLE rectify_evidence (
	id TEXT PRIMARY KEY,
	item_id TEXT NOT NULL REFERENCES rectify_item (id),
	measure_id TEXT REFERENCES rectify_measure (id),
	hash TEXT NOT NULL,
	name TEXT NOT NULL,
	kind TEXT NOT NULL,
	mime TEXT NOT NULL,
	size BIGINT NOT NULL,
	note TEXT NOT NULL,
	dated_on TEXT NOT NULL,
	person_id TEXT,
	at TEXT NOT NULL,
	replaces_id TEXT REFERENCES rectify_evidence (id),
	revision BIGINT NOT NULL,
	UNIQUE (replaces_id)
);
CREATE INDEX rectify_evidence_item ON rectify_evidence (item_id, id);
CREATE INDEX rectify_evidence_hash ON rectify_evidence (hash);
CREATE TABLE rectify_reading (
	id TEXT PRIMARY KEY,
	evidence_id TEXT NOT NULL REFERENCES rectify_evidence (id),
	item_id TEXT NOT NULL,
	person_id TEXT,
	at TEXT NOT NULL
);
CREATE INDEX rectify_reading_item ON rectify_reading (item_id, person_id, at);
CREATE TABLE rectify_application (
	id TEXT PRIMARY KEY,
	item_id TEXT NOT NULL REFERENCES rectify_item (id),
	no BIGINT NOT NULL,
	statement TEXT NOT NULL,
	measures TEXT NOT NULL,
	person_id TEXT,
	at TEXT NOT NULL,
	decision TEXT NOT NULL,
	judge_id TEXT,
	judged_at TEXT NOT NULL,
	reasons TEXT NOT NULL,
	opinion TEXT NOT NULL,
	rev BIGINT NOT NULL,
	UNIQUE (item_id, no)
);
CREATE TABLE rectify_extension (
	id TEXT PRIMARY KEY,
	item_id TEXT NOT NULL REFERENCES rectify_item (id),
	no BIGINT NOT NULL,
	from_on TEXT NOT NULL,
	to_on TEXT NOT NULL,
	reason TEXT NOT NULL,
	person_id TEXT,
	at TEXT NOT NULL,
	state TEXT NOT NULL,
	judge_id TEXT,
	judged_at TEXT NOT NULL,
	opinion TEXT NOT NULL,
	rev BIGINT NOT NULL,
	UNIQUE (item_id, no)
);
CREATE INDEX rectify_extension_state ON rectify_extension (state, item_id);
CREATE TABLE rectify_milestone (
	id TEXT PRIMARY KEY,
	item_id TEXT NOT NULL REFERENCES rectify_item (id),
	title TEXT NOT NULL,
	due_on TEXT NOT NULL,
	done_on TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX rectify_milestone_item ON rectify_milestone (item_id, due_on);
CREATE TABLE rectify_event (
	id TEXT PRIMARY KEY,
	item_id TEXT NOT NULL REFERENCES rectify_item (id),
	at TEXT NOT NULL,
	person_id TEXT,
	side TEXT NOT NULL,
	act TEXT NOT NULL,
	from_state TEXT NOT NULL,
	to_state TEXT NOT NULL,
	reason TEXT NOT NULL
);
CREATE INDEX rectify_event_item ON rectify_event (item_id, id);
