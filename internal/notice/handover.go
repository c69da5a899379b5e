package notice

import "huikan/internal/org"

// Estates are what this room hands over from a closed unit: circulars that wait for
// its study, and shares in campaigns about which it has not reported. What it signed,
// studied or reported stays under its name; where the successor was addressed itself,
// the closed unit's stays as it is.
func (s *Service) Estates() []org.Estate {
	return []org.Estate{handReceipts.Estate(), handParts.Estate()}
}
