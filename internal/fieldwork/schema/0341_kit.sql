CREATE TABLE fieldwork_kit (
	id TEXT PRIMARY KEY,
	round_id TEXT NOT NULL REFERENCES inspection_round (id),
	team_id TEXT NOT NULL REFERENCES inspection_team (id),
	by_id TEXT NOT NULL,
	issued_at TEXT NOT NULL,
	expires_on TEXT NOT NULL,
	digest TEXT NOT NULL,
	state TEXT NOT NULL,
	returned_at TEXT NOT NULL,
	certificate TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX fieldwork_kit_team ON fieldwork_kit (team_id, id);
CREATE INDEX fieldwork_kit_by ON fieldwork_kit (by_id, state, id);
CREATE TABLE fieldwork_clash (
	id TEXT PRIMARY KEY,
	kit_id TEXT NOT NULL REFERENCES fieldwork_kit (id),
	round_id TEXT NOT NULL,
	visit_id TEXT,
	unit_id TEXT NOT NULL,
	by_id TEXT NOT NULL,
	team_id TEXT,
	kind TEXT NOT NULL,
	row_id TEXT NOT NULL,
	title TEXT NOT NULL,
	sealed BYTEA NOT NULL,
	state TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX fieldwork_clash_kit ON fieldwork_clash (kit_id, id);
