CREATE TABLE search_doc (
	kind TEXT NOT NULL,
	ref_id TEXT NOT NULL,
	part BIGINT NOT NULL,
	body TSVECTOR NOT NULL,
	PRIMARY KEY (ref_id, kind, part)
);
-- Without the list of pending entries: every search would have to read it through.
CREATE INDEX search_doc_body ON search_doc USING GIN (body) WITH (fastupdate = off);
