package screening

import (
	"context"
	"slices"
	"strings"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/secret"
	"huikan/internal/screening/rules"
	"huikan/linkage"
)

// Found is one line of a screening: a pair with its verdicts.
type Found struct {
	Hit
	Verdicts    []rules.Verdict `json:"verdicts"`
	Explanation rules.Text      `json:"explanation"`
	Namesakes   float64         `json:"namesakes"`
}

// RunCmd asks for a screening.
type RunCmd struct {
	AsOf  clock.Date `json:"as_of"`
	Rules string     `json:"rules"`
}

// Screen links the registers in force and judges each pair by the rules of an
// edition on a day, without keeping anything: for the command line, for old law
// and for what a change of the rules would do.
func (s *Service) Screen(ctx context.Context, who actor.Actor, cmd RunCmd) (out []Found, e *rules.Edition, err error) {
	if err := s.policy.Can(who, "screening.run", access.Object{Kind: "screening", Units: []access.Place{s.Units.Place(s.home(who))}}); err != nil {
		return nil, nil, err
	}
	on, e, err := s.law(ctx, cmd)
	if err != nil {
		return nil, nil, err
	}
	b, sd, err := s.boardFor(ctx, true)
	if err != nil {
		return nil, nil, err
	}
	err = s.pairs(ctx, b, sd, e, on, func(h Hit, vs []rules.Verdict) error {
		if s.policy.Can(who, "match.read", hitObject(s, h)) == nil {
			out = append(out, Found{Hit: h, Verdicts: vs, Namesakes: h.Score.Namesakes,
				Explanation: rules.Text{ZH: h.Score.Explain(linkage.Chinese), EN: h.Score.Explain(linkage.English)}})
		}
		return nil
	})
	slices.SortStableFunc(out, func(a, b Found) int {
		return strings.Compare(rankKey(a.Outcome, a.Probability)+a.Left, rankKey(b.Outcome, b.Probability)+b.Left)
	})
	return out, e, err
}

// law gives the day and the edition that a screening asks for.
func (s *Service) law(ctx context.Context, cmd RunCmd) (clock.Date, *rules.Edition, error) {
	on := cmd.AsOf
	if on == "" {
		on = s.today()
	}
	if !on.Valid() {
		var f fault.Fields
		f.Add("as_of", "error.date", on)
		return on, nil, f.Err()
	}
	es, err := s.editions(ctx)
	if err != nil {
		return on, nil, err
	}
	e, err := rules.Pick(es, cmd.Rules, on)
	return on, e, err
}

// pairs links ours with the lawyers and gives every pair worth a look.
func (s *Service) pairs(ctx context.Context, b *board, sd *sides, e *rules.Edition, on clock.Date, fn func(Hit, []rules.Verdict) error) error {
	if b.ours.size() == 0 || len(sd.lawyers) == 0 {
		return nil
	}
	links, err := sd.index.Link(ctx, sd.oursSet, linkage.Options{})
	if err != nil {
		return err
	}
	for _, l := range links {
		h, vs := s.hitOf(b, e, on, int32(l.Left), sd.lawyers[l.Right], sd.index.Account(sd.oursSet, l))
		if err := fn(h, vs); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) hitOf(b *board, e *rules.Edition, on clock.Date, at int32, law lawyer, score linkage.Score) (Hit, []rules.Verdict) {
	l := b.ours.at(at)
	q := s.question(b, at, law.row, on)
	vs := e.Judge(q)
	h := Hit{Subject: Departed, Left: l.key, Right: law.key, Unit: l.unit, Person: l.person, Name: q.Subject.Name, Leaving: q.Subject.Leaving, DepartedOn: q.Subject.Departed,
		Lawyer: law.row.At(Lawyers, "name"), Firm: q.Work.Firm, Region: q.Work.Place, Probability: score.Probability, Band: string(score.Band), Score: score,
		Model: b.model.ID(), Edition: e.Version, State: Open,
		pair: pairFacts{LeftKind: l.kind, Left: l.row, Right: law.row, Question: q}}
	owner := ""
	switch {
	case q.Kin != nil:
		h.Subject, h.Kin, h.Relation = Kin, q.Kin.Name, q.Kin.Relation
		if l.owner >= 0 {
			h.pair.Owner = b.ours.row(l.owner)
			owner = string(h.pair.Owner)
		}
	case q.Subject.Serving:
		h.Subject = Serving
	}
	h.Outcome, h.Until, h.Life = rules.Sum(vs)
	if len(vs) > 0 {
		h.Rule = vs[0].Rule
	}
	h.Facts = s.Keys.Blind(secret.IDNumber, string(l.row)+"\x00"+owner+"\x00"+string(law.row))
	return h, vs
}

// writeAtOnce is how many hits one entry of the log carries.
const writeAtOnce = 2000

// Run screens all registers in force and keeps what it finds. What was judged
// stays judged while its facts stand; what is no longer found lapses.
func (s *Service) Run(ctx context.Context, who actor.Actor) (Run, error) {
	run := Run{ID: id.New(), By: who.Person}
	if err := s.policy.Can(who, "screening.run", access.Object{Kind: "screening", Units: []access.Place{s.Units.Place(s.home(who))}}); err != nil {
		return run, err
	}
	on, e, err := s.law(ctx, RunCmd{})
	if err != nil {
		return run, err
	}
	b, sd, err := s.boardFor(ctx, true)
	if err != nil {
		return run, err
	}
	run.AsOf, run.Edition, run.Model, run.Left, run.Right, run.stamp = on, e.Version, b.model.ID(), b.ours.size(), len(sd.lawyers), b.stamp
	var old map[string]known
	if err := s.log.DB().Read(ctx, func(q db.Q) (err error) { old, err = knownHits(ctx, q); return err }); err != nil {
		return run, err
	}
	w := &runWriter{s: s, who: who, run: &run}
	seen := make(map[id.ID]bool, len(old))
	err = s.pairs(ctx, b, sd, e, on, func(h Hit, _ []rules.Verdict) error {
		run.Hits++
		h.run = run.ID
		k, there := old[h.Left+"\x00"+h.Right]
		if !there {
			run.Fresh++
			h.ID = id.New()
			w.fresh = append(w.fresh, h)
			return w.flush(ctx, writeAtOnce)
		}
		seen[k.id] = true
		if k.facts == h.Facts && k.model == h.Model && k.outcome == h.Outcome && k.until == string(h.Until) && k.edition == h.Edition && k.rule == h.Rule && k.state != Lapsed {
			return nil
		}
		h.ID = k.id
		w.again = append(w.again, h)
		return w.flush(ctx, writeAtOnce)
	})
	if err != nil {
		return run, err
	}
	for _, k := range old {
		if _, err := MatchFlow.Next(k.state, "lapse"); err == nil && !seen[k.id] {
			w.gone = append(w.gone, k.id)
			if err := w.flush(ctx, writeAtOnce); err != nil {
				return run, err
			}
		}
	}
	if err := w.flush(ctx, 0); err != nil {
		return run, err
	}
	if err := s.log.Write(ctx, who, "screening.run", func(tx *audit.Tx) error { return insertRun(ctx, tx, run) }); err != nil {
		return run, err
	}
	return run, s.caseWarnings(ctx, b, sd, e, on)
}

// runWriter gathers what a run found and writes it in portions.
type runWriter struct {
	s     *Service
	who   actor.Actor
	run   *Run
	fresh []Hit
	again []Hit
	gone  []id.ID
}

func (w *runWriter) flush(ctx context.Context, at int) error {
	n := len(w.fresh) + len(w.again) + len(w.gone)
	if n == 0 || n < at {
		return nil
	}
	defer w.s.changed()
	var renewed, lapsed int
	err := w.s.log.Write(ctx, w.who, "screening.run", func(tx *audit.Tx) (err error) { // may run more than once
		tx.Note("run", w.run.ID)
		if err := w.add(ctx, tx); err != nil {
			return err
		}
		if renewed, err = w.change(ctx, tx); err != nil {
			return err
		}
		lapsed, err = w.lapse(ctx, tx)
		return err
	})
	w.run.Renewed, w.run.Lapsed = w.run.Renewed+renewed, w.run.Lapsed+lapsed
	w.fresh, w.again, w.gone = nil, nil, nil
	return err
}

func (w *runWriter) add(ctx context.Context, tx *audit.Tx) error {
	for i := range w.fresh {
		if err := w.s.sealPair(&w.fresh[i]); err != nil {
			return err
		}
	}
	if len(w.fresh) > 0 {
		if err := insertHits(ctx, tx, w.fresh); err != nil {
			return err
		}
	}
	for _, h := range w.fresh {
		if h.Person != "" {
			if err := access.Concern(ctx, tx, h.ID, h.Person, access.Subject); err != nil {
				return err
			}
		}
	}
	return nil
}

// change renews hits whose facts, verdict or model changed.
func (w *runWriter) change(ctx context.Context, tx *audit.Tx) (n int, err error) {
	ids := make([]id.ID, len(w.again))
	for i, h := range w.again {
		ids[i] = h.ID
	}
	now, err := hitsByIDs(ctx, tx, ids)
	if err != nil {
		return n, err
	}
	for _, h := range w.again {
		was, ok := now[h.ID]
		if !ok {
			continue
		}
		h.State, h.Proposed, h.Decided, h.DecidedAt, h.Judged, h.Rev = was.State, was.Proposed, was.Decided, was.DecidedAt, was.Judged, was.Rev
		if do := After(was, h.Facts, h.Model, h.Band); do != "" {
			if h.State, err = MatchFlow.Next(was.State, do); err != nil {
				return n, err
			}
			h.Proposed, h.Decided, h.DecidedAt = "", "", ""
			n++
			if err := insertJudgement(ctx, tx, h, "", do, ""); err != nil {
				return n, err
			}
		}
		if err := w.s.sealPair(&h); err != nil {
			return n, err
		}
		if err := updateHit(ctx, tx, h); err != nil {
			return n, err
		}
	}
	return n, nil
}

func (w *runWriter) lapse(ctx context.Context, tx *audit.Tx) (n int, err error) {
	now, err := hitsByIDs(ctx, tx, w.gone)
	if err != nil {
		return n, err
	}
	for _, gone := range w.gone {
		h := now[gone]
		to, err := MatchFlow.Next(h.State, "lapse")
		if err != nil {
			continue // somebody decided meanwhile
		}
		h.State, h.run = to, w.run.ID
		n++
		if err := updateHit(ctx, tx, h); err != nil {
			return n, err
		}
		if err := insertJudgement(ctx, tx, h, "", "lapse", ""); err != nil {
			return n, err
		}
	}
	return n, nil
}
