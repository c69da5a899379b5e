ALTER TABLE rectify_round ADD COLUMN chain TEXT NOT NULL DEFAULT '';
CREATE TABLE rectify_claim (
	id TEXT PRIMARY KEY,
	item_id TEXT NOT NULL REFERENCES rectify_item (id),
	no BIGINT NOT NULL,
	kind TEXT NOT NULL,
	body TEXT NOT NULL,
	cents BIGINT NOT NULL,
	evidence TEXT NOT NULL,
	test TEXT NOT NULL,
	machine BIGINT NOT NULL,
	application BIGINT NOT NULL,
	checked TEXT NOT NULL,
	remark TEXT NOT NULL,
	checker_id TEXT,
	checked_at TEXT NOT NULL,
	person_id TEXT,
	at TEXT NOT NULL,
	dropped BIGINT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX rectify_claim_item ON rectify_claim (item_id, no);
CREATE TABLE rectify_signature (
	id TEXT PRIMARY KEY,
	item_id TEXT NOT NULL REFERENCES rectify_item (id),
	unit_id TEXT NOT NULL,
	by_id TEXT NOT NULL,
	application BIGINT NOT NULL,
	level TEXT NOT NULL,
	second BIGINT NOT NULL,
	person_id TEXT,
	at TEXT NOT NULL,
	opinion TEXT NOT NULL,
	pieces BIGINT NOT NULL,
	seconds BIGINT NOT NULL
);
CREATE INDEX rectify_signature_item ON rectify_signature (item_id, application, id);
CREATE INDEX rectify_signature_person ON rectify_signature (person_id, at);
CREATE INDEX rectify_signature_by ON rectify_signature (by_id, at);
CREATE TABLE rectify_site (
	id TEXT PRIMARY KEY,
	item_id TEXT NOT NULL REFERENCES rectify_item (id),
	application BIGINT NOT NULL,
	on_date TEXT NOT NULL,
	place TEXT NOT NULL,
	asked TEXT NOT NULL,
	body TEXT NOT NULL,
	result TEXT NOT NULL,
	first_id TEXT,
	at TEXT NOT NULL,
	second_id TEXT,
	second_at TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX rectify_site_item ON rectify_site (item_id, id);
CREATE TABLE rectify_hit (
	id TEXT PRIMARY KEY,
	check_name TEXT NOT NULL,
	item_id TEXT NOT NULL,
	measure_id TEXT,
	unit_id TEXT NOT NULL,
	by_id TEXT NOT NULL,
	at TEXT NOT NULL,
	UNIQUE (check_name, item_id)
);
CREATE INDEX rectify_hit_by ON rectify_hit (check_name, by_id, id);
CREATE INDEX rectify_hit_unit ON rectify_hit (check_name, unit_id, id);
ALTER TABLE rectify_item ADD COLUMN level TEXT NOT NULL DEFAULT '';
CREATE INDEX rectify_item_level ON rectify_item (level, due_on, id);
