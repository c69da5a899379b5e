-- A list finds its page in the index alone; what is shown is read by id.
DROP INDEX risk_alert_home;
CREATE INDEX risk_alert_home ON risk_alert (home_id, state, level, rule, person_id, id);
