-- Seats of a team as the round sets them (0 = the rule's own bounds), and the round of
-- the level above that a linked round belongs to.
ALTER TABLE inspection_round ADD COLUMN seats_min BIGINT NOT NULL DEFAULT 0;
ALTER TABLE inspection_round ADD COLUMN seats_max BIGINT NOT NULL DEFAULT 0;
ALTER TABLE inspection_round ADD COLUMN seats_source TEXT NOT NULL DEFAULT '';
ALTER TABLE inspection_round ADD COLUMN upper_id TEXT NOT NULL DEFAULT '';
CREATE INDEX inspection_round_upper ON inspection_round (upper_id, id) WHERE upper_id <> '';
-- Few findings are shared with the round above: the index holds only those.
ALTER TABLE inspection_finding ADD COLUMN shared_on TEXT NOT NULL DEFAULT '';
CREATE INDEX inspection_finding_shared ON inspection_finding (round_id, id) WHERE shared_on <> '';
