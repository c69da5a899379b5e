CREATE TABLE lookback (
	id TEXT PRIMARY KEY,
	round_id TEXT NOT NULL,
	by_id TEXT NOT NULL,
	name TEXT NOT NULL,
	rounds TEXT NOT NULL,
	units TEXT NOT NULL,
	from_on TEXT NOT NULL,
	to_on TEXT NOT NULL,
	size BIGINT NOT NULL,
	census BOOLEAN NOT NULL,
	risk_share BIGINT NOT NULL,
	every_unit BOOLEAN NOT NULL,
	state TEXT NOT NULL,
	attempt BIGINT NOT NULL,
	population BIGINT NOT NULL,
	digest TEXT NOT NULL,
	commitment TEXT NOT NULL,
	sealed BYTEA,
	seed TEXT NOT NULL,
	salt TEXT NOT NULL,
	committed_at TEXT NOT NULL,
	revealed_at TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX lookback_by ON lookback (by_id, id);
CREATE INDEX lookback_round ON lookback (round_id, id);
CREATE TABLE lookback_event (
	id TEXT PRIMARY KEY,
	lookback_id TEXT NOT NULL REFERENCES lookback (id),
	at TEXT NOT NULL,
	person_id TEXT,
	act TEXT NOT NULL,
	reason TEXT NOT NULL,
	digest TEXT NOT NULL,
	commitment TEXT NOT NULL
);
CREATE INDEX lookback_event_of ON lookback_event (lookback_id, id);
CREATE TABLE lookback_candidate (
	id TEXT PRIMARY KEY,
	lookback_id TEXT NOT NULL REFERENCES lookback (id),
	item_id TEXT NOT NULL,
	finding_id TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	by_id TEXT NOT NULL,
	closer_id TEXT,
	no TEXT NOT NULL,
	weight BIGINT NOT NULL,
	factors TEXT NOT NULL,
	UNIQUE (lookback_id, item_id)
);
CREATE INDEX lookback_candidate_unit ON lookback_candidate (lookback_id, unit_id);
CREATE INDEX lookback_candidate_closer ON lookback_candidate (lookback_id, closer_id);
CREATE TABLE lookback_sample (
	id TEXT PRIMARY KEY,
	lookback_id TEXT NOT NULL REFERENCES lookback (id),
	item_id TEXT NOT NULL,
	finding_id TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	by_id TEXT NOT NULL,
	team_id TEXT,
	visit_id TEXT,
	closer_id TEXT,
	no TEXT NOT NULL,
	title TEXT NOT NULL,
	severity TEXT NOT NULL,
	category TEXT NOT NULL,
	scope TEXT NOT NULL,
	higher BOOLEAN NOT NULL,
	part TEXT NOT NULL,
	weight BIGINT NOT NULL,
	factors TEXT NOT NULL,
	claimed TEXT NOT NULL,
	closed_on TEXT NOT NULL,
	deterrence BIGINT NOT NULL,
	control BIGINT NOT NULL,
	education BIGINT NOT NULL,
	state TEXT NOT NULL,
	verdict TEXT NOT NULL,
	entry_id TEXT,
	reopening TEXT NOT NULL,
	changed_at TEXT NOT NULL,
	rev BIGINT NOT NULL,
	UNIQUE (lookback_id, item_id)
);
CREATE INDEX lookback_sample_team ON lookback_sample (team_id, state, id);
CREATE INDEX lookback_sample_unit ON lookback_sample (unit_id, state, id);
CREATE INDEX lookback_sample_by ON lookback_sample (by_id, state, id);
CREATE INDEX lookback_sample_item ON lookback_sample (item_id);
CREATE INDEX lookback_sample_reopening ON lookback_sample (reopening, id);
CREATE TABLE lookback_entry (
	id TEXT PRIMARY KEY,
	sample_id TEXT NOT NULL REFERENCES lookback_sample (id),
	at TEXT NOT NULL,
	person_id TEXT,
	act TEXT NOT NULL,
	verdict TEXT NOT NULL,
	methods TEXT NOT NULL,
	reason TEXT NOT NULL,
	names_id TEXT REFERENCES lookback_entry (id)
);
CREATE INDEX lookback_entry_of ON lookback_entry (sample_id, id);
CREATE TABLE lookback_evidence (
	id TEXT PRIMARY KEY,
	sample_id TEXT NOT NULL REFERENCES lookback_sample (id),
	at TEXT NOT NULL,
	person_id TEXT,
	kind TEXT NOT NULL,
	asked TEXT NOT NULL,
	body TEXT NOT NULL,
	hash TEXT NOT NULL,
	name TEXT NOT NULL,
	file_kind TEXT NOT NULL,
	mime TEXT NOT NULL,
	size BIGINT NOT NULL
);
CREATE INDEX lookback_evidence_of ON lookback_evidence (sample_id, id);
CREATE TABLE lookback_note (
	id TEXT PRIMARY KEY,
	lookback_id TEXT NOT NULL REFERENCES lookback (id),
	lens BIGINT NOT NULL,
	point TEXT NOT NULL,
	answer TEXT NOT NULL,
	body TEXT NOT NULL,
	person_id TEXT,
	at TEXT NOT NULL,
	names_id TEXT REFERENCES lookback_note (id)
);
CREATE INDEX lookback_note_of ON lookback_note (lookback_id, lens, id);
