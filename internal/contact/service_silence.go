package contact

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/org/intake"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/sheet"
)

// caseloadColumns of a table from the case system.
var caseloadColumns = []sheet.Column{
	{Key: "staff_no", Names: []string{"工号", "人员编号", "staff number", "staff no"}, Required: true},
	{Key: "period", Names: []string{"报告期", "月份", "期间", "period", "month"}, Required: true},
	{Key: "post", Names: []string{"岗位", "业务条线", "条线", "post", "line of work"}, Required: true},
	{Key: "cases", Names: []string{"办案数", "案件数", "办理案件数", "cases"}, Required: true},
}

const maxCases = 10000

// ImportCaseload takes caseloads in from a table, all or none. A row for a person
// and period that is there changes it; a dry run lists before and after.
func (s *Service) ImportCaseload(ctx context.Context, who actor.Actor, name string, r io.ReaderAt, size int64, dryRun bool) (*intake.Result, error) {
	if !s.policy.Ever(who, "caseload.import") {
		return nil, fault.Denied("page", "caseload.import: no role")
	}
	res, err := intake.Open(name, r, size, caseloadColumns)
	if err != nil {
		return nil, err
	}
	var fresh, changed []caseload
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		seen := map[string]int{}
		for rec := range sheet.Records(res.Grid, res.Mapping) {
			res.Total++
			c, old, bad, err := s.caseloadRow(ctx, q, who, rec, seen)
			if err != nil {
				return err
			}
			switch {
			case res.Bad(rec, bad):
			case old == nil:
				res.Added++
				fresh = append(fresh, c)
			case old.cases == c.cases && old.post == c.post:
				res.Same++
			default:
				c.id, c.rev = old.id, old.rev
				changed = append(changed, c)
				res.Change(intake.Change{Row: rec.Row, What: rec.Get("staff_no") + " " + string(c.period), Column: "cases", Before: strconv.Itoa(old.cases), After: strconv.Itoa(c.cases)})
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if dryRun || !res.OK() || len(fresh)+len(changed) == 0 {
		return res, nil
	}
	err = s.log.Write(ctx, who, "caseload.import", func(tx *audit.Tx) error {
		tx.Note("file", name)
		tx.Note("added", len(fresh))
		tx.Note("changed", len(changed))
		for _, c := range changed {
			if err := updateCaseload(ctx, tx, c, who.Person); err != nil {
				return err
			}
		}
		return insertCaseloads(ctx, tx, fresh, who.Person)
	})
	if err == nil {
		res.Applied = true
	}
	return res, err
}

// caseloadRow judges one row.
func (s *Service) caseloadRow(ctx context.Context, q db.Q, who actor.Actor, rec sheet.Record, seen map[string]int) (c caseload, old *caseload, bad fault.Fields, err error) {
	c.post = rec.Get("post")
	bad.Need("post", c.post)
	bad.Max("post", c.post, maxShort)
	if c.period, err = ParsePeriod(rec.Get("period")); err != nil {
		bad.Add("period", "contact.bad.period", rec.Get("period"))
	}
	if c.cases, err = strconv.Atoi(rec.Get("cases")); err != nil || c.cases < 0 || c.cases > maxCases {
		bad.Add("cases", "contact.bad.range", 0, maxCases)
	}
	p, err := s.colleague(ctx, q, rec.Get("staff_no"))
	if fault.Is(err, fault.KindNotFound) || err == nil && s.policy.Can(who, "caseload.import", s.place(p.Unit)) != nil {
		bad.Add("staff_no", "caseload.person", rec.Get("staff_no"))
		return c, nil, bad, nil
	}
	if err != nil {
		return c, nil, bad, err
	}
	u, _ := s.Units.Unit(p.Unit)
	c.person, c.unit, c.level = p.ID, p.Unit, u.Level
	key := string(c.person) + "/" + string(c.period)
	if first, twice := seen[key]; twice {
		bad.Add("staff_no", "intake.twice", first)
	}
	seen[key] = rec.Row
	if len(bad) > 0 {
		return c, nil, bad, nil
	}
	known, err := caseloadsOf(ctx, q, []Period{c.period}, []id.ID{c.person})
	if x, ok := known[key]; ok {
		old = &x
	}
	return c, old, bad, err
}

// SilenceView are the runs of zero returns of a unit's own people.
type SilenceView struct {
	Unit    id.ID            `json:"unit"`
	Periods []Period         `json:"periods"`
	Lines   []Silence        `json:"lines"`
	Names   map[id.ID]string `json:"names"`
	Bounds  SilenceBounds    `json:"bounds"`
}

// SilenceBounds say below what there is no score, and after how long a run of a
// whole department a talk may be arranged.
type SilenceBounds struct {
	Run      int     `json:"run"`
	Expected float64 `json:"expected"`
	Peers    int     `json:"peers"`
	Talk     int     `json:"talk"`
}

func (s *Service) silenceBounds() SilenceBounds {
	b := s.Rules.Silence
	return SilenceBounds{b.Periods, b.Expected, b.Peers, b.Talk}
}

// peerRoot is the unit below which peers are looked for: the whole country for
// the upper two levels, the province for those below.
func (s *Service) peerRoot(u org.Unit) id.ID {
	if u.Level > 2 {
		for at := u; at.ID != ""; at, _ = s.Units.Unit(at.Parent) {
			if at.Level == 2 {
				return at.ID
			}
		}
	}
	return s.Units.Root().ID
}

// silencePeriods are the periods that runs are looked for in, the oldest first.
func (s *Service) silencePeriods(ctx context.Context, q db.Q, unit id.ID) ([]Period, error) {
	all, err := s.allSettings(ctx, q)
	if err != nil {
		return nil, err
	}
	var out []Period
	for _, x := range s.endedPeriods(all, unit, max(s.Rules.Silence.Periods, 1)) {
		out = append(out, x.Period)
	}
	slices.Reverse(out)
	return out, nil
}

// What is summed over many peers is kept for a while: each office of a province would
// else sum the same hundred thousand caseloads again for every page.
const (
	peersMany = 10_000
	peersAge  = time.Minute
	peersKept = 64 // sums at once
)

// peers sums the peers of a level below a unit, or takes the sums of the last minute.
func (s *Service) peers(ctx context.Context, q db.Q, level int, root id.ID, periods []Period) (map[string]peerSum, error) {
	return s.peerSums.get(fmt.Sprint(level, root, periods), s.Clock.Now(), func() (map[string]peerSum, bool, error) {
		sums, of, err := peersOf(ctx, q, level, root, periods)
		return sums, of >= peersMany, err
	})
}

// Silence reckons the runs of zero returns of a unit's people. The office sees
// marks of zero anyway; of the peers it sees sums alone. Nobody sees himself or
// his relatives.
func (s *Service) Silence(ctx context.Context, who actor.Actor, unit id.ID) (v SilenceView, err error) {
	if err := s.policy.Can(who, "silence.read", s.place(unit)); err != nil {
		return v, err
	}
	u, _ := s.Units.Unit(unit)
	root := s.peerRoot(u)
	b := s.Rules.Silence
	v.Unit, v.Bounds = unit, s.silenceBounds()
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		if v.Periods, err = s.silencePeriods(ctx, q, unit); err != nil {
			return err
		}
		loads, err := loadsIn(ctx, q, unit, v.Periods)
		if err != nil {
			return err
		}
		kin := who.Kin()
		loads = slices.DeleteFunc(loads, func(l load) bool { return slices.Contains(kin, l.person) })
		peers, err := s.peers(ctx, q, u.Level, root, v.Periods)
		if err != nil {
			return err
		}
		v.Lines = silences(loads, v.Periods, peers, b.Periods, b.Expected, b.Peers)
		ids := make([]id.ID, len(v.Lines))
		for i, l := range v.Lines {
			ids[i] = l.Person
		}
		v.Names, err = s.names(ctx, q, ids...)
		return err
	})
	return v, err
}
