package lookback

import (
	"math"

	"huikan/internal/kernel/stat"
)

// Confidence is the level of every interval of this room.
const Confidence = 0.95

// Interval is a range for a share, with the share itself.
type Interval = stat.Interval

// DiscoverySize is how many of N items must be drawn at random so that, if a
// share of them or more is untrue, at least one such item is in the sample with
// the confidence given (hypergeometric, without replacement).
func DiscoverySize(total int, share, confidence float64) int {
	bad := max(1, int(math.Ceil(float64(total)*share-1e-9)))
	miss := 1.0
	for n := range total {
		if 1-miss >= confidence {
			return n
		}
		if n > total-bad {
			break
		}
		miss *= float64(total-bad-n) / float64(total-n)
	}
	return total
}
