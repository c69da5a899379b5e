-- Searching for the beginning of a name: the order of the database's language
-- gives LIKE no index, this one does. SQLite uses its plain indexes.
CREATE INDEX person_name_begin ON person (name_key text_pattern_ops);
CREATE INDEX person_initials_begin ON person (initials text_pattern_ops);
CREATE INDEX person_staff_no_begin ON person (staff_no text_pattern_ops);
