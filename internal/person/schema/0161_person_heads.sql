-- Who belonged to each unit on a day is counted from this index alone.
CREATE INDEX person_post_heads ON person_post (unit_id, valid_from, valid_to) WHERE main;
