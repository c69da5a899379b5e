-- The dashboard sums the ledger by the months of its dates, see rectify_item_due.
CREATE INDEX rectify_item_fed_back ON rectify_item (fed_back_on, unit_id, by_id, state);
CREATE INDEX rectify_item_closed ON rectify_item (closed_on, unit_id, by_id, state) WHERE state = 'closed';
CREATE INDEX rectify_item_reopened ON rectify_item (unit_id, by_id, state, id) WHERE reopened > 0;
