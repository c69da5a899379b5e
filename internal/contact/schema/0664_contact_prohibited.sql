-- The figures count prohibited kinds too (R-13): the index that they are counted
-- from alone holds them.
CREATE INDEX contact_matter_counted ON contact_matter (period, unit_id, state, id, office_id, upper_id, level, claimed, category, asker, insider, area, record, outcome, leadership, catch_up, prohibited);
DROP INDEX contact_matter_figures;
