-- A dispatch sheet (调度单) is what a deployment, or all of an office's in a month,
-- looked like on one day. Its rows are derived and bound by the digest in it; what
-- each office was sent, and answered, stands in its part.
CREATE TABLE directive_dispatch (
	id TEXT PRIMARY KEY,
	unit_id TEXT NOT NULL,
	directive_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	period TEXT NOT NULL,
	no BIGINT NOT NULL,
	state TEXT NOT NULL,
	frozen_on TEXT NOT NULL,
	counts TEXT NOT NULL,
	lines BIGINT NOT NULL,
	units BIGINT NOT NULL,
	digest TEXT NOT NULL,
	remark TEXT NOT NULL,
	author_id TEXT NOT NULL,
	made_at TEXT NOT NULL,
	judge_id TEXT NOT NULL,
	judged_at TEXT NOT NULL,
	notice_id TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE UNIQUE INDEX directive_dispatch_once ON directive_dispatch (unit_id, directive_id, kind, period, no);
CREATE INDEX directive_dispatch_list ON directive_dispatch (unit_id, made_at, id);
CREATE INDEX directive_dispatch_of ON directive_dispatch (directive_id, period);
CREATE TABLE directive_dispatch_row (
	dispatch_id TEXT NOT NULL REFERENCES directive_dispatch (id),
	no BIGINT NOT NULL,
	unit_id TEXT NOT NULL,
	task_id TEXT NOT NULL,
	issue_id TEXT NOT NULL,
	title TEXT NOT NULL,
	due_on TEXT NOT NULL,
	state TEXT NOT NULL,
	marks TEXT NOT NULL,
	PRIMARY KEY (dispatch_id, no)
);
CREATE INDEX directive_dispatch_row_task ON directive_dispatch_row (task_id, dispatch_id);
CREATE INDEX directive_dispatch_row_unit ON directive_dispatch_row (dispatch_id, unit_id, no);
CREATE TABLE directive_dispatch_part (
	id TEXT PRIMARY KEY,
	dispatch_id TEXT NOT NULL REFERENCES directive_dispatch (id),
	unit_id TEXT NOT NULL,
	by_unit_id TEXT NOT NULL,
	leader_id TEXT NOT NULL,
	state TEXT NOT NULL,
	counts TEXT NOT NULL,
	troubled BIGINT NOT NULL,
	said TEXT NOT NULL,
	person_id TEXT NOT NULL,
	at TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE UNIQUE INDEX directive_dispatch_part_once ON directive_dispatch_part (dispatch_id, unit_id);
CREATE INDEX directive_dispatch_part_unit ON directive_dispatch_part (unit_id, state, id);
CREATE INDEX directive_dispatch_part_order ON directive_dispatch_part (dispatch_id, troubled, id);
