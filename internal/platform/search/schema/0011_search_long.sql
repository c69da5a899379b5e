-- The few texts that lie in several parts.
CREATE INDEX search_doc_long ON search_doc (kind, ref_id) WHERE part = 1;
