-- What a finding's class has become where a version divided it: decided for each
-- finding, its recorded class stays.
ALTER TABLE inspection_finding ADD COLUMN decided_of TEXT NOT NULL DEFAULT '';
ALTER TABLE inspection_finding ADD COLUMN decided_code TEXT NOT NULL DEFAULT '';
CREATE INDEX inspection_finding_decided ON inspection_finding (decided_of, decided_code, round_id) WHERE decided_of <> '';
