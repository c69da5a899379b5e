-- Figures of a year are counted from this index alone.
CREATE INDEX contact_matter_figures ON contact_matter (period, unit_id, state, id, office_id, upper_id, level, claimed, category, asker, insider, area, record, outcome, leadership, catch_up);
-- Published quarterly circulars as they were printed; flags say where they
-- contradict themselves. Nothing of them is ever put right.
CREATE TABLE contact_published (
	id TEXT PRIMARY KEY,
	unit_id TEXT NOT NULL,
	unit_name TEXT NOT NULL,
	quarter TEXT NOT NULL,
	title TEXT NOT NULL,
	source TEXT NOT NULL,
	body TEXT NOT NULL,
	total BIGINT NOT NULL,
	figures TEXT NOT NULL,
	flags TEXT NOT NULL,
	flag_count BIGINT NOT NULL,
	digest TEXT NOT NULL,
	by_id TEXT NOT NULL,
	at TEXT NOT NULL,
	UNIQUE (digest)
);
CREATE INDEX contact_published_quarter ON contact_published (quarter, unit_id, id);
