package fieldwork

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/person"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
)

// maxKitDays bounds how long a kit may be away.
const maxKitDays = 120

// Issue makes a kit for a team and writes it, locked, to w. The kit carries the
// team's visits, findings, papers, reports, answers and published checklists;
// clues never leave the house again once they are noted.
func (s *Service) IssueKit(ctx context.Context, who actor.Actor, team id.ID, days int, passphrase string, w io.Writer) (Kit, error) {
	if days < 1 || days > maxKitDays {
		return Kit{}, sole("days", "kit.bad.days", maxKitDays)
	}
	if len(passphrase) < 12 {
		return Kit{}, fault.Invalid("kit.bad.passphrase")
	}
	b, err := s.bundle(ctx, who, team)
	if err != nil {
		return Kit{}, err
	}
	b.Kit = Kit{ID: id.New(), Round: b.Home.Round.ID, Team: team, By: b.Home.Round.Unit, Issued: clock.Instant(s.Clock.Now()), Expires: s.today().AddDays(days), State: KitIssued}
	var out bytes.Buffer
	if err := Lock(b, passphrase, &out); err != nil {
		return Kit{}, err
	}
	sum := sha256.Sum256(out.Bytes())
	b.Kit.Digest = hex.EncodeToString(sum[:])
	err = s.Log.Write(ctx, who, "kit.issue", func(tx *audit.Tx) error {
		tx.Note("kit", b.Kit)
		tx.Note("findings", len(b.Home.Findings))
		tx.Note("papers", len(b.Papers))
		return insertKit(ctx, tx, b.Kit)
	})
	if err != nil {
		return Kit{}, err
	}
	_, err = w.Write(out.Bytes())
	return b.Kit, err
}

// bundle gathers what a kit carries, in one read.
func (s *Service) bundle(ctx context.Context, who actor.Actor, team id.ID) (Bundle, error) {
	b := Bundle{Format: kitFormat, Units: map[id.ID]string{}, Blobs: map[string][]byte{}}
	err := s.read(ctx, func(q db.Q) (err error) {
		h := &b.Home
		if h.Team, err = inspection.TeamByID(ctx, q, team); err != nil {
			return err
		}
		if h.Round, err = inspection.RoundByID(ctx, q, h.Team.Round); err != nil {
			return err
		}
		if err := s.Policy.Can(who, "kit.issue", s.object("kit", "", Scope{Round: h.Round.ID, By: h.Round.Unit, Team: team}, "")); err != nil {
			return err
		}
		if h.Term, err = inspection.TermByID(ctx, q, h.Round.Term); err != nil {
			return err
		}
		visits, err := inspection.VisitsOf(ctx, q, h.Round.ID)
		for _, v := range visits {
			if v.Team == team {
				h.Visits = append(h.Visits, v)
			}
		}
		if err != nil {
			return err
		}
		if len(h.Visits) == 0 {
			return fault.State("round.lacks.units")
		}
		if h.Findings, err = inspection.OfTeam(ctx, q, team); err != nil {
			return err
		}
		for _, m := range h.Team.Members {
			p, err := person.ByID(ctx, q, m.Person)
			if err != nil {
				return err
			}
			b.People = append(b.People, Carrier{p.ID, p.StaffNo, p.Name, p.Unit, p.Title})
		}
		if b.Papers, b.Answer, b.Report, _, err = s.allOf(ctx, q, team); err != nil {
			return err
		}
		all, err := checklists(ctx, q)
		for _, l := range all {
			if l.By == h.Round.Unit && l.State == ChecklistPublished && err == nil {
				l.Checks, err = checksOf(ctx, q, l.ID)
				b.Lists = append(b.Lists, l)
			}
		}
		if err != nil {
			return err
		}
		var owners []id.ID
		for _, p := range b.Papers {
			owners = append(owners, p.ID)
		}
		b.Files, err = filesOf(ctx, q, owners...)
		return err
	})
	if err != nil {
		return b, err
	}
	add := func(n id.ID) {
		if u, ok := s.Units.Unit(n); ok {
			b.Units[n] = u.Code
		}
	}
	add(b.Home.Round.Unit)
	for _, v := range b.Home.Visits {
		add(v.Unit)
	}
	for _, f := range b.Home.Findings {
		add(f.Responsible)
	}
	for _, p := range b.People {
		add(p.Unit)
	}
	return b, s.load(ctx, b.Files, b.Blobs)
}

// load reads the contents of files.
func (s *Service) load(_ context.Context, fs []File, into map[string][]byte) (err error) {
	total := 0
	for _, f := range fs {
		if into[f.Hash] != nil {
			continue
		}
		r, err := s.Files.Open(f.Hash)
		if err != nil {
			return err
		}
		raw, err := io.ReadAll(r)
		if e := r.Close(); err == nil {
			err = e
		}
		if err != nil {
			return err
		}
		if total += len(raw); total > maxKit/2 {
			return fault.Limit("kit.bad.large", maxKit>>21)
		}
		into[f.Hash] = raw
	}
	return nil
}

// Translated writes a bundle or what came back with other identifiers of units:
// each installation gives its units identifiers of its own.
func Translated[T any](v T, from map[id.ID]id.ID) (T, error) {
	var out T
	raw, err := json.Marshal(v)
	if err != nil {
		return out, fmt.Errorf("translate units: %w", err)
	}
	var pairs []string
	for a, b := range from {
		pairs = append(pairs, `"`+string(a)+`"`, `"`+string(b)+`"`)
	}
	if err := json.Unmarshal([]byte(strings.NewReplacer(pairs...).Replace(string(raw))), &out); err != nil {
		return out, fmt.Errorf("translate units: %w", err)
	}
	return out, nil
}

// Carry fills an empty installation with a bundle; people are there already.
func (s *Service) Carry(ctx context.Context, who actor.Actor, b Bundle) error {
	if !who.Has(actor.System) {
		return fault.Denied("kit", "kit.open: only the program")
	}
	for _, f := range b.Files {
		raw := b.Blobs[f.Hash]
		if _, err := s.Files.Put(ctx, f.Name, bytes.NewReader(raw), int64(len(raw))); err != nil {
			return err
		}
	}
	return s.Log.Write(ctx, who, "kit.open", func(tx *audit.Tx) error {
		tx.Note("kit", b.Kit.ID)
		if err := inspection.Adopt(ctx, tx, b.Home); err != nil {
			return err
		}
		for _, l := range b.Lists {
			if err := insertChecklist(ctx, tx, l); err != nil {
				return err
			}
			if err := setChecks(ctx, tx, l.ID, l.Checks); err != nil {
				return err
			}
		}
		have := map[id.ID]bool{}
		for _, f := range b.Home.Findings {
			have[f.ID] = true
		}
		for _, p := range b.Papers {
			if err := s.insertPaper(ctx, tx, p); err != nil {
				return err
			}
			if err := setBears(ctx, tx, p.ID, slices.DeleteFunc(slices.Clone(p.Findings), func(n id.ID) bool { return !have[n] })); err != nil {
				return err
			}
		}
		for _, f := range b.Files {
			if err := insertFile(ctx, tx, f); err != nil {
				return err
			}
		}
		for _, a := range b.Answer {
			if _, err := checkExists(ctx, tx, a.Check); fault.Is(err, fault.KindNotFound) {
				continue // its checklist was retired
			}
			if err := putAnswer(ctx, tx, Answer{}, a); err != nil {
				return err
			}
		}
		for _, x := range b.Report {
			if err := s.insertReport(ctx, tx, x); err != nil {
				return err
			}
		}
		return nil
	})
}

// Bring gathers what was made or changed in a kit since it was opened: what is
// new, and what left its first revision.
func (s *Service) Bring(ctx context.Context, b Bundle) (Brought, error) {
	out := Brought{Kit: b.Kit.ID, Blobs: map[string][]byte{}}
	type base struct {
		rev int64
		raw any
	}
	was := map[id.ID]base{}
	for _, f := range b.Home.Findings {
		was[f.ID] = base{f.Rev, f}
	}
	for _, p := range b.Papers {
		was[p.ID] = base{p.Rev, p}
	}
	for _, a := range b.Answer {
		was[a.ID] = base{a.Rev, a}
	}
	for _, x := range b.Report {
		was[x.ID] = base{x.Rev, x}
	}
	add := func(kind string, n id.ID, rev int64, now any) error {
		c := Change{Kind: kind, ID: n}
		if old, ok := was[n]; ok {
			if rev == 1 {
				return nil
			}
			raw, err := json.Marshal(old.raw)
			if err != nil {
				return fmt.Errorf("bring back: %w", err)
			}
			c.BaseRev, c.Base = old.rev, raw
		}
		raw, err := json.Marshal(now)
		c.Now = raw
		out.Changes = append(out.Changes, c)
		return err
	}
	err := s.read(ctx, func(q db.Q) error {
		fs, err := inspection.OfTeam(ctx, q, b.Kit.Team)
		if err != nil {
			return err
		}
		for _, f := range fs {
			if err := add(carryFinding, f.ID, f.Rev, f); err != nil {
				return err
			}
		}
		ps, as, rs, cs, err := s.allOf(ctx, q, b.Kit.Team)
		if err != nil {
			return err
		}
		var owners []id.ID
		for _, p := range ps {
			owners = append(owners, p.ID)
			if err := add(carryPaper, p.ID, p.Rev, p); err != nil {
				return err
			}
		}
		for _, a := range as {
			if err := add(carryAnswer, a.ID, a.Rev, a); err != nil {
				return err
			}
		}
		for _, x := range rs {
			if err := add(carryReport, x.ID, x.Rev, x); err != nil {
				return err
			}
		}
		for _, c := range cs {
			if err := add(carryClue, c.ID, c.Rev, c); err != nil {
				return err
			}
		}
		all, err := filesOf(ctx, q, owners...)
		for _, f := range all {
			if !slices.ContainsFunc(b.Files, func(o File) bool { return o.ID == f.ID }) {
				out.Files = append(out.Files, f)
			}
		}
		return err
	})
	if err != nil {
		return out, err
	}
	return out, s.load(ctx, out.Files, out.Blobs)
}

// Return merges what a kit brought, in one transaction: what nobody changed here
// meanwhile is taken, what both changed becomes a clash for a person to decide.
func (s *Service) Return(ctx context.Context, who actor.Actor, in Brought) (Kit, Merged, error) {
	for _, f := range in.Files {
		raw := in.Blobs[f.Hash]
		st, err := s.Files.Put(ctx, f.Name, bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			return Kit{}, Merged{}, err
		}
		if st.Hash != f.Hash {
			return Kit{}, Merged{}, fault.Invalid("kit.bad.file")
		}
	}
	var out Kit
	var m Merged
	err := s.Log.Write(ctx, who, "kit.return", func(tx *audit.Tx) error {
		m = Merged{}
		k, err := kitByID(ctx, tx, in.Kit)
		if err != nil {
			return err
		}
		next, err := s.step(who, KitFlow, "return", k.State, Scope{Round: k.Round, By: k.By, Team: k.Team}, "", StepCmd{}, false)
		if err != nil {
			return err
		}
		t := taking{s: s, kit: k, m: &m, nos: map[string]string{}}
		// Papers first: reports name them by number, and numbers may be taken.
		slices.SortStableFunc(in.Changes, func(a, b Change) int {
			rank := func(k string) int {
				return slices.Index([]string{carryFinding, carryPaper, carryAnswer, carryReport, carryClue}, k)
			}
			return rank(a.Kind) - rank(b.Kind)
		})
		for _, c := range in.Changes {
			if err := t.take(ctx, tx, c); err != nil {
				return err
			}
		}
		for _, f := range in.Files {
			if _, err := s.paperByID(ctx, tx, f.Owner); err != nil {
				return err
			}
			if err := insertFile(ctx, tx, f); err != nil {
				return err
			}
		}
		tx.Note("merged", m)
		tx.Note("kit_log", map[string]any{"size": in.LogSize, "checkpoint": in.Checkpoint})
		k.State, k.Returned = next, tx.At
		if err := updateKit(ctx, tx, k); err != nil {
			return err
		}
		k.Rev++
		out = k
		return nil
	})
	return out, m, err
}

// Certify keeps the certificate of the wipe with the kit and in the log, and
// settles the kit when nothing is left to decide.
func (s *Service) Certify(ctx context.Context, who actor.Actor, w Wiped) (Kit, error) {
	raw, err := json.Marshal(w)
	if err != nil {
		return Kit{}, fmt.Errorf("certificate: %w", err)
	}
	var out Kit
	err = s.Log.Write(ctx, who, "kit.wipe", func(tx *audit.Tx) error {
		k, err := kitByID(ctx, tx, w.Kit)
		if err != nil {
			return err
		}
		if err := s.Policy.Can(who, "kit.return", s.object("kit", KitIssued, Scope{Round: k.Round, By: k.By, Team: k.Team}, "")); err != nil {
			return err
		}
		if k.State != KitReturned && k.State != KitLost {
			return fault.State("error.state", "kit.wipe", "kit.state."+k.State)
		}
		tx.Note("certificate", w)
		k.Certificate = string(raw)
		list, err := s.clashesOf(ctx, tx, k.ID)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			k.State = KitSettled
		}
		out = k
		return updateKit(ctx, tx, k)
	})
	return out, err
}

// Clashes lists what a kit and this installation both changed.
func (s *Service) Clashes(ctx context.Context, who actor.Actor, kit id.ID) (out []Clash, err error) {
	err = s.read(ctx, func(q db.Q) error {
		all, err := s.clashesOf(ctx, q, kit)
		for _, x := range all {
			if s.Policy.Can(who, "clash.read", s.object("clash", x.State, x.Scope, "")) == nil {
				out = append(out, x)
			}
		}
		return err
	})
	return out, err
}

// Written lists the papers and reports of a visit that somebody may read.
func (s *Service) Written(ctx context.Context, who actor.Actor, visit id.ID) (ps []Paper, rs []Report, err error) {
	err = s.read(ctx, func(q db.Q) error {
		if ps, err = s.papers(ctx, q, who, visit); err != nil {
			return err
		}
		args := []any{string(visit)}
		rs, err = s.reportsWhere(ctx, q, "t.visit_id = $1 AND "+s.Policy.Filter(who, "report.read", reportRead, &args), args)
		return err
	})
	return ps, rs, err
}
