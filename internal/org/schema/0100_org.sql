-- Units, their former names, their departments. generation counts the changes of
-- the tree, so that every replica knows when its copy in memory is old.
CREATE TABLE org_unit (
	id TEXT PRIMARY KEY,
	code TEXT NOT NULL UNIQUE,
	name TEXT NOT NULL,
	short TEXT NOT NULL,
	level BIGINT NOT NULL,
	kind TEXT NOT NULL,
	parent_id TEXT REFERENCES org_unit (id),
	path TEXT NOT NULL UNIQUE,
	region TEXT NOT NULL,
	coverage TEXT NOT NULL,
	mark TEXT NOT NULL,
	name_from TEXT NOT NULL,
	valid_from TEXT NOT NULL,
	valid_to TEXT NOT NULL,
	merged_into TEXT REFERENCES org_unit (id),
	rev BIGINT NOT NULL
);
CREATE INDEX org_unit_parent ON org_unit (parent_id);
CREATE UNIQUE INDEX org_unit_name ON org_unit (name) WHERE valid_to = '';
CREATE UNIQUE INDEX org_unit_root ON org_unit (level) WHERE parent_id IS NULL;
CREATE TABLE org_former_name (
	id TEXT PRIMARY KEY,
	unit_id TEXT NOT NULL REFERENCES org_unit (id),
	name TEXT NOT NULL,
	short TEXT NOT NULL,
	valid_from TEXT NOT NULL,
	valid_to TEXT NOT NULL,
	reason TEXT NOT NULL,
	at TEXT NOT NULL
);
CREATE INDEX org_former_name_unit ON org_former_name (unit_id);
CREATE TABLE org_department (
	id TEXT PRIMARY KEY,
	unit_id TEXT NOT NULL REFERENCES org_unit (id),
	code TEXT NOT NULL,
	name TEXT NOT NULL,
	kind TEXT NOT NULL,
	place BIGINT NOT NULL,
	valid_from TEXT NOT NULL,
	valid_to TEXT NOT NULL,
	rev BIGINT NOT NULL,
	UNIQUE (unit_id, code)
);
CREATE TABLE org_state (
	id TEXT PRIMARY KEY,
	generation BIGINT NOT NULL
);
