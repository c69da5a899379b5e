package audit

import (
	"context"
	"encoding/json"
	"fmt"

	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
)

// Before reads what a form that shows a row at revision rev started from. Every
// edit of a form notes "before", the record as it was with its revision; other
// changes of the row, such as a step of its workflow, leave the fields of the
// form alone. So the first note at or after the revision holds them, and when
// there is none the row still has them: then found is false.
func (l *Log) Before(ctx context.Context, table string, row id.ID, rev int64, dst any) (found bool, err error) {
	entries, err := l.Of(ctx, table, row)
	if err != nil {
		return false, err
	}
	for _, e := range entries {
		_, notes, err := l.Facts(ctx, e.ID)
		if fault.Is(err, fault.KindState) {
			continue // its body was destroyed
		}
		if err != nil {
			return false, err
		}
		raw, err := json.Marshal(notes["before"])
		if err != nil {
			return false, fmt.Errorf("read what was before: %w", err)
		}
		var was struct {
			Rev int64 `json:"rev"`
		}
		if notes["before"] == nil || json.Unmarshal(raw, &was) != nil || was.Rev < rev {
			continue
		}
		if err := json.Unmarshal(raw, dst); err != nil {
			return false, fmt.Errorf("read what was before: %w", err)
		}
		return true, nil
	}
	return false, nil
}
