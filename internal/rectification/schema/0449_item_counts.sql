-- The dashboard groups the whole ledger: in the order of this index that is one
-- pass without sorting.
CREATE INDEX rectify_item_counts ON rectify_item (unit_id, by_id, state, severity, category, verified, open, due_on);
