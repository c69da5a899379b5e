ALTER TABLE rectify_item ADD COLUMN kind TEXT NOT NULL DEFAULT '';
CREATE INDEX rectify_item_kind ON rectify_item (kind, due_on, id) WHERE kind <> '';
