-- Who is protected is nobody's to read in the database: person_id becomes a
-- pseudonym, the person is sealed. Rows without a seal are of the time before.
ALTER TABLE conduct_protected ADD COLUMN sealed BYTEA;
