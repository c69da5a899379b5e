CREATE TABLE directive (
	id TEXT PRIMARY KEY,
	title TEXT NOT NULL,
	source TEXT NOT NULL,
	editor TEXT NOT NULL,
	published TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	state TEXT NOT NULL,
	body TEXT NOT NULL,
	warnings TEXT NOT NULL,
	author_id TEXT NOT NULL,
	made_at TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX directive_list ON directive (unit_id, made_at);
CREATE TABLE directive_sentence (
	id TEXT PRIMARY KEY,
	directive_id TEXT NOT NULL REFERENCES directive (id),
	paragraph BIGINT NOT NULL,
	no BIGINT NOT NULL,
	text TEXT NOT NULL,
	class TEXT NOT NULL
);
CREATE INDEX directive_sentence_of ON directive_sentence (directive_id, paragraph, no);
CREATE TABLE directive_requirement (
	id TEXT PRIMARY KEY,
	directive_id TEXT NOT NULL REFERENCES directive (id),
	no BIGINT NOT NULL,
	theme TEXT NOT NULL,
	text TEXT NOT NULL,
	quote TEXT NOT NULL,
	paragraph BIGINT NOT NULL,
	state TEXT NOT NULL,
	reason TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX directive_requirement_of ON directive_requirement (directive_id, no);
CREATE TABLE directive_task (
	id TEXT PRIMARY KEY,
	directive_id TEXT NOT NULL REFERENCES directive (id),
	parent_id TEXT REFERENCES directive_task (id),
	unit_id TEXT NOT NULL,
	by_id TEXT NOT NULL,
	title TEXT NOT NULL,
	measure TEXT NOT NULL,
	kind TEXT NOT NULL,
	due_on TEXT NOT NULL,
	state TEXT NOT NULL,
	open BIGINT NOT NULL,
	reporter_id TEXT NOT NULL,
	sourceless TEXT NOT NULL,
	made_at TEXT NOT NULL,
	done_on TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX directive_task_unit ON directive_task (unit_id, open, due_on, id, state);
CREATE INDEX directive_task_by ON directive_task (by_id, open, due_on, id, state);
CREATE INDEX directive_task_due ON directive_task (open, due_on, id, state, unit_id, by_id);
CREATE INDEX directive_task_of ON directive_task (directive_id, unit_id);
CREATE INDEX directive_task_count ON directive_task (directive_id, state);
CREATE INDEX directive_task_parent ON directive_task (parent_id);
CREATE TABLE directive_source (
	id TEXT PRIMARY KEY,
	task_id TEXT NOT NULL REFERENCES directive_task (id),
	requirement_id TEXT NOT NULL REFERENCES directive_requirement (id)
);
CREATE INDEX directive_source_task ON directive_source (task_id);
CREATE INDEX directive_source_requirement ON directive_source (requirement_id);
CREATE TABLE directive_entry (
	id TEXT PRIMARY KEY,
	task_id TEXT NOT NULL REFERENCES directive_task (id),
	at TEXT NOT NULL,
	action TEXT NOT NULL,
	text TEXT NOT NULL,
	by_id TEXT NOT NULL,
	hash TEXT NOT NULL,
	name TEXT NOT NULL,
	mime TEXT NOT NULL,
	size BIGINT NOT NULL
);
CREATE INDEX directive_entry_task ON directive_entry (task_id, id);
