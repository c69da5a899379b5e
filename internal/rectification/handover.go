package rectification

import "huikan/internal/org"

// Estates are what this room hands over from a closed unit: its open items, with
// their dates and their history, and the measures that are not done. Closed items
// stay with the unit that closed them.
func (s *Service) Estates() []org.Estate {
	return []org.Estate{handItems.Estate(), handMeasures.Estate()}
}
