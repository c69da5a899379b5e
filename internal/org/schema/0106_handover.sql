-- What was handed over from a closed unit to its successor, once for each step.
CREATE TABLE org_handover (
	id TEXT PRIMARY KEY,
	unit_id TEXT NOT NULL REFERENCES org_unit (id),
	into_id TEXT NOT NULL REFERENCES org_unit (id),
	moved TEXT NOT NULL,
	reason TEXT NOT NULL,
	person_id TEXT,
	at TEXT NOT NULL
);
CREATE INDEX org_handover_unit ON org_handover (unit_id, id);
CREATE INDEX org_handover_into ON org_handover (into_id, id);
