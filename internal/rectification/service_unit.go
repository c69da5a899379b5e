package rectification

import (
	"context"
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
)

// ClaimCmd names items to claim (认领), one or many.
type ClaimCmd struct {
	Items []id.ID `json:"id"`
	Rev   int64   `json:"rev"` // of the item, when it is one
}

const maxBatch = 200

// Claim takes items over for the unit: all of them or none.
func (s *Service) Claim(ctx context.Context, who actor.Actor, c ClaimCmd) error {
	if len(c.Items) == 0 {
		return fault.Invalid("item.bad.none_chosen")
	}
	if len(c.Items) > maxBatch {
		return fault.Limit("item.bad.batch", len(c.Items), maxBatch)
	}
	rev := c.Rev
	if len(c.Items) > 1 {
		rev = 0
	}
	return s.log.Write(ctx, who, "item.claim", func(tx *audit.Tx) error {
		for _, n := range c.Items {
			if err := s.moveIn(ctx, tx, who, n, "claim", rev, "", func(tx *audit.Tx, i *Item) error { return objected(ctx, tx, i.Finding) }); err != nil {
				return err
			}
		}
		return nil
	})
}

// PlanCmd is what the unit says of an item as a whole.
type PlanCmd struct {
	Lead       string `json:"lead"`
	Department string `json:"department"`
	Root       string `json:"root"`
	Goal       string `json:"goal"`
	Similar    string `json:"similar"`
	Rules      string `json:"rules"`
	Handled    string `json:"handled"`
	Rev        int64  `json:"rev"`
}

func (c PlanCmd) validate() error {
	var bad fault.Fields
	bad.Need("lead", c.Lead)
	bad.Need("department", c.Department)
	bad.Max("lead", c.Lead, maxShort)
	bad.Max("department", c.Department, maxShort)
	for _, x := range [][2]string{{"root", c.Root}, {"goal", c.Goal}, {"similar", c.Similar}, {"rules", c.Rules}, {"handled", c.Handled}} {
		bad.Max(x[0], x[1], maxText)
	}
	return bad.Err()
}

// Plan writes cause, goal and responsibility. A change of the leader while the
// work goes on is a hand-over and becomes a step of the story (domain I-17).
func (s *Service) Plan(ctx context.Context, who actor.Actor, item id.ID, c PlanCmd) error {
	return s.work(ctx, who, item, "item.plan", planningOrWorking, func(tx *audit.Tx, i Item) error {
		if c.Rev != i.Rev {
			return fault.Conflict("item")
		}
		if err := c.validate(); err != nil {
			return err
		}
		tx.Note("before", i)
		do, reason := "plan", ""
		if i.Lead != "" && i.Lead != c.Lead {
			do, reason = "hand_over", i.Lead+" → "+c.Lead
		}
		i.Lead, i.Department, i.Root, i.Goal, i.Similar, i.Rules, i.Handled = c.Lead, c.Department, c.Root, c.Goal, c.Similar, c.Rules, c.Handled
		if err := updateItem(ctx, tx, i, who.Person); err != nil {
			return err
		}
		return event(ctx, tx, i.ID, who, SideUnit, do, i.State, i.State, reason)
	})
}

// MeasureCmd is a new or changed measure.
type MeasureCmd struct {
	Text        string     `json:"text"`
	Kind        string     `json:"kind"`
	Responsible string     `json:"responsible"`
	Department  string     `json:"department"`
	Due         clock.Date `json:"due"`
	State       string     `json:"state"`
	Rev         int64      `json:"rev"`
}

func (c MeasureCmd) onto(m Measure, today clock.Date) (Measure, error) {
	m.Text, m.Kind, m.Responsible, m.Department, m.Due = c.Text, c.Kind, c.Responsible, c.Department, c.Due
	if c.State == "" {
		c.State = MeasurePlanned
	}
	if c.State == MeasureDone && m.State != MeasureDone {
		m.DoneOn = today
	}
	if m.State = c.State; m.State != MeasureDone {
		m.DoneOn = ""
	}
	var bad fault.Fields
	m.Check(&bad)
	oneOf(&bad, "state", m.State, MeasureStates())
	return m, bad.Err()
}

// AddMeasure makes a measure that serves an item.
func (s *Service) AddMeasure(ctx context.Context, who actor.Actor, item id.ID, c MeasureCmd) (Measure, error) {
	var out Measure
	err := s.work(ctx, who, item, "item.measure", planningOrWorking, func(tx *audit.Tx, i Item) error {
		m, err := c.onto(Measure{ID: id.New(), Unit: i.Unit, Changer: who.Person}, s.today())
		if err != nil {
			return err
		}
		if err := insertMeasure(ctx, tx, m, i.ID); err != nil {
			return err
		}
		out = m
		return event(ctx, tx, i.ID, who, SideUnit, "add_measure", i.State, i.State, "")
	})
	return out, err
}

// LinkMeasure lets a measure of the same unit serve one more item.
func (s *Service) LinkMeasure(ctx context.Context, who actor.Actor, item, measure id.ID) error {
	return s.work(ctx, who, item, "item.measure", planningOrWorking, func(tx *audit.Tx, i Item) error {
		m, err := measureByID(ctx, tx, measure)
		if err != nil {
			return err
		}
		served, err := itemsServed(ctx, tx, m.ID)
		switch {
		case err != nil:
			return err
		case m.Unit != i.Unit:
			return fault.NotFound("measure")
		case slices.Contains(served, i.ID):
			return fault.State("item.bad.linked")
		}
		if err := serve(ctx, tx, m.ID, i.ID); err != nil {
			return err
		}
		return event(ctx, tx, i.ID, who, SideUnit, "link_measure", i.State, i.State, "")
	})
}

// EditMeasure changes a measure. All items that it serves must allow it: none
// may be before the reviewer or closed.
func (s *Service) EditMeasure(ctx context.Context, who actor.Actor, item, measure id.ID, c MeasureCmd) error {
	return s.work(ctx, who, item, "item.measure", planningOrWorking, func(tx *audit.Tx, i Item) error {
		m, served, err := s.measureOf(ctx, tx, i, measure)
		if err != nil {
			return err
		}
		if c.Rev != m.Rev {
			return fault.Conflict("measure")
		}
		tx.Note("before", m)
		if m, err = c.onto(m, s.today()); err != nil {
			return err
		}
		if err := updateMeasure(ctx, tx, m, who.Person); err != nil {
			return err
		}
		for _, n := range served {
			other, err := ItemByID(ctx, tx, n)
			if err != nil {
				return err
			}
			if !slices.Contains(planningOrWorking, other.State) {
				return fault.State("item.bad.shared_measure", other.No, "item.state."+other.State)
			}
			if err := event(ctx, tx, n, who, SideUnit, "edit_measure", other.State, other.State, ""); err != nil {
				return err
			}
		}
		return nil
	})
}

// measureOf reads a measure that serves the item, with all items that it serves.
func (s *Service) measureOf(ctx context.Context, tx *audit.Tx, i Item, measure id.ID) (Measure, []id.ID, error) {
	m, err := measureByID(ctx, tx, measure)
	if err != nil {
		return m, nil, err
	}
	served, err := itemsServed(ctx, tx, m.ID)
	if err == nil && !slices.Contains(served, i.ID) {
		err = fault.NotFound("measure")
	}
	return m, served, err
}

// SubmitPlan hands the plan to the reviewer (domain I-11): leader, department,
// and at least one measure; every measure says what it treats, who and by when.
func (s *Service) SubmitPlan(ctx context.Context, who actor.Actor, item id.ID, rev int64) error {
	return s.move(ctx, who, item, "submit_plan", rev, "", func(tx *audit.Tx, i *Item) error {
		measures, err := Measures(ctx, tx, i.ID)
		if err != nil {
			return err
		}
		return planComplete(*i, measures)
	})
}

// planComplete tells all that a plan lacks at once.
func planComplete(i Item, measures []Measure) error {
	var bad fault.Fields
	bad.Need("lead", i.Lead)
	bad.Need("department", i.Department)
	if len(measures) == 0 {
		bad.Add("measures", "item.bad.no_measure")
	}
	for n, m := range measures {
		var lacks fault.Fields
		if m.Check(&lacks); len(lacks) > 0 {
			bad.Add("measures", "item.bad.measure", n+1)
		}
	}
	return bad.Err()
}

// ProgressCmd is one dated entry, with what the unit now says of itself.
type ProgressCmd struct {
	Measure     id.ID      `json:"measure"`
	On          clock.Date `json:"on"`
	Text        string     `json:"text"`
	Corrects    id.ID      `json:"corrects"`
	Claimed     string     `json:"claimed"` // "" leaves the status
	ClaimedWord string     `json:"claimed_word"`
}

func (c ProgressCmd) validate(i Item, today clock.Date) error {
	var bad fault.Fields
	bad.Need("text", c.Text)
	bad.Max("text", c.Text, maxText)
	bad.Max("claimed_word", c.ClaimedWord, maxShort)
	if c.On == "" {
		bad.Need("on", "")
	}
	if c.On.After(today) {
		bad.Add("on", "item.bad.future")
	}
	if c.Claimed != "" {
		oneOf(&bad, "claimed", c.Claimed, ClaimedStatuses())
	}
	return bad.Err()
}

// Report adds progress. Nothing is overwritten: a correction names the entry
// that it corrects.
func (s *Service) Report(ctx context.Context, who actor.Actor, item id.ID, c ProgressCmd) error {
	return s.work(ctx, who, item, "item.progress", working, func(tx *audit.Tx, i Item) error {
		if err := c.validate(i, s.today()); err != nil {
			return err
		}
		if c.Measure != "" {
			if _, _, err := s.measureOf(ctx, tx, i, c.Measure); err != nil {
				return err
			}
		}
		if c.Corrects != "" {
			all, err := progressOf(ctx, tx, i.ID)
			if err != nil {
				return err
			}
			if !slices.ContainsFunc(all, func(p Progress) bool { return p.ID == c.Corrects }) {
				return fault.NotFound("progress")
			}
		}
		p := Progress{ID: id.New(), Item: i.ID, Measure: c.Measure, On: c.On, Text: c.Text, By: who.Person, Corrects: c.Corrects}
		if err := insertProgress(ctx, tx, p); err != nil {
			return err
		}
		if err := s.claimStatus(ctx, tx, who, &i, c.Claimed, c.ClaimedWord); err != nil {
			return err
		}
		return event(ctx, tx, i.ID, who, SideUnit, "progress", i.State, i.State, "")
	})
}

// claimStatus notes the unit's own status beside its own word for it.
func (s *Service) claimStatus(ctx context.Context, tx *audit.Tx, who actor.Actor, i *Item, status, word string) error {
	if status == "" || (status == i.Claimed && (word == "" || word == i.ClaimedWord)) {
		return nil
	}
	i.Claimed, i.ClaimedWord = status, word
	return updateItem(ctx, tx, *i, who.Person)
}

// MilestoneCmd is a dated step of an item that lasts.
type MilestoneCmd struct {
	Title string     `json:"title"`
	Due   clock.Date `json:"due"`
}

// AddMilestone notes a dated step ahead.
func (s *Service) AddMilestone(ctx context.Context, who actor.Actor, item id.ID, c MilestoneCmd) error {
	return s.work(ctx, who, item, "item.milestone", working, func(tx *audit.Tx, i Item) error {
		var bad fault.Fields
		bad.Need("title", c.Title)
		bad.Max("title", c.Title, maxShort)
		if c.Due == "" {
			bad.Need("due", "")
		} else if !c.Due.After(s.today()) {
			bad.Add("due", "item.bad.past")
		}
		if err := bad.Err(); err != nil {
			return err
		}
		if err := insertMilestone(ctx, tx, Milestone{ID: id.New(), Item: i.ID, Title: c.Title, Due: c.Due}); err != nil {
			return err
		}
		return event(ctx, tx, i.ID, who, SideUnit, "milestone", i.State, i.State, c.Title)
	})
}

// ReachMilestone notes that a step was reached today.
func (s *Service) ReachMilestone(ctx context.Context, who actor.Actor, item, milestone id.ID) error {
	return s.work(ctx, who, item, "item.milestone", working, func(tx *audit.Tx, i Item) error {
		all, err := milestonesOf(ctx, tx, i.ID)
		if err != nil {
			return err
		}
		n := slices.IndexFunc(all, func(m Milestone) bool { return m.ID == milestone })
		switch {
		case n < 0:
			return fault.NotFound("milestone")
		case all[n].DoneOn != "":
			return fault.State("item.bad.reached")
		}
		if err := finishMilestone(ctx, tx, all[n], s.today()); err != nil {
			return err
		}
		return event(ctx, tx, i.ID, who, SideUnit, "milestone_reached", i.State, i.State, all[n].Title)
	})
}
