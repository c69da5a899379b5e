package rectification

import "testing"

// SetBulkItems lets a test take items over in smaller parts.
func SetBulkItems(t *testing.T, n int) {
	t.Helper()
	before := bulkItems
	bulkItems = n
	t.Cleanup(func() { bulkItems = before })
}
