-- The dashboard counts the measures of each unit, those done and those late, in one
-- pass over this index, see MeasureCounts.
CREATE INDEX rectify_measure_counts ON rectify_measure (unit_id, state, due_on);
