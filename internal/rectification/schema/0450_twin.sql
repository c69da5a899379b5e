-- What evidence looks like and says, for finding its twins: derived from the files, no rows of the log.
CREATE TABLE rectify_print (
	evidence_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	n BIGINT NOT NULL,
	item_id TEXT NOT NULL,
	sketch TEXT NOT NULL,
	PRIMARY KEY (evidence_id, kind, n)
);
CREATE TABLE rectify_print_key (
	key BIGINT NOT NULL,
	evidence_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	n BIGINT NOT NULL,
	PRIMARY KEY (key, evidence_id, kind, n)
);
