-- Talks before a departure (D1): what the person means to do, what he was told, and
-- whether he pledged himself; what happened since is in the events.
CREATE TABLE screening_departure (
	id TEXT PRIMARY KEY,
	left_key TEXT NOT NULL,
	person_id TEXT,
	unit_id TEXT NOT NULL,
	name TEXT NOT NULL,
	leaving TEXT NOT NULL,
	leave_on TEXT NOT NULL,
	work TEXT NOT NULL,
	employer TEXT NOT NULL,
	talked_on TEXT NOT NULL,
	talker TEXT NOT NULL,
	told TEXT NOT NULL,
	edition TEXT NOT NULL,
	pledged_on TEXT NOT NULL,
	state TEXT NOT NULL,
	by_id TEXT,
	at TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX screening_departure_list ON screening_departure (state, unit_id, id);
CREATE INDEX screening_departure_unit ON screening_departure (unit_id, id);
CREATE INDEX screening_departure_key ON screening_departure (left_key, id);
CREATE INDEX screening_departure_person ON screening_departure (person_id, state);
CREATE TABLE screening_departure_event (
	id TEXT PRIMARY KEY,
	departure_id TEXT NOT NULL REFERENCES screening_departure (id),
	at TEXT NOT NULL,
	person_id TEXT,
	act TEXT NOT NULL,
	body TEXT NOT NULL
);
CREATE INDEX screening_departure_event_of ON screening_departure_event (departure_id, id);
