CREATE INDEX risk_alert_decided ON risk_alert (decided_on, unit_id, state);
