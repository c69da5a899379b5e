-- Who belonged to a unit on a day: the monthly returns of every unit ask it.
CREATE INDEX person_post_unit ON person_post (unit_id, main, person_id, valid_from, valid_to);
