ALTER TABLE lookback_entry ADD COLUMN effect TEXT NOT NULL DEFAULT '';
ALTER TABLE lookback_sample ADD COLUMN effect TEXT NOT NULL DEFAULT '';
CREATE TABLE lookback_report (
	id TEXT PRIMARY KEY,
	lookback_id TEXT NOT NULL REFERENCES lookback (id),
	by_id TEXT NOT NULL,
	title TEXT NOT NULL,
	opinion TEXT NOT NULL,
	on_date TEXT NOT NULL,
	prior_id TEXT,
	person_id TEXT,
	at TEXT NOT NULL
);
CREATE INDEX lookback_report_of ON lookback_report (lookback_id, id);
