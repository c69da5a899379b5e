package contact

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"huikan/internal/account"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/lot"
	"huikan/internal/person"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/secret"
	"huikan/internal/platform/web"
)

const drawSeal secret.Purpose = "contact-draw"

// DrawCmd asks for a draw of letters.
type DrawCmd struct {
	Unit   string `json:"unit"`
	Period string `json:"period"`
	Size   int    `json:"size"`
}

// maxDraw bounds the letters of one draw.
const maxDraw = 300

// CommitDraw fixes the list of zero returns and the hash of a seed that nobody
// knows yet.
func (s *Service) CommitDraw(ctx context.Context, who actor.Actor, c DrawCmd) (d Draw, err error) {
	var bad fault.Fields
	p, err := ParsePeriod(c.Period)
	if err != nil {
		bad.Add("period", "contact.bad.period", c.Period)
	}
	if c.Size < 1 || c.Size > maxDraw {
		bad.Add("size", "contact.bad.range", 1, maxDraw)
	}
	u, ok := s.Units.Resolve(c.Unit)
	if !ok {
		bad.Add("unit", "published.unit", c.Unit)
	}
	if err := bad.Err(); err != nil {
		return d, err
	}
	err = s.log.Write(ctx, who, "draw.commit", func(tx *audit.Tx) error {
		d = Draw{ID: id.New(), Unit: u.ID, Period: p, Size: c.Size, State: Committed, By: who.Person, Algorithm: DrawAlgorithm}
		if err := s.policy.Can(who, "draw.commit", s.drawObject(d)); err != nil {
			return err
		}
		list, err := returnsBelow(ctx, tx, u.ID, p, true, maxPopulation+1)
		if err != nil {
			return err
		}
		// The office itself and its relatives are drawn by the office above: whoever
		// worked the letters would else see by one that is missing who was drawn.
		holders, err := account.Holders(ctx, tx, actor.InternalSupervision, s.today())
		if err != nil {
			return err
		}
		apart := slices.Clone(holders[u.ID])
		for _, p := range holders[u.ID] {
			kin, err := person.Kin(ctx, tx, p)
			if err != nil {
				return err
			}
			apart = append(apart, kin...)
		}
		list = slices.DeleteFunc(list, func(x filedReturn) bool { return slices.Contains(apart, x.person) })
		if len(list) == 0 {
			return fault.State("draw.empty", string(p))
		}
		if len(list) > maxPopulation {
			return fault.Limit("draw.large", maxPopulation)
		}
		seed, salt, err := lot.Fresh()
		if err != nil {
			return err
		}
		names := make([]string, len(list))
		for i, n := range list {
			names[i] = s.lotName(d.ID, n.id)
		}
		d.list = listOf(names)
		d.Population, d.Digest, d.Commitment = len(list), digestOf(d.list), lot.Commitment(drawCommit, seed, salt)
		d.sealed = s.Keys.Seal(drawSeal, string(d.ID), []byte(seed+"\n"+salt))
		tx.Note("commitment", d.Commitment)
		tx.Note("digest", d.Digest)
		tx.Note("population", d.Population)
		return insertDraw(ctx, tx, d)
	})
	return d, err
}

// lotName is how the published list of a draw names a return: whoever is on it
// does not find himself among those drawn.
func (s *Service) lotName(draw, n id.ID) string {
	return s.Keys.Blind(secret.Contact, "draw/"+string(draw)+"/"+string(n))[:32]
}

func (s *Service) drawObject(d Draw) access.Object {
	return access.Object{Kind: "draw", ID: d.ID, State: d.State, Units: []access.Place{s.Units.Place(d.Unit)}}
}

// RevealDraw publishes the seed and draws the letters.
func (s *Service) RevealDraw(ctx context.Context, who actor.Actor, n id.ID) (d Draw, err error) {
	err = s.log.Write(ctx, who, "draw.reveal", func(tx *audit.Tx) error {
		if d, err = drawByID(ctx, tx, n); err != nil {
			return err
		}
		if err := s.policy.Can(who, "draw.read", s.drawObject(d)); err != nil {
			return err
		}
		to, err := DrawFlow.Next(d.State, "reveal")
		if err != nil {
			return err
		}
		if err := s.policy.Can(who, "draw.reveal", s.drawObject(d)); err != nil {
			return err
		}
		plain, err := s.Keys.Open(drawSeal, string(d.ID), d.sealed)
		if err != nil {
			return err
		}
		d.Seed, d.Salt, _ = strings.Cut(string(plain), "\n")
		list, err := listOfDraw(ctx, tx, n)
		if err != nil {
			return err
		}
		if digestOf(list) != d.Digest || lot.Commitment(drawCommit, d.Seed, d.Salt) != d.Commitment {
			return fault.Unavailable("error.seal")
		}
		returns, err := s.drawnReturns(ctx, tx, d, Redraw(list, d.Seed, d.Size))
		if err != nil {
			return err
		}
		d.State = to
		tx.Note("seed", d.Seed)
		if err := updateDraw(ctx, tx, d); err != nil {
			return err
		}
		d.Rev++
		for _, r := range returns {
			l := Letter{ID: id.New(), Draw: d.ID, Return: r.ID, Person: r.Person, Unit: r.Unit, Office: d.Unit, Period: r.Period, State: LetterDrawn, Due: s.Rules.Due("letter", s.today(), s.Calendar)}
			if err := insertLetter(ctx, tx, l); err != nil {
				return err
			}
			if err := access.Concern(ctx, tx, l.ID, r.Person, access.Subject); err != nil {
				return err
			}
		}
		return nil
	})
	return d, err
}

// drawnReturns finds the returns that the drawn names stand for; a return that was
// corrected since is among them.
func (s *Service) drawnReturns(ctx context.Context, q db.Q, d Draw, names []string) ([]Return, error) {
	all, err := returnsBelow(ctx, q, d.Unit, d.Period, false, 0)
	if err != nil {
		return nil, err
	}
	var ids []id.ID
	for _, x := range all {
		if slices.Contains(names, s.lotName(d.ID, x.id)) {
			ids = append(ids, x.id)
		}
	}
	return returnsByID(ctx, q, ids)
}

// DrawView is a draw with the letters that the reader may see.
type DrawView struct {
	Draw    Draw             `json:"draw"`
	Letters []Letter         `json:"letters"`
	Sample  []string         `json:"sample,omitempty"` // of the list, as anybody repeats the draw
	Names   map[id.ID]string `json:"-"`
}

// ReadDraw gives a draw to the office that made it.
func (s *Service) ReadDraw(ctx context.Context, who actor.Actor, n id.ID) (v DrawView, list []byte, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		if v.Draw, err = drawByID(ctx, q, n); err != nil {
			return err
		}
		if err := s.policy.Can(who, "draw.read", s.drawObject(v.Draw)); err != nil {
			return err
		}
		if list, err = listOfDraw(ctx, q, n); err != nil {
			return err
		}
		if v.Draw.State == Drawn {
			v.Sample = Redraw(list, v.Draw.Seed, v.Draw.Size)
		}
		w := visible(s.policy, who, "letter.read", letterAccess)
		w.add("l.draw_id = $%d", string(n))
		if v.Letters, err = listLetters(ctx, q, w, "", maxDraw); err != nil {
			return err
		}
		var ids []id.ID
		for _, l := range v.Letters {
			ids = append(ids, l.Person)
		}
		v.Names, err = s.names(ctx, q, ids...)
		return err
	})
	return v, list, err
}

// Draws lists the draws of the actor's offices, newest first.
func (s *Service) Draws(ctx context.Context, who actor.Actor) (out []Draw, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		out, err = listDraws(ctx, q, visible(s.policy, who, "draw.read", drawAccess), 100)
		return err
	})
	return out, err
}

func (s *Service) letterObject(ctx context.Context, q db.Q, l Letter) (access.Object, error) {
	concerns, err := access.Concerns(ctx, q, l.ID)
	return access.Object{Kind: "letter", ID: l.ID, State: l.State, Units: []access.Place{s.Units.Place(l.Office)}, Concerns: concerns}, err
}

func (s *Service) loadLetter(ctx context.Context, q db.Q, who actor.Actor, n id.ID) (l Letter, o access.Object, err error) {
	if l, err = letterByID(ctx, q, n); err != nil {
		return l, o, err
	}
	if o, err = s.letterObject(ctx, q, l); err != nil {
		return l, o, err
	}
	return l, o, s.policy.Can(who, "letter.read", o)
}

// LetterView is a letter with what was written.
type LetterView struct {
	Letter  Letter           `json:"letter"`
	Entries []OfficeEntry    `json:"entries"`
	Names   map[id.ID]string `json:"names"`
	Steps   []string         `json:"steps"`
}

// ReadLetter gives a letter to the office.
func (s *Service) ReadLetter(ctx context.Context, who actor.Actor, n id.ID) (v LetterView, err error) {
	err = s.log.DB().Read(ctx, func(q db.Q) error {
		var o access.Object
		if v.Letter, o, err = s.loadLetter(ctx, q, who, n); err != nil {
			return err
		}
		if v.Entries, err = s.steps(ctx, q, letterSteps, n, v.Letter.Office); err != nil {
			return err
		}
		ids := []id.ID{v.Letter.Person}
		for _, e := range v.Entries {
			ids = append(ids, e.Person)
		}
		for _, st := range LetterFlow.From(v.Letter.State) {
			if s.policy.Can(who, "letter."+st.Do, o) == nil && (st.Do != "lapse" || v.Letter.Due < s.today()) {
				v.Steps = append(v.Steps, st.Do)
			}
		}
		v.Names, err = s.names(ctx, q, ids...)
		return err
	})
	return v, err
}

// LetterCmd is one step on a letter.
type LetterCmd struct {
	Text    string `json:"text"`
	Outcome string `json:"outcome"` // settle
	Rev     int64  `json:"rev"`
}

// WorkLetter takes one step on a letter.
func (s *Service) WorkLetter(ctx context.Context, who actor.Actor, n id.ID, do string, c LetterCmd) (l Letter, err error) {
	if !slices.Contains(LetterFlow.Actions(), do) {
		return l, fault.NotFound("letter")
	}
	var bad fault.Fields
	bad.Need("text", c.Text)
	bad.Max("text", c.Text, maxText)
	if err := bad.Err(); err != nil {
		return l, err
	}
	err = s.log.Write(ctx, who, "letter."+do, func(tx *audit.Tx) error {
		var o access.Object
		if l, o, err = s.loadLetter(ctx, tx, who, n); err != nil {
			return err
		}
		to, err := LetterFlow.Next(l.State, do)
		if err != nil {
			return err
		}
		if err := s.policy.Can(who, "letter."+do, o); err != nil {
			return err
		}
		if c.Rev != 0 && c.Rev != l.Rev {
			return fault.Conflict("letter")
		}
		if do == "lapse" && l.Due >= s.today() {
			return fault.State("letter.not_due", string(l.Due))
		}
		e := OfficeEntry{Do: do, From: l.State, To: to, Person: who.Person}
		if do == "settle" {
			if err := s.settleLetter(ctx, tx, who, &l, c); err != nil {
				return err
			}
		}
		l.Due = ""
		if to == LetterSent || to == LetterAsked {
			l.Due = s.Rules.Due("letter", s.today(), s.Calendar)
		}
		l.State = to
		if err := updateLetter(ctx, tx, l); err != nil {
			return err
		}
		l.Rev++
		return s.noteStep(ctx, tx, letterSteps, l.ID, l.Office, e, c.Text)
	})
	return l, err
}

// settleLetter notes the outcome; a lead goes over with the office's words.
func (s *Service) settleLetter(ctx context.Context, tx *audit.Tx, who actor.Actor, l *Letter, c LetterCmd) error {
	var bad fault.Fields
	if l.State == LetterUnanswered {
		return nil
	}
	if !slices.Contains(LetterOutcomes(), c.Outcome) {
		bad.Add("outcome", "contact.bad.pick")
		return bad.Err()
	}
	l.Outcome = c.Outcome
	if c.Outcome != "lead" || s.Refer == nil {
		return nil
	}
	no, err := s.Refer(ctx, tx, who, Referral{Code: string(l.ID.Short()), Person: l.Person, Unit: l.Unit, On: s.today(), Group: Unrecorded, Text: c.Text})
	if err != nil {
		return fmt.Errorf("hand the letter over: %w", err)
	}
	l.Lead = no
	return nil
}

// letterTodo are the letters that wait for the office.
func (s *Service) letterTodo(ctx context.Context, q db.Q, who actor.Actor, out *[]web.Todo) error {
	w := visible(s.policy, who, "letter.read", letterAccess)
	w.add("(l.state IN ('drawn', 'differs', 'explained') OR l.state = 'sent' AND l.due_on < $%d)", string(s.today()))
	list, err := listLetters(ctx, q, w, "", maxTodos)
	if err != nil {
		return err
	}
	for _, l := range list {
		*out = append(*out, web.Todo{Kind: "todo.letter." + l.State, Title: string(l.Period) + " · " + l.ID.Short(), Unit: s.Units.Short(l.Unit), Due: l.Due, Href: "/register/letters/" + string(l.ID), Verb: "letter.do.handle"})
	}
	return nil
}
