-- Keys under which findings are filed so that like ones are found (hantext/group). They follow from the finding and are
-- no rows of the log.
CREATE TABLE inspection_alike (
	key BIGINT NOT NULL,
	finding_id TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	PRIMARY KEY (key, finding_id)
);
CREATE INDEX inspection_alike_unit ON inspection_alike (key, unit_id, finding_id);
CREATE INDEX inspection_alike_finding ON inspection_alike (finding_id);
