-- Events of a case lie sealed in one row with the whole history of their versions:
-- who, which lawyer, what amounts. What stands beside is what runs and lists choose by.
CREATE TABLE risk_counter (
	id TEXT PRIMARY KEY,
	n BIGINT NOT NULL
);
CREATE TABLE risk_load (
	id TEXT PRIMARY KEY,
	n BIGINT NOT NULL UNIQUE,
	source TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	mode TEXT NOT NULL,
	as_of TEXT NOT NULL,
	file TEXT NOT NULL,
	columns TEXT NOT NULL,
	events BIGINT NOT NULL,
	cases BIGINT NOT NULL,
	added BIGINT NOT NULL,
	changed BIGINT NOT NULL,
	withdrawn BIGINT NOT NULL,
	same BIGINT NOT NULL,
	skipped BIGINT NOT NULL,
	person_id TEXT,
	at TEXT NOT NULL
);
CREATE INDEX risk_load_source ON risk_load (source, unit_id, n);
CREATE INDEX risk_load_unit ON risk_load (unit_id, n);
CREATE TABLE risk_case (
	id TEXT PRIMARY KEY,
	no_blind TEXT NOT NULL UNIQUE,
	unit_id TEXT NOT NULL,
	source TEXT NOT NULL,
	events BIGINT NOT NULL,
	loaded BIGINT NOT NULL,
	sealed BYTEA NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX risk_case_loaded ON risk_case (loaded, id);
CREATE INDEX risk_case_source ON risk_case (source, unit_id, id);
CREATE TABLE risk_version (
	id TEXT PRIMARY KEY,
	rule TEXT NOT NULL,
	n BIGINT NOT NULL,
	unit_id TEXT NOT NULL,
	subject TEXT NOT NULL,
	level BIGINT NOT NULL,
	name_zh TEXT NOT NULL,
	name_en TEXT NOT NULL,
	expression TEXT NOT NULL,
	document TEXT NOT NULL,
	article TEXT NOT NULL,
	evidence TEXT NOT NULL,
	why TEXT NOT NULL,
	state TEXT NOT NULL,
	author_id TEXT,
	publisher_id TEXT,
	tested TEXT NOT NULL,
	published_at TEXT NOT NULL,
	ended_at TEXT NOT NULL,
	at TEXT NOT NULL,
	changed_at TEXT NOT NULL,
	rev BIGINT NOT NULL,
	UNIQUE (rule, n)
);
CREATE INDEX risk_version_state ON risk_version (state, rule);
CREATE TABLE risk_setting (
	id TEXT PRIMARY KEY,
	name TEXT NOT NULL,
	value BIGINT NOT NULL,
	source TEXT NOT NULL,
	person_id TEXT,
	at TEXT NOT NULL
);
CREATE INDEX risk_setting_name ON risk_setting (name, id);
CREATE TABLE risk_run (
	id TEXT PRIMARY KEY,
	whole BOOLEAN NOT NULL,
	on_date TEXT NOT NULL,
	upto BIGINT NOT NULL,
	rules BIGINT NOT NULL,
	cases BIGINT NOT NULL,
	events BIGINT NOT NULL,
	found BIGINT NOT NULL,
	known BIGINT NOT NULL,
	failed BIGINT NOT NULL,
	person_id TEXT,
	at TEXT NOT NULL
);
CREATE INDEX risk_run_at ON risk_run (at);
CREATE TABLE risk_alert (
	id TEXT PRIMARY KEY,
	no TEXT NOT NULL UNIQUE,
	rule TEXT NOT NULL,
	n BIGINT NOT NULL,
	base TEXT NOT NULL,
	digest TEXT NOT NULL,
	subject TEXT NOT NULL,
	level BIGINT NOT NULL,
	person_id TEXT,
	unit_id TEXT NOT NULL,
	home_id TEXT NOT NULL,
	case_id TEXT,
	state TEXT NOT NULL,
	found_on TEXT NOT NULL,
	due_on TEXT NOT NULL,
	snooze_to TEXT NOT NULL,
	verifier_id TEXT,
	decided_on TEXT NOT NULL,
	lead_no TEXT NOT NULL,
	point_id TEXT,
	run_id TEXT NOT NULL,
	sealed BYTEA NOT NULL,
	at TEXT NOT NULL,
	changed_at TEXT NOT NULL,
	rev BIGINT NOT NULL,
	UNIQUE (digest)
);
CREATE INDEX risk_alert_state ON risk_alert (state, id);
CREATE INDEX risk_alert_home ON risk_alert (home_id, state, id);
CREATE INDEX risk_alert_person ON risk_alert (person_id, id);
CREATE INDEX risk_alert_rule ON risk_alert (rule, n, state);
CREATE INDEX risk_alert_effect ON risk_alert (unit_id, rule, found_on);
CREATE INDEX risk_alert_base ON risk_alert (base);
CREATE INDEX risk_alert_point ON risk_alert (point_id);
CREATE INDEX risk_alert_snooze ON risk_alert (state, snooze_to);
CREATE TABLE risk_entry (
	id TEXT PRIMARY KEY,
	object_id TEXT NOT NULL,
	at TEXT NOT NULL,
	person_id TEXT,
	act TEXT NOT NULL,
	old_state TEXT NOT NULL,
	new_state TEXT NOT NULL,
	sealed BYTEA NOT NULL
);
CREATE INDEX risk_entry_of ON risk_entry (object_id, id);
CREATE TABLE risk_point (
	id TEXT PRIMARY KEY,
	no TEXT NOT NULL UNIQUE,
	unit_id TEXT NOT NULL,
	post TEXT NOT NULL,
	link TEXT NOT NULL,
	scope TEXT NOT NULL,
	class TEXT NOT NULL,
	shown TEXT NOT NULL,
	cause TEXT NOT NULL,
	probability BIGINT NOT NULL,
	harm BIGINT NOT NULL,
	grade BIGINT NOT NULL,
	education TEXT NOT NULL,
	system TEXT NOT NULL,
	supervision TEXT NOT NULL,
	warning TEXT NOT NULL,
	owner_id TEXT,
	cycle BIGINT NOT NULL,
	reviewed_on TEXT NOT NULL,
	review_due TEXT NOT NULL,
	rules TEXT NOT NULL,
	finding TEXT NOT NULL,
	state TEXT NOT NULL,
	author_id TEXT,
	at TEXT NOT NULL,
	changed_at TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX risk_point_unit ON risk_point (unit_id, state, id);
CREATE INDEX risk_point_state ON risk_point (state, id);
CREATE INDEX risk_point_due ON risk_point (state, review_due);
CREATE INDEX risk_point_grade ON risk_point (grade, id);
CREATE TABLE risk_trigger (
	id TEXT PRIMARY KEY,
	point_id TEXT NOT NULL REFERENCES risk_point (id),
	unit_id TEXT NOT NULL,
	rule TEXT NOT NULL,
	UNIQUE (point_id, rule)
);
CREATE INDEX risk_trigger_rule ON risk_trigger (unit_id, rule);
