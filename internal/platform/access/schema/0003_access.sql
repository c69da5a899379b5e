CREATE TABLE access_tree (
	id TEXT PRIMARY KEY,
	unit_id TEXT NOT NULL,
	above_id TEXT NOT NULL,
	UNIQUE (above_id, unit_id)
);
CREATE INDEX access_tree_unit ON access_tree (unit_id);
CREATE TABLE access_concern (
	id TEXT PRIMARY KEY,
	object_id TEXT NOT NULL,
	person_id TEXT NOT NULL,
	ground TEXT NOT NULL,
	at TEXT NOT NULL,
	UNIQUE (person_id, object_id)
);
CREATE INDEX access_concern_object ON access_concern (object_id);
