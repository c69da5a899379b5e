-- The first month for which a unit and those below it owe returns here; empty: as the
-- unit above, or as the installation began. Before it nothing is owed.
ALTER TABLE contact_setting ADD COLUMN first_period TEXT NOT NULL DEFAULT '';
