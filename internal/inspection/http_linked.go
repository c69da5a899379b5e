package inspection

import (
	"strconv"

	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/db"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
)

// upperOptions are the rounds that a round may belong to: those of its unit's
// superiors, for a new round those of all units that the actor plans for.
func (s *Service) upperOptions(r *web.Request, round id.ID, c RoundCmd) ([]ui.Option, error) {
	out := []ui.Option{{Label: r.T("round.upper.none")}}
	err := s.log.DB().Read(r.Context(), func(q db.Q) error {
		all, err := Rounds(r.Context(), q)
		if err != nil {
			return err
		}
		var units []id.ID
		if round != "" {
			x, err := RoundByID(r.Context(), q, round)
			if err != nil {
				return err
			}
			units = []id.ID{x.Unit}
		} else {
			terms, err := Terms(r.Context(), q)
			if err != nil {
				return err
			}
			for _, t := range terms {
				if s.policy.Can(r.Actor, "round.create", s.by("round", t.Unit)) == nil {
					units = append(units, t.Unit)
				}
			}
		}
		for _, x := range all {
			for _, u := range units {
				if x.ID == c.Upper || s.mayBelong(u, x) {
					out = append(out, ui.Option{Value: string(x.ID), Label: x.Name + " · " + s.Units.Short(x.Unit)})
					break
				}
			}
		}
		return nil
	})
	return out, err
}

// linkedBlock tells on the page of a round to which round it belongs, and how many
// findings those below have shared.
func (s *Service) linkedBlock(r *web.Request, x Round) ([]block, error) {
	if x.Kind != KindLinked {
		return nil, nil
	}
	b := block{Title: r.T("round.linked")}
	if x.Upper != "" {
		err := s.log.DB().Read(r.Context(), func(q db.Q) error {
			u, err := RoundByID(r.Context(), q, x.Upper)
			b.Facts.Items = append(b.Facts.Items, ui.Fact{Label: r.T("round.upper"), Text: u.Name, Sub: s.Units.Name(u.Unit)})
			return err
		})
		if err != nil {
			return nil, err
		}
		b.Hint = r.T("round.linked.lower")
	}
	o := s.roundObject(x, r.Actor)
	if s.policy.Can(r.Actor, "finding.linked", o) == nil {
		l, err := s.Linked(r.Context(), r.Actor, x.ID, page.Query{})
		if err != nil {
			return nil, err
		}
		n := 0
		for _, y := range l.Rounds {
			n += y.Shared
		}
		if len(l.Rounds) > 0 || x.Upper == "" {
			b.Facts.Items = append(b.Facts.Items, ui.Fact{Label: r.T("round.linked.rounds"), Text: strconv.Itoa(len(l.Rounds))},
				ui.Fact{Label: r.T("round.linked.shared"), Text: strconv.Itoa(n), Href: "/rounds/" + string(x.ID) + "/linked"})
		}
	}
	if len(b.Facts.Items) == 0 {
		return nil, nil
	}
	return []block{b}, nil
}

// linkedPage shows a round's linked rounds and the findings that they shared.
func (s *Service) linkedPage(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	q, err := r.List()
	if err != nil {
		return nil, err
	}
	l, err := s.Linked(r.Context(), r.Actor, n, q)
	if err != nil {
		return nil, err
	}
	rounds := &ui.Table{ID: "linked", Caption: r.T("round.linked.rounds"), NoDrawer: true, Columns: []ui.Column{{Label: r.T("word.title")}, {Label: r.T("round.unit")}, {Label: r.T("word.status")}, {Label: r.T("round.linked.shared"), Num: true}},
		Empty: ui.EmptyState{Title: r.T("round.linked.empty"), Text: r.T("round.linked.empty.text")}}
	for _, x := range l.Rounds {
		rounds.Rows = append(rounds.Rows, ui.Row{ID: string(x.ID), Cells: []ui.Cell{{Text: x.Name}, {Text: s.Units.Short(x.Unit)}, {Chips: []ui.Chip{stateChip(r, "round", x.State)}}, {Text: strconv.Itoa(x.Shared)}}})
	}
	fs := s.findingTable(r, l.Findings, true)
	fs.Base, fs.NoDrawer = "/rounds/"+string(n)+"/linked", true
	fs.Empty = ui.EmptyState{Title: r.T("round.linked.none"), Text: r.T("round.linked.none.text")}
	if l.Next.After != "" {
		fs.Pager = &ui.Pager{Next: fs.Base + "?after=" + l.Next.After, Count: l.Next.Count, PerPage: q.Size}
	}
	p := recordPage{Title: r.T("round.linked"), Lead: []ui.Chip{stateChip(r, "round", l.Round.State)}, Blocks: []block{{Title: r.T("round.linked.rounds"), Table: rounds}, {Title: r.T("round.linked.shared"), Hint: r.T("round.linked.upper"), Table: &fs}}}
	return web.Page{Name: "inspection/record", Crumbs: crumbs(r, r.T("menu.rounds"), "/rounds", l.Round.Name, "/rounds/"+string(n), p.Title, ""), Data: p, API: l, Mark: true}, nil
}

// shareBlock is where the leader of a lower team shares a finding.
func (s *Service) shareBlock(r *web.Request, f Finding, x Round, may bool) []block {
	if x.Upper == "" || !may && f.Shared == "" {
		return nil
	}
	b := block{Title: r.T("finding.shared")}
	state := r.T("finding.shared.no")
	if f.Shared != "" {
		state = r.T("finding.shared.since", string(f.Shared))
	}
	b.Facts.Items = []ui.Fact{{Label: r.T("finding.shared"), Text: state}}
	if may {
		v, do := "1", "share"
		if f.Shared != "" {
			v, do = "0", "unshare"
		}
		b.Hint = r.T("finding.shared.hint")
		b.Forms = []ui.Form{{ID: "share", Action: "/findings/" + string(f.ID) + "/share", Rev: rev(f.Rev), Buttons: []ui.Button{{Label: r.T("finding.do." + do), Name: "share", Value: v}}}}
	}
	return []block{b}
}

func (s *Service) shareFinding(r *web.Request) (web.Response, error) {
	n, err := r.ID("id")
	if err != nil {
		return nil, err
	}
	var c ShareCmd
	if err = r.Decode(&c); err == nil {
		err = s.Share(r.Context(), r.Actor, n, c)
	}
	if inPlace(err) {
		return s.findingRecord(r, err)
	}
	if err != nil {
		return nil, err
	}
	return web.Redirect{To: "/findings/" + string(n), Done: "done.finding.share"}, nil
}
