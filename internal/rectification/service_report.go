package rectification

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
)

// ReportCmd asks for a report of a round, or of one unit in it.
type ReportCmd struct {
	Round id.ID  `json:"round"`
	Unit  id.ID  `json:"unit"`
	Title string `json:"title"`
}

// maxReportItems bounds the rows that one report freezes.
const maxReportItems = 20000

// MakeReport freezes the figures of a report as of today. It counts the items
// that its maker may see; whoever is kept from one by recusal makes no report of
// the whole.
func (s *Service) MakeReport(ctx context.Context, who actor.Actor, c ReportCmd) (r Report, err error) {
	var bad fault.Fields
	bad.Need("title", c.Title)
	bad.Max("title", c.Title, maxShort)
	if c.Round == "" {
		bad.Need("round", "")
	}
	if err := bad.Err(); err != nil {
		return r, err
	}
	err = s.log.Write(ctx, who, "rectify_report.make", func(tx *audit.Tx) error {
		round, err := inspection.RoundByID(ctx, tx, c.Round)
		if err != nil {
			return err
		}
		r = Report{ID: id.New(), Round: round.ID, Unit: c.Unit, By: round.Unit, Title: strings.TrimSpace(c.Title), On: s.today(), Person: who.Person}
		if err := s.policy.Can(who, "rectify_report.make", s.reportObject(r)); err != nil {
			return err
		}
		w := s.readable(who, "item.read")
		w.add("i.round_id = $%d", string(c.Round))
		if c.Unit != "" {
			w.add("i.unit_id = $%d", string(c.Unit))
		}
		items, err := itemsOf(ctx, tx, w, maxReportItems+1)
		if err != nil {
			return err
		}
		if len(items) > maxReportItems {
			return fault.Limit("rectify_report.bad.many", maxReportItems)
		}
		if r.Prior, err = priorReport(ctx, tx, r.Round, r.Unit); err != nil {
			return err
		}
		if err := insertReport(ctx, tx, r); err != nil {
			return err
		}
		asked := "round=" + string(c.Round)
		if c.Unit != "" {
			asked += " unit=" + string(c.Unit)
		}
		list := figuresOf(items, s.today(), asked)
		measures, err := measuresOf(ctx, tx, items)
		if err != nil {
			return err
		}
		list = append(list, figuresOfMeasures(measures, s.today(), asked)...)
		h, followed, ok, err := s.half(ctx, tx, who, c.Unit)
		if err != nil {
			return err
		}
		if ok && !h.Hidden {
			list = append(list, figureHalf(h, followed, s.today(), asked))
		}
		return Freeze(ctx, tx, r.ID, list)
	})
	return r, err
}

// measuresOf are the measures of some items, each once.
func measuresOf(ctx context.Context, q db.Q, items []Item) (map[id.ID]Serving, error) {
	ids := make([]id.ID, len(items))
	for k, i := range items {
		ids[k] = i.ID
	}
	of, err := MeasuresOf(ctx, q, ids)
	if err == nil {
		err = rest(ctx, q, items, of)
	}
	return eachOnce(of), err
}

func (s *Service) reportObject(r Report) access.Object {
	o := access.Object{Kind: "rectify_report", ID: r.ID, By: s.Units.Place(r.By)}
	if r.Unit != "" {
		o.Units = []access.Place{s.Units.Place(r.Unit)}
	}
	return o
}

// ReportView is a report with its figures and how they follow from the one before.
type ReportView struct {
	Report  Report            `json:"report"`
	Round   string            `json:"round"`
	Figures []Figure          `json:"figures"`
	Before  []Figure          `json:"before"`
	Balance *Balance          `json:"balance"`
	Items   map[id.ID]Item    `json:"-"`
	Tasks   map[id.ID]Serving `json:"-"` // measures, by their own ids
	Names   map[id.ID]string  `json:"-"`
}

// ReportByID reads a report for who may see it. Rows that he may not see are
// taken out of the lists, never out of the frozen numbers.
func (s *Service) ReportByID(ctx context.Context, who actor.Actor, n id.ID) (v ReportView, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		r, err := reportByID(ctx, q, n)
		if err != nil {
			return err
		}
		if err := s.policy.Can(who, "rectify_report.read", s.reportObject(r)); err != nil {
			return err
		}
		v = ReportView{Report: r, Items: map[id.ID]Item{}}
		round, err := inspection.RoundByID(ctx, q, r.Round)
		if err != nil {
			return err
		}
		v.Round = round.Name
		if v.Figures, err = Frozen(ctx, q, r.ID); err != nil {
			return err
		}
		if r.Prior != "" {
			if v.Before, err = Frozen(ctx, q, r.Prior); err != nil {
				return err
			}
			b := Reconcile(v.Before, v.Figures)
			v.Balance = &b
		}
		w := s.readable(who, "item.read")
		w.add("i.round_id = $%d", string(r.Round))
		if r.Unit != "" {
			w.add("i.unit_id = $%d", string(r.Unit))
		}
		items, err := itemsOf(ctx, q, w, maxReportItems)
		if err != nil {
			return err
		}
		for _, i := range items {
			v.Items[i.ID] = i
		}
		if v.Tasks, err = measuresOf(ctx, q, items); err != nil {
			return err
		}
		for k, f := range v.Figures {
			v.Figures[k].Rows = slices.DeleteFunc(f.Rows, func(n id.ID) bool {
				_, item := v.Items[n]
				_, task := v.Tasks[n]
				return !item && !task
			})
		}
		v.Names, err = s.names(ctx, q, r.Person)
		return err
	})
	return v, err
}

// Reports lists the reports that the reader may see, newest first.
func (s *Service) Reports(ctx context.Context, who actor.Actor) (out []Report, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		var w where
		w.conds = append(w.conds, s.policy.Filter(who, "rectify_report.read", reportColumns, &w.args))
		out, err = listReports(ctx, q, w, 100)
		return err
	})
	return out, err
}
