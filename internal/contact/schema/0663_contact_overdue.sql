-- What has a day is found by it; settled rows have none.
CREATE INDEX contact_matter_due ON contact_matter (due_on, office_id, state) WHERE due_on <> '';
CREATE INDEX contact_crosscheck_due ON contact_crosscheck (due_on, office_id, state) WHERE due_on <> '';
