package notice

import (
	"context"
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// CampaignCmd is the content of a campaign as typed: one stage a line,
// "name, from, until".
type CampaignCmd struct {
	Kind   string `json:"kind"`
	Title  string `json:"title"`
	Goal   string `json:"goal"`
	Aim    string `json:"aim"`
	Stages string `json:"stages"`
	Rev    int64  `json:"rev"`
}

func (c CampaignCmd) put(x *Campaign, today clock.Date) {
	x.Kind, x.Title, x.Goal, x.Aim, x.Stages = c.Kind, c.Title, c.Goal, c.Aim, ParseStages(c.Stages, today)
}

// ParseStages reads stages as typed. What is no date stays empty and is refused by Check.
func ParseStages(text string, today clock.Date) []Stage {
	var out []Stage
	for _, line := range Paragraphs(text) {
		w := Split(line)
		s := Stage{No: len(out) + 1}
		if len(w) > 0 {
			s.Name = w[0]
		}
		if len(w) > 1 {
			s.From = dateOf(w[1], today)
		}
		if len(w) > 2 {
			s.Until = dateOf(w[2], today)
		}
		out = append(out, s)
	}
	return out
}

func dateOf(text string, today clock.Date) clock.Date {
	d, _, _ := clock.ParseLooseFrom(text, today)
	return d
}

// loadCampaign reads a campaign that the actor may read and judges an action.
func (s *Service) loadCampaign(ctx context.Context, q db.Q, who actor.Actor, x id.ID, do string) (Campaign, error) {
	c, err := campaignByID(ctx, q, x)
	if err != nil {
		return c, err
	}
	units, err := addressedParts(ctx, q, x, who.Unit)
	if err != nil {
		return c, err
	}
	o := c.object(s.Dir.Place, units...)
	if o.Concerns, err = access.Concerns(ctx, q, x); err != nil {
		return c, err
	}
	if err := s.Policy.Can(who, "campaign.read", o); err != nil || do == "read" {
		return c, err
	}
	if err := s.Policy.Can(who, "campaign."+do, o); err != nil {
		if _, e := CampaignFlow.Next(c.State, do); e != nil && s.Policy.Ever(who, "campaign."+do) {
			return c, e
		}
		return c, err
	}
	return c, nil
}

// Plan keeps a planned campaign of the actor's unit.
func (s *Service) Plan(ctx context.Context, who actor.Actor, cmd CampaignCmd) (c Campaign, err error) {
	c = Campaign{ID: id.New(), Unit: who.Unit, Author: who.Person, State: CampaignFlow.Start, Rev: 1}
	cmd.put(&c, s.today())
	err = s.Log.Write(ctx, who, "campaign.create", func(tx *audit.Tx) error {
		if err := s.Policy.Can(who, "campaign.create", c.object(s.Dir.Place)); err != nil {
			return err
		}
		var bad fault.Fields
		c.Check(&bad)
		s.checkAim(c.Aim, &bad)
		if err := bad.Err(); err != nil {
			return err
		}
		return insertCampaign(ctx, tx, c)
	})
	return c, err
}

func (s *Service) campaignStep(ctx context.Context, who actor.Actor, x id.ID, do string, rev int64, fn func(tx *audit.Tx, c *Campaign) error) error {
	return s.Log.Write(ctx, who, "campaign."+do, func(tx *audit.Tx) error {
		c, err := s.loadCampaign(ctx, tx, who, x, do)
		if err != nil {
			return err
		}
		if rev != 0 && rev != c.Rev {
			return fault.Conflict("campaign")
		}
		to, err := CampaignFlow.Next(c.State, do)
		if err != nil {
			return err
		}
		c.State = to
		return fn(tx, &c)
	})
}

// Replan changes a campaign that has not begun.
func (s *Service) Replan(ctx context.Context, who actor.Actor, x id.ID, cmd CampaignCmd) error {
	return s.campaignStep(ctx, who, x, "edit", cmd.Rev, func(tx *audit.Tx, c *Campaign) error {
		tx.Note("before", *c)
		old := c.Stages
		cmd.put(c, s.today())
		var bad fault.Fields
		c.Check(&bad)
		s.checkAim(c.Aim, &bad)
		if err := bad.Err(); err != nil {
			return err
		}
		return rewriteCampaign(ctx, tx, *c, old)
	})
}

// Start begins a campaign in units.
func (s *Service) Start(ctx context.Context, who actor.Actor, x id.ID, cmd IssueCmd) (sent int, err error) {
	err = s.campaignStep(ctx, who, x, "start", cmd.Rev, func(tx *audit.Tx, c *Campaign) error {
		to, err := s.audience(cmd, c.Unit)
		if err != nil {
			return err
		}
		sent = len(to)
		c.StartedOn = clock.Of(clockOf(tx))
		if err := insertParts(ctx, tx, *c, to); err != nil {
			return err
		}
		return updateCampaign(ctx, tx, *c)
	})
	return sent, err
}

// End closes a campaign with what it came to; before the last stage is over the
// text has to say why, which is the reader's to judge.
func (s *Service) End(ctx context.Context, who actor.Actor, x id.ID, text string, rev int64) error {
	if err := need("text", text, maxReason); err != nil {
		return err
	}
	return s.campaignStep(ctx, who, x, "end", rev, func(tx *audit.Tx, c *Campaign) error {
		c.ClosedOn, c.Closing = clock.Of(clockOf(tx)), text
		return updateCampaign(ctx, tx, *c)
	})
}

// Report keeps a unit's report about a stage. A second one for the stage
// replaces the first by name.
func (s *Service) Report(ctx context.Context, who actor.Actor, x id.ID, r Report) error {
	return s.Log.Write(ctx, who, "part.report", func(tx *audit.Tx) error {
		c, err := s.loadCampaign(ctx, tx, who, x, "read")
		if err != nil {
			return err
		}
		p, err := partOf(ctx, tx, x, who.Unit)
		if err != nil {
			return err
		}
		if err := s.Policy.Can(who, "part.report", s.partObject(p)); err != nil {
			return err
		}
		if c.State != Running {
			return fault.State("error.state", "part.report", "campaign.state."+c.State)
		}
		var bad fault.Fields
		r.Check(&bad, c, clock.Of(clockOf(tx)))
		if err := bad.Err(); err != nil {
			return err
		}
		old, err := reportsOf(ctx, tx, x, p.Unit)
		if err != nil {
			return err
		}
		r.ID, r.Campaign, r.Unit, r.By, r.Replaces = id.New(), x, p.Unit, who.Person, ""
		for _, o := range InForce(old) {
			if o.Stage == r.Stage {
				r.Replaces = o.ID
			}
		}
		if err := insertReport(ctx, tx, r); err != nil {
			return err
		}
		p.Reported = len(InForce(append(old, r)))
		if p.Reported == len(c.Stages) {
			p.State = PartWhole
		}
		return updatePart(ctx, tx, p)
	})
}

func (s *Service) partObject(p Part) access.Object {
	return access.Object{Kind: "part", ID: p.ID, State: p.State, By: s.Dir.Place(p.By), Units: []access.Place{s.Dir.Place(p.Unit)}}
}

// CampaignView is a campaign with what the actor may see of its units.
type CampaignView struct {
	Campaign Campaign `json:"campaign"`
	Part     *Part    `json:"part"` // of the actor's unit
	Own      []Report `json:"own"`  // of the actor's unit, in order of time
	Sum      Report   `json:"sum"`  // over all units that the actor may see
	Units    int      `json:"units"`
	Whole    int      `json:"whole"`
	Parts    []Part   `json:"parts"`
	Reports  []Report `json:"reports"`
	Next     page.Next
	Overseer bool
	object   access.Object
}

// Campaign reads a campaign.
func (s *Service) Campaign(ctx context.Context, who actor.Actor, x id.ID, p page.Query) (v CampaignView, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) (err error) {
		if v.Campaign, err = s.loadCampaign(ctx, q, who, x, "read"); err != nil {
			return err
		}
		v.object = v.Campaign.object(s.Dir.Place)
		if part, err := partOf(ctx, q, x, who.Unit); err == nil {
			v.Part = &part
			if v.Own, err = reportsOf(ctx, q, x, who.Unit); err != nil {
				return err
			}
		} else if !fault.Is(err, fault.KindNotFound) {
			return err
		}
		if v.Overseer = s.Policy.Ever(who, "part.read"); !v.Overseer {
			return nil
		}
		var args []any
		if v.Reports, err = reportsIn(ctx, q, x, s.Policy.Filter(who, "part.read", parts, &args), args); err != nil {
			return err
		}
		v.Sum = Sum(v.Reports)
		args = nil
		if v.Parts, v.Next, err = partsIn(ctx, q, x, s.Policy.Filter(who, "part.read", parts, &args), args, p); err != nil {
			return err
		}
		args = nil
		v.Units, v.Whole, err = countParts(ctx, q, x, s.Policy.Filter(who, "part.read", parts, &args), args)
		return err
	})
	return v, err
}

// Campaigns gives a page of campaigns.
func (s *Service) Campaigns(ctx context.Context, who actor.Actor, p page.Query) (out []Campaign, next page.Next, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		var args []any
		unit, cols := who.Unit, joined
		if p.View == ViewMade {
			unit, cols = "", campaigns
		}
		out, next, err = listCampaigns(ctx, q, unit, s.Policy.Filter(who, "campaign.read", cols, &args), args, p)
		return err
	})
	return out, next, err
}

// Bank lists the questions of the actor's units.
func (s *Service) Bank(ctx context.Context, who actor.Actor, theme string) (out []Question, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		var args []any
		out, err = listQuestions(ctx, q, s.Policy.Filter(who, "question.read", access.Columns{By: "q.unit_id", Owners: []string{"q.by_id"}}, &args), args, theme, bankMax)
		return err
	})
	return out, err
}

const bankMax = 200

// QuestionCmd is a question as typed, one option a line.
type QuestionCmd struct {
	Theme   string `json:"theme"`
	Text    string `json:"text"`
	Options string `json:"options"`
	Answer  int    `json:"answer"`
	Explain string `json:"explain"`
	Source  string `json:"source"`
}

// Ask adds a question to the bank of the actor's unit.
func (s *Service) Ask(ctx context.Context, who actor.Actor, c QuestionCmd) (x Question, err error) {
	x = Question{ID: id.New(), Unit: who.Unit, Theme: c.Theme, Text: c.Text, Options: lines(c.Options), Answer: c.Answer, Explain: c.Explain, Source: c.Source, By: who.Person, Rev: 1}
	err = s.Log.Write(ctx, who, "question.create", func(tx *audit.Tx) error {
		if err := s.Policy.Can(who, "question.create", access.Object{Kind: "question", By: s.Dir.Place(x.Unit), Owners: []id.ID{x.By}}); err != nil {
			return err
		}
		var bad fault.Fields
		x.Check(&bad)
		if err := bad.Err(); err != nil {
			return err
		}
		return insertQuestion(ctx, tx, x)
	})
	return x, err
}

// Retire takes a question out of the bank; tests that have it keep it.
func (s *Service) Retire(ctx context.Context, who actor.Actor, n id.ID) error {
	return s.Log.Write(ctx, who, "question.edit", func(tx *audit.Tx) error {
		x, err := questionByID(ctx, tx, n)
		if err != nil {
			return err
		}
		if err := s.Policy.Can(who, "question.edit", access.Object{Kind: "question", ID: x.ID, By: s.Dir.Place(x.Unit), Owners: []id.ID{x.By}}); err != nil {
			return err
		}
		if x.Retired {
			return fault.State("question.bad.retired")
		}
		return retireQuestion(ctx, tx, x)
	})
}

// Case is a circular of the case library with how it touches the reader's work.
type Case struct {
	Notice Notice `json:"notice"`
	Post   string `json:"post"` // the part of his post that it names; "" for everybody
}

// newestFirst puts circulars that came and those of one's own together, each once.
func newestFirst(lists ...[]Notice) []Notice {
	var out []Notice
	seen := map[id.ID]bool{}
	for _, n := range slices.Concat(lists...) {
		if !seen[n.ID] {
			seen[n.ID] = true
			out = append(out, n)
		}
	}
	slices.SortStableFunc(out, func(a, b Notice) int { return strings.Compare(string(b.IssuedOn), string(a.IssuedOn)) })
	return out[:min(len(out), bankMax)]
}

// Cases gives the case library of the actor's unit, what came to it and what it issued
// itself: first what names his own post, then the rest.
func (s *Service) Cases(ctx context.Context, who actor.Actor) (out []Case, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		var args []any
		list, err := casesFor(ctx, q, who.Unit, s.Policy.Filter(who, "notice.read", received, &args), args, bankMax)
		if err != nil {
			return err
		}
		args = nil
		own, err := casesBy(ctx, q, who.Unit, s.Policy.Filter(who, "notice.read", made, &args), args, bankMax)
		if err != nil {
			return err
		}
		list = newestFirst(list, own)
		post := ""
		if s.Post != nil && who.Person != "" {
			if post, err = s.Post(ctx, q, who.Person); err != nil {
				return err
			}
		}
		for _, n := range list {
			out = append(out, Case{Notice: n, Post: touches(n.Posts, post)})
		}
		slices.SortStableFunc(out, func(a, b Case) int {
			switch {
			case (a.Post != "") == (b.Post != ""):
				return 0
			case a.Post != "":
				return -1
			}
			return 1
		})
		return nil
	})
	return out, err
}
