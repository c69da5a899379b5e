-- A departure without talk or pledge: on what ground, who asked for it and who gave
-- the second name; and the day on which the person left.
ALTER TABLE screening_departure ADD COLUMN ground TEXT NOT NULL DEFAULT '';
ALTER TABLE screening_departure ADD COLUMN asked_by TEXT NOT NULL DEFAULT '';
ALTER TABLE screening_departure ADD COLUMN agreed_by TEXT NOT NULL DEFAULT '';
ALTER TABLE screening_departure ADD COLUMN left_on TEXT NOT NULL DEFAULT '';
