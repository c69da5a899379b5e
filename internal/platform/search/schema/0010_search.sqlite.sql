CREATE TABLE search_doc (
	n BIGINT PRIMARY KEY,
	kind TEXT NOT NULL,
	ref_id TEXT NOT NULL,
	part BIGINT NOT NULL,
	UNIQUE (ref_id, kind, part)
);
CREATE VIRTUAL TABLE search_text USING fts5(body, content = '', contentless_delete = 1, tokenize = 'ascii', prefix = '1');
