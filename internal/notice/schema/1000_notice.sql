CREATE TABLE notice (
	id TEXT PRIMARY KEY,
	kind TEXT NOT NULL,
	number TEXT NOT NULL,
	title TEXT NOT NULL,
	source TEXT NOT NULL,
	editor TEXT NOT NULL,
	body TEXT NOT NULL,
	public_title TEXT NOT NULL,
	public_body TEXT NOT NULL,
	ground TEXT NOT NULL,
	ground_reason TEXT NOT NULL,
	words TEXT NOT NULL,
	lesson TEXT NOT NULL,
	posts TEXT NOT NULL,
	must_read BIGINT NOT NULL,
	pass_mark BIGINT NOT NULL,
	recheck_on TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	author_id TEXT NOT NULL,
	approver_id TEXT NOT NULL,
	digest TEXT NOT NULL,
	state TEXT NOT NULL,
	publication TEXT NOT NULL,
	slug TEXT NOT NULL,
	made_at TEXT NOT NULL,
	issued_on TEXT NOT NULL,
	published_on TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX notice_made ON notice (unit_id, made_at, id);
CREATE INDEX notice_newest ON notice (made_at, id);
CREATE UNIQUE INDEX notice_slug ON notice (slug) WHERE slug <> '';
CREATE INDEX notice_public ON notice (publication, published_on, id);
CREATE INDEX notice_recheck ON notice (state, recheck_on);
CREATE TABLE notice_entry (
	id TEXT PRIMARY KEY,
	notice_id TEXT NOT NULL REFERENCES notice (id),
	at TEXT NOT NULL,
	action TEXT NOT NULL,
	text TEXT NOT NULL,
	by_id TEXT NOT NULL
);
CREATE INDEX notice_entry_of ON notice_entry (notice_id, id);
CREATE TABLE notice_receipt (
	id TEXT PRIMARY KEY,
	notice_id TEXT NOT NULL REFERENCES notice (id),
	unit_id TEXT NOT NULL,
	by_id TEXT NOT NULL,
	state TEXT NOT NULL,
	sent_on TEXT NOT NULL,
	signed_on TEXT NOT NULL,
	studied_on TEXT NOT NULL,
	readers BIGINT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE UNIQUE INDEX notice_receipt_one ON notice_receipt (notice_id, unit_id);
CREATE INDEX notice_receipt_unit ON notice_receipt (unit_id, sent_on, notice_id);
CREATE INDEX notice_receipt_state ON notice_receipt (unit_id, state);
CREATE TABLE notice_study (
	id TEXT PRIMARY KEY,
	notice_id TEXT NOT NULL REFERENCES notice (id),
	unit_id TEXT NOT NULL,
	held_on TEXT NOT NULL,
	form TEXT NOT NULL,
	expected BIGINT NOT NULL,
	attended BIGINT NOT NULL,
	text TEXT NOT NULL,
	at TEXT NOT NULL,
	by_id TEXT NOT NULL
);
CREATE INDEX notice_study_of ON notice_study (notice_id, unit_id, id);
CREATE TABLE notice_reader (
	id TEXT PRIMARY KEY,
	notice_id TEXT NOT NULL REFERENCES notice (id),
	unit_id TEXT NOT NULL,
	person_id TEXT NOT NULL,
	at TEXT NOT NULL
);
CREATE UNIQUE INDEX notice_reader_one ON notice_reader (notice_id, person_id);
CREATE TABLE notice_question (
	id TEXT PRIMARY KEY,
	unit_id TEXT NOT NULL,
	theme TEXT NOT NULL,
	text TEXT NOT NULL,
	options TEXT NOT NULL,
	answer BIGINT NOT NULL,
	explain TEXT NOT NULL,
	source TEXT NOT NULL,
	retired BIGINT NOT NULL,
	made_at TEXT NOT NULL,
	by_id TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX notice_question_unit ON notice_question (unit_id, retired, made_at, id);
CREATE TABLE notice_test (
	id TEXT PRIMARY KEY,
	notice_id TEXT NOT NULL REFERENCES notice (id),
	question_id TEXT NOT NULL REFERENCES notice_question (id),
	no BIGINT NOT NULL
);
CREATE UNIQUE INDEX notice_test_one ON notice_test (notice_id, question_id);
CREATE TABLE notice_answer (
	id TEXT PRIMARY KEY,
	notice_id TEXT NOT NULL REFERENCES notice (id),
	unit_id TEXT NOT NULL,
	person_id TEXT NOT NULL,
	picks TEXT NOT NULL,
	correct BIGINT NOT NULL,
	asked BIGINT NOT NULL,
	passed BIGINT NOT NULL,
	at TEXT NOT NULL
);
CREATE UNIQUE INDEX notice_answer_one ON notice_answer (notice_id, person_id);
CREATE INDEX notice_answer_unit ON notice_answer (notice_id, unit_id);
CREATE TABLE notice_campaign (
	id TEXT PRIMARY KEY,
	kind TEXT NOT NULL,
	title TEXT NOT NULL,
	goal TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	author_id TEXT NOT NULL,
	state TEXT NOT NULL,
	made_at TEXT NOT NULL,
	started_on TEXT NOT NULL,
	closed_on TEXT NOT NULL,
	closing TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX notice_campaign_made ON notice_campaign (unit_id, made_at, id);
CREATE TABLE notice_stage (
	id TEXT PRIMARY KEY,
	campaign_id TEXT NOT NULL REFERENCES notice_campaign (id),
	no BIGINT NOT NULL,
	name TEXT NOT NULL,
	from_on TEXT NOT NULL,
	until_on TEXT NOT NULL
);
CREATE INDEX notice_stage_of ON notice_stage (campaign_id, no);
CREATE TABLE notice_part (
	id TEXT PRIMARY KEY,
	campaign_id TEXT NOT NULL REFERENCES notice_campaign (id),
	unit_id TEXT NOT NULL,
	by_id TEXT NOT NULL,
	state TEXT NOT NULL,
	reported BIGINT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE UNIQUE INDEX notice_part_one ON notice_part (campaign_id, unit_id);
CREATE INDEX notice_part_unit ON notice_part (unit_id, state);
CREATE TABLE notice_report (
	id TEXT PRIMARY KEY,
	campaign_id TEXT NOT NULL REFERENCES notice_campaign (id),
	unit_id TEXT NOT NULL,
	stage BIGINT NOT NULL,
	sessions BIGINT NOT NULL,
	expected BIGINT NOT NULL,
	attended BIGINT NOT NULL,
	problems BIGINT NOT NULL,
	rectified BIGINT NOT NULL,
	leads BIGINT NOT NULL,
	text TEXT NOT NULL,
	replaces TEXT NOT NULL,
	at TEXT NOT NULL,
	by_id TEXT NOT NULL
);
CREATE INDEX notice_report_of ON notice_report (campaign_id, unit_id, stage, id);
CREATE INDEX notice_report_replaces ON notice_report (replaces) WHERE replaces <> '';
