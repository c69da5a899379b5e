-- A confirmed hit that was handed over to the room of leads keeps the lead's number and nothing else of it.
ALTER TABLE screening_hit ADD COLUMN lead_no TEXT NOT NULL DEFAULT '';
