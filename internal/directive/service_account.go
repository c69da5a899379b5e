package directive

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/web"
)

// OpenQuarter asks every unit that had tasks of the actor's unit in a quarter to
// reconcile it (季度对账). A unit is asked once for a quarter.
func (s *Service) OpenQuarter(ctx context.Context, who actor.Actor, quarter string) (n int, err error) {
	from, to, ok := QuarterOf(quarter)
	if !ok || from > s.today() {
		var bad fault.Fields
		bad.Add("quarter", "quarter.bad.quarter", quarter)
		return 0, bad.Err()
	}
	err = s.Log.Write(ctx, who, "quarter.open", func(tx *audit.Tx) error {
		if err := s.Policy.Can(who, "quarter.open", Account{By: who.Unit, Unit: who.Unit}.object(s.Dir.Place)); err != nil {
			return err
		}
		sums, err := sumQuarter(ctx, tx, who.Unit, from, to, s.today())
		if err != nil {
			return err
		}
		have, err := accountsWhere(ctx, tx, "a.by_unit_id = $1 AND a.quarter = $2", string(who.Unit), quarter)
		if err != nil {
			return err
		}
		sums = slices.DeleteFunc(sums, func(a Account) bool {
			return slices.ContainsFunc(have, func(h Account) bool { return h.Unit == a.Unit })
		})
		if len(sums) == 0 {
			return fault.State("quarter.bad.nothing", quarter)
		}
		for i := range sums {
			sums[i].ID, sums[i].By, sums[i].Quarter, sums[i].State = id.New(), who.Unit, quarter, AccountFlow.Start
		}
		n = len(sums)
		tx.Note("units", n)
		return insertAccounts(ctx, tx, sums)
	})
	return n, err
}

func (s *Service) loadAccount(ctx context.Context, q db.Q, who actor.Actor, n id.ID, do string) (Account, error) {
	a, err := accountByID(ctx, q, n)
	if err != nil {
		return a, err
	}
	return a, s.judge(ctx, q, who, AccountFlow, a.object(s.Dir.Place), a.ID, do)
}

// AccountView is a reconciliation with the tasks behind its figures, as they
// stand now.
type AccountView struct {
	Account Account          `json:"quarter"`
	Now     Tally            `json:"now"`
	Tasks   []Task           `json:"tasks"`
	Steps   []string         `json:"steps"`
	Names   map[id.ID]string `json:"-"`
}

// Account reads one reconciliation.
func (s *Service) Account(ctx context.Context, who actor.Actor, n id.ID) (v AccountView, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) (err error) {
		if v.Account, err = s.loadAccount(ctx, q, who, n, "read"); err != nil {
			return err
		}
		from, to, _ := QuarterOf(v.Account.Quarter)
		where, args := s.seen(who, string(s.today()), string(v.Account.By), string(v.Account.Unit), string(from), string(to))
		if v.Now, err = tallyOf(ctx, q, s.today(), "t.by_id = $2 AND t.unit_id = $3 AND t.due_on >= $4 AND t.due_on <= $5 AND "+where, args[1:]...); err != nil {
			return err
		}
		where, args = s.seen(who, string(v.Account.By), string(v.Account.Unit), string(from), string(to))
		if v.Tasks, err = tasksWhere(ctx, q, "t.by_id = $1 AND t.unit_id = $2 AND t.due_on >= $3 AND t.due_on <= $4 AND t.state <> 'withdrawn' AND "+where+" ORDER BY t.due_on, t.id LIMIT 500", args...); err != nil {
			return err
		}
		v.Names, err = s.Names(ctx, q, v.Account.Person, v.Account.Judge)
		return err
	})
	if err != nil {
		return v, err
	}
	for _, st := range AccountFlow.From(v.Account.State) {
		if s.Policy.Can(who, "quarter."+st.Do, v.Account.object(s.Dir.Place)) == nil {
			v.Steps = append(v.Steps, st.Do)
		}
	}
	return v, nil
}

// AccountListing is one page of reconciliations.
type AccountListing struct {
	Rows []Account
	Next page.Next
}

// Accounts gives a page of the reconciliations that the actor may read.
func (s *Service) Accounts(ctx context.Context, who actor.Actor, p page.Query) (l AccountListing, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) (err error) {
		var args []any
		l.Rows, l.Next, err = listAccounts(ctx, q, s.Policy.Filter(who, "quarter.read", accountPlaces, &args), args, p)
		return err
	})
	return l, err
}

// AccountStep confirms or disputes a quarter for the unit, or settles a dispute.
func (s *Service) AccountStep(ctx context.Context, who actor.Actor, n id.ID, do string, c StepCmd) error {
	var bad fault.Fields
	if do != "confirm" {
		bad.Need("text", c.Text)
	}
	bad.Max("text", c.Text, maxReason)
	if err := bad.Err(); err != nil {
		return err
	}
	return s.Log.Write(ctx, who, "quarter."+do, func(tx *audit.Tx) error {
		a, err := s.loadAccount(ctx, tx, who, n, do)
		if err != nil {
			return err
		}
		if c.Rev != 0 && c.Rev != a.Rev {
			return fault.Conflict("quarter")
		}
		if a.State, err = AccountFlow.Next(a.State, do); err != nil {
			return err
		}
		if do == "settle" {
			if a.Person == who.Person {
				return fault.State("task.bad.own")
			}
			a.Opinion, a.Judge, a.JudgedAt = c.Text, who.Person, tx.At
		} else {
			a.Said, a.Person, a.At = c.Text, who.Person, tx.At
		}
		return updateAccount(ctx, tx, a)
	})
}

func (s *Service) accountTodos(ctx context.Context, q db.Q, who actor.Actor) (out []web.Todo, err error) {
	for _, x := range []struct{ do, state string }{{"confirm", AccountAsked}, {"settle", AccountDisputed}} {
		if !s.Policy.Ever(who, "quarter."+x.do) {
			continue
		}
		var args []any
		where := s.Policy.Filter(who, "quarter."+x.do, accountPlaces, &args)
		if x.do == "settle" {
			where += access.Ours(who, "a.by_unit_id", &args)
		}
		args = append(args, x.state, todoMax)
		list, err := accountsWhere(ctx, q, fmt.Sprintf("%s AND a.state = $%d ORDER BY a.quarter, a.id LIMIT $%d", where, len(args)-1, len(args)), args...)
		if err != nil {
			return nil, err
		}
		for _, a := range list {
			out = append(out, web.Todo{Kind: "quarter.todo." + x.do, Title: a.Quarter, Unit: s.Dir.Short(a.Unit), Href: "/reconciliations/" + string(a.ID), Verb: "quarter.do." + x.do})
		}
	}
	return out, nil
}

// Burden is what the units below asked of each other in one month.
type Burden struct {
	Month string `json:"month"`
	Loads []Load `json:"loads"` // the heaviest first
	// ByLevel are the units that were asked for something, of each level.
	ByLevel map[int]LevelLoad `json:"by_level"`
	Issues  []Issue           `json:"issues"` // by minutes, the costliest first
	Reach   map[id.ID]int     `json:"reach"`  // units that an issue asked
}

// LevelLoad sums the load of the units of one level.
type LevelLoad struct {
	Units   int `json:"units"`
	Forms   int `json:"forms"`
	Fields  int `json:"fields"`
	Minutes int `json:"minutes"`
	Most    int `json:"most"` // minutes of the heaviest unit
}

// burdenShown bounds the units and issues that the burden page names.
const burdenShown = 20

// BurdenOf counts forms, fields and minutes of a month for the units whose tasks
// the actor may read.
func (s *Service) BurdenOf(ctx context.Context, who actor.Actor, month clock.Date) (b Burden, err error) {
	first := month.FirstOfMonth()
	b = Burden{Month: string(first)[:7], ByLevel: map[int]LevelLoad{}, Reach: map[id.ID]int{}}
	from := clock.Instant(first.Time().In(clock.Beijing))
	to := clock.Instant(first.AddMonths(1).Time().In(clock.Beijing))
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		var args []any
		sums, err := loads(ctx, q, s.Policy.Filter(who, "task.read", taskPlaces, &args), args, from, to)
		if err != nil {
			return err
		}
		issues := map[id.ID]Issue{}
		cost := map[id.ID]int{}
		for unit, by := range sums {
			l := Load{Unit: unit}
			for n, times := range by {
				x, ok := issues[n]
				if !ok && n != "" {
					if x, err = issueByID(ctx, q, n); err != nil {
						return err
					}
					issues[n] = x
				}
				l.Forms += times
				l.Fields += times * len(x.Command.Fields())
				l.Minutes += times * x.Command.Minutes
				b.Reach[n]++
				cost[n] += times * x.Command.Minutes
			}
			b.Loads = append(b.Loads, l)
			u, _ := s.Dir.Unit(unit)
			y := b.ByLevel[u.Level]
			y.Units, y.Forms, y.Fields, y.Minutes, y.Most = y.Units+1, y.Forms+l.Forms, y.Fields+l.Fields, y.Minutes+l.Minutes, max(y.Most, l.Minutes)
			b.ByLevel[u.Level] = y
		}
		for _, x := range issues {
			if s.Policy.Can(who, "issue.read", x.object(s.Dir.Place)) == nil {
				b.Issues = append(b.Issues, x)
			}
		}
		slices.SortFunc(b.Issues, func(x, y Issue) int {
			return cmp.Or(cost[y.ID]-cost[x.ID], b.Reach[y.ID]-b.Reach[x.ID], cmp.Compare(x.ID, y.ID))
		})
		b.Issues = b.Issues[:min(burdenShown, len(b.Issues))]
		slices.SortFunc(b.Loads, func(x, y Load) int {
			return cmp.Or(y.Minutes-x.Minutes, y.Forms-x.Forms, cmp.Compare(x.Unit, y.Unit))
		})
		return nil
	})
	return b, err
}
