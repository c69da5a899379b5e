ALTER TABLE lookback ADD COLUMN stratum TEXT NOT NULL DEFAULT '';
ALTER TABLE lookback ADD COLUMN confidence BIGINT NOT NULL DEFAULT 0;
ALTER TABLE lookback ADD COLUMN detect BIGINT NOT NULL DEFAULT 0;
ALTER TABLE lookback_candidate ADD COLUMN stratum TEXT NOT NULL DEFAULT '';
ALTER TABLE lookback_sample ADD COLUMN judged_on TEXT NOT NULL DEFAULT '';
ALTER TABLE lookback_sample ADD COLUMN since_on TEXT NOT NULL DEFAULT '';
ALTER TABLE lookback_entry ADD COLUMN since_on TEXT NOT NULL DEFAULT '';
CREATE TABLE lookback_consequence (
	id TEXT PRIMARY KEY,
	lookback_id TEXT NOT NULL REFERENCES lookback (id),
	sample_id TEXT NOT NULL REFERENCES lookback_sample (id),
	item_id TEXT NOT NULL,
	finding_id TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	by_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	state TEXT NOT NULL,
	no TEXT NOT NULL,
	reason TEXT NOT NULL,
	person_id TEXT,
	at TEXT NOT NULL,
	done_at TEXT NOT NULL,
	rev BIGINT NOT NULL,
	UNIQUE (sample_id, kind)
);
CREATE INDEX lookback_consequence_of ON lookback_consequence (lookback_id, state, id);
CREATE INDEX lookback_consequence_by ON lookback_consequence (by_id, state, id);
CREATE INDEX lookback_consequence_no ON lookback_consequence (no);
CREATE TABLE lookback_test (
	id TEXT PRIMARY KEY,
	sample_id TEXT NOT NULL REFERENCES lookback_sample (id),
	claim_id TEXT NOT NULL,
	no BIGINT NOT NULL,
	result TEXT NOT NULL,
	note TEXT NOT NULL,
	person_id TEXT,
	at TEXT NOT NULL
);
CREATE INDEX lookback_test_of ON lookback_test (sample_id, id);
