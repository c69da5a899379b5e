package contact

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/person"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/secret"
	"huikan/internal/platform/vault"
)

// RecordCmd is a record as it comes from the form. What it says of who records
// is ignored: that is the person who is signed in.
type RecordCmd struct {
	Content
	Rev int64 `json:"rev"`
}

// FileIn is one file handed in; a negative size is unknown.
type FileIn struct {
	Name string
	Size int64
	R    io.Reader
}

// maxFiles bounds the attachments of one entry.
const maxFiles = 10

// payload is what an entry seals.
type payload struct {
	Content *Content `json:"content,omitempty"`
	Text    string   `json:"text,omitempty"`
	Nonce   string   `json:"nonce"`
}

// commitment binds a sealed text to its row without telling anything of it.
func commitment(nonce string, plain []byte) string {
	h := hmac.New(sha256.New, []byte(nonce))
	h.Write(plain)
	return hex.EncodeToString(h.Sum(nil))
}

func where1(entry id.ID) string { return "contact_entry/" + string(entry) }

// seal fills an entry with its sealed payload and commitment.
func seal(env secret.Envelope, e *Entry, p payload) error {
	nonce := make([]byte, 16)
	if _, err := rand.Read(nonce); err != nil {
		return fmt.Errorf("seal an entry: %w", err)
	}
	p.Nonce = hex.EncodeToString(nonce)
	plain, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("seal an entry: %w", err)
	}
	e.Commitment = commitment(p.Nonce, plain)
	e.sealed, err = env.Seal(where1(e.ID), plain)
	return err
}

func unseal(env secret.Envelope, e Entry) (p payload, err error) {
	if len(e.sealed) == 0 {
		return p, nil
	}
	return p, unsealTo(env, e, &p, &p.Nonce)
}

// unsealTo opens what an entry seals into as much of it as is asked for; nonce is
// the field of dst that takes the payload's.
func unsealTo(env secret.Envelope, e Entry, dst any, nonce *string) error {
	plain, err := env.Open(where1(e.ID), e.sealed)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(plain, dst); err != nil {
		return fmt.Errorf("entry %s: %w", e.ID, err)
	}
	if commitment(*nonce, plain) != e.Commitment {
		return fault.Unavailable("error.seal")
	}
	return nil
}

func wrapPlace(matter id.ID, reader string) string {
	return "contact_key/" + string(matter) + "/" + reader
}

// envelope opens the key of a matter for a reader: "reporter" or a unit.
func (s *Service) envelope(ctx context.Context, q db.Q, matter id.ID, who string) (secret.Envelope, error) {
	wrap, err := wrapOf(ctx, q, matter, who)
	if err != nil {
		return secret.Envelope{}, err
	}
	purpose := self
	if who != "reporter" {
		purpose = reader(id.ID(who))
	}
	return s.Keys.Unwrap(wrap, purpose, wrapPlace(matter, who))
}

// SaveDraft keeps a record that is not yet handed in. Nobody but the reporter
// can open it. n is empty for a new one.
func (s *Service) SaveDraft(ctx context.Context, who actor.Actor, n id.ID, c RecordCmd) (m Matter, err error) {
	err = s.log.Write(ctx, who, "matter.save", func(tx *audit.Tx) error {
		m, err = s.draft(ctx, tx, who, n, c)
		return err
	})
	return m, err
}

// draft makes or changes the row of a draft.
func (s *Service) draft(ctx context.Context, tx *audit.Tx, who actor.Actor, n id.ID, c RecordCmd) (m Matter, err error) {
	var bad fault.Fields
	bad.Max("words", c.Words, maxText)
	bad.Max("answer", c.Answer, maxText)
	if err := bad.Err(); err != nil {
		return m, err
	}
	c.Reporter, c.AskerPerson = who.Person, ""
	if n == "" {
		if err := s.policy.Can(s.shadow(who), "matter.save", access.Object{Kind: "matter", State: Draft, Owners: []id.ID{s.Ref(who.Person)}}); err != nil {
			return m, err
		}
		m = Matter{ID: id.New(), Reporter: string(s.Ref(who.Person)), Unit: who.Unit, Office: who.Unit, State: Draft, Record: Interference}
		if m.Code, err = newCode(); err != nil {
			return m, err
		}
	} else if m, _, err = s.step(ctx, tx, who, n, "save", c.Rev); err != nil {
		return m, err
	}
	plain, err := json.Marshal(c.Content)
	if err != nil {
		return m, fmt.Errorf("keep a draft: %w", err)
	}
	m.draft = s.Keys.Seal(self, "contact_matter/draft/"+string(m.ID), plain)
	if n == "" {
		m.Rev = 1
		return m, insertMatter(ctx, tx, m)
	}
	if err := s.put(ctx, tx, m); err != nil {
		return m, err
	}
	m.Rev++
	return m, nil
}

// Submit hands a record in: n is a draft, or empty for one that is written and
// handed in at once.
func (s *Service) Submit(ctx context.Context, who actor.Actor, n id.ID, c RecordCmd, files []FileIn) (m Matter, err error) {
	c.Reporter, c.AskerPerson = who.Person, ""
	if who.Person == "" {
		return m, fault.Denied("matter", "matter.submit: no person")
	}
	if c.Harmless {
		c.asLawfulQuestion()
	}
	if err := c.check(s.Rules, s.today()); err != nil {
		return m, err
	}
	stored, err := s.store(ctx, files)
	if err != nil {
		return m, err
	}
	err = s.log.Write(ctx, who, "matter.submit", func(tx *audit.Tx) error {
		if m, err = s.draft(ctx, tx, who, n, c); err != nil {
			return err
		}
		return s.submit(ctx, tx, who, &m, c.Content, stored)
	})
	return m, err
}

// HandedIn is a record with whoever hands it in, for SubmitMany.
type HandedIn struct {
	Who    actor.Actor
	Record RecordCmd
}

// SubmitMany hands records of many people in with one transaction and one entry of
// the log, by the same rules: all of them or, when one is refused, none. It serves
// whoever fills a register for a measurement.
func (s *Service) SubmitMany(ctx context.Context, who actor.Actor, list []HandedIn) error {
	for i := range list {
		c := &list[i].Record
		c.Reporter, c.AskerPerson = list[i].Who.Person, ""
		if c.Harmless {
			c.asLawfulQuestion()
		}
		if err := c.check(s.Rules, s.today()); err != nil {
			return err
		}
	}
	return s.log.Write(ctx, who, "matter.submit", func(tx *audit.Tx) error {
		for _, x := range list {
			m, err := s.draft(ctx, tx, x.Who, "", x.Record)
			if err != nil {
				return err
			}
			if err := s.submit(ctx, tx, x.Who, &m, x.Record.Content, nil); err != nil {
				return err
			}
		}
		return nil
	})
}

// asLawfulQuestion is the one tap for what parties and lawyers may ask: class,
// purpose and answer follow, nothing else is changed.
func (c *Content) asLawfulQuestion() {
	for _, k := range TheRules.Categories {
		if k.Harmless {
			c.Claimed = k.Code
		}
	}
	c.Affected = false
	if len(c.Response) == 0 {
		c.Response = []string{"told"}
	}
}

func (s *Service) store(ctx context.Context, files []FileIn) ([]vault.Stored, error) {
	if len(files) > maxFiles {
		return nil, fault.Limit("error.files_many", len(files), maxFiles)
	}
	out := make([]vault.Stored, len(files))
	var err error
	for i, f := range files {
		if out[i], err = s.Files.Put(ctx, f.Name, f.R, f.Size); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Service) submit(ctx context.Context, tx *audit.Tx, who actor.Actor, m *Matter, c Content, files []vault.Stored) error {
	today := s.today()
	subjects, err := s.subjects(ctx, tx, c)
	if err != nil {
		return err
	}
	if len(subjects) == 1 {
		c.AskerPerson = subjects[0]
	}
	setting, err := s.setting(ctx, tx, who.Unit, s.today())
	if err != nil {
		return err
	}
	u, _ := s.Units.Unit(who.Unit)
	m.Unit, m.Level, m.State, m.draft = who.Unit, u.Level, Submitted, nil
	m.Record, m.Area, m.Asker, m.Channel, m.Claimed, m.Harmless = c.Record, c.Area, c.Asker, c.Channel, c.Claimed, c.Harmless
	m.Insider, m.Affected, m.Hidden = s.Rules.Insider(c.Asker), c.Affected, c.Hidden
	m.Second = c.Hidden && slices.Contains(s.Rules.SecondName, "hidden") || c.AskerLeader && slices.Contains(s.Rules.SecondName, "leader")
	m.Recorded, m.Submitted = today, tx.At
	m.Meeting, m.ReportBy = c.Meeting, s.reportBy(c)
	m.Period = setting.Of(today)
	m.CatchUp = setting.Of(c.On) < m.Period
	m.caseKey, m.nameKey = s.caseKey(c.CaseNo), s.nameKey(c.AskerName)
	m.Due = s.Rules.Due("check", today, s.Calendar)
	if m.Affected {
		m.Due = s.Rules.Due("immediate", today, s.Calendar)
	}
	if m.Leaders, err = s.leader(ctx, tx, who.Person); err != nil {
		return err
	}
	if m.Office, m.Upper, err = s.route(ctx, tx, c, who.Unit); err != nil {
		return err
	}
	env, err := secret.NewEnvelope()
	if err != nil {
		return fmt.Errorf("seal a record: %w", err)
	}
	e := Entry{ID: id.New(), Do: "submit", From: Draft, To: Submitted}
	if err := seal(env, &e, payload{Content: &c}); err != nil {
		return err
	}
	if err := s.put(ctx, tx, *m); err != nil {
		return err
	}
	m.Rev++
	if err := insertEntry(ctx, tx, m.ID, e); err != nil {
		return err
	}
	if err := s.wrapFor(ctx, tx, *m, env); err != nil {
		return err
	}
	for _, p := range subjects {
		if err := access.Concern(ctx, tx, m.ID, s.Ref(p), access.Subject); err != nil {
			return err
		}
	}
	if err := attach(ctx, tx, m.ID, e.ID, env, files); err != nil {
		return err
	}
	if err := s.protect(ctx, tx, who.Person, *m); err != nil {
		return err
	}
	return s.correctReturns(ctx, tx, who.Person, m.Period, setting.Of(c.On))
}

// protect puts whoever recorded more than a lawful question under the watch of
// the nearest office above his unit that was not passed over.
func (s *Service) protect(ctx context.Context, tx *audit.Tx, reporter id.ID, m Matter) error {
	if s.Protect == nil || m.Harmless {
		return nil
	}
	watch := m.Office
	if watch == m.Unit && m.Upper != "" {
		watch = m.Upper
	}
	return s.Protect(ctx, tx, reporter, m.Unit, watch)
}

// wrapFor gives the key of a record to its reporter and its two offices.
func (s *Service) wrapFor(ctx context.Context, tx *audit.Tx, m Matter, env secret.Envelope) error {
	if err := insertKey(ctx, tx, m.ID, "reporter", s.Keys.Wrap(env, self, wrapPlace(m.ID, "reporter"))); err != nil {
		return err
	}
	for _, unit := range []id.ID{m.Office, m.Upper} {
		if unit == "" {
			continue
		}
		if err := insertKey(ctx, tx, m.ID, string(unit), s.Keys.Wrap(env, reader(unit), wrapPlace(m.ID, string(unit)))); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) caseKey(no string) string {
	if p := plainCase(no); p != "" {
		return s.Keys.Blind(secret.Contact, "case/"+p)[:32]
	}
	return ""
}

func (s *Service) nameKey(name string) string {
	if p := plainPerson(name); p != "" {
		return s.Keys.Blind(secret.Contact, "name/"+p)[:32]
	}
	return ""
}

// subjects are the members of the staff whom a record may be about: all of the
// unit named who bear the name, so that none of them can read it.
func (s *Service) subjects(ctx context.Context, q db.Q, c Content) ([]id.ID, error) {
	u, ok := s.Units.Resolve(c.AskerUnit)
	if !ok {
		return nil, nil
	}
	out, err := person.Named(ctx, q, c.AskerName, u.ID)
	return slices.DeleteFunc(out, func(p id.ID) bool { return p == c.Reporter }), err
}

func (s *Service) leader(ctx context.Context, q db.Q, n id.ID) (bool, error) {
	terms, err := person.Terms(ctx, q, n)
	return slices.ContainsFunc(terms, func(t person.Term) bool { return t.Main && t.Leadership && t.Covers(s.today()) }), err
}

func attach(ctx context.Context, tx *audit.Tx, matter, entry id.ID, env secret.Envelope, files []vault.Stored) error {
	for _, f := range files {
		x := File{ID: id.New(), Entry: entry, Name: f.Name, Kind: f.Kind, Mime: f.Mime, Size: f.Size, hash: f.Hash}
		plain, err := json.Marshal(x)
		if err == nil {
			x.sealed, err = env.Seal("contact_file/"+string(x.ID), plain)
		}
		if err != nil {
			return fmt.Errorf("seal an attachment: %w", err)
		}
		if err := insertFile(ctx, tx, matter, x); err != nil {
			return err
		}
	}
	return nil
}

// SupplementCmd adds to a record; what was said before stays.
type SupplementCmd struct {
	Text string `json:"text"`
	Rev  int64  `json:"rev"`
}

// Supplement adds a dated entry of the reporter.
func (s *Service) Supplement(ctx context.Context, who actor.Actor, n id.ID, c SupplementCmd, files []FileIn) error {
	var bad fault.Fields
	bad.Need("text", c.Text)
	bad.Max("text", c.Text, maxText)
	if err := bad.Err(); err != nil {
		return err
	}
	if err := s.log.DB().Read(ctx, func(q db.Q) error { _, err := s.load(ctx, q, who, n, "matter.supplement"); return err }); err != nil {
		s.log.Refused(ctx, who, "matter.supplement", err)
		return err // nobody fills the store who may not hand in
	}
	stored, err := s.store(ctx, files)
	if err != nil {
		return err
	}
	return s.log.Write(ctx, who, "matter.supplement", func(tx *audit.Tx) error {
		m, to, err := s.step(ctx, tx, who, n, "supplement", c.Rev)
		if err != nil {
			return err
		}
		env, err := s.envelope(ctx, tx, m.ID, "reporter")
		if err != nil {
			return err
		}
		e := Entry{ID: id.New(), Do: "supplement", From: m.State, To: to}
		if err := seal(env, &e, payload{Text: c.Text}); err != nil {
			return err
		}
		if to == Submitted {
			m.Due = s.Rules.Due("check", s.today(), s.Calendar)
		}
		m.State = to
		if err := s.put(ctx, tx, m); err != nil {
			return err
		}
		if err := insertEntry(ctx, tx, m.ID, e); err != nil {
			return err
		}
		return attach(ctx, tx, m.ID, e.ID, env, stored)
	})
}

// RevCmd goes with a step that needs no words.
type RevCmd struct {
	Rev int64 `json:"rev"`
}

// Withdraw takes a record back that nobody has opened yet. It stays, marked.
func (s *Service) Withdraw(ctx context.Context, who actor.Actor, n id.ID, rev int64) error {
	return s.leave(ctx, who, n, "withdraw", rev)
}

// Discard ends a draft.
func (s *Service) Discard(ctx context.Context, who actor.Actor, n id.ID, rev int64) error {
	return s.leave(ctx, who, n, "discard", rev)
}

func (s *Service) leave(ctx context.Context, who actor.Actor, n id.ID, do string, rev int64) error {
	return s.log.Write(ctx, who, "matter."+do, func(tx *audit.Tx) error {
		m, to, err := s.step(ctx, tx, who, n, do, rev)
		if err != nil {
			return err
		}
		if do == "withdraw" && m.ReadAt != "" {
			return fault.State("matter.read_already", m.ReadAt[:10])
		}
		e := Entry{ID: id.New(), Do: do, From: m.State, To: to}
		m.State, m.draft, m.Due = to, nil, ""
		if err := s.put(ctx, tx, m); err != nil {
			return err
		}
		return insertEntry(ctx, tx, m.ID, e)
	})
}
