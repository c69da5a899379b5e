package conduct

import (
	"context"
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

// CellQuery names one figure of the four forms: a line, or all of them, and a form,
// or all four.
type CellQuery struct {
	Key  string
	Form int
}

// Behind is a record behind a figure.
type Behind struct {
	No      string     `json:"no"`
	Unit    id.ID      `json:"unit"`
	Conduct string     `json:"conduct"`
	Kind    string     `json:"kind"`
	Form    int        `json:"form"`
	On      clock.Date `json:"on"`
	Href    string     `json:"href"`
}

// BehindView is what stands behind a figure: the records that the actor may open,
// and how many others keep. Of a hidden figure the number of the others is not told.
type BehindView struct {
	List   []Behind `json:"list"`
	Own    int      `json:"own"`
	Others int      `json:"others"`
	Hidden bool     `json:"hidden,omitempty"`
}

// Behind lists the records behind one figure of the four forms.
func (s *Service) Behind(ctx context.Context, who actor.Actor, fq FormsQuery, cell CellQuery) (v BehindView, err error) {
	view, err := s.Forms(ctx, who, fq)
	if err != nil {
		return v, err
	}
	fq.By = view.By
	row := view.Total
	if cell.Key != "" {
		i := slices.IndexFunc(view.Rows, func(r FormRow) bool { return r.Key == cell.Key })
		if i < 0 {
			return v, fault.NotFound("outcome")
		}
		row = view.Rows[i]
	}
	figure := row.Total
	if cell.Form != 0 {
		figure = row.Forms[cell.Form-1]
	}
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		v.List, v.Own, err = behindForms(ctx, q, s.policy, who, fq, cell)
		return err
	})
	v.Hidden = figure.Hidden
	if !figure.Hidden {
		v.Others = max(0, figure.N-v.Own)
	}
	return v, err
}
