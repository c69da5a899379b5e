-- Contacts out of place: how the two met, and the day by which one is reported
-- (R-12); which prohibited kind the office found (R-13); what kind of body manages
-- the person to whom a record was referred (R-9).
ALTER TABLE contact_matter ADD COLUMN meeting TEXT NOT NULL DEFAULT '';
ALTER TABLE contact_matter ADD COLUMN report_by TEXT NOT NULL DEFAULT '';
ALTER TABLE contact_matter ADD COLUMN prohibited TEXT NOT NULL DEFAULT '';
ALTER TABLE contact_matter ADD COLUMN managed TEXT NOT NULL DEFAULT '';
-- When the summary of a quarter was sent upwards (R-8).
CREATE TABLE contact_summary (
	id TEXT PRIMARY KEY,
	unit_id TEXT NOT NULL,
	quarter TEXT NOT NULL,
	due_on TEXT NOT NULL,
	sent_on TEXT NOT NULL,
	reference TEXT NOT NULL,
	by_id TEXT NOT NULL,
	at TEXT NOT NULL,
	UNIQUE (unit_id, quarter)
);
