package contact

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"huikan/internal/account"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/secret"
)

// View is a matter as its reader may see it.
type View struct {
	Matter   Matter           `json:"matter"`
	Content  *Content         `json:"content,omitempty"`
	Entries  []Entry          `json:"entries"`
	Openings []Opening        `json:"openings"`
	Files    []File           `json:"files,omitempty"`
	Manager  *Manager         `json:"manager,omitempty"` // proposed to the office
	Mine     bool             `json:"mine"`
	Opened   bool             `json:"opened"` // the reader's opening of today is in force
	Asked    bool             `json:"asked"`  // it waits for the second name
	Alone    bool             `json:"alone"`  // nobody else of the two offices could agree
	Names    map[id.ID]string `json:"names"`
}

// officeOf is the office of the matter for which the actor acts.
func officeOf(who actor.Actor, m Matter) id.ID {
	for _, unit := range []id.ID{m.Office, m.Upper} {
		if unit != "" && slices.ContainsFunc(who.Grants, func(g actor.Grant) bool { return g.Role == actor.InternalSupervision && g.Unit == unit }) {
			return unit
		}
	}
	return ""
}

// openFor finds the actor's opening of today.
func (s *Service) openFor(who actor.Actor, list []Opening, state string) (Opening, bool) {
	i := slices.IndexFunc(list, func(o Opening) bool { return o.Person == who.Person && o.State == state && o.Day == s.today() })
	if i < 0 {
		return Opening{}, false
	}
	return list[i], true
}

// key opens the envelope of a matter for the actor: his own record, or one that
// he opened today with a purpose.
func (s *Service) key(ctx context.Context, q db.Q, who actor.Actor, m Matter) (secret.Envelope, error) {
	if s.mine(who, m) {
		return s.envelope(ctx, q, m.ID, "reporter")
	}
	list, err := openingsOf(ctx, q, m.ID)
	if err != nil {
		return secret.Envelope{}, err
	}
	unit := officeOf(who, m)
	if _, ok := s.openFor(who, list, Open); !ok || unit == "" {
		return secret.Envelope{}, fault.State("matter.not_open")
	}
	return s.envelope(ctx, q, m.ID, string(unit))
}

// forReporter are the entries whose words the reporter gets to read.
var forReporter = []string{"submit", "supplement", "return", "feedback"}

// Read gives a matter. Its content comes only with the reporter's key or an
// opening; every reading by the office under an opening is that opening.
func (s *Service) Read(ctx context.Context, who actor.Actor, n id.ID) (v View, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		m, err := s.load(ctx, q, who, n)
		if err != nil {
			return err
		}
		v = View{Matter: m, Mine: s.mine(who, m)}
		if v.Openings, err = openingsOf(ctx, q, n); err != nil {
			return err
		}
		_, v.Opened = s.openFor(who, v.Openings, Open)
		_, v.Asked = s.openFor(who, v.Openings, Asked)
		if v.Asked {
			if v.Alone, err = s.nobodyElse(ctx, q, who, m); err != nil {
				return err
			}
		}
		if v.Entries, err = entriesOf(ctx, q, n); err != nil {
			return err
		}
		if m.State == Draft {
			return s.readDraft(&v)
		}
		if v.Mine || v.Opened {
			if err := s.readSealed(ctx, q, who, &v); err != nil {
				return err
			}
		}
		var ids []id.ID
		for _, o := range v.Openings {
			ids = append(ids, o.Person, o.Second)
		}
		if v.Content != nil {
			ids = append(ids, v.Content.Reporter)
		}
		if v.Content != nil && !v.Mine {
			manager, err := s.managerOf(ctx, q, *v.Content)
			if err != nil {
				return err
			}
			v.Manager = &manager
		}
		v.Names, err = s.names(ctx, q, ids...)
		return err
	})
	return v, err
}

// nobodyElse tells whether the offices of a matter have nobody but the actor. It does
// not look at whom the matter concerns: the answer would tell.
func (s *Service) nobodyElse(ctx context.Context, q db.Q, who actor.Actor, m Matter) (bool, error) {
	holders, err := account.Holders(ctx, q, actor.InternalSupervision, s.today())
	others := slices.DeleteFunc(slices.Concat(holders[m.Office], holders[m.Upper]), func(p id.ID) bool { return p == who.Person })
	return len(others) == 0, err
}

func (s *Service) readDraft(v *View) error {
	plain, err := s.Keys.Open(self, "contact_matter/draft/"+string(v.Matter.ID), v.Matter.draft)
	if err != nil {
		return err
	}
	v.Content = &Content{}
	if err := json.Unmarshal(plain, v.Content); err != nil {
		return fmt.Errorf("draft %s: %w", v.Matter.ID, err)
	}
	return nil
}

func (s *Service) readSealed(ctx context.Context, q db.Q, who actor.Actor, v *View) error {
	env, err := s.key(ctx, q, who, v.Matter)
	if fault.Is(err, fault.KindNotFound) {
		return nil // withdrawn or discarded before it was sealed
	}
	if err != nil {
		return err
	}
	for i, e := range v.Entries {
		if v.Mine && !slices.Contains(forReporter, e.Do) {
			continue
		}
		p, err := unseal(env, e)
		if err != nil {
			return err
		}
		if p.Content != nil {
			v.Content = p.Content
		}
		v.Entries[i].Text = p.Text
	}
	v.Files, err = openFiles(ctx, q, v.Matter.ID, env)
	return err
}

func openFiles(ctx context.Context, q db.Q, matter id.ID, env secret.Envelope) ([]File, error) {
	files, err := filesOf(ctx, q, matter)
	if err != nil {
		return nil, err
	}
	for i := range files {
		plain, err := env.Open("contact_file/"+string(files[i].ID), files[i].sealed)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(plain, &files[i]); err != nil {
			return nil, fmt.Errorf("attachment %s: %w", files[i].ID, err)
		}
	}
	return files, nil
}

// Attachment opens one attachment for a reader of the content.
func (s *Service) Attachment(ctx context.Context, who actor.Actor, n, file id.ID) (f File, body io.ReadCloser, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		m, err := s.load(ctx, q, who, n)
		if err != nil {
			return err
		}
		env, err := s.key(ctx, q, who, m)
		if err != nil {
			return err
		}
		files, err := openFiles(ctx, q, n, env)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(files, func(x File) bool { return x.ID == file })
		if i < 0 {
			return fault.NotFound("file")
		}
		f = files[i]
		return nil
	})
	if err != nil {
		return f, nil, err
	}
	body, err = s.Files.Open(f.hash)
	return f, body, err
}

// OpenCmd asks for the content of a matter.
type OpenCmd struct {
	Purpose string `json:"purpose"`
	Reason  string `json:"reason"`
}

// AskOpening opens a matter for the day, or asks somebody else of the two
// offices to agree where the rules want a second name.
func (s *Service) AskOpening(ctx context.Context, who actor.Actor, n id.ID, c OpenCmd) (o Opening, err error) {
	var bad fault.Fields
	if !slices.Contains(Purposes(), c.Purpose) {
		bad.Add("purpose", "contact.bad.pick")
	}
	bad.Need("reason", c.Reason)
	bad.Max("reason", c.Reason, maxShort)
	if err := bad.Err(); err != nil {
		return o, err
	}
	err = s.log.Write(ctx, who, "matter.open", func(tx *audit.Tx) error {
		m, err := s.load(ctx, tx, who, n, "matter.open")
		if err != nil {
			return err
		}
		if s.mine(who, m) {
			return fault.Denied("matter", "matter.open: the reporter himself")
		}
		list, err := openingsOf(ctx, tx, n)
		if err != nil {
			return err
		}
		for _, state := range []string{Open, Asked} {
			if old, ok := s.openFor(who, list, state); ok {
				o = old
				return fault.State("opening.already." + state)
			}
		}
		o = Opening{ID: id.New(), Matter: n, At: tx.At, Day: s.today(), Person: who.Person, Unit: officeOf(who, m), Purpose: c.Purpose, Reason: c.Reason, State: Open}
		if m.Second {
			o.State = Asked
			return insertOpening(ctx, tx, o)
		}
		if err := insertOpening(ctx, tx, o); err != nil {
			return err
		}
		return firstRead(ctx, tx, m)
	})
	return o, err
}

// firstRead notes that a record can no longer be withdrawn.
func firstRead(ctx context.Context, tx *audit.Tx, m Matter) error {
	if m.ReadAt != "" {
		return nil
	}
	m.ReadAt = tx.At
	return updateMatter(ctx, tx, m)
}

// JudgeOpening agrees to an opening or refuses it. It is always somebody else.
func (s *Service) JudgeOpening(ctx context.Context, who actor.Actor, n id.ID, do string) (o Opening, err error) {
	err = s.log.Write(ctx, who, "opening."+do, func(tx *audit.Tx) error {
		if o, err = openingByID(ctx, tx, n); err != nil {
			return err
		}
		m, err := s.load(ctx, tx, who, o.Matter, "matter.open")
		if err != nil {
			return err
		}
		to, err := OpeningFlow.Next(o.State, do)
		if err != nil {
			return err
		}
		concerns, err := access.Concerns(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		obj := s.object(m, concerns)
		obj.State = o.State
		if err := s.policy.Can(s.shadow(who), "opening."+do, obj); err != nil {
			return err
		}
		if o.Person == who.Person || s.mine(who, m) {
			return fault.State("opening.somebody_else")
		}
		if o.Day != s.today() {
			return fault.State("opening.expired", string(o.Day))
		}
		o.State, o.Second, o.SecondAt = to, who.Person, tx.At
		if err := updateOpening(ctx, tx, o); err != nil {
			return err
		}
		if to == Open {
			return firstRead(ctx, tx, m)
		}
		return nil
	})
	return o, err
}
