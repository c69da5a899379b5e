-- Lists go by state and rank; what they are narrowed and searched by stands in the
-- index, because rows are long. Readers of few units come by the unit. Earlier
-- judgements are found by either row, restrictions that end by their day.
CREATE INDEX screening_hit_list ON screening_hit (state, rank_key, id, unit_id, subject, leaving, rule, name, kin, right_name, firm);
CREATE INDEX screening_hit_below ON screening_hit (unit_id, state, rank_key, id, subject, leaving, rule);
CREATE INDEX screening_hit_right ON screening_hit (right_key);
CREATE INDEX screening_hit_ends ON screening_hit (state, until_on, rank_key, id, unit_id);
DROP INDEX screening_hit_rank;
DROP INDEX screening_hit_unit;
DROP INDEX screening_hit_until;
