package rectification

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// loadFolder reads a folder and judges an action on it; who may not read it gets
// the answer of an absent one.
func (s *Service) loadFolder(ctx context.Context, q db.Q, who actor.Actor, n id.ID, action string) (Folder, error) {
	f, err := folderByID(ctx, q, n)
	if err != nil {
		return f, err
	}
	o := s.folderObject(f)
	if err := s.policy.Can(who, "rectify_folder.read", o); err != nil || action == "" {
		return f, err
	}
	if err := s.policy.Can(who, action, o); err != nil {
		return f, forbidden(err, action)
	}
	return f, nil
}

func (s *Service) folderObject(f Folder) access.Object {
	return folderObject("rectify_folder", "", f.ID, f.Unit, f.By, s.Units)
}

// forbidden turns the refusal of an act on a record that the actor sees into one
// that says whom to ask. Recusal stays hidden.
func forbidden(err error, action string) error {
	f, ok := fault.Of(err)
	if !ok || f.Kind != fault.KindNotFound || strings.Contains(f.Denied, "recusal") {
		return err
	}
	return &fault.Error{Kind: fault.KindForbidden, Key: "item.refuse.ask", Args: []any{"action." + action, "role." + string(whom(action))}, Denied: f.Denied}
}

// whom is the role to ask about an action: the first that its workflow names.
func whom(action string) actor.Role {
	for _, t := range []flow.Table{Flow, PaperFlow, OrderFlow} {
		for _, st := range t.Steps {
			if t.Name+"."+st.Do == action {
				return st.Who[0].Role
			}
		}
	}
	switch action {
	case "item.review", "item.judge_extension":
		return actor.Reviewer
	case "rectify_folder.hand_over":
		return actor.UnitHead
	}
	return actor.Office
}

// RoundCmd chooses the deadline rule of a round.
type RoundCmd struct {
	Rule   string `json:"rule"`
	Chain  string `json:"chain"`  // levels of the sign-off, "" = one signature
	Source string `json:"source"` // document that sets it
	// Days before the date when the handler and the line leader are reminded; 0 = as
	// everywhere. They hold for all items of the round at once.
	Handler int   `json:"remind_handler"`
	Line    int   `json:"remind_line"`
	Rev     int64 `json:"rev"`
}

// SetRule chooses the deadline rule and the chain of signatures of a round, with the document that says so
// (domain I-10). It holds for what is fed back from now on.
func (s *Service) SetRule(ctx context.Context, who actor.Actor, round id.ID, c RoundCmd) error {
	return s.log.Write(ctx, who, "rectify_round.set", func(tx *audit.Tx) error {
		r, err := s.round(ctx, tx, who, round)
		if err != nil {
			return err
		}
		var bad fault.Fields
		bad.Need("source", c.Source)
		bad.Max("source", c.Source, maxShort)
		bad.Need("rule", c.Rule)
		if _, ok := Rule(c.Rule); !ok {
			bad.Add("rule", "item.bad.choice", c.Rule)
		}
		if !slices.Contains(Chains(), c.Chain) {
			bad.Add("chain", "item.bad.choice", c.Chain)
		}
		set := RoundSetting{Rule: c.Rule, Chain: c.Chain, Source: c.Source, Handler: c.Handler, Line: c.Line}
		set.checkTiers(&bad)
		if err := bad.Err(); err != nil {
			return err
		}
		now, err := roundSetting(ctx, tx, round)
		if err != nil {
			return err
		}
		if now.Rev != c.Rev {
			return fault.Conflict("rectify_round")
		}
		set.Rev = now.Rev
		return setRound(ctx, tx, round, r.Unit, who.Person, set)
	})
}

func (s *Service) round(ctx context.Context, q db.Q, who actor.Actor, n id.ID) (inspection.Round, error) {
	r, err := inspection.RoundByID(ctx, q, n)
	if err != nil {
		return r, err
	}
	return r, s.policy.Can(who, "rectify_round.set", access.Object{Kind: "round", ID: r.ID, By: s.Units.Place(r.Unit)})
}

// calendar counts working days.
func (s *Service) calendar() *clock.Calendar {
	if s.Calendar != nil {
		return s.Calendar()
	}
	return clock.National()
}

// deadline is the rule of a round and the date that it sets for one item.
func (s *Service) deadline(ctx context.Context, q db.Q, round id.ID, fedBack clock.Date, severity string, period clock.Date) (DeadlineRule, clock.Date, error) {
	set, err := roundSetting(ctx, q, round)
	if err != nil {
		return DeadlineRule{}, "", err
	}
	r, ok := Rule(set.Rule)
	if !ok { // a rule that the program no longer knows
		r, _ = Rule("")
	}
	return r, r.Due(s.calendar(), fedBack, severity, period), nil
}

// Record writes one act of a folder.
func (s *Service) Record(ctx context.Context, who actor.Actor, folder id.ID, kind string, c ActCmd) error {
	if !slices.Contains(ActKinds(), kind) {
		return fault.NotFound("rectify_act")
	}
	action := "rectify_folder." + kind
	return s.log.Write(ctx, who, action, func(tx *audit.Tx) error {
		f, err := s.loadFolder(ctx, tx, who, folder, action)
		if err != nil {
			return err
		}
		if err := c.check(kind, s.today()); err != nil {
			return err
		}
		if kind == ActInterview || kind == ActEvaluate {
			if err := mayOversee(who, f.Unit, f.By); err != nil {
				return err
			}
		}
		a := Act{ID: id.New(), Folder: f.ID, Kind: kind, On: c.On, Who: c.Who, To: c.To, Text: c.Text, Grade: c.Grade, By: who.Person}
		switch kind {
		case ActMember:
			return s.memberClaims(ctx, tx, who, f, a, c.Items)
		case ActHandOver:
			if err := s.handOver(ctx, tx, who, f, c); err != nil {
				return err
			}
		case ActEvaluate:
			a.On = s.today()
			if err := gradeFolder(ctx, tx, f, c.Grade); err != nil {
				return err
			}
		}
		return insertActs(ctx, tx, a)
	})
}

// memberClaims notes which member of the leadership claims which problems
// (domain I-12): one record each.
func (s *Service) memberClaims(ctx context.Context, tx *audit.Tx, who actor.Actor, f Folder, a Act, items []id.ID) error {
	acts := make([]Act, 0, len(items))
	for _, n := range items {
		i, err := s.load(ctx, tx, who, n, "")
		if err != nil {
			return err
		}
		if i.Round != f.Round || i.Unit != f.Unit {
			return fault.NotFound("item")
		}
		a.ID, a.Item, a.On = id.New(), i.ID, s.today()
		acts = append(acts, a)
		if err := event(ctx, tx, i.ID, who, SideUnit, "member_claim", i.State, i.State, a.Who); err != nil {
			return err
		}
	}
	return insertActs(ctx, tx, acts...)
}

// handOver gives every unfinished item of the leader who leaves to the one who
// takes over, each with a step in its story (domain I-17).
func (s *Service) handOver(ctx context.Context, tx *audit.Tx, who actor.Actor, f Folder, c ActCmd) error {
	w := s.readable(who, "item.read")
	w.add("i.round_id = $%d AND i.unit_id = $%d AND i.open > 0 AND i.lead = $%d", string(f.Round), string(f.Unit), strings.TrimSpace(c.Who))
	items, err := itemsOf(ctx, tx, w, maxBatch)
	if err != nil {
		return err
	}
	if len(items) == 0 {
		return fault.State("rectify_folder.bad.nothing_to_hand_over", c.Who)
	}
	for _, x := range items {
		i, err := ItemByID(ctx, tx, x.ID)
		if err != nil {
			return err
		}
		from := i.Lead
		i.Lead = strings.TrimSpace(c.To)
		if err := updateItem(ctx, tx, i, who.Person); err != nil {
			return err
		}
		if err := event(ctx, tx, i.ID, who, SideUnit, "hand_over", i.State, i.State, from+" → "+i.Lead); err != nil {
			return err
		}
	}
	tx.Note("items", len(items))
	return nil
}

// IssueOrder issues a supervision order with a new date (domain I-18).
func (s *Service) IssueOrder(ctx context.Context, who actor.Actor, folder id.ID, c OrderCmd) (o Order, err error) {
	err = s.log.Write(ctx, who, "rectify_folder.order", func(tx *audit.Tx) error {
		f, err := s.loadFolder(ctx, tx, who, folder, "rectify_folder.order")
		if err != nil {
			return err
		}
		if err := mayOversee(who, f.Unit, f.By); err != nil {
			return err
		}
		if err := c.check(s.today()); err != nil {
			return err
		}
		if c.Item != "" {
			i, err := s.load(ctx, tx, who, c.Item, "")
			if err != nil {
				return err
			}
			if i.Round != f.Round || i.Unit != f.Unit {
				return fault.NotFound("item")
			}
			if err := event(ctx, tx, i.ID, who, SideReviewer, "order", i.State, i.State, c.Demand); err != nil {
				return err
			}
		}
		o = Order{ID: id.New(), Folder: f.ID, Item: c.Item, Unit: f.Unit, By: f.By, Demand: c.Demand, Due: c.Due, State: OrderIssued, Person: who.Person}
		return insertOrder(ctx, tx, o)
	})
	return o, err
}

// stepOf judges a step of a paper or an order.
func (s *Service) stepOf(who actor.Actor, t flow.Table, state, do string, n, unit, by id.ID) (string, error) {
	if err := s.policy.Can(who, "rectify_folder.read", folderObject("rectify_folder", "", n, unit, by, s.Units)); err != nil {
		return "", err
	}
	to, err := t.Next(state, do)
	if err != nil {
		if !s.policy.Ever(who, t.Name+"."+do) {
			return "", fault.Denied(t.Name, t.Name+"."+do+": no role")
		}
		return "", err
	}
	if err := s.policy.Can(who, t.Name+"."+do, folderObject(t.Name, state, n, unit, by, s.Units)); err != nil {
		return "", forbidden(err, t.Name+"."+do)
	}
	return to, nil
}

// Paper takes a step of a paper.
func (s *Service) Paper(ctx context.Context, who actor.Actor, paper id.ID, do string, c PaperCmd) error {
	if !slices.Contains(PaperFlow.Actions(), do) {
		return fault.NotFound("rectify_paper")
	}
	return s.log.Write(ctx, who, "rectify_paper."+do, func(tx *audit.Tx) error {
		p, err := paperByID(ctx, tx, paper)
		if err != nil {
			return err
		}
		to, err := s.stepOf(who, PaperFlow, p.State, do, p.ID, p.Unit, p.By)
		if err != nil {
			return err
		}
		if c.Rev != 0 && c.Rev != p.Rev {
			return fault.Conflict("rectify_paper")
		}
		if err := c.check(p, do); err != nil {
			return err
		}
		switch do {
		case "edit":
			p.Title, p.Body, p.Author = strings.TrimSpace(c.Title), strings.TrimSpace(c.Body), who.Person
		case "sign":
			p.Signer, p.SignedAt, p.Pledge, p.Digest = who.Person, tx.At, strings.TrimSpace(c.Pledge), p.digest()
		case "publish":
			// What is published is what was reviewed (I-16).
			if p.digest() != p.Digest {
				return fault.State("rectify_paper.bad.changed")
			}
			p.Contact, p.Published = c.Contact, s.today()
		case "ask_withhold":
			p.Ground, p.Reason = c.Ground, c.Reason
		default:
			if err := mayOversee(who, p.Unit, p.By); err != nil {
				return err
			}
			p.Judge, p.JudgedAt, p.Opinion = who.Person, tx.At, c.Opinion
			if do == "return" || do == "refuse" {
				p.Returns++
				p.Digest, p.Ground, p.Reason = "", "", ""
			}
		}
		p.State = to
		return updatePaper(ctx, tx, p)
	})
}

func (p Document) digest() string {
	sum := sha256.Sum256([]byte(p.Title + "\n" + p.Body))
	return hex.EncodeToString(sum[:])
}

// StepOrder answers, settles or returns a supervision order.
func (s *Service) StepOrder(ctx context.Context, who actor.Actor, order id.ID, do string, c OrderCmd) error {
	if !slices.Contains(OrderFlow.Actions(), do) {
		return fault.NotFound("rectify_order")
	}
	return s.log.Write(ctx, who, "rectify_order."+do, func(tx *audit.Tx) error {
		o, err := orderByID(ctx, tx, order)
		if err != nil {
			return err
		}
		to, err := s.stepOf(who, OrderFlow, o.State, do, o.ID, o.Unit, o.By)
		if err != nil {
			return err
		}
		if c.Rev != 0 && c.Rev != o.Rev {
			return fault.Conflict("rectify_order")
		}
		var bad fault.Fields
		if bad.Max("text", c.Text, maxText); do != "settle" {
			bad.Need("text", c.Text)
		}
		if err := bad.Err(); err != nil {
			return err
		}
		if do == "answer" {
			o.Answer, o.Answerer, o.AnswerAt = c.Text, who.Person, tx.At
		} else {
			if err := mayOversee(who, o.Unit, o.By); err != nil {
				return err
			}
			o.Opinion, o.Judge, o.JudgeAt = c.Text, who.Person, tx.At
		}
		o.State = to
		return updateOrder(ctx, tx, o)
	})
}

// remindPart is how many reminders one transaction writes.
const remindPart = 500

// Remind writes the reminders that are due today: one for each item, date and
// tier, so that running it again changes nothing. They show on the first page of
// those whom the tier names.
func (s *Service) Remind(ctx context.Context) (written int, err error) {
	var own map[id.ID]RoundSetting
	if err := s.log.DB().Read(ctx, func(q db.Q) (err error) { own, err = ownReminders(ctx, q); return err }); err != nil {
		return 0, err
	}
	for n, t := range Tiers() {
		until, others := s.today().AddDays(t.Ahead), []id.ID{}
		for _, round := range slices.Sorted(maps.Keys(own)) {
			ahead := own[round].Tiers()[n].Ahead
			if ahead == t.Ahead {
				continue
			}
			others = append(others, round)
			m, err := s.remind(ctx, t.Name, s.today().AddDays(ahead), where{conds: []string{"i.round_id = $1"}, args: []any{string(round)}})
			if written += m; err != nil {
				return written, err
			}
		}
		var w where
		if len(others) > 0 {
			w.conds = append(w.conds, "i.round_id NOT IN ("+list(&w.args, others)+")")
		}
		m, err := s.remind(ctx, t.Name, until, w)
		if written += m; err != nil {
			return written, err
		}
	}
	return written, nil
}

// remind writes the reminders of a tier for items that fall due by a day.
func (s *Service) remind(ctx context.Context, tier string, until clock.Date, w where) (written int, err error) {
	for {
		var items []Item
		err := s.log.DB().Read(ctx, func(q db.Q) (err error) { items, err = dueSoon(ctx, q, w, tier, until, remindPart); return err })
		if err != nil || len(items) == 0 {
			return written, err
		}
		err = s.log.Write(ctx, actor.Program("reminders"), "item.remind", func(tx *audit.Tx) error {
			tx.Note("tier", tier)
			return insertReminders(ctx, tx, tier, items)
		})
		if err != nil {
			return written, err
		}
		written += len(items)
	}
}
