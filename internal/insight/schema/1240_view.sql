-- A saved filter is a name for an address of the system; subscriptions remind of
-- it on the first page.
CREATE TABLE insight_view (
	id TEXT PRIMARY KEY,
	owner_id TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	title TEXT NOT NULL,
	address TEXT NOT NULL,
	shared TEXT NOT NULL,
	made_at TEXT NOT NULL,
	ended TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX insight_view_owner ON insight_view (owner_id, ended);
CREATE INDEX insight_view_unit ON insight_view (unit_id, shared, ended);
CREATE TABLE insight_subscription (
	id TEXT PRIMARY KEY,
	view_id TEXT NOT NULL REFERENCES insight_view (id),
	person_id TEXT NOT NULL,
	every TEXT NOT NULL,
	next_on TEXT NOT NULL,
	ended TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX insight_subscription_person ON insight_subscription (person_id, ended, next_on);
CREATE INDEX insight_subscription_view ON insight_subscription (view_id, person_id);
