package contact

import (
	"cmp"
	"context"
	"math"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"huikan/internal/contact/pair"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/person"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/secret"
)

// FiledIn counts the returns of a period, for measurements.
func (s *Service) FiledIn(ctx context.Context, p Period) (n int, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) (err error) { n, err = filedIn(ctx, q, p); return err })
	return n, err
}

// maxCompared bounds one comparison; more is worked unit by unit.
const maxCompared = 50000

// sealedRecord is a record with its content as far as the comparison needs it.
type sealedRecord struct {
	head
	c compared
}

// compared is the part of a Content that records are held against each other by.
type compared struct {
	Reporter    id.ID      `json:"reporter"`
	AskerName   string     `json:"asker_name"`
	AskerPerson id.ID      `json:"asker_person"`
	CaseNo      string     `json:"case_no"`
	On          clock.Date `json:"on"`
	Channel     string     `json:"channel"`
	Words       string     `json:"words"`
}

// RunReport tells what a comparison found.
type RunReport struct {
	Compared int            `json:"compared"`
	New      int            `json:"new"`
	By       map[string]int `json:"by"`
}

// RunCrosscheck holds the records of the last year that the actor's offices keep
// against each other. The program reads them for it and shows nobody what they
// say: an item only tells how far facts agree. The run is an entry of the log.
func (s *Service) RunCrosscheck(ctx context.Context, who actor.Actor) (rep RunReport, err error) {
	if !s.policy.Ever(who, "crosscheck.run") {
		return rep, fault.Denied("crosscheck", "crosscheck.run: no role")
	}
	// What is read and opened is read before the transaction: nobody who writes
	// waits for it. An item that somebody made meanwhile is seen inside of it.
	list, err := s.readable(ctx, who)
	if err != nil {
		return rep, err
	}
	var found []Crosscheck
	if err := s.log.DB().Read(ctx, func(q db.Q) error { found, err = s.compare(ctx, q, list); return err }); err != nil {
		return rep, err
	}
	err = s.log.Write(ctx, who, "crosscheck.run", func(tx *audit.Tx) error {
		rep = RunReport{By: map[string]int{}, Compared: len(list)}
		tx.Note("compared", len(list))
		have, err := crossedBy(ctx, tx, visible(s.policy, s.shadow(who), "crosscheck.read", crosscheckColumns))
		if err != nil {
			return err
		}
		var fresh []Crosscheck
		for _, c := range found {
			rep.By[c.Found]++
			old, ok := have[c.Matter]
			if !ok && c.Other != "" {
				old, ok = have[c.Other]
			}
			if !ok {
				fresh = append(fresh, c)
				continue
			}
			if err := s.move(ctx, tx, old, c); err != nil {
				return err
			}
		}
		slices.SortFunc(fresh, func(a, b Crosscheck) int { return cmp.Compare(a.Matter, b.Matter) }) // as the index takes them quickest
		for i := range fresh {
			fresh[i].ID = id.New()
		}
		rep.New = len(fresh)
		return insertCrosschecks(ctx, tx, fresh)
	})
	return rep, err
}

// move takes an item along to what is found now, unless people work on it.
func (s *Service) move(ctx context.Context, tx *audit.Tx, old, c Crosscheck) error {
	do := map[string]string{Matched: "match", Contradicted: "contradict", OneSided: "mature"}[c.Found]
	to, err := CrosscheckFlow.Next(old.State, do)
	if err != nil || old.State == to {
		return nil // settled, queried, or nothing new
	}
	e := Entry{ID: id.New(), Do: do, From: old.State, To: to}
	old.State, old.Found, old.Permille, old.Lines, old.Due = to, c.Found, c.Permille, c.Lines, c.Due
	if old.Other == "" && c.Other != "" {
		old.Other = c.Other
		if c.Other == old.Matter {
			old.Other = c.Matter
		}
	}
	if err := updateCrosscheck(ctx, tx, old); err != nil {
		return err
	}
	return insertCrossEntry(ctx, tx, old.ID, e, "")
}

// readable opens the records of the last year that the actor's offices hold keys
// to, in the order of their ids. One connection reads them, bunch by bunch (each
// further one would fill a page cache of its own), while the other processors open
// what was read.
func (s *Service) readable(ctx context.Context, who actor.Actor) ([]sealedRecord, error) {
	const bunch = 1024
	var parts []*[]sealedRecord
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	err := s.log.DB().Read(ctx, func(q db.Q) error {
		w := visible(s.policy, s.shadow(who), "matter.open", matterColumns)
		w.add("m.recorded_on >= $%d", string(s.today().AddYears(-1)))
		w.add("m.reporter <> $%d", string(s.Ref(who.Person))) // whoever recorded it does not handle it
		after, left := id.ID(""), maxCompared
		for left > 0 {
			part, err := matterHeads(ctx, q, w, after, min(bunch, left))
			if err != nil || len(part) == 0 {
				return err
			}
			after, left = part[len(part)-1].id, left-len(part)
			list, err := lockedRecords(ctx, q, part, offices(who))
			if err != nil {
				return err
			}
			out := new([]sealedRecord)
			parts = append(parts, out)
			g.Go(func() (err error) { *out, err = s.unlock(list); return err })
		}
		return nil
	})
	if err := cmp.Or(g.Wait(), err); err != nil {
		return nil, err
	}
	list := make([]sealedRecord, 0, bunch*len(parts))
	for _, p := range parts {
		list = append(list, *p...)
	}
	return list, nil
}

// unlock opens what was read with the keys of the offices.
func (s *Service) unlock(list []lockedRecord) ([]sealedRecord, error) {
	out := make([]sealedRecord, len(list))
	for i, x := range list {
		env, err := s.Keys.Unwrap(x.wrap, reader(x.reader), wrapPlace(x.id, string(x.reader)))
		if err != nil {
			return nil, err
		}
		var p struct {
			Content compared `json:"content"`
			Nonce   string   `json:"nonce"`
		}
		if err := unsealTo(env, x.entry, &p, &p.Nonce); err != nil {
			return nil, err
		}
		if p.Content.Reporter == "" {
			return nil, fault.Unavailable("error.seal")
		}
		out[i] = sealedRecord{x.head, p.Content}
	}
	return out, nil
}

// compare finds pairs by the engine and, among the rest, contacts that name a
// colleague who would have had to record them too.
func (s *Service) compare(ctx context.Context, q db.Q, list []sealedRecord) ([]Crosscheck, error) {
	records := make([]pair.Record, len(list))
	for i, x := range list {
		u, _ := s.Units.Unit(x.unit)
		records[i] = pair.Record{ID: string(x.id), Region: u.Region, Level: string(x.c.Reporter), On: x.c.On, Name: x.c.AskerName, Case: x.c.CaseNo, Channel: x.c.Channel, Words: x.c.Words}
	}
	res := pair.Match(records, pair.Options{Least: 0.5})
	paired := map[int]bool{}
	var out []Crosscheck
	for _, p := range res.Pairs {
		i, j := p.Left, p.Right
		if list[i].c.Reporter == list[j].c.Reporter || paired[i] || paired[j] {
			continue
		}
		paired[i], paired[j] = true, true
		c := s.item(list[i].head, Matched)
		c.Other, c.Permille = list[j].id, int(math.Round(p.Probability*1000))
		for _, l := range p.Lines {
			c.Lines = append(c.Lines, Evidence{Fact: l.Fact.String(), Level: l.Level.String(), Bits: math.Round(l.Bits*10) / 10})
		}
		if contradicts(s.Rules, list[i].category, list[j].category) {
			c.State, c.Found = Contradicted, Contradicted
			c.Lines = append(c.Lines, Evidence{Fact: "class", Level: "different"})
		}
		out = append(out, c)
	}
	rest := make([]sealedRecord, 0, len(list))
	for i, x := range list {
		if !paired[i] && x.c.AskerPerson != "" {
			rest = append(rest, x)
		}
	}
	alone, err := s.alone(ctx, q, rest)
	return append(out, alone...), err
}

func (s *Service) item(h head, found string) Crosscheck {
	return Crosscheck{Matter: h.id, Office: h.office, Upper: h.upper, State: found, Found: found, Lines: []Evidence{}, Due: s.Rules.Due("crosscheck", s.today(), s.Calendar)}
}

// other is where the other side of a record belonged on its day.
type other struct {
	set    Setting
	period Period
	at     bool // he belonged somewhere
}

// alone are contacts that one side recorded; what the other side filed for the
// period is a line of each.
func (s *Service) alone(ctx context.Context, q db.Q, list []sealedRecord) ([]Crosscheck, error) {
	terms := map[id.ID][]person.Term{}
	others := make([]other, len(list))
	asked := map[Period][]id.ID{}
	for i, x := range list {
		n := x.c.AskerPerson
		if _, ok := terms[n]; !ok {
			ts, err := person.Terms(ctx, q, n)
			if err != nil {
				return nil, err
			}
			terms[n] = ts
		}
		t, ok := belonged(terms[n], x.c.On)
		if !ok {
			continue
		}
		set, err := s.setting(ctx, q, t.Unit, x.c.On)
		if err != nil {
			return nil, err
		}
		p := set.Of(x.c.On)
		others[i] = other{set, p, true}
		if !slices.Contains(asked[p], n) {
			asked[p] = append(asked[p], n)
		}
	}
	filed := map[string]Return{}
	for p, persons := range asked {
		for part := range slices.Chunk(persons, 400) { // placeholders per statement
			rs, err := filedFor(ctx, q, []Period{p}, part...)
			if err != nil {
				return nil, err
			}
			for _, r := range rs {
				filed[string(r.Person)+"/"+string(p)] = r
			}
		}
	}
	out := make([]Crosscheck, len(list))
	for i, x := range list {
		c, o := s.item(x.head, OneSided), others[i]
		r, ok := filed[string(x.c.AskerPerson)+"/"+string(o.period)]
		mark := MarkMiss
		switch {
		case !o.at:
			mark = MarkAway
		case ok && r.Zero:
			mark = MarkZero
		case ok:
			mark = MarkItems
		case o.set.Before(o.period):
			mark = MarkBefore
		case o.set.Due(o.period, s.Calendar) >= s.today():
			mark = MarkNotDue
			c.State, c.Found, c.Due = NotDue, NotDue, o.set.Due(o.period, s.Calendar)
		}
		c.Lines = append(c.Lines, Evidence{Fact: "return", Level: mark})
		out[i] = c
	}
	return out, nil
}

// crossObject is what the policy needs to know of a cross-check.
func (s *Service) crossObject(ctx context.Context, q db.Q, c Crosscheck) (access.Object, error) {
	concerns, err := access.Concerns(ctx, q, c.Matter, c.Other)
	o := access.Object{Kind: "crosscheck", ID: c.ID, State: c.State, Concerns: concerns, Units: []access.Place{s.Units.Place(c.Office)}}
	if c.Upper != "" {
		o.Units = append(o.Units, s.Units.Place(c.Upper))
	}
	return o, err
}

// CrossView is a cross-check with the index rows it joins.
type CrossView struct {
	Crosscheck Crosscheck `json:"crosscheck"`
	Matters    []Matter   `json:"matters"`
	Entries    []Entry    `json:"entries"`
}

// ReadCrosscheck gives an item to one of its two offices.
func (s *Service) ReadCrosscheck(ctx context.Context, who actor.Actor, n id.ID) (v CrossView, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		if v.Crosscheck, err = s.loadCross(ctx, q, who, n, "crosscheck.read"); err != nil {
			return err
		}
		c := v.Crosscheck
		for _, m := range []id.ID{c.Matter, c.Other} {
			if m == "" {
				continue
			}
			x, err := s.load(ctx, q, who, m)
			if fault.Is(err, fault.KindNotFound) {
				continue // kept by another office
			}
			if err != nil {
				return err
			}
			v.Matters = append(v.Matters, x)
		}
		if v.Entries, err = crossEntries(ctx, q, n); err != nil {
			return err
		}
		env, err := s.crossKey(ctx, q, who, c)
		if err != nil {
			return err
		}
		for i, e := range v.Entries {
			if len(e.sealed) == 0 {
				continue
			}
			plain, err := env.Open("contact_crosscheck_entry/"+string(e.ID), e.sealed)
			if err != nil {
				return err
			}
			v.Entries[i].Text = string(plain)
		}
		return nil
	})
	return v, err
}

// crossKey is the envelope of the record that the item starts from: its entries
// are sealed under it, for the same readers.
func (s *Service) crossKey(ctx context.Context, q db.Q, who actor.Actor, c Crosscheck) (secret.Envelope, error) {
	return s.envelope(ctx, q, c.Matter, string(officeOf(who, Matter{Office: c.Office, Upper: c.Upper})))
}

func (s *Service) loadCross(ctx context.Context, q db.Q, who actor.Actor, n id.ID, action string) (Crosscheck, error) {
	c, err := crosscheckByID(ctx, q, n)
	if err != nil {
		return c, err
	}
	o, err := s.crossObject(ctx, q, c)
	if err != nil {
		return c, err
	}
	m, err := matterByID(ctx, q, c.Matter)
	if err != nil {
		return c, err
	}
	if s.mine(who, m) {
		return c, fault.Denied("crosscheck", action+": the reporter himself")
	}
	return c, s.policy.Can(s.shadow(who), action, o)
}

// CrossCmd is one step on a cross-check.
type CrossCmd struct {
	Text   string `json:"text"`
	Answer string `json:"answer"`
	Rev    int64  `json:"rev"`
}

// crossSteps are what the office does; the others follow from a comparison.
var crossSteps = []string{"query", "reply", "settle"}

// Work takes one step on a cross-check.
func (s *Service) Work(ctx context.Context, who actor.Actor, n id.ID, do string, cmd CrossCmd) (c Crosscheck, err error) {
	if !slices.Contains(crossSteps, do) {
		return c, fault.NotFound("crosscheck")
	}
	var bad fault.Fields
	bad.Need("text", cmd.Text)
	bad.Max("text", cmd.Text, maxText)
	if do == "reply" && !slices.Contains(Replies(), cmd.Answer) {
		bad.Add("answer", "contact.bad.pick")
	}
	if err := bad.Err(); err != nil {
		return c, err
	}
	err = s.log.Write(ctx, who, "crosscheck."+do, func(tx *audit.Tx) error {
		if c, err = s.loadCross(ctx, tx, who, n, "crosscheck.read"); err != nil {
			return err
		}
		to, err := CrosscheckFlow.Next(c.State, do)
		if err != nil {
			return err
		}
		if c, err = s.loadCross(ctx, tx, who, n, "crosscheck."+do); err != nil {
			return err
		}
		if cmd.Rev != 0 && cmd.Rev != c.Rev {
			return fault.Conflict("crosscheck")
		}
		env, err := s.crossKey(ctx, tx, who, c)
		if err != nil {
			return err
		}
		e := Entry{ID: id.New(), Do: do, From: c.State, To: to, Unit: officeOf(who, Matter{Office: c.Office, Upper: c.Upper})}
		if e.sealed, err = env.Seal("contact_crosscheck_entry/"+string(e.ID), []byte(cmd.Text)); err != nil {
			return err
		}
		c.State = to
		switch do {
		case "reply":
			c.Answer = cmd.Answer
		case "query":
			c.Due = s.Rules.Due("crosscheck", s.today(), s.Calendar)
		case "settle":
			c.Due = ""
		}
		if err := updateCrosscheck(ctx, tx, c); err != nil {
			return err
		}
		c.Rev++
		return insertCrossEntry(ctx, tx, c.ID, e, cmd.Answer)
	})
	return c, err
}
