-- A backward check looks through the cases that a person's units keep; the page of a
-- case lists its alerts.
CREATE INDEX risk_case_unit ON risk_case (unit_id, id);
CREATE INDEX risk_alert_case ON risk_alert (case_id, id);
