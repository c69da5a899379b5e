package inspection

// RecursElsewhere is the condition that a later finding of another unit was linked to
// the finding of a column as the same problem coming back. The few that were are
// gathered once: hardly any finding names an earlier one, so that planners take the
// index of these names for useless and would read all findings for each record.
func RecursElsewhere(column string) string {
	return column + " IN (SELECT later.recurs_id FROM inspection_finding later JOIN inspection_finding earlier ON earlier.id = later.recurs_id WHERE later.recurs_id > '' AND later.unit_id <> earlier.unit_id)"
}
