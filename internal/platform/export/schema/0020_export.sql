-- A file that somebody had made of a list. It is his alone and short-lived.
CREATE TABLE export_file (
	id TEXT PRIMARY KEY,
	account_id TEXT NOT NULL,
	action TEXT NOT NULL,
	title TEXT NOT NULL,
	format TEXT NOT NULL,
	address TEXT NOT NULL,
	footing TEXT NOT NULL,
	state TEXT NOT NULL,
	lines BIGINT NOT NULL,
	hash TEXT NOT NULL,
	size BIGINT NOT NULL,
	trouble TEXT NOT NULL,
	made_at TEXT NOT NULL,
	ended_at TEXT NOT NULL,
	fetched_at TEXT NOT NULL,
	until_at TEXT NOT NULL
);
CREATE INDEX export_file_account ON export_file (account_id, made_at);
CREATE INDEX export_file_until ON export_file (until_at);
CREATE INDEX export_file_hash ON export_file (hash);
