package meeting

import "huikan/internal/org"

// Estates are what this room hands over from a closed unit: meetings that it calls
// and that are not over, and venues of meetings to come. Where the successor has a
// venue of its own, the closed unit's stays as it is.
func (s *Service) Estates() []org.Estate {
	return []org.Estate{handMeetings.Estate(), handVenues.Estate()}
}
