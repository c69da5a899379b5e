package inspection

// RecursElsewhere is the condition that a later finding of another unit was linked to
// the finding of a column as the same problem coming back.
func RecursElsewhere(column string) string {
	return "EXISTS (SELECT 1 FROM inspection_finding later JOIN inspection_finding earlier ON earlier.id = later.recurs_id WHERE later.recurs_id = " + column + " AND later.unit_id <> earlier.unit_id)"
}
