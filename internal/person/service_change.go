package person

import (
	"context"
	"sync"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/org/tree"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// Add takes one person in.
func (s *Service) Add(ctx context.Context, who actor.Actor, in NewPerson) (p Person, err error) {
	err = s.Log.Write(ctx, who, "person.create", func(tx *audit.Tx) error {
		var f fault.Fields
		in.Native = regionOf(in.Native)
		p = s.shape(in, &f)
		if p.Unit != "" {
			if err := s.canAt(who, "person.create", p.Unit); err != nil {
				// A unit that he has no say over is like one that does not exist.
				return hiddenUnit("unit", in.Unit)
			}
		}
		if err := s.distinct(ctx, tx, p, &f); err != nil {
			return err
		}
		if err := s.department(ctx, tx, p.Unit, p.Department, &f); err != nil {
			return err
		}
		if err := f.Err(); err != nil {
			return err
		}
		p.Rev = 1
		var posts []Post
		if post, ok := in.post(p); ok {
			posts = append(posts, post)
		}
		return s.insert(ctx, tx, []Person{p}, posts)
	})
	return p, err
}

// distinct refuses a staff number or an ID number that somebody has already.
func (s *Service) distinct(ctx context.Context, q db.Q, p Person, f *fault.Fields) error {
	for _, c := range []struct{ column, value, field, key string }{
		{"staff_no", p.StaffNo, "staff_no", "person.error.staff_no_taken"}, {"id_blind", p.blind, "id_number", "person.error.id_taken"}} {
		if c.value == "" {
			continue
		}
		there, err := found(ctx, q, c.column, []string{c.value})
		if err != nil {
			return err
		}
		if n, ok := there[c.value]; ok && n != p.ID {
			f.Add(c.field, c.key, p.StaffNo)
		}
	}
	return nil
}

// department refuses a department of another unit.
func (s *Service) department(ctx context.Context, q db.Q, unit, department id.ID, f *fault.Fields) error {
	if department == "" {
		return nil
	}
	d, err := org.DepartmentByID(ctx, q, department)
	if fault.Is(err, fault.KindNotFound) || err == nil && d.Unit != unit {
		f.Add("department", "person.error.department")
		return nil
	}
	return err
}

// regionCodes finds a region by its full name (河南省新乡市).
var regionCodes = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for _, r := range tree.Regions() {
		out[tree.RegionName(r.Code)] = r.Code
	}
	return out
})

// regionOf accepts a native place as code or as full name; other texts stay, to
// be refused by the rule.
func regionOf(text string) string {
	if code, ok := regionCodes()[text]; ok {
		return code
	}
	return text
}

// load reads a person for a change: may the actor, and has he seen the latest.
func (s *Service) load(ctx context.Context, q db.Q, who actor.Actor, action string, n id.ID, rev int64) (Person, error) {
	p, err := byID(ctx, q, n)
	if err != nil {
		return p, err
	}
	if err := s.can(who, action, p); err != nil {
		return p, err
	}
	if rev >= 0 && rev != p.Rev {
		return p, fault.Conflict("person")
	}
	return p, nil
}

// anyRev is for commands that add an entry and overwrite nothing.
const anyRev = -1

// EditCmd changes what a person is.
type EditCmd struct {
	Rev      int64      `json:"rev"`
	Name     string     `json:"name"`
	Gender   string     `json:"gender"`
	Birth    clock.Date `json:"birth"`
	Native   string     `json:"native"`
	IDNumber string     `json:"id_number"` // "" keeps the one that is there
}

// Edit corrects name, sex, birth, native place or ID number.
func (s *Service) Edit(ctx context.Context, who actor.Actor, n id.ID, cmd EditCmd) error {
	return s.Log.Write(ctx, who, "person.edit", func(tx *audit.Tx) error {
		p, err := s.load(ctx, tx, who, "person.edit", n, cmd.Rev)
		if err != nil {
			return err
		}
		tx.Note("before", p)
		var f fault.Fields
		p.Name, p.Gender, p.Birth, p.Native = cleanName(cmd.Name), cmd.Gender, cmd.Birth, regionOf(cmd.Native)
		number := cmd.IDNumber
		if (number == "" || masked(number)) && p.HasIDNumber() {
			if number, err = s.number(where(p.ID), p.sealed); err != nil {
				return err
			}
		}
		if number != "" {
			c, err := ParseIDNumber(number, s.today())
			if err != nil {
				addFault(&f, "id_number", err)
			} else {
				agree(&p, c, &f)
				x := s.seal(where(p.ID), c.Number)
				p.sealed, p.blind = x.sealed, x.blind
			}
		}
		checkFacts(p, s.today(), &f)
		if err := s.distinct(ctx, tx, p, &f); err != nil {
			return err
		}
		if err := f.Err(); err != nil {
			return err
		}
		return updatePerson(ctx, tx, p)
	})
}

// PostCmd gives a post.
type PostCmd struct {
	Unit       string     `json:"unit"`
	Department id.ID      `json:"department"`
	Title      string     `json:"title"`
	Rank       string     `json:"rank"`
	Leadership bool       `json:"leadership"`
	Main       bool       `json:"main"` // becomes the main post: it decides unit and department
	From       clock.Date `json:"from"`
}

// AddPost gives a person a post. A main post ends the one before on the day
// before; in another unit it leaves an entry of employment behind, for recusal
// looks at former units too.
func (s *Service) AddPost(ctx context.Context, who actor.Actor, n id.ID, cmd PostCmd) error {
	return s.Log.Write(ctx, who, "person.post", func(tx *audit.Tx) error {
		p, err := s.load(ctx, tx, who, "person.post", n, anyRev)
		if err != nil {
			return err
		}
		if p.Status != Serving {
			return fault.State("person.error.departed")
		}
		var f fault.Fields
		post := Post{ID: id.New(), Person: n, Department: cmd.Department, Title: cmd.Title, Rank: cmd.Rank, Leadership: cmd.Leadership, Main: cmd.Main, From: cmd.From}
		u, ok := s.Dir.Resolve(cmd.Unit)
		switch {
		case !ok || s.canAt(who, "person.post", u.ID) != nil:
			f.Add("unit", "person.error.unit", cmd.Unit)
		case u.Closed():
			f.Add("unit", "person.error.unit_closed", u.Name)
		}
		post.Unit = u.ID
		f.Need("title", cmd.Title)
		f.Max("title", cmd.Title, maxTitle)
		f.Max("rank", cmd.Rank, maxRank)
		f.Need("from", string(cmd.From))
		if err := s.department(ctx, tx, u.ID, cmd.Department, &f); err != nil {
			return err
		}
		if err := f.Err(); err != nil {
			return err
		}
		if s.bar != nil {
			if err := s.bar(ctx, tx, n, post.Rank, post.Leadership, post.From); err != nil {
				return err
			}
		}
		if err := insertPosts(ctx, tx, []Post{post}); err != nil {
			return err
		}
		return s.promote(ctx, tx, p, post)
	})
}

// promote carries a new post into the person, and ends the main post before it.
func (s *Service) promote(ctx context.Context, tx *audit.Tx, p Person, post Post) error {
	if !post.Main {
		p.Leadership = p.Leadership || post.Leadership
		return updatePerson(ctx, tx, p)
	}
	posts, err := postsOf(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	leads := post.Leadership
	for _, old := range posts {
		if old.ID == post.ID || old.To != "" {
			continue
		}
		if !old.Main {
			leads = leads || old.Leadership
			continue
		}
		if post.From.Before(old.From) {
			var f fault.Fields
			f.Add("from", "person.error.post_before", old.From)
			return f.Err()
		}
		old.To = post.From.AddDays(-1)
		if old.To.Before(old.From) {
			old.To = old.From
		}
		if err := endPost(ctx, tx, old); err != nil {
			return err
		}
	}
	if post.Unit != p.Unit {
		since := clock.Date("")
		for _, old := range posts {
			if old.Unit == p.Unit && old.From != "" && (since == "" || old.From < since) {
				since = old.From
			}
		}
		e := Employment{ID: id.New(), Person: p.ID, Unit: p.Unit, Title: p.Title, From: since, To: post.From.AddDays(-1)}
		if err := insertEmployment(ctx, tx, e); err != nil {
			return err
		}
	}
	p.Unit, p.Department, p.Title, p.Rank, p.Leadership = post.Unit, post.Department, post.Title, post.Rank, leads
	return updatePerson(ctx, tx, p)
}

// EndPostCmd ends a post.
type EndPostCmd struct {
	Rev int64      `json:"rev"`
	To  clock.Date `json:"to"`
}

// EndPost ends the term of a post.
func (s *Service) EndPost(ctx context.Context, who actor.Actor, n, post id.ID, cmd EndPostCmd) error {
	return s.Log.Write(ctx, who, "person.post_end", func(tx *audit.Tx) error {
		p, err := s.load(ctx, tx, who, "person.post", n, anyRev)
		if err != nil {
			return err
		}
		x, err := postByID(ctx, tx, post)
		switch {
		case err != nil:
			return err
		case x.Person != n:
			return fault.NotFound("post")
		case x.To != "":
			return fault.State("person.error.post_ended")
		case x.Rev != cmd.Rev:
			return fault.Conflict("post")
		}
		var f fault.Fields
		f.Need("to", string(cmd.To))
		checkTerm(x.From, cmd.To, &f)
		if err := f.Err(); err != nil {
			return err
		}
		x.To = cmd.To
		if err := endPost(ctx, tx, x); err != nil {
			return err
		}
		posts, err := postsOf(ctx, tx, n)
		if err != nil {
			return err
		}
		p.Leadership = false
		for _, y := range posts {
			p.Leadership = p.Leadership || y.To == "" && y.Leadership
		}
		if x.Main {
			p.Title, p.Rank = "", ""
		}
		return updatePerson(ctx, tx, p)
	})
}

// StatusCmd lets a person leave or come back.
type StatusCmd struct {
	Rev    int64      `json:"rev"`
	On     clock.Date `json:"on"`
	Reason string     `json:"reason"`
}

// Do takes one step of the table Flow: retire, resign, dismiss, remove,
// transfer_out, reinstate. Leaving ends every post that runs.
func (s *Service) Do(ctx context.Context, who actor.Actor, n id.ID, action string, cmd StatusCmd) error {
	return s.Log.Write(ctx, who, "person."+action, func(tx *audit.Tx) error {
		p, err := byID(ctx, tx, n)
		if err != nil {
			return err
		}
		// Who may not even read the record learns nothing of its state.
		if err := s.can(who, "person.read", p); err != nil {
			return err
		}
		to, err := Flow.Next(p.Status, action)
		if err != nil {
			return err
		}
		if _, err := s.load(ctx, tx, who, "person."+action, n, cmd.Rev); err != nil {
			return err
		}
		var f fault.Fields
		f.Need("on", string(cmd.On))
		f.Need("reason", cmd.Reason)
		f.Max("reason", cmd.Reason, maxReason)
		if cmd.On.After(s.today()) {
			f.Add("on", "person.error.future", cmd.On)
		}
		if cmd.On.Before(p.Birth) || p.Status != Serving && cmd.On.Before(p.DepartedOn) {
			f.Add("on", "error.end_before_start")
		}
		if err := f.Err(); err != nil {
			return err
		}
		tx.Note("reason", cmd.Reason)
		if to != Serving {
			if err := s.leaves(ctx, tx, who, p, to, cmd.On); err != nil {
				return err
			}
		}
		p.Status, p.DepartedOn = to, cmd.On
		if to == Serving {
			p.DepartedOn = ""
			return updatePerson(ctx, tx, p)
		}
		posts, err := postsOf(ctx, tx, n)
		if err != nil {
			return err
		}
		for _, x := range posts {
			if x.To != "" {
				continue
			}
			x.To = cmd.On
			if err := endPost(ctx, tx, x); err != nil {
				return err
			}
		}
		return updatePerson(ctx, tx, p)
	})
}

// EmploymentCmd notes where a person worked before.
type EmploymentCmd struct {
	Unit     string     `json:"unit"` // one of ours, or
	Employer string     `json:"employer"`
	Title    string     `json:"title"`
	From     clock.Date `json:"from"`
	To       clock.Date `json:"to"`
}

// AddEmployment notes a former employment.
func (s *Service) AddEmployment(ctx context.Context, who actor.Actor, n id.ID, cmd EmploymentCmd) error {
	return s.Log.Write(ctx, who, "person.history", func(tx *audit.Tx) error {
		if _, err := s.load(ctx, tx, who, "person.history", n, anyRev); err != nil {
			return err
		}
		var f fault.Fields
		e := Employment{ID: id.New(), Person: n, Employer: cmd.Employer, Title: cmd.Title, From: cmd.From, To: cmd.To}
		if cmd.Unit != "" {
			u, ok := s.Dir.Resolve(cmd.Unit)
			if !ok {
				f.Add("unit", "person.error.unit", cmd.Unit)
			}
			e.Unit = u.ID
		} else {
			f.Need("employer", cmd.Employer)
		}
		f.Max("employer", cmd.Employer, maxEmployer)
		f.Max("title", cmd.Title, maxTitle)
		checkTerm(cmd.From, cmd.To, &f)
		if err := f.Err(); err != nil {
			return err
		}
		return insertEmployment(ctx, tx, e)
	})
}
