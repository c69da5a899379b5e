-- A table that was taken over by mistake is withdrawn by a mark on its one row: who,
-- when, why. Its years stay as evidence and count no longer, all at the same instant
-- however many they are; the index that a year is counted from alone tells them apart.
ALTER TABLE contact_takeover ADD COLUMN office_id TEXT NOT NULL DEFAULT '';
ALTER TABLE contact_takeover ADD COLUMN withdrawn_at TEXT NOT NULL DEFAULT '';
ALTER TABLE contact_takeover ADD COLUMN withdrawn_by TEXT NOT NULL DEFAULT '';
ALTER TABLE contact_takeover ADD COLUMN withdrawn_for TEXT NOT NULL DEFAULT '';
CREATE INDEX contact_takeover_withdrawn ON contact_takeover (id) WHERE withdrawn_at <> '';
CREATE INDEX contact_former_count ON contact_former (year, unit_id, marks, takeover_id);
DROP INDEX contact_former_unit;
