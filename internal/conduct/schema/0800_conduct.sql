-- Narratives (facts, statements, reasons) are sealed; what lists filter by stands beside them.
CREATE TABLE conduct_counter (
	id TEXT PRIMARY KEY,
	n BIGINT NOT NULL
);
CREATE TABLE conduct_lead (
	id TEXT PRIMARY KEY,
	no TEXT NOT NULL UNIQUE,
	year BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	unit_id TEXT NOT NULL,
	source TEXT NOT NULL,
	ref TEXT NOT NULL,
	told_on TEXT NOT NULL,
	person_id TEXT,
	name_blind TEXT NOT NULL,
	home_id TEXT,
	department_id TEXT,
	conduct TEXT NOT NULL,
	act_from TEXT NOT NULL,
	act_to TEXT NOT NULL,
	signed BOOLEAN NOT NULL,
	amount BIGINT NOT NULL,
	sealed BYTEA NOT NULL,
	state TEXT NOT NULL,
	weight BIGINT NOT NULL,
	parts TEXT NOT NULL,
	assignee_id TEXT,
	due_on TEXT NOT NULL,
	same_id TEXT REFERENCES conduct_lead (id),
	case_id TEXT,
	self_id TEXT,
	at TEXT NOT NULL,
	changed_at TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX conduct_lead_unit ON conduct_lead (unit_id, state, id);
CREATE INDEX conduct_lead_person ON conduct_lead (person_id, id);
CREATE INDEX conduct_lead_name ON conduct_lead (name_blind, id);
CREATE INDEX conduct_lead_assignee ON conduct_lead (assignee_id, state, id);
CREATE INDEX conduct_lead_same ON conduct_lead (same_id);
CREATE INDEX conduct_lead_case ON conduct_lead (case_id);
CREATE TABLE conduct_case (
	id TEXT PRIMARY KEY,
	no TEXT NOT NULL UNIQUE,
	year BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	unit_id TEXT NOT NULL,
	manage_id TEXT NOT NULL,
	target_id TEXT,
	person_id TEXT NOT NULL,
	home_id TEXT NOT NULL,
	department_id TEXT,
	level BIGINT NOT NULL,
	leadership BOOLEAN NOT NULL,
	rank TEXT NOT NULL,
	retired BOOLEAN NOT NULL,
	conduct TEXT NOT NULL,
	gravity TEXT NOT NULL,
	act_from TEXT NOT NULL,
	act_to TEXT NOT NULL,
	sealed BYTEA NOT NULL,
	state TEXT NOT NULL,
	handler_id TEXT,
	second_id TEXT,
	decider_id TEXT,
	opinion TEXT NOT NULL,
	circumstances TEXT NOT NULL,
	kinds TEXT NOT NULL,
	months BIGINT NOT NULL,
	crime TEXT NOT NULL,
	form BIGINT NOT NULL,
	suspended_on TEXT NOT NULL,
	filed_on TEXT NOT NULL,
	decided_on TEXT NOT NULL,
	stage_on TEXT NOT NULL,
	due_on TEXT NOT NULL,
	paused_on TEXT NOT NULL,
	at TEXT NOT NULL,
	changed_at TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX conduct_case_unit ON conduct_case (unit_id, state, id);
CREATE INDEX conduct_case_target ON conduct_case (target_id, state, id);
CREATE INDEX conduct_case_person ON conduct_case (person_id, id);
CREATE INDEX conduct_case_handler ON conduct_case (handler_id, state, id);
CREATE INDEX conduct_case_second ON conduct_case (second_id, state, id);
CREATE INDEX conduct_case_decider ON conduct_case (decider_id, state, id);
CREATE TABLE conduct_entry (
	id TEXT PRIMARY KEY,
	object_id TEXT NOT NULL,
	at TEXT NOT NULL,
	person_id TEXT,
	act TEXT NOT NULL,
	old_state TEXT NOT NULL,
	new_state TEXT NOT NULL,
	sealed BYTEA NOT NULL
);
CREATE INDEX conduct_entry_of ON conduct_entry (object_id, id);
CREATE TABLE conduct_clock (
	id TEXT PRIMARY KEY,
	case_id TEXT NOT NULL REFERENCES conduct_case (id),
	stage TEXT NOT NULL,
	from_on TEXT NOT NULL,
	value BIGINT NOT NULL,
	unit TEXT NOT NULL,
	due_on TEXT NOT NULL,
	extended BIGINT NOT NULL,
	paused BIGINT NOT NULL,
	ended_on TEXT NOT NULL
);
CREATE INDEX conduct_clock_of ON conduct_clock (case_id, id);
CREATE TABLE conduct_pause (
	id TEXT PRIMARY KEY,
	case_id TEXT NOT NULL REFERENCES conduct_case (id),
	clock_id TEXT,
	ground TEXT NOT NULL,
	from_on TEXT NOT NULL,
	to_on TEXT NOT NULL
);
CREATE INDEX conduct_pause_of ON conduct_pause (case_id, id);
CREATE TABLE conduct_sanction (
	id TEXT PRIMARY KEY,
	case_id TEXT NOT NULL REFERENCES conduct_case (id),
	person_id TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	manage_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	layer TEXT NOT NULL,
	act_end TEXT NOT NULL,
	decided_on TEXT NOT NULL,
	to_on TEXT NOT NULL,
	effect TEXT NOT NULL,
	state TEXT NOT NULL,
	lifted_on TEXT NOT NULL,
	enforced_on TEXT NOT NULL,
	names_id TEXT REFERENCES conduct_sanction (id),
	rev BIGINT NOT NULL
);
CREATE INDEX conduct_sanction_case ON conduct_sanction (case_id, id);
CREATE INDEX conduct_sanction_person ON conduct_sanction (person_id, id);
CREATE INDEX conduct_sanction_unit ON conduct_sanction (unit_id, state, id);
CREATE INDEX conduct_sanction_due ON conduct_sanction (state, to_on, id);
CREATE TABLE conduct_outcome (
	id TEXT PRIMARY KEY,
	case_id TEXT,
	lead_id TEXT,
	person_id TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	department_id TEXT,
	level BIGINT NOT NULL,
	leadership BOOLEAN NOT NULL,
	rank TEXT NOT NULL,
	conduct TEXT NOT NULL,
	kind TEXT NOT NULL,
	form BIGINT NOT NULL,
	abuse BOOLEAN NOT NULL,
	decided_on TEXT NOT NULL,
	quarter TEXT NOT NULL,
	void BOOLEAN NOT NULL
);
CREATE INDEX conduct_outcome_unit ON conduct_outcome (unit_id, decided_on, form);
CREATE INDEX conduct_outcome_person ON conduct_outcome (person_id, decided_on);
CREATE INDEX conduct_outcome_case ON conduct_outcome (case_id);
CREATE INDEX conduct_outcome_day ON conduct_outcome (decided_on, form);
CREATE TABLE conduct_served (
	id TEXT PRIMARY KEY,
	case_id TEXT NOT NULL REFERENCES conduct_case (id),
	person_id TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	served_on TEXT NOT NULL,
	due_on TEXT NOT NULL,
	state TEXT NOT NULL,
	received_on TEXT NOT NULL,
	answered_on TEXT NOT NULL,
	answer TEXT NOT NULL,
	sealed BYTEA NOT NULL,
	sealed_answer BYTEA,
	rev BIGINT NOT NULL
);
CREATE INDEX conduct_served_person ON conduct_served (person_id, id);
CREATE INDEX conduct_served_case ON conduct_served (case_id, id);
CREATE TABLE conduct_self (
	id TEXT PRIMARY KEY,
	no TEXT NOT NULL UNIQUE,
	person_id TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	conduct TEXT NOT NULL,
	act_from TEXT NOT NULL,
	act_to TEXT NOT NULL,
	sealed BYTEA NOT NULL,
	lead_id TEXT,
	at TEXT NOT NULL
);
CREATE INDEX conduct_self_person ON conduct_self (person_id, id);
CREATE INDEX conduct_self_unit ON conduct_self (unit_id, id);
CREATE TABLE conduct_check (
	id TEXT PRIMARY KEY,
	case_id TEXT NOT NULL REFERENCES conduct_case (id),
	contacts BIGINT NOT NULL,
	missing BIGINT NOT NULL,
	sealed BYTEA NOT NULL,
	person_id TEXT,
	at TEXT NOT NULL,
	names_id TEXT REFERENCES conduct_check (id)
);
CREATE INDEX conduct_check_case ON conduct_check (case_id, id);
CREATE TABLE conduct_protected (
	id TEXT PRIMARY KEY,
	person_id TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	ground TEXT NOT NULL,
	from_on TEXT NOT NULL,
	to_on TEXT NOT NULL,
	UNIQUE (person_id, ground, from_on)
);
CREATE INDEX conduct_protected_unit ON conduct_protected (unit_id, to_on);
CREATE TABLE conduct_watch (
	id TEXT PRIMARY KEY,
	protected_id TEXT NOT NULL REFERENCES conduct_protected (id),
	move TEXT NOT NULL,
	verdict TEXT NOT NULL,
	sealed BYTEA NOT NULL,
	person_id TEXT,
	at TEXT NOT NULL
);
CREATE INDEX conduct_watch_of ON conduct_watch (protected_id, id);
CREATE TABLE conduct_small (
	id TEXT PRIMARY KEY,
	person_id TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	department_id TEXT,
	kind TEXT NOT NULL,
	ref TEXT NOT NULL,
	on_date TEXT NOT NULL,
	UNIQUE (kind, ref)
);
CREATE INDEX conduct_small_unit ON conduct_small (unit_id, on_date);
CREATE INDEX conduct_small_person ON conduct_small (person_id, on_date);
CREATE TABLE conduct_setting (
	id TEXT PRIMARY KEY,
	name TEXT NOT NULL,
	value BIGINT NOT NULL,
	source TEXT NOT NULL,
	person_id TEXT,
	at TEXT NOT NULL
);
CREATE INDEX conduct_setting_name ON conduct_setting (name, id);
