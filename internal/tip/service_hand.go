package tip

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/vault"
)

// HandIn is a tip as it is told.
type HandIn struct {
	Unit    string `json:"unit"`
	About   string `json:"about"`
	Text    string `json:"text"`
	Name    string `json:"name"`
	Contact string `json:"contact"`
	Above   bool   `json:"above"` // it concerns the leadership or the office itself: to the level above
	Named   bool   `json:"named"` // somebody who is signed in puts his name to it
	Once    string `json:"once"`  // of the form: sent twice, it is one tip
}

// Check judges a tip before any file of it is kept.
func (s *Service) Check(c HandIn, files int) error {
	var bad fault.Fields
	if strings.TrimSpace(c.Unit) == "" {
		bad.Need("unit", "")
	} else if found := s.Find(strings.TrimSpace(c.Unit)); len(found) != 1 {
		bad.Add("unit", "tip.bad.unit", s.several(found))
	}
	bad.Max("about", c.About, maxName)
	bad.Need("text", c.Text)
	bad.Max("text", c.Text, maxText)
	bad.Max("name", c.Name, maxName)
	bad.Max("contact", c.Contact, maxName)
	if files > maxFiles {
		bad.Add("files", "tip.bad.files", maxFiles)
	}
	return bad.Err()
}

// several names the units that a text may mean, for whoever has to choose.
func (s *Service) several(found []id.ID) string {
	var names []string
	for _, n := range found[:min(len(found), 6)] {
		names = append(names, s.Units.Name(n))
	}
	if len(names) == 0 {
		return "—"
	}
	return strings.Join(names, "、")
}

// onceLength is the length of a form's own word; a shorter one is no secret and
// is not used.
const onceLength = 32

// Once draws the word of a form.
func Once() string {
	b := make([]byte, onceLength/2)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// code is the receipt code that belongs to a form: who sends it again because the
// answer was lost gets the same one.
func (s *Service) code(once string) string {
	mac, b := s.Keys.Blind(Codes, "code/"+once), make([]byte, codeLength)
	for i := range b {
		b[i] = alphabet[hexByte(mac[2*i:2*i+2])%byte(len(alphabet))]
	}
	return string(b)
}

func hexByte(two string) byte {
	b, err := hex.DecodeString(two)
	if err != nil {
		panic("tip: a blind index is no hexadecimal text") // our own writing
	}
	return b[0]
}

func (s *Service) hash(code string) string { return s.Keys.Blind(Codes, "hash/"+code) }

// Take takes a tip and gives its receipt code, which is nowhere else. who counts
// only where he puts his name to it.
func (s *Service) Take(ctx context.Context, who actor.Actor, c HandIn, files []vault.Stored) (code string, err error) {
	if err := s.Check(c, len(files)); err != nil {
		return "", err
	}
	if len(c.Once) < onceLength || len(c.Once) > 2*onceLength {
		c.Once = Once()
	}
	unit := s.Find(strings.TrimSpace(c.Unit))[0]
	body := Content{About: strings.TrimSpace(c.About), Name: strings.TrimSpace(c.Name), Contact: strings.TrimSpace(c.Contact)}
	if c.Named && who.Person != "" {
		body.Person, body.Name = who.Person, who.Name
	}
	code = s.code(c.Once)
	known := s.Keys.Blind(Codes, "once/"+c.Once)
	if err := s.Log.DB().Read(ctx, func(q db.Q) error { _, err := tipWhere(ctx, q, "once_blind", known); return err }); !fault.Is(err, fault.KindNotFound) {
		return code, err
	}
	err = s.Log.Write(ctx, nobody, "tip.hand_in", func(tx *audit.Tx) error {
		text := body.About + "\n" + c.Text
		office, named, err := s.route(ctx, tx, unit, c.Above, text, nil)
		if err != nil {
			return err
		}
		about, err := s.namedIn(ctx, tx, body.About, unit)
		if err != nil {
			return err
		}
		t := Tip{ID: id.New(), Year: s.today().Year(), Unit: unit, Office: office, State: Flow.Start, Waiting: true, Files: len(files), MadeOn: s.today()}
		u, _ := s.Units.Unit(office)
		n, err := next(ctx, tx, fmt.Sprintf("T/%s/%d", u.Code, t.Year))
		if err != nil {
			return err
		}
		t.No = fmt.Sprintf("T-%s-%d-%04d", u.Code, t.Year, n)
		if t.Due, err = s.dueIn(ctx, tx, "tip.take"); err != nil {
			return err
		}
		if t.sealed, err = s.seal("tip", t.ID, body); err != nil {
			return err
		}
		if err := insertTip(ctx, tx, t, s.hash(code), known); err != nil {
			return err
		}
		if err := s.concern(ctx, tx, t.ID, access.Subject, append(named, about...)); err != nil {
			return err
		}
		if err := s.speak(ctx, tx, t, Entry{Do: "hand_in", New: t.State, Text: c.Text}, files); err != nil {
			return err
		}
		if body.Person == "" {
			return nil
		}
		watch := office
		if watch == who.Unit {
			watch = "" // the one above
		}
		return s.Protect(ctx, tx, body.Person, who.Unit, watch)
	})
	return code, err
}

// speak enters what he who told says, with its files.
func (s *Service) speak(ctx context.Context, tx *audit.Tx, t Tip, e Entry, files []vault.Stored) (err error) {
	e.ID, e.tip = id.New(), t.ID
	if err := s.enter(ctx, tx, e); err != nil {
		return err
	}
	for _, x := range files {
		f := File{ID: id.New(), Kind: x.Kind, Mime: x.Mime, Size: x.Size, entry: e.ID, tip: t.ID, hash: x.Hash}
		if f.sealed, err = s.seal("tip_file", f.ID, x.Name); err != nil {
			return err
		}
		if err := insertFile(ctx, tx, f); err != nil {
			return err
		}
	}
	return nil
}

// Dialogue is a tip as he sees it who told.
type Dialogue struct {
	State    string     `json:"state"`
	MadeOn   clock.Date `json:"made_on"`
	Due      clock.Date `json:"due"`
	Late     bool       `json:"late"`
	Watched  bool       `json:"watched"` // so late that the offices above see it
	SeenOn   string     `json:"seen_on"` // when it was last opened
	Messages []Entry    `json:"messages"`
}

// byCodeOf finds the tip of a code. Any that is none gets the same answer.
func (s *Service) byCodeOf(ctx context.Context, q db.Q, text string) (Tip, error) {
	code, ok := ReadCode(text)
	t, err := tipWhere(ctx, q, "code_blind", s.hash(code))
	if !ok || fault.Is(err, fault.KindNotFound) {
		var bad fault.Fields
		bad.Add("code", "tip.bad.code")
		return t, bad.Err()
	}
	return t, err
}

// Follow gives the dialogue of a code.
func (s *Service) Follow(ctx context.Context, code string) (d Dialogue, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		t, err := s.byCodeOf(ctx, q, code)
		if err != nil {
			return err
		}
		days, err := s.Days(ctx, q, "tip.late")
		if err != nil {
			return err
		}
		d = Dialogue{State: t.State, MadeOn: t.MadeOn, Due: t.Due, Late: t.Due != "" && t.Due < s.today(), Watched: t.Due != "" && t.Due.AddDays(days) < s.today()}
		list, err := s.entries(ctx, q, t.ID)
		for _, e := range list {
			if e.Do == "open" {
				d.SeenOn = e.At
			}
			if slices.Contains(spoken, e.Do) {
				e.Person, e.ID = "", "" // the office answers, not somebody in it
				for i := range e.Files {
					e.Files[i].ID = ""
				}
				d.Messages = append(d.Messages, e)
			}
		}
		return err
	})
	return d, err
}

// ReplyCmd is what he who told writes on.
type ReplyCmd struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

func (c ReplyCmd) check(files int) error {
	var bad fault.Fields
	if files == 0 {
		bad.Need("text", c.Text)
	}
	bad.Max("text", c.Text, maxText)
	if files > maxFiles {
		bad.Add("files", "tip.bad.files", maxFiles)
	}
	return bad.Err()
}

// Reply takes a further message. A closed tip opens again; one that now names
// somebody of its office or leadership goes to the office above.
func (s *Service) Reply(ctx context.Context, c ReplyCmd, files []vault.Stored) error {
	if err := c.check(len(files)); err != nil {
		return err
	}
	return s.Log.Write(ctx, nobody, "tip.reply", func(tx *audit.Tx) error {
		t, err := s.byCodeOf(ctx, tx, c.Code)
		if err != nil {
			return err
		}
		list, err := entriesOf(ctx, tx, t.ID)
		if err != nil {
			return err
		}
		if t.Files+len(files) > maxAll || len(list) >= maxEntries {
			return fault.Limit("tip.bad.full", maxAll, maxEntries)
		}
		old, from := t.State, t.Office
		if t.State, err = Flow.Next(old, "reply"); err != nil {
			return err
		}
		t.Waiting, t.Files = true, t.Files+len(files)
		if err := s.speak(ctx, tx, t, Entry{Do: "reply", Old: old, New: t.State, Text: c.Text}, files); err != nil {
			return err
		}
		office, named, err := s.route(ctx, tx, t.Office, false, c.Text, t.Concerns)
		if err != nil {
			return err
		}
		if err := s.concern(ctx, tx, t.ID, access.Subject, named); err != nil {
			return err
		}
		if office != from {
			if err := s.enter(ctx, tx, Entry{tip: t.ID, Do: "rise", Old: t.State, New: Received, Text: s.Units.Name(from) + " → " + s.Units.Name(office)}); err != nil {
				return err
			}
			t.Office, t.State = office, Received
		}
		if t.Office != from || old == Closed {
			t.Handler = ""
			if t.Due, err = s.dueIn(ctx, tx, "tip.take"); err != nil {
				return err
			}
		}
		return updateTip(ctx, tx, t)
	})
}
