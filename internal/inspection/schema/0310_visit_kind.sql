-- One round can mix kinds (domain I-1): empty means the kind of the round.
ALTER TABLE inspection_visit ADD COLUMN kind TEXT NOT NULL DEFAULT '';
