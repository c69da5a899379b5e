CREATE TABLE duty_scheme (
	id TEXT PRIMARY KEY,
	title TEXT NOT NULL,
	version BIGINT NOT NULL,
	unit_id TEXT NOT NULL,
	author_id TEXT NOT NULL,
	approver_id TEXT NOT NULL,
	state TEXT NOT NULL,
	valid_from TEXT NOT NULL,
	made_at TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX duty_scheme_unit ON duty_scheme (unit_id, made_at, id);
CREATE TABLE duty_indicator (
	id TEXT PRIMARY KEY,
	scheme_id TEXT NOT NULL REFERENCES duty_scheme (id),
	no BIGINT NOT NULL,
	kind TEXT NOT NULL,
	text TEXT NOT NULL,
	fact TEXT NOT NULL,
	rule TEXT NOT NULL,
	param BIGINT NOT NULL,
	weight BIGINT NOT NULL,
	source TEXT NOT NULL
);
CREATE INDEX duty_indicator_of ON duty_indicator (scheme_id, no);
CREATE TABLE duty_holder (
	id TEXT PRIMARY KEY,
	unit_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	person_id TEXT NOT NULL,
	scope TEXT NOT NULL,
	from_on TEXT NOT NULL,
	until_on TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX duty_holder_unit ON duty_holder (unit_id, kind, from_on);
CREATE TABLE duty_assessment (
	id TEXT PRIMARY KEY,
	scheme_id TEXT NOT NULL REFERENCES duty_scheme (id),
	unit_id TEXT NOT NULL,
	by_id TEXT NOT NULL,
	from_on TEXT NOT NULL,
	until_on TEXT NOT NULL,
	state TEXT NOT NULL,
	points BIGINT NOT NULL,
	basis BIGINT NOT NULL,
	made_at TEXT NOT NULL,
	author_id TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE UNIQUE INDEX duty_assessment_one ON duty_assessment (scheme_id, unit_id, from_on);
CREATE INDEX duty_assessment_unit ON duty_assessment (unit_id, made_at, id);
CREATE INDEX duty_assessment_by ON duty_assessment (by_id, made_at, id);
CREATE TABLE duty_score (
	id TEXT PRIMARY KEY,
	assessment_id TEXT NOT NULL REFERENCES duty_assessment (id),
	indicator_id TEXT NOT NULL REFERENCES duty_indicator (id),
	good BIGINT NOT NULL,
	total BIGINT NOT NULL,
	digest TEXT NOT NULL,
	refs TEXT NOT NULL,
	points BIGINT NOT NULL,
	counted BIGINT NOT NULL,
	corrected BIGINT NOT NULL,
	reason TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX duty_score_of ON duty_score (assessment_id);
CREATE TABLE duty_entry (
	id TEXT PRIMARY KEY,
	assessment_id TEXT NOT NULL REFERENCES duty_assessment (id),
	at TEXT NOT NULL,
	action TEXT NOT NULL,
	text TEXT NOT NULL,
	by_id TEXT NOT NULL
);
CREATE INDEX duty_entry_of ON duty_entry (assessment_id, id);
