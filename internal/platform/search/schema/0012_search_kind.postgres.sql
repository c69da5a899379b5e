-- The kind stands among the words, so that one index answers for one kind of
-- record without passing what others hold of a common word.
UPDATE search_doc SET body = body || CAST('''#' || kind || '''' AS TSVECTOR);
