package contact

import (
	"slices"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/id"
)

// Trace is one line of what the register knows around a person or a case, for
// the backward check of an accountability case (倒查, R-17). It says that something
// was recorded, by which side and where it is kept, and never what.
type Trace struct {
	Kind     string     // of TraceKinds
	On       clock.Date // recorded on; the end of the period for returns
	Code     string     // where the reader's own office keeps the record
	Class    string     // code of the class in force
	Unit     id.ID      // of whoever recorded, or whose office keeps it
	Period   Period
	N        int
	Href     string
	CatchUp  bool
	Expected bool // a record that should be there and is not
}

// Kinds of traces. By himself, about him, about the case; kept elsewhere: the
// reader's office holds no key and learns the number alone. Of what is missing:
// the other side recorded and he did not; he attested that there was nothing
// although somebody recorded him; he filed nothing; he declared before a stage of
// the case that there was nothing although others recorded.
const (
	TraceOwn       = "own"
	TraceAbout     = "about"
	TraceCase      = "case"
	TraceElsewhere = "elsewhere"
	TraceOneSided  = "one_sided"
	TraceZero      = "zero"
	TraceNoReturn  = "no_return"
	TraceGate      = "gate"
)

// recordedWithin is how long after an act records about it are looked for: what
// was caught up in self-inspections came within the year.
const recordedWithin = 12 // months

// passedOver tells whether the office of a unit was passed over when a record
// was routed: it stands between the reporter and the offices that hold keys.
func (s *Service) passedOver(office id.ID, m Matter) bool {
	if office == m.Office || office == m.Upper {
		return false
	}
	for at := m.Unit; at != "" && at != m.Upper; {
		if at == office {
			return true
		}
		u, _ := s.Units.Unit(at)
		at = u.Parent
	}
	return false
}

// periodsBetween are the periods of a setting that a time touches, oldest first.
func (s Setting) periodsBetween(from, to clock.Date) []Period {
	if s.Cadence == ByEvent || !from.Valid() || to < from {
		return nil
	}
	var out []Period
	for p, last := s.Of(from), s.Of(to); len(out) < maxTraced; p = p.Next() {
		out = append(out, p)
		if p == last {
			break
		}
	}
	return out
}

// maxTraced bounds the lines and the periods of one look.
const maxTraced = 200

func sortTraces(list []Trace) {
	slices.SortStableFunc(list, func(a, b Trace) int {
		if a.On != b.On {
			if a.On < b.On {
				return -1
			}
			return 1
		}
		return 0
	})
}
