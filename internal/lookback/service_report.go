package lookback

import (
	"context"
	"slices"
	"strings"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/rectification"
)

func (s *Service) reportObject(l Lookback, n id.ID) access.Object {
	return access.Object{Kind: "lookback_report", ID: n, State: l.State, By: s.Units.Place(l.By)}
}

// gatherMatter reads what the figures are counted from, as far as the actor may see it.
func (s *Service) gatherMatter(ctx context.Context, q db.Q, who actor.Actor, l Lookback) (m matter, err error) {
	m.l = l
	if m.samples, err = visibleSamples(ctx, q, s.policy, who, "sample.read", sampleAccess, sampleFilter{Lookback: l.ID}, "", 0); err != nil {
		return m, err
	}
	ids := make([]id.ID, len(m.samples))
	for k, x := range m.samples {
		ids[k] = x.ID
	}
	if m.tests, err = latestTests(ctx, q, ids); err != nil {
		return m, err
	}
	all, err := allConsequences(ctx, q, l.ID)
	if err != nil {
		return m, err
	}
	slices.Sort(ids)
	for _, c := range all {
		if _, seen := slices.BinarySearch(ids, c.Sample); seen {
			m.then = append(m.then, c)
		}
	}
	found, err := s.found(ctx, q, who, l.Round)
	if err != nil {
		return m, err
	}
	for _, f := range found {
		m.found = append(m.found, f.ID)
	}
	return m, nil
}

// MakeReport freezes the figures of a look-back as of today. Whoever is kept from
// one of its items by recusal makes no report of the whole.
func (s *Service) MakeReport(ctx context.Context, who actor.Actor, n id.ID, cmd ReportCmd) (r Report, err error) {
	var bad fault.Fields
	cmd.Check(&bad)
	if err := bad.Err(); err != nil {
		return r, err
	}
	err = s.log.Write(ctx, who, "lookback_report.make", func(tx *audit.Tx) error {
		l, err := s.load(ctx, tx, who, n, "lookback.read")
		if err != nil {
			return err
		}
		r = Report{ID: id.New(), Lookback: l.ID, By: l.By, Title: strings.TrimSpace(cmd.Title), Opinion: strings.TrimSpace(cmd.Opinion), On: s.today(), Person: who.Person}
		if l.State != Sampled && l.State != Finished {
			if !s.policy.Ever(who, "lookback_report.make") {
				return fault.Denied("lookback", "lookback_report.make: no role")
			}
			return fault.State("error.state", "lookback_report.make", "lookback.state."+l.State)
		}
		if err := s.policy.Can(who, "lookback_report.make", s.reportObject(l, r.ID)); err != nil {
			return err
		}
		m, err := s.gatherMatter(ctx, tx, who, l)
		if err != nil {
			return err
		}
		all, err := sampleCount(ctx, tx, l.ID)
		if err != nil {
			return err
		}
		if all != len(m.samples) {
			return fault.Denied("lookback", "lookback_report.make: not all of it may be seen")
		}
		earlier, err := reportsOf(ctx, tx, l.ID)
		if err != nil {
			return err
		}
		if len(earlier) > 0 {
			r.Prior = earlier[0].ID
		}
		if err := insertReport(ctx, tx, r); err != nil {
			return err
		}
		return rectification.Freeze(ctx, tx, r.ID, m.figures(s.today()))
	})
	return r, err
}

// ReportView is a report with its figures, what the look-back says today, and how
// the figures follow from the report before.
type ReportView struct {
	Report   Report                       `json:"report"`
	Lookback Lookback                     `json:"lookback"`
	Figures  []rectification.Figure       `json:"figures"`
	Before   []rectification.Figure       `json:"before,omitempty"`
	Bridge   *Bridge                      `json:"bridge,omitempty"`
	Moved    []string                     `json:"moved"` // figures that are others today
	Today    []rectification.Figure       `json:"-"`
	Samples  map[id.ID]Sample             `json:"-"`
	Tests    map[id.ID]Test               `json:"-"`
	Claims   map[id.ID]string             `json:"-"`
	Found    map[id.ID]inspection.Finding `json:"-"`
	Names    map[id.ID]string             `json:"-"`
}

// ReportByID reads a report. Rows that the reader may not see are left out of the
// lists, never out of the frozen numbers.
func (s *Service) ReportByID(ctx context.Context, who actor.Actor, n id.ID) (v ReportView, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		r, err := reportByID(ctx, q, n)
		if err != nil {
			return err
		}
		l, err := ByID(ctx, q, r.Lookback)
		if err != nil {
			return err
		}
		if err := s.policy.Can(who, "lookback_report.read", s.reportObject(l, r.ID)); err != nil {
			return err
		}
		v = ReportView{Report: r, Lookback: l, Samples: map[id.ID]Sample{}, Tests: map[id.ID]Test{}, Claims: map[id.ID]string{}, Found: map[id.ID]inspection.Finding{}}
		if v.Figures, err = rectification.Frozen(ctx, q, r.ID); err != nil {
			return err
		}
		if r.Prior != "" {
			if v.Before, err = rectification.Frozen(ctx, q, r.Prior); err != nil {
				return err
			}
			b := BridgeOf(v.Before, v.Figures)
			v.Bridge = &b
		}
		m, err := s.gatherMatter(ctx, q, who, l)
		if err != nil {
			return err
		}
		v.Today = m.figures(r.On)
		v.Moved = Moved(v.Figures, v.Today)
		for _, x := range m.samples {
			v.Samples[x.ID] = x
		}
		found, err := s.found(ctx, q, who, l.Round)
		if err != nil {
			return err
		}
		for _, f := range found {
			v.Found[f.ID] = f
		}
		if err := s.reportTests(ctx, q, &v); err != nil {
			return err
		}
		for k, f := range v.Figures {
			v.Figures[k].Rows = slices.DeleteFunc(f.Rows, func(n id.ID) bool { return !v.sees(n) })
		}
		v.Names, err = s.names(ctx, q, r.Person)
		return err
	})
	return v, err
}

// sees tells whether a row of a figure is one that the reader may see.
func (v ReportView) sees(n id.ID) bool {
	if _, ok := v.Samples[n]; ok {
		return true
	}
	if _, ok := v.Tests[n]; ok {
		return true
	}
	_, ok := v.Found[n]
	return ok
}

// reportTests reads the tests that a report froze, with the claims that they answer.
func (s *Service) reportTests(ctx context.Context, q db.Q, v *ReportView) error {
	tests, err := testsByID(ctx, q, figureOf(v.Figures, FigureTested).Rows)
	if err != nil {
		return err
	}
	read := map[id.ID]bool{}
	for _, t := range tests {
		x, ok := v.Samples[t.Sample]
		if !ok {
			continue
		}
		v.Tests[t.ID] = t
		if t.Result != TestUntrue || read[x.Item] {
			continue // only refuted claims are read out
		}
		read[x.Item] = true
		claims, err := rectification.Claims(ctx, q, x.Item)
		if err != nil {
			return err
		}
		for _, c := range claims {
			v.Claims[c.ID] = c.Text
		}
	}
	return nil
}

// Reports lists the reports of a look-back for who may read them.
func (s *Service) Reports(ctx context.Context, who actor.Actor, n id.ID) (l Lookback, out []Report, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		var err error
		if l, err = s.load(ctx, q, who, n, "lookback.read"); err != nil {
			return err
		}
		if err := s.policy.Can(who, "lookback_report.read", s.reportObject(l, "")); err != nil {
			return err
		}
		out, err = reportsOf(ctx, q, l.ID)
		return err
	})
	return l, out, err
}
