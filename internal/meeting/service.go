package meeting

import (
	"context"
	"embed"
	"slices"
	"strconv"
	"strings"

	"huikan/hantext"
	"huikan/internal/directive"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/org"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/vault"
	"huikan/internal/platform/web"
)

// Schema has the tables of this room.
//
//go:embed schema/*.sql
var Schema embed.FS

// Tables are the rows that the log reconciles.
var Tables = []string{"meeting", "meeting_agenda", "meeting_venue", "meeting_material", "meeting_stream"}

// Deps is what the room stands on.
type Deps struct {
	Log       *audit.Log
	Policy    *access.Policy
	Clock     clock.Clock
	Dir       *org.Directory
	Files     *vault.Store
	Directive *directive.Service
	// Find gives the units that a text means.
	Find func(text string) []id.ID
	// Names gives the names of persons.
	Names func(ctx context.Context, q db.Q, ids ...id.ID) (map[id.ID]string, error)
}

// Service has one method per action of the room.
type Service struct{ Deps }

// New makes the service.
func New(d Deps) *Service { return &Service{Deps: d} }

func (s *Service) today() clock.Date { return clock.Today(s.Clock) }

// may judges an action on a meeting; reading it is also the right of whoever
// may read a venue of it.
func (s *Service) may(ctx context.Context, q db.Q, who actor.Actor, m Meeting, do string) error {
	o := m.object(s.Dir.Place)
	var err error
	if o.Concerns, err = access.Concerns(ctx, q, m.ID); err != nil {
		return err
	}
	read := s.Policy.Can(who, "meeting.read", o)
	if read != nil && m.State != StateDraft {
		args := []any{string(m.ID)}
		where := s.Policy.Filter(who, "venue.read", venuePlaces, &args)
		mine, err := venuesWhere(ctx, q, "v.meeting_id = $1 AND "+where+" LIMIT 1", args...)
		if err != nil {
			return err
		}
		if len(mine) > 0 {
			read = nil
		}
	}
	if read != nil || do == "read" {
		return read
	}
	if _, err := Flow.Next(m.State, do); err != nil {
		return err
	}
	return s.Policy.Can(who, "meeting."+do, o)
}

func (s *Service) load(ctx context.Context, q db.Q, who actor.Actor, n id.ID, do string) (Meeting, error) {
	m, err := meetingByID(ctx, q, n)
	if err != nil {
		return m, err
	}
	return m, s.may(ctx, q, who, m, do)
}

// agenda reads the items of a form: title | speaker | minutes, one a line; the
// words of a title tell its kind.
func (c Cmd) agenda(bad *fault.Fields) (out []Agenda) {
	for _, line := range strings.Split(c.Agenda, "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		parts := strings.FieldsFunc(line, func(r rune) bool { return r == '|' || r == '｜' })
		a := Agenda{ID: id.New(), No: len(out) + 1, Kind: Kinds[1], Title: strings.TrimSpace(parts[0])}
		for _, k := range Kinds {
			for _, word := range kindWords[k] {
				if strings.Contains(a.Title, word) {
					a.Kind = k
				}
			}
		}
		if len(parts) > 1 {
			a.Speaker = strings.TrimSpace(parts[1])
		}
		if len(parts) > 2 {
			n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(parts[2]), "分钟"))
			if err != nil || n < 0 || n > 600 {
				bad.Add("agenda", "meeting.bad.minutes", a.No)
			}
			a.Minutes = n
		}
		bad.Max("agenda", a.Title, maxTitle)
		bad.Max("agenda", a.Speaker, maxTitle)
		out = append(out, a)
	}
	if len(out) > maxAgenda {
		bad.Add("agenda", "meeting.bad.agenda", len(out), maxAgenda)
	}
	return out
}

// kindWords tell the kind of an item by its title; the last that fits counts.
var kindWords = map[string][]string{"study": {"传达", "学习"}, "report": {"报告", "通报", "汇报"}, "exchange": {"交流", "发言"}, "speech": {"讲话"}, "deployment": {"部署"}}

func (s *Service) fill(m *Meeting, c Cmd) {
	m.Title, m.On, m.Begins, m.Form, m.Place, m.Host, m.Guests, m.Audience, m.Units = strings.TrimSpace(c.Title), c.On, c.Begins, c.Form, c.Place, c.Host, c.Guests, c.Audience, c.Units
}

// Create plans a meeting of the actor's unit.
func (s *Service) Create(ctx context.Context, who actor.Actor, c Cmd) (m Meeting, err error) {
	var bad fault.Fields
	c.check(&bad, s.today())
	items := c.agenda(&bad)
	if err := bad.Err(); err != nil {
		return m, err
	}
	unit := who.Unit
	if unit == "" {
		unit = s.Dir.Root().ID
	}
	m = Meeting{ID: id.New(), Unit: unit, State: Flow.Start, Author: who.Person, Rev: 1}
	s.fill(&m, c)
	err = s.Log.Write(ctx, who, "meeting.create", func(tx *audit.Tx) error {
		if err := s.Policy.Can(who, "meeting.create", m.object(s.Dir.Place)); err != nil {
			return err
		}
		m.MadeAt = tx.At
		if err := insertMeeting(ctx, tx, m); err != nil {
			return err
		}
		if err := replaceAgenda(ctx, tx, m.ID, items); err != nil {
			return err
		}
		return indexMeeting(ctx, tx, m, items)
	})
	return m, err
}

// step runs an action of the workflow on a meeting.
func (s *Service) step(ctx context.Context, who actor.Actor, n id.ID, do string, rev int64, fn func(tx *audit.Tx, m *Meeting) error) error {
	return s.Log.Write(ctx, who, "meeting."+do, func(tx *audit.Tx) error {
		m, err := s.load(ctx, tx, who, n, do)
		if err != nil {
			return err
		}
		if rev != 0 && rev != m.Rev {
			return fault.Conflict("meeting")
		}
		old := m
		if m.State, err = Flow.Next(m.State, do); err != nil {
			return err
		}
		if err := fn(tx, &m); err != nil {
			return err
		}
		if m == old {
			return nil
		}
		return updateMeeting(ctx, tx, m)
	})
}

// Edit changes a meeting that was not called yet.
func (s *Service) Edit(ctx context.Context, who actor.Actor, n id.ID, c Cmd) error {
	var bad fault.Fields
	c.check(&bad, s.today())
	items := c.agenda(&bad)
	if err := bad.Err(); err != nil {
		return err
	}
	return s.step(ctx, who, n, "edit", c.Rev, func(tx *audit.Tx, m *Meeting) error {
		s.fill(m, c)
		if err := replaceAgenda(ctx, tx, m.ID, items); err != nil {
			return err
		}
		return indexMeeting(ctx, tx, *m, items)
	})
}

// Call sends the invitation: each called unit gets a venue, the calling one the main one.
func (s *Service) Call(ctx context.Context, who actor.Actor, n id.ID, rev int64) (called int, err error) {
	err = s.step(ctx, who, n, "call", rev, func(tx *audit.Tx, m *Meeting) error {
		items, err := agendaOf(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		if len(items) == 0 {
			return fault.State("meeting.bad.no_agenda")
		}
		var bad fault.Fields
		to, unknown, above := s.Dir.Audience(m.Audience, m.Units, m.Unit, s.Find)
		for _, name := range unknown {
			bad.Add("units", "meeting.bad.unit", name)
		}
		for _, u := range above {
			bad.Add("units", "meeting.bad.above", s.Dir.Name(u))
		}
		if len(to) == 0 && len(bad) == 0 {
			bad.Add("units", "error.required")
		}
		if err := bad.Err(); err != nil {
			return err
		}
		if !slices.Contains(to, m.Unit) {
			to = append([]id.ID{m.Unit}, to...)
		}
		var list []Venue
		for _, u := range to {
			x, _ := s.Dir.Unit(u)
			list = append(list, Venue{ID: id.New(), Meeting: m.ID, Unit: u, By: m.Unit, Level: x.Level, Main: u == m.Unit, State: VenueFlow.Start})
		}
		called = len(list)
		tx.Note("units", called)
		return insertVenues(ctx, tx, list)
	})
	return called, err
}

// Hold says that the meeting took place; not before its day.
func (s *Service) Hold(ctx context.Context, who actor.Actor, n id.ID, rev int64) error {
	return s.step(ctx, who, n, "hold", rev, func(_ *audit.Tx, m *Meeting) error {
		if s.today() < m.On {
			return fault.State("meeting.bad.early", string(m.On))
		}
		return nil
	})
}

// Cancel calls a meeting off.
func (s *Service) Cancel(ctx context.Context, who actor.Actor, n id.ID, rev int64) error {
	return s.step(ctx, who, n, "cancel", rev, func(*audit.Tx, *Meeting) error { return nil })
}

// MarkAbsent notes the venues that neither signed in nor were excused.
func (s *Service) MarkAbsent(ctx context.Context, who actor.Actor, n id.ID) (marked int, err error) {
	err = s.step(ctx, who, n, "absent", 0, func(tx *audit.Tx, m *Meeting) error {
		list, err := venuesWhere(ctx, tx, "v.meeting_id = $1 AND v.state IN ('called','confirmed')", string(m.ID))
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return fault.State("meeting.bad.nobody")
		}
		marked = len(list)
		for _, v := range list {
			if v.State, err = VenueFlow.Next(v.State, "miss"); err != nil {
				return err
			}
			if err := updateVenue(ctx, tx, v); err != nil {
				return err
			}
		}
		return nil
	})
	return marked, err
}

// Close files a meeting of which every venue has an answer.
func (s *Service) Close(ctx context.Context, who actor.Actor, n id.ID, rev int64) error {
	return s.step(ctx, who, n, "close", rev, func(tx *audit.Tx, m *Meeting) error {
		open, err := venuesWhere(ctx, tx, "v.meeting_id = $1 AND v.state IN ('called','confirmed') LIMIT 1", string(m.ID))
		if err == nil && len(open) > 0 {
			err = fault.State("meeting.bad.open")
		}
		return err
	})
}

// FileCmd names a file of a meeting.
type FileCmd struct {
	Agenda id.ID  `json:"agenda"`
	Kind   string `json:"kind"`
	Title  string `json:"title"`
}

// AddFiles keeps material, speeches or minutes.
func (s *Service) AddFiles(ctx context.Context, who actor.Actor, n id.ID, c FileCmd, files []vault.Stored) error {
	var bad fault.Fields
	bad.Max("title", c.Title, maxTitle)
	if len(files) == 0 {
		bad.Add("files", "error.required")
	}
	if !slices.Contains([]string{"material", "speech", "minutes"}, c.Kind) {
		bad.Add("kind", "error.required")
	}
	if err := bad.Err(); err != nil {
		return err
	}
	return s.step(ctx, who, n, "file", 0, func(tx *audit.Tx, m *Meeting) error {
		have, err := materialsOf(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		if len(have)+len(files) > maxMaterial {
			return fault.Limit("meeting.bad.files", maxMaterial)
		}
		if c.Agenda != "" {
			items, err := agendaOf(ctx, tx, m.ID)
			if err != nil {
				return err
			}
			if !slices.ContainsFunc(items, func(a Agenda) bool { return a.ID == c.Agenda }) {
				return fault.NotFound("meeting")
			}
		}
		for _, f := range files {
			title := c.Title
			if title == "" || len(files) > 1 {
				title = f.Name
			}
			if err := insertMaterial(ctx, tx, Material{ID: id.New(), Meeting: m.ID, Agenda: c.Agenda, Kind: c.Kind, Title: title, Hash: f.Hash, Name: f.Name, Mime: f.Mime, Size: f.Size, Person: who.Person}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Stream makes a directive of what the meeting asked for: one of several that
// one meeting sets off. The directive is a draft of the same unit.
func (s *Service) Stream(ctx context.Context, who actor.Actor, n id.ID, a hantext.Article) (directive.Result, error) {
	var none directive.Result
	if err := s.Log.DB().Read(ctx, func(q db.Q) error { _, err := s.load(ctx, q, who, n, "stream"); return err }); err != nil {
		return none, err
	}
	res, err := s.Directive.Import(ctx, who, a, false)
	if err != nil {
		return none, err
	}
	return res, s.Link(ctx, who, n, res.Directive.ID)
}

// Link names a directive that was made of the meeting.
func (s *Service) Link(ctx context.Context, who actor.Actor, n, d id.ID) error {
	if _, err := s.Directive.Summary(ctx, who, d); err != nil {
		return err
	}
	return s.step(ctx, who, n, "stream", 0, func(tx *audit.Tx, m *Meeting) error {
		have, err := streamsOf(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		if slices.Contains(have, d) {
			return fault.State("meeting.bad.linked")
		}
		return insertStream(ctx, tx, id.New(), m.ID, d, who.Person)
	})
}

// View is a meeting with what its reader may see around it.
type View struct {
	Meeting    Meeting             `json:"meeting"`
	Agenda     []Agenda            `json:"agenda"`
	Materials  []Material          `json:"materials"`
	Attendance []Attendance        `json:"attendance"` // organisers only
	Venues     []Venue             `json:"venues"`     // that wait or were missed, organisers only
	Mine       *Venue              `json:"mine"`
	MineSteps  []string            `json:"mine_steps"`
	Streams    []directive.Summary `json:"streams"`
	Steps      []string            `json:"steps"`
	Names      map[id.ID]string    `json:"-"`
}

// venuesShown bounds the venues that the page of a meeting names.
const venuesShown = 200

// Get reads one meeting.
func (s *Service) Get(ctx context.Context, who actor.Actor, n id.ID) (v View, err error) {
	var streams []id.ID
	err = s.Log.DB().Read(ctx, func(q db.Q) (err error) {
		if v.Meeting, err = s.load(ctx, q, who, n, "read"); err != nil {
			return err
		}
		if v.Agenda, err = agendaOf(ctx, q, n); err != nil {
			return err
		}
		if v.Materials, err = materialsOf(ctx, q, n); err != nil {
			return err
		}
		if s.Policy.Can(who, "meeting.read", v.Meeting.object(s.Dir.Place)) == nil {
			if v.Attendance, err = attendanceOf(ctx, q, n); err != nil {
				return err
			}
			if v.Venues, err = venuesWhere(ctx, q, "v.meeting_id = $1 ORDER BY v.main DESC, CASE v.state WHEN 'absent' THEN 0 WHEN 'called' THEN 1 WHEN 'confirmed' THEN 2 WHEN 'explained' THEN 3 WHEN 'excused' THEN 4 ELSE 5 END, v.level, v.unit_id LIMIT $2", string(n), venuesShown); err != nil {
				return err
			}
		}
		mine, err := venuesWhere(ctx, q, "v.meeting_id = $1 AND v.unit_id = $2", string(n), string(who.Unit))
		if err != nil {
			return err
		}
		if len(mine) == 1 && s.Policy.Can(who, "venue.read", mine[0].object(s.Dir.Place)) == nil {
			v.Mine = &mine[0]
		}
		if streams, err = streamsOf(ctx, q, n); err != nil {
			return err
		}
		v.Names, err = s.Names(ctx, q, v.Meeting.Author)
		return err
	})
	if err != nil {
		return v, err
	}
	for _, d := range streams {
		x, err := s.Directive.Summary(ctx, who, d)
		switch {
		case err == nil:
			v.Streams = append(v.Streams, x)
		case !fault.Is(err, fault.KindNotFound):
			return v, err
		}
	}
	for _, st := range Flow.From(v.Meeting.State) {
		if s.Policy.Can(who, "meeting."+st.Do, v.Meeting.object(s.Dir.Place)) == nil {
			v.Steps = append(v.Steps, st.Do)
		}
	}
	if v.Mine != nil {
		v.MineSteps = s.venueSteps(who, v.Meeting, *v.Mine)
	}
	return v, nil
}

// Listing is one page of meetings.
type Listing struct {
	Rows []Meeting
	Next page.Next
}

// List gives a page of the meetings that the actor may read.
func (s *Service) List(ctx context.Context, who actor.Actor, p page.Query) (l Listing, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) (err error) {
		var args []any
		made := s.Policy.Filter(who, "meeting.read", meetings, &args)
		called := s.Policy.Filter(who, "venue.read", venuePlaces, &args)
		l.Rows, l.Next, err = listMeetings(ctx, q, made, called, args, p)
		return err
	})
	return l, err
}

// Register reads all venues of a meeting for the sign-in table.
func (s *Service) Register(ctx context.Context, who actor.Actor, n id.ID) (m Meeting, list []Venue, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) (err error) {
		if m, err = s.load(ctx, q, who, n, "read"); err != nil {
			return err
		}
		if err := s.Policy.Can(who, "meeting.read", m.object(s.Dir.Place)); err != nil {
			return err
		}
		list, err = venuesWhere(ctx, q, "v.meeting_id = $1 ORDER BY v.level, v.unit_id", string(n))
		return err
	})
	if err != nil {
		return m, nil, err
	}
	return m, list, s.Log.Note(ctx, who, "meeting.export", map[string]any{"meeting": n})
}

// File opens a file of a meeting; access to it is access to the meeting.
func (s *Service) File(ctx context.Context, who actor.Actor, meeting, n id.ID) (x Material, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) (err error) {
		if _, err = s.load(ctx, q, who, meeting, "read"); err != nil {
			return err
		}
		x, err = materialOf(ctx, q, meeting, n)
		return err
	})
	if err != nil {
		return x, err
	}
	return x, s.Log.Note(ctx, who, "meeting.read_file", map[string]any{"meeting": meeting, "file": n})
}

// Search finds meetings by their words.
func (s *Service) Search(ctx context.Context, who actor.Actor, text string, limit int) (out []web.Hit, err error) {
	if !s.Policy.Ever(who, "venue.read") && !s.Policy.Ever(who, "meeting.read") {
		return nil, nil
	}
	l, err := s.List(ctx, who, page.Query{Size: limit, Filter: map[string][]string{"q": {text}}})
	for _, m := range l.Rows {
		out = append(out, web.Hit{Kind: "meeting", Title: m.Title, Note: s.Dir.Short(m.Unit) + " " + string(m.On), Href: "/meetings/" + string(m.ID)})
	}
	return out, err
}
