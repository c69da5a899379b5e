-- Returns of periods before the register was kept here, taken over from a table.
-- One row is one person's year in a unit and department, as a paper book has it:
-- marks holds a letter for each of twelve months and four quarters (- none, z zero,
-- r with records; a capital: late), detail the number of records and the day of each.
-- Nobody attested them here, so they are never mixed with contact_return.
CREATE TABLE contact_takeover (
	id TEXT PRIMARY KEY,
	unit_id TEXT NOT NULL,
	file TEXT NOT NULL,
	digest TEXT NOT NULL,
	reason TEXT NOT NULL,
	returns BIGINT NOT NULL,
	zero BIGINT NOT NULL,
	people BIGINT NOT NULL,
	first_period TEXT NOT NULL,
	last_period TEXT NOT NULL,
	by_id TEXT NOT NULL,
	at TEXT NOT NULL
);
CREATE TABLE contact_former (
	id TEXT PRIMARY KEY,
	takeover_id TEXT NOT NULL,
	person_id TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	department_id TEXT,
	year TEXT NOT NULL,
	marks TEXT NOT NULL,
	detail TEXT NOT NULL
);
CREATE INDEX contact_former_person ON contact_former (person_id, year);
-- A year of all units is counted from this index alone.
CREATE INDEX contact_former_unit ON contact_former (year, unit_id, marks);
