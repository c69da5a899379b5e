package notice

import (
	"context"
	"embed"
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/org"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/web"
)

// Schema has the tables of this room.
//
//go:embed schema/*.sql
var Schema embed.FS

// Tables are the rows that the log reconciles.
var Tables = []string{"notice", "notice_entry", "notice_receipt", "notice_study", "notice_reader", "notice_question", "notice_test", "notice_answer",
	"notice_campaign", "notice_stage", "notice_part", "notice_report"}

// Deps is what the room stands on.
type Deps struct {
	Log    *audit.Log
	Policy *access.Policy
	Clock  clock.Clock
	Dir    *org.Directory
	// Find gives the units that a text means.
	Find func(text string) []id.ID
	// Names gives the names of persons (person.Names).
	Names func(ctx context.Context, q db.Q, ids ...id.ID) (map[id.ID]string, error)
	// Borne tells which words are names of staff, and whose (person.Borne).
	Borne func(ctx context.Context, q db.Q, words []string) (map[string][]id.ID, error)
	// Protected gives those of the persons who recorded an inquiry or reported a
	// matter: they are named nowhere. Nil where no such records are kept.
	Protected func(ctx context.Context, q db.Q, persons []id.ID) ([]id.ID, error)
	// Post gives what a person does: title and department, for cases that concern his work.
	Post func(ctx context.Context, q db.Q, person id.ID) (string, error)
	// Later are the sources of violations against which the effect of education is shown.
	Later []Later
}

// Service has one method per action of the room.
type Service struct{ Deps }

// New makes the service.
func New(d Deps) *Service { return &Service{Deps: d} }

func (s *Service) today() clock.Date { return clock.Today(s.Clock) }

// places are the units for which the actor holds something.
func places(who actor.Actor) []id.ID {
	var out []id.ID
	if who.Unit != "" {
		out = append(out, who.Unit)
	}
	for _, g := range who.Grants {
		if g.Unit != "" && !slices.Contains(out, g.Unit) {
			out = append(out, g.Unit)
		}
	}
	return out
}

// object is what the policy judges of a circular for an actor.
func (s *Service) object(ctx context.Context, q db.Q, who actor.Actor, n Notice) (access.Object, error) {
	units, err := addressed(ctx, q, n.ID, places(who))
	if err != nil {
		return access.Object{}, err
	}
	o := n.object(s.Dir.Place, units...)
	o.Concerns, err = access.Concerns(ctx, q, n.ID)
	return o, err
}

// load reads a circular that the actor may read and judges an action of its workflow.
func (s *Service) load(ctx context.Context, q db.Q, who actor.Actor, x id.ID, do string) (Notice, access.Object, error) {
	n, err := noticeByID(ctx, q, x)
	if err != nil {
		return n, access.Object{}, err
	}
	o, err := s.object(ctx, q, who, n)
	if err != nil {
		return n, o, err
	}
	if err := s.Policy.Can(who, "notice.read", o); err != nil || do == "read" {
		return n, o, err
	}
	if err := s.Policy.Can(who, "notice."+do, o); err != nil {
		if _, e := Flow.Next(n.State, do); e != nil && s.Policy.Ever(who, "notice."+do) {
			return n, o, e
		}
		return n, o, err
	}
	return n, o, nil
}

// Cmd is the content of a circular as typed.
type Cmd struct {
	Kind         string     `json:"kind"`
	Number       string     `json:"number"`
	Title        string     `json:"title"`
	Source       string     `json:"source"`
	Editor       string     `json:"editor"`
	Body         string     `json:"body"`
	PublicTitle  string     `json:"public_title"`
	PublicBody   string     `json:"public_body"`
	Ground       string     `json:"ground"`
	GroundReason string     `json:"ground_reason"`
	Words        string     `json:"words"`
	Lesson       string     `json:"lesson"`
	Posts        string     `json:"posts"`
	MustRead     bool       `json:"must_read"`
	Aim          string     `json:"aim"`
	PassMark     int        `json:"pass_mark"`
	RecheckOn    clock.Date `json:"recheck_on"`
	Questions    []id.ID    `json:"questions"`
	Rev          int64      `json:"rev"`
}

// put writes what was typed into a circular.
func (c Cmd) put(n *Notice) {
	n.Kind, n.Number, n.Title, n.Source, n.Editor = c.Kind, c.Number, strings.TrimSpace(c.Title), c.Source, c.Editor
	n.Body, n.PublicTitle, n.PublicBody = Paragraphs(c.Body), strings.TrimSpace(c.PublicTitle), Paragraphs(c.PublicBody)
	n.Ground, n.GroundReason, n.Words, n.Lesson, n.Posts = c.Ground, c.GroundReason, Split(c.Words), c.Lesson, Split(c.Posts)
	n.Aim, n.MustRead, n.PassMark, n.RecheckOn = c.Aim, c.MustRead, c.PassMark, c.RecheckOn
}

// Create keeps a draft of the actor's unit.
func (s *Service) Create(ctx context.Context, who actor.Actor, c Cmd) (n Notice, err error) {
	n = Notice{ID: id.New(), Unit: who.Unit, Author: who.Person, State: Flow.Start, Publication: PublicFlow.Start, Rev: 1}
	if n.Unit == "" {
		n.Unit = s.Dir.Root().ID
	}
	c.put(&n)
	err = s.Log.Write(ctx, who, "notice.create", func(tx *audit.Tx) error {
		if err := s.Policy.Can(who, "notice.create", n.object(s.Dir.Place)); err != nil {
			return err
		}
		n.MadeAt = tx.At
		if err := s.check(ctx, tx, who, n, c.Questions, false); err != nil {
			return err
		}
		if err := insertNotice(ctx, tx, n); err != nil {
			return err
		}
		return setTest(ctx, tx, n.ID, c.Questions)
	})
	return n, err
}

// Edit changes a draft.
func (s *Service) Edit(ctx context.Context, who actor.Actor, x id.ID, c Cmd) error {
	return s.step(ctx, who, x, "edit", c.Rev, func(tx *audit.Tx, n *Notice) error {
		c.put(n)
		if err := s.check(ctx, tx, who, *n, c.Questions, false); err != nil {
			return err
		}
		return setTest(ctx, tx, n.ID, c.Questions)
	})
}

// check judges a circular with its test; whole for a submission.
func (s *Service) check(ctx context.Context, q db.Q, who actor.Actor, n Notice, questions []id.ID, whole bool) error {
	var bad fault.Fields
	n.Check(&bad, s.today(), whole)
	s.checkAim(n.Aim, &bad)
	if len(questions) > maxQuestions {
		bad.Add("questions", "notice.bad.many", maxQuestions)
	}
	if n.PassMark > 0 && len(questions) == 0 {
		bad.Add("pass_mark", "notice.bad.no_test")
	}
	for _, x := range questions {
		qu, err := questionByID(ctx, q, x)
		if err != nil {
			return err
		}
		if err := s.Policy.Can(who, "question.read", access.Object{Kind: "question", ID: qu.ID, By: s.Dir.Place(qu.Unit), Owners: []id.ID{qu.By}}); err != nil {
			return err
		}
	}
	if whole {
		body, err := s.names(ctx, q, n.Title+"\n"+n.Lesson+"\n"+strings.Join(n.Body, "\n"))
		if err != nil {
			return err
		}
		public, err := s.names(ctx, q, n.PublicTitle+"\n"+strings.Join(n.PublicBody, "\n"))
		if err != nil {
			return err
		}
		n.JudgeNames(&bad, body, public)
	}
	return bad.Err()
}

// names looks up which words of a text are names of staff.
func (s *Service) names(ctx context.Context, q db.Q, text string) (f Found, err error) {
	words := Candidates(text)
	borne, err := s.Borne(ctx, q, words)
	if err != nil {
		return f, err
	}
	var all []id.ID
	for _, w := range words { // in order of the text
		if who := borne[w]; len(who) > 0 {
			f.Staff = append(f.Staff, w)
			all = append(all, who...)
		}
	}
	if s.Protected == nil || len(all) == 0 {
		return f, nil
	}
	hidden, err := s.Protected(ctx, q, all)
	if err != nil {
		return f, err
	}
	for _, w := range f.Staff {
		if slices.ContainsFunc(borne[w], func(p id.ID) bool { return slices.Contains(hidden, p) }) {
			f.Protected = append(f.Protected, w)
		}
	}
	return f, nil
}

// step runs an action of the workflow: the circular is written with what fn changed.
func (s *Service) step(ctx context.Context, who actor.Actor, x id.ID, do string, rev int64, fn func(tx *audit.Tx, n *Notice) error) error {
	return s.Log.Write(ctx, who, "notice."+do, func(tx *audit.Tx) error {
		n, _, err := s.load(ctx, tx, who, x, do)
		if err != nil {
			return err
		}
		if rev != 0 && rev != n.Rev {
			return fault.Conflict("notice")
		}
		to, err := Flow.Next(n.State, do)
		if err != nil {
			return err
		}
		if err := fn(tx, &n); err != nil {
			return err
		}
		n.State = to
		return updateNotice(ctx, tx, n)
	})
}

// Submit hands a draft in for approval.
func (s *Service) Submit(ctx context.Context, who actor.Actor, x id.ID, rev int64) error {
	return s.step(ctx, who, x, "submit", rev, func(tx *audit.Tx, n *Notice) error {
		test, err := testOf(ctx, tx, n.ID)
		if err != nil {
			return err
		}
		var ids []id.ID
		for _, q := range test {
			ids = append(ids, q.ID)
		}
		if err := s.check(ctx, tx, who, *n, ids, true); err != nil {
			return err
		}
		return insertEntry(ctx, tx, n.ID, "submit", "", who.Person)
	})
}

// Approve fixes what goes out. The author cannot approve his own circular.
func (s *Service) Approve(ctx context.Context, who actor.Actor, x id.ID, rev int64) error {
	return s.step(ctx, who, x, "approve", rev, func(tx *audit.Tx, n *Notice) error {
		if n.Author == who.Person {
			return fault.State("notice.bad.own")
		}
		n.Approver, n.Digest = who.Person, DigestOf(*n)
		return insertEntry(ctx, tx, n.ID, "approve", n.Digest, who.Person)
	})
}

// Return sends a submitted circular back with a reason.
func (s *Service) Return(ctx context.Context, who actor.Actor, x id.ID, reason string, rev int64) error {
	if err := need("reason", reason, maxReason); err != nil {
		return err
	}
	return s.step(ctx, who, x, "return", rev, func(tx *audit.Tx, n *Notice) error {
		return insertEntry(ctx, tx, n.ID, "return", reason, who.Person)
	})
}

// Recall takes an approved circular back to draft; its approval ends.
func (s *Service) Recall(ctx context.Context, who actor.Actor, x id.ID, reason string, rev int64) error {
	if err := need("reason", reason, maxReason); err != nil {
		return err
	}
	return s.step(ctx, who, x, "recall", rev, func(tx *audit.Tx, n *Notice) error {
		n.Approver, n.Digest = "", ""
		return insertEntry(ctx, tx, n.ID, "recall", reason, who.Person)
	})
}

func need(field, text string, limit int) error {
	var bad fault.Fields
	bad.Need(field, text)
	bad.Max(field, text, limit)
	return bad.Err()
}

// IssueCmd says whom a circular goes to.
type IssueCmd struct {
	To    string `json:"to"`
	Units string `json:"units"`
	Own   bool   `json:"own"` // to the issuing unit's own people too
	Rev   int64  `json:"rev"`
}

// Issue sends an approved circular: all receipts in one transaction.
func (s *Service) Issue(ctx context.Context, who actor.Actor, x id.ID, c IssueCmd) (sent int, err error) {
	err = s.step(ctx, who, x, "issue", c.Rev, func(tx *audit.Tx, n *Notice) error {
		if DigestOf(*n) != n.Digest {
			return fault.State("notice.bad.digest")
		}
		to, err := s.audience(c, n.Unit)
		if err != nil {
			return err
		}
		sent = len(to)
		n.IssuedOn = clock.Of(clockOf(tx))
		if err := insertReceipts(ctx, tx, *n, to); err != nil {
			return err
		}
		return insertEntry(ctx, tx, n.ID, "issue", "", who.Person)
	})
	return sent, err
}

// audience resolves the units of an issue or of a campaign.
func (s *Service) audience(c IssueCmd, from id.ID) ([]id.ID, error) {
	var bad fault.Fields
	to, unknown, above := s.Dir.Audience(c.To, c.Units, from, s.Find)
	for _, name := range unknown {
		bad.Add("units", "notice.bad.unit", name)
	}
	for _, u := range above {
		bad.Add("units", "notice.bad.above", s.Dir.Name(u))
	}
	if c.Own && !slices.Contains(to, from) {
		to = append(to, from)
	}
	if len(to) == 0 && len(bad) == 0 {
		bad.Add("units", "error.required")
	}
	return to, bad.Err()
}

// Recheck notes that somebody looked again whether the circular had its effect.
func (s *Service) Recheck(ctx context.Context, who actor.Actor, x id.ID, text string, rev int64) error {
	if err := need("text", text, maxReason); err != nil {
		return err
	}
	return s.step(ctx, who, x, "recheck", rev, func(tx *audit.Tx, n *Notice) error {
		return insertEntry(ctx, tx, n.ID, "recheck", text, who.Person)
	})
}

// Close ends a circular. One with a date of re-check is closed after it.
func (s *Service) Close(ctx context.Context, who actor.Actor, x id.ID, text string, rev int64) error {
	if err := need("text", text, maxReason); err != nil {
		return err
	}
	return s.step(ctx, who, x, "close", rev, func(tx *audit.Tx, n *Notice) error {
		entries, err := entriesOf(ctx, tx, n.ID)
		if err != nil {
			return err
		}
		if n.RecheckOn != "" && !slices.ContainsFunc(entries, func(e Entry) bool { return e.Action == "recheck" }) {
			return fault.State("notice.bad.unchecked")
		}
		return insertEntry(ctx, tx, n.ID, "close", text, who.Person)
	})
}

// Listing is one page of circulars.
type Listing struct {
	Rows []Notice
	Next page.Next
}

// Views of the list.
const (
	ViewReceived = "received"
	ViewMade     = "made"
)

// List gives a page of circulars that the actor may read: those that address
// his unit, or those that the units under his hand issue.
func (s *Service) List(ctx context.Context, who actor.Actor, p page.Query) (l Listing, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) (err error) {
		var args []any
		if p.View == ViewMade {
			l.Rows, l.Next, err = listMade(ctx, q, s.Policy.Filter(who, "notice.read", made, &args), args, p)
			return err
		}
		l.Rows, l.Next, err = listReceived(ctx, q, who.Unit, s.Policy.Filter(who, "notice.read", received, &args), args, p)
		return err
	})
	return l, err
}

// View is a circular with what the actor may see around it.
type View struct {
	Notice   Notice     `json:"notice"`
	Entries  []Entry    `json:"entries"` // of the issuing side
	Test     []Question `json:"test"`
	Mine     *Answer    `json:"mine"`    // the actor's own answer
	ReadAt   string     `json:"read_at"` // when the actor confirmed
	Receipt  *Receipt   `json:"receipt"` // of the actor's unit
	Studies  []Study    `json:"studies"`
	Tally    tally      `json:"tally"`
	Marks    map[id.ID][2]int
	Names    map[id.ID]string
	Issuer   bool `json:"issuer"` // the actor reads it as the issuing side
	Overseer bool `json:"overseer"`
	object   access.Object
}

// Get reads a circular. The addressed side does not see how it came about.
func (s *Service) Get(ctx context.Context, who actor.Actor, x id.ID) (v View, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) (err error) {
		if v.Notice, v.object, err = s.load(ctx, q, who, x, "read"); err != nil {
			return err
		}
		own := v.Notice.object(s.Dir.Place)
		v.Issuer = s.Policy.Can(who, "notice.read", own) == nil
		if v.Test, err = testOf(ctx, q, x); err != nil {
			return err
		}
		if a, found, err := answerOf(ctx, q, x, who.Person); err != nil {
			return err
		} else if found {
			v.Mine = &a
		}
		if v.ReadAt, err = hasRead(ctx, q, x, who.Person); err != nil {
			return err
		}
		if r, err := receiptOf(ctx, q, x, who.Unit); err == nil {
			v.Receipt = &r
			if v.Studies, err = studiesOf(ctx, q, x, who.Unit); err != nil {
				return err
			}
		} else if !fault.Is(err, fault.KindNotFound) {
			return err
		}
		persons := []id.ID{v.Notice.Author, v.Notice.Approver}
		if v.Issuer {
			if v.Entries, err = entriesOf(ctx, q, x); err != nil {
				return err
			}
			for _, e := range v.Entries {
				persons = append(persons, e.By)
			}
		}
		for _, st := range v.Studies {
			persons = append(persons, st.By)
		}
		var args []any
		if v.Overseer = s.Policy.Ever(who, "receipt.read"); v.Overseer {
			if v.Tally, err = countReceipts(ctx, q, x, s.Policy.Filter(who, "receipt.read", receipts, &args), args); err != nil {
				return err
			}
			if v.Marks, err = marksOf(ctx, q, x); err != nil {
				return err
			}
		}
		v.Names, err = s.Names(ctx, q, persons...)
		return err
	})
	return v, err
}

// Search finds circulars by their words.
func (s *Service) Search(ctx context.Context, who actor.Actor, text string, limit int) (out []web.Hit, err error) {
	if !s.Policy.Ever(who, "notice.read") {
		return nil, nil
	}
	seen := map[id.ID]bool{}
	for _, view := range []string{ViewReceived, ViewMade} {
		l, err := s.List(ctx, who, page.Query{Size: limit, View: view, Filter: map[string][]string{"q": {text}}})
		if err != nil {
			return nil, err
		}
		for _, n := range l.Rows {
			if !seen[n.ID] && len(out) < limit {
				seen[n.ID] = true
				out = append(out, web.Hit{Kind: "notice", Title: n.Title, Note: s.Dir.Short(n.Unit) + " " + string(n.IssuedOn), Href: "/notices/" + string(n.ID)})
			}
		}
	}
	return out, nil
}
