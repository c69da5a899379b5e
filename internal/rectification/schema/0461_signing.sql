-- Few items wait for a signature: only they stand in the index by level.
DROP INDEX rectify_item_level;
CREATE INDEX rectify_item_signing ON rectify_item (level, due_on, id) WHERE level <> '';
