package person

import (
	"context"
	"embed"
	"fmt"
	"slices"

	"huikan/hantext"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/org"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/export"
	"huikan/internal/platform/secret"
)

// Schema has the tables of this room.
//
//go:embed schema/*.sql
var Schema embed.FS

// Tables are the rows that the log reconciles.
var Tables = []string{"person", "person_post", "person_employment", "person_relative", "person_reveal"}

// Deps is what the room stands on.
type Deps struct {
	Log    *audit.Log
	Policy *access.Policy
	Keys   *secret.Keys
	Clock  clock.Clock
	Dir    *org.Directory
	// Export takes long lists out as files; while the asker waits when nil.
	Export export.Sender
}

// Service does what the room can do.
type Service struct {
	Deps
	bar  func(ctx context.Context, q db.Q, person id.ID, rank string, leadership bool, on clock.Date) error
	gate Gate
}

// MayLeave judges whether somebody may leave in a way (a state of Flow) on a day.
type MayLeave func(ctx context.Context, q db.Q, p Person, status string, on clock.Date) error

// HasLeft hears of a departure in its transaction.
type HasLeft func(ctx context.Context, tx *audit.Tx, who actor.Actor, p Person, status string, on clock.Date) error

// Gate is what stands before a departure: there is a talk and a pledge before it is approved.
type Gate struct {
	May  MayLeave
	Left HasLeft
	// Where is the page on which what is missing is made up for.
	Where func(p Person) string
}

// BeforeLeaving registers what stands before a departure.
func (s *Service) BeforeLeaving(g Gate) { s.gate = g }

// leaves asks whether somebody may leave, and tells it.
func (s *Service) leaves(ctx context.Context, tx *audit.Tx, who actor.Actor, p Person, status string, on clock.Date) error {
	if s.gate.May == nil {
		return nil
	}
	if err := s.gate.May(ctx, tx, p, status, on); err != nil {
		return err
	}
	return s.gate.Left(ctx, tx, who, p, status, on)
}

// BeforePost registers who may stop a post: a sanction can bar promotions for a time.
func (s *Service) BeforePost(fn func(ctx context.Context, q db.Q, person id.ID, rank string, leadership bool, on clock.Date) error) {
	s.bar = fn
}

// New makes the service.
func New(d Deps) *Service { return &Service{Deps: d} }

func (s *Service) today() clock.Date { return clock.Today(s.Clock) }

// Names gives the names of people; ids that nobody has are left out.
func Names(ctx context.Context, q db.Q, ids ...id.ID) (map[id.ID]string, error) {
	out := make(map[id.ID]string, len(ids))
	for part := range slices.Chunk(ids, 500) {
		ps, err := named(ctx, q, part)
		if err != nil {
			return nil, err
		}
		for _, p := range ps {
			out[p.ID] = p.Name
		}
	}
	return out, nil
}

// Borne tells which of the words are names of staff, whatever their state: for
// texts in which nobody may be named. It says nothing about who bears them.
func Borne(ctx context.Context, q db.Q, words []string) (map[string][]id.ID, error) {
	keys := make(map[string]string, len(words))
	var list []string
	for _, w := range words {
		k := hantext.NormalizeForMatch(w)
		if _, ok := keys[k]; !ok {
			list = append(list, k)
		}
		keys[k] = w
	}
	out := map[string][]id.ID{}
	for part := range slices.Chunk(list, 500) {
		ps, err := bearing(ctx, q, part)
		if err != nil {
			return nil, err
		}
		for _, p := range ps {
			w := keys[p.key]
			out[w] = append(out[w], p.id)
		}
	}
	return out, nil
}

// PostOf gives what a person does, in words: his title and department.
func PostOf(ctx context.Context, q db.Q, n id.ID) (string, error) {
	p, err := byID(ctx, q, n)
	if err != nil || p.Department == "" {
		return p.Title, err
	}
	names, err := org.DepartmentNames(ctx, q, p.Department)
	return names[p.Department] + p.Title, err
}

// ByID gives a person without asking who wants to know: for the rules of other
// rooms. Pages ask the service.
func ByID(ctx context.Context, q db.Q, n id.ID) (Person, error) { return byID(ctx, q, n) }

// Relatives lists the relatives that are declared now.
func Relatives(ctx context.Context, q db.Q, person id.ID) ([]Relative, error) {
	return relativesNow(ctx, q, person)
}

// Kin lists the persons whose matters somebody must not see: relatives who are
// staff, whichever of the two declared the other.
func Kin(ctx context.Context, q db.Q, person id.ID) ([]id.ID, error) { return kin(ctx, q, person) }

// RecusalFacts gathers what a check for recusal needs: native place, units where
// the person works and worked, units where his kin work.
func RecusalFacts(ctx context.Context, q db.Q, n id.ID) (Facts, error) {
	p, err := byID(ctx, q, n)
	if err != nil {
		return Facts{}, err
	}
	out := Facts{Native: p.Native, Unit: p.Unit}
	add := func(list *[]id.ID, unit id.ID) {
		if unit != "" && !slices.Contains(*list, unit) {
			*list = append(*list, unit)
		}
	}
	es, err := employmentOf(ctx, q, n)
	if err != nil {
		return Facts{}, err
	}
	for _, e := range es {
		if e.Unit != p.Unit {
			add(&out.FormerUnits, e.Unit)
		}
	}
	posts, err := postsOf(ctx, q, n)
	if err != nil {
		return Facts{}, err
	}
	for _, x := range posts {
		if x.To != "" && x.Unit != p.Unit {
			add(&out.FormerUnits, x.Unit)
		}
	}
	ks, err := kin(ctx, q, n)
	if err != nil {
		return Facts{}, err
	}
	for _, k := range ks {
		relative, err := byID(ctx, q, k)
		if err != nil {
			return Facts{}, err
		}
		add(&out.KinUnits, relative.Unit)
	}
	return out, nil
}

// NewPerson is a person to be taken in.
type NewPerson struct {
	ID         id.ID      `json:"-"` // made when empty
	StaffNo    string     `json:"staff_no"`
	Name       string     `json:"name"`
	Gender     string     `json:"gender"`
	Birth      clock.Date `json:"birth"`
	IDNumber   string     `json:"id_number"`
	Native     string     `json:"native"`
	Unit       string     `json:"unit"` // id, code or name
	Department id.ID      `json:"department"`
	Title      string     `json:"title"`
	Rank       string     `json:"rank"`
	Leadership bool       `json:"leadership"`
	From       clock.Date `json:"from"` // of the post
	Status     string     `json:"status"`
	DepartedOn clock.Date `json:"departed_on"`
}

// where names the place of a sealed ID number, so that it opens nowhere else.
func where(n id.ID) string { return "person/id_number/" + string(n) }

func whereRelative(n id.ID) string { return "person_relative/id_number/" + string(n) }

// seal keeps a number under a place; "" seals nothing.
func (s *Service) seal(place, number string) sealedNumber {
	if number == "" {
		return sealedNumber{}
	}
	return sealedNumber{sealed: s.Keys.Seal(secret.IDNumber, place, []byte(number)), blind: s.Keys.Blind(secret.IDNumber, number)}
}

// shape turns what was handed in into a person, as far as rules go.
func (s *Service) shape(in NewPerson, f *fault.Fields) Person {
	p := Person{ID: in.ID, StaffNo: cleanStaffNo(in.StaffNo), Name: cleanName(in.Name), Gender: in.Gender, Birth: in.Birth, Native: in.Native,
		Department: in.Department, Title: in.Title, Rank: in.Rank, Leadership: in.Leadership, Status: in.Status, DepartedOn: in.DepartedOn}
	if p.ID == "" {
		p.ID = id.New()
	}
	if p.Status == "" {
		p.Status = Serving
	}
	if !slices.Contains(Flow.States(), p.Status) {
		f.Add("status", "person.error.status", p.Status)
	}
	if p.Status == Serving && p.DepartedOn != "" {
		f.Add("departed_on", "person.error.departed_serving")
	}
	u, ok := s.Dir.Resolve(in.Unit)
	switch {
	case in.Unit == "":
		f.Need("unit", "")
	case !ok:
		f.Add("unit", "person.error.unit", in.Unit)
	case u.Closed():
		f.Add("unit", "person.error.unit_closed", u.Name)
	}
	p.Unit = u.ID
	if in.IDNumber != "" {
		c, err := ParseIDNumber(in.IDNumber, s.today())
		if err != nil {
			addFault(f, "id_number", err)
		} else {
			agree(&p, c, f)
			n := s.seal(where(p.ID), c.Number)
			p.sealed, p.blind = n.sealed, n.blind
		}
	}
	checkFacts(p, s.today(), f)
	return p
}

// addFault puts the failure of a parser to the field that it read.
func addFault(f *fault.Fields, field string, err error) {
	if x, ok := fault.Of(err); ok {
		f.Add(field, x.Key, x.Args...)
	}
}

// post is the first post of a new person; there is none without title or date.
func (in NewPerson) post(p Person) (Post, bool) {
	if in.Title == "" && in.From == "" {
		return Post{}, false
	}
	out := Post{ID: id.New(), Person: p.ID, Unit: p.Unit, Department: p.Department, Title: p.Title, Rank: p.Rank, Leadership: p.Leadership, Main: true, From: in.From}
	if p.Status != Serving {
		out.To = p.DepartedOn
		if out.To == "" {
			out.To = out.From
		}
	}
	return out, true
}

// AddMany takes many people in, all or none, in one transaction. A fault names
// its row as "0.name", "1.unit" and so on.
func (s *Service) AddMany(ctx context.Context, who actor.Actor, in []NewPerson) error {
	ps, posts, err := s.prepare(who, in)
	if err != nil {
		return err
	}
	return s.Log.Write(ctx, who, "person.add_many", func(tx *audit.Tx) error {
		tx.Note("people", len(ps))
		return s.insert(ctx, tx, ps, posts)
	})
}

func (s *Service) prepare(who actor.Actor, in []NewPerson) ([]Person, []Post, error) {
	var all fault.Fields
	ps := make([]Person, 0, len(in))
	var posts []Post
	may := map[id.ID]error{}
	for i, n := range in {
		var f fault.Fields
		p := s.shape(n, &f)
		for _, x := range f {
			all.Add(fmt.Sprintf("%d.%s", i, x.Name), x.Key, x.Args...)
		}
		if len(f) == 0 {
			if _, asked := may[p.Unit]; !asked {
				may[p.Unit] = s.canAt(who, "person.create", p.Unit)
			}
			if err := may[p.Unit]; err != nil {
				return nil, nil, err
			}
		}
		ps = append(ps, p)
		if post, ok := n.post(p); ok {
			posts = append(posts, post)
		}
	}
	return ps, posts, all.Err()
}

func (s *Service) insert(ctx context.Context, tx *audit.Tx, ps []Person, posts []Post) error {
	if err := insertPeople(ctx, tx, ps); err != nil {
		return err
	}
	return insertPosts(ctx, tx, posts)
}
