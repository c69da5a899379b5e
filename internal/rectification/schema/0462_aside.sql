-- What is set aside is neither open nor closed: open = 2, since aside_on, an accepted
-- deviation until until_on. Few items are, so the indices hold only those.
ALTER TABLE rectify_item ADD COLUMN aside_on TEXT NOT NULL DEFAULT '';
ALTER TABLE rectify_item ADD COLUMN until_on TEXT NOT NULL DEFAULT '';
CREATE INDEX rectify_item_aside ON rectify_item (aside_on, unit_id, by_id, state) WHERE open = 2;
CREATE INDEX rectify_item_until ON rectify_item (until_on, id) WHERE state = 'accepted';
CREATE TABLE rectify_aside (
	id TEXT PRIMARY KEY,
	item_id TEXT NOT NULL REFERENCES rectify_item (id),
	no BIGINT NOT NULL,
	kind TEXT NOT NULL,
	ground TEXT NOT NULL,
	reason TEXT NOT NULL,
	evidence TEXT NOT NULL,
	until_on TEXT NOT NULL,
	person_id TEXT,
	at TEXT NOT NULL,
	state TEXT NOT NULL,
	judge_id TEXT,
	judged_at TEXT NOT NULL,
	opinion TEXT NOT NULL,
	rev BIGINT NOT NULL,
	UNIQUE (item_id, no)
);
CREATE INDEX rectify_aside_state ON rectify_aside (state, kind, item_id);
