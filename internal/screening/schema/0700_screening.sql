-- Versions of registers. The rows lie in the vault, in files that parts names.
CREATE TABLE screening_version (
	id TEXT PRIMARY KEY,
	kind TEXT NOT NULL,
	source TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	as_of TEXT NOT NULL,
	file TEXT NOT NULL,
	parts TEXT NOT NULL,
	columns_map TEXT NOT NULL,
	row_count BIGINT NOT NULL,
	added BIGINT NOT NULL,
	changed BIGINT NOT NULL,
	removed BIGINT NOT NULL,
	skipped BIGINT NOT NULL,
	twice BIGINT NOT NULL,
	sample BYTEA,
	state TEXT NOT NULL,
	reason TEXT NOT NULL,
	by_id TEXT,
	at TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX screening_version_now ON screening_version (kind, state, unit_id, source, id);
-- How the columns of a source are called; remembered for its next version.
CREATE TABLE screening_mapping (
	id TEXT PRIMARY KEY,
	kind TEXT NOT NULL,
	source TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	columns_map TEXT NOT NULL,
	at TEXT NOT NULL,
	rev BIGINT NOT NULL,
	UNIQUE (kind, source, unit_id)
);
CREATE TABLE screening_run (
	id TEXT PRIMARY KEY,
	at TEXT NOT NULL,
	by_id TEXT,
	as_of TEXT NOT NULL,
	edition TEXT NOT NULL,
	model TEXT NOT NULL,
	stamp TEXT NOT NULL,
	left_rows BIGINT NOT NULL,
	right_rows BIGINT NOT NULL,
	hits BIGINT NOT NULL,
	fresh BIGINT NOT NULL,
	renewed BIGINT NOT NULL,
	lapsed BIGINT NOT NULL
);
-- A hit: a member of staff, or a relative of one, who may be a person of the
-- register of lawyers. left_key and right_key name the two rows for good.
CREATE TABLE screening_hit (
	id TEXT PRIMARY KEY,
	subject TEXT NOT NULL,
	left_key TEXT NOT NULL,
	right_key TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	person_id TEXT,
	name TEXT NOT NULL,
	kin TEXT NOT NULL,
	relation TEXT NOT NULL,
	leaving TEXT NOT NULL,
	departed_on TEXT NOT NULL,
	right_name TEXT NOT NULL,
	firm TEXT NOT NULL,
	region TEXT NOT NULL,
	probability BIGINT NOT NULL,
	band TEXT NOT NULL,
	score TEXT NOT NULL,
	facts_hash TEXT NOT NULL,
	model TEXT NOT NULL,
	sealed BYTEA NOT NULL,
	outcome TEXT NOT NULL,
	rule TEXT NOT NULL,
	until_on TEXT NOT NULL,
	for_life BOOLEAN NOT NULL,
	edition TEXT NOT NULL,
	state TEXT NOT NULL,
	proposed_by TEXT,
	decided_by TEXT,
	decided_at TEXT NOT NULL,
	judged_hash TEXT NOT NULL,
	run_id TEXT NOT NULL,
	found_at TEXT NOT NULL,
	rank_key TEXT NOT NULL,
	rev BIGINT NOT NULL,
	UNIQUE (left_key, right_key)
);
CREATE INDEX screening_hit_rank ON screening_hit (state, rank_key, unit_id, id);
CREATE INDEX screening_hit_unit ON screening_hit (unit_id, state, rank_key);
CREATE INDEX screening_hit_person ON screening_hit (person_id);
CREATE INDEX screening_hit_until ON screening_hit (until_on);
CREATE TABLE screening_judgement (
	id TEXT PRIMARY KEY,
	hit_id TEXT NOT NULL REFERENCES screening_hit (id),
	at TEXT NOT NULL,
	person_id TEXT,
	act TEXT NOT NULL,
	reason TEXT NOT NULL,
	probability BIGINT NOT NULL,
	facts_hash TEXT NOT NULL,
	model TEXT NOT NULL
);
CREATE INDEX screening_judgement_hit ON screening_judgement (hit_id, id);
CREATE INDEX screening_judgement_person ON screening_judgement (person_id, id);
-- Warnings between the procuratorate and the justice administration, and those
-- about counsel in a case.
CREATE TABLE screening_warning (
	id TEXT PRIMARY KEY,
	flow TEXT NOT NULL,
	kind TEXT NOT NULL,
	no TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	hit_id TEXT,
	subject TEXT NOT NULL,
	firm TEXT NOT NULL,
	case_no TEXT NOT NULL,
	body TEXT NOT NULL,
	rule TEXT NOT NULL,
	until_on TEXT NOT NULL,
	due_on TEXT NOT NULL,
	answer TEXT NOT NULL,
	handling TEXT NOT NULL,
	state TEXT NOT NULL,
	sent_by TEXT,
	sent_at TEXT NOT NULL,
	received_at TEXT NOT NULL,
	answered_at TEXT NOT NULL,
	handled_at TEXT NOT NULL,
	closed_at TEXT NOT NULL,
	once_key TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE UNIQUE INDEX screening_warning_no ON screening_warning (no);
CREATE UNIQUE INDEX screening_warning_once ON screening_warning (once_key) WHERE once_key <> '';
CREATE INDEX screening_warning_state ON screening_warning (flow, state, unit_id, id);
CREATE INDEX screening_warning_hit ON screening_warning (hit_id);
CREATE TABLE screening_warning_event (
	id TEXT PRIMARY KEY,
	warning_id TEXT NOT NULL REFERENCES screening_warning (id),
	at TEXT NOT NULL,
	person_id TEXT,
	act TEXT NOT NULL,
	body TEXT NOT NULL,
	by_name TEXT NOT NULL -- of somebody of the other authority
);
CREATE INDEX screening_warning_event_warning ON screening_warning_event (warning_id, id);
-- Where the justice administration's system is told of warnings.
CREATE TABLE screening_hook (
	id TEXT PRIMARY KEY,
	unit_id TEXT NOT NULL UNIQUE,
	address TEXT NOT NULL,
	sealed BYTEA NOT NULL,
	active BOOLEAN NOT NULL,
	at TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE TABLE screening_delivery (
	id TEXT PRIMARY KEY,
	hook_id TEXT NOT NULL REFERENCES screening_hook (id),
	warning_id TEXT NOT NULL REFERENCES screening_warning (id),
	act TEXT NOT NULL,
	attempts BIGINT NOT NULL,
	next_at TEXT NOT NULL,
	state TEXT NOT NULL,
	error TEXT NOT NULL,
	at TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX screening_delivery_due ON screening_delivery (state, next_at);
-- Own editions of the rules, and what the clinic measured for each model.
CREATE TABLE screening_edition (
	id TEXT PRIMARY KEY,
	version TEXT NOT NULL UNIQUE,
	body TEXT NOT NULL,
	state TEXT NOT NULL,
	by_id TEXT,
	at TEXT NOT NULL,
	published_by TEXT,
	published_at TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE TABLE screening_model (
	id TEXT PRIMARY KEY,
	model TEXT NOT NULL,
	parts TEXT NOT NULL,
	recall BIGINT NOT NULL,
	false_alarms BIGINT NOT NULL,
	auto_recall BIGINT NOT NULL,
	report TEXT NOT NULL,
	state TEXT NOT NULL,
	reason TEXT NOT NULL,
	by_id TEXT,
	at TEXT NOT NULL,
	rev BIGINT NOT NULL
);
