package audit

import (
	"fmt"
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
)

// InParts runs do over a list in parts of at most size, each a transaction and entry of
// its own: content that is taken over as it is, or made up, which nobody enters record
// by record. Only the program may. object is the kind of record, for the refusal.
func InParts[T any](who actor.Actor, object, action string, list []T, size int, do func(part []T) error) error {
	if !who.Has(actor.System) {
		return fault.Denied(object, action+": only the program")
	}
	done := 0
	for part := range slices.Chunk(list, size) {
		if err := do(part); err != nil {
			return fmt.Errorf("%s, after %d of %d: %w", action, done, len(list), err)
		}
		done += len(part)
	}
	return nil
}
