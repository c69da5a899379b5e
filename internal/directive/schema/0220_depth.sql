-- An issue is one order of supervision (督办立项): what is asked of whom, with
-- approval by somebody else where it was asked for; its tasks are the units' copies.
CREATE TABLE directive_issue (
	id TEXT PRIMARY KEY,
	directive_id TEXT NOT NULL REFERENCES directive (id),
	parent_id TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	year BIGINT NOT NULL,
	no BIGINT NOT NULL,
	title TEXT NOT NULL,
	state TEXT NOT NULL,
	command TEXT NOT NULL,
	every TEXT NOT NULL,
	next_on TEXT NOT NULL,
	until_on TEXT NOT NULL,
	author_id TEXT NOT NULL,
	made_at TEXT NOT NULL,
	judge_id TEXT NOT NULL,
	judged_at TEXT NOT NULL,
	opinion TEXT NOT NULL,
	reading TEXT NOT NULL,
	reader_id TEXT NOT NULL,
	read_note TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX directive_issue_of ON directive_issue (directive_id, made_at);
CREATE INDEX directive_issue_unit ON directive_issue (unit_id, state, made_at, id);
CREATE UNIQUE INDEX directive_issue_no ON directive_issue (unit_id, year, no);
CREATE INDEX directive_issue_next ON directive_issue (next_on, state);
ALTER TABLE directive_task ADD COLUMN issue_id TEXT NOT NULL DEFAULT '';
ALTER TABLE directive_task ADD COLUMN period TEXT NOT NULL DEFAULT '';
ALTER TABLE directive_task ADD COLUMN hand_to TEXT NOT NULL DEFAULT '';
CREATE INDEX directive_task_issue ON directive_task (issue_id, state, unit_id);
CREATE INDEX directive_task_made ON directive_task (made_at, unit_id);
CREATE TABLE directive_extension (
	id TEXT PRIMARY KEY,
	task_id TEXT NOT NULL REFERENCES directive_task (id),
	state TEXT NOT NULL,
	from_on TEXT NOT NULL,
	to_on TEXT NOT NULL,
	reason TEXT NOT NULL,
	by_id TEXT NOT NULL,
	at TEXT NOT NULL,
	judge_id TEXT NOT NULL,
	judged_at TEXT NOT NULL,
	opinion TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX directive_extension_task ON directive_extension (task_id, at);
CREATE TABLE directive_cosign (
	id TEXT PRIMARY KEY,
	task_id TEXT NOT NULL REFERENCES directive_task (id),
	unit_id TEXT NOT NULL,
	by_unit_id TEXT NOT NULL,
	state TEXT NOT NULL,
	text TEXT NOT NULL,
	by_id TEXT NOT NULL,
	at TEXT NOT NULL,
	opinion TEXT NOT NULL,
	signer_id TEXT NOT NULL,
	signed_at TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX directive_cosign_task ON directive_cosign (task_id, at);
CREATE INDEX directive_cosign_unit ON directive_cosign (unit_id, state);
CREATE TABLE directive_reminder (
	id TEXT PRIMARY KEY,
	task_id TEXT NOT NULL REFERENCES directive_task (id),
	due_on TEXT NOT NULL,
	tier TEXT NOT NULL,
	at TEXT NOT NULL
);
CREATE UNIQUE INDEX directive_reminder_once ON directive_reminder (task_id, due_on, tier);
CREATE TABLE directive_answer (
	id TEXT PRIMARY KEY,
	task_id TEXT NOT NULL REFERENCES directive_task (id),
	label TEXT NOT NULL,
	value TEXT NOT NULL,
	by_id TEXT NOT NULL,
	at TEXT NOT NULL
);
CREATE INDEX directive_answer_task ON directive_answer (task_id, at, id);
CREATE TABLE directive_account (
	id TEXT PRIMARY KEY,
	by_unit_id TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	quarter TEXT NOT NULL,
	state TEXT NOT NULL,
	tasks BIGINT NOT NULL,
	verified BIGINT NOT NULL,
	reported BIGINT NOT NULL,
	late BIGINT NOT NULL,
	said TEXT NOT NULL,
	by_id TEXT NOT NULL,
	at TEXT NOT NULL,
	opinion TEXT NOT NULL,
	judge_id TEXT NOT NULL,
	judged_at TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE UNIQUE INDEX directive_account_once ON directive_account (by_unit_id, quarter, unit_id);
CREATE INDEX directive_account_unit ON directive_account (unit_id, state);
