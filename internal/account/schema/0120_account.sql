CREATE TABLE account (
	id TEXT PRIMARY KEY,
	login TEXT NOT NULL UNIQUE,
	person_id TEXT,
	name TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	hash TEXT NOT NULL,
	must_change BOOLEAN NOT NULL,
	disabled BOOLEAN NOT NULL,
	failed BIGINT NOT NULL,
	failed_at TEXT NOT NULL,
	locked_until TEXT NOT NULL,
	totp BYTEA,
	totp_step BIGINT NOT NULL,
	changed_on TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX account_person ON account (person_id);
CREATE TABLE account_grant (
	id TEXT PRIMARY KEY,
	account_id TEXT NOT NULL REFERENCES account (id),
	role TEXT NOT NULL,
	unit_id TEXT NOT NULL,
	from_on TEXT NOT NULL,
	to_on TEXT NOT NULL,
	given_by TEXT NOT NULL,
	rev BIGINT NOT NULL
);
CREATE INDEX account_grant_account ON account_grant (account_id);
CREATE TABLE account_session (
	id TEXT PRIMARY KEY,
	token TEXT NOT NULL UNIQUE,
	account_id TEXT NOT NULL REFERENCES account (id),
	address TEXT NOT NULL,
	agent TEXT NOT NULL,
	second BOOLEAN NOT NULL,
	made_at TEXT NOT NULL,
	seen_at TEXT NOT NULL
);
CREATE INDEX account_session_account ON account_session (account_id);
