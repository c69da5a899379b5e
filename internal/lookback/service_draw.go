package lookback

import (
	"context"
	"crypto/subtle"
	"encoding/hex"
	"strings"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/lot"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/secret"
	"huikan/internal/rectification"
)

// draws seals the seed of a look-back until it is revealed.
const draws secret.Purpose = "lookback-seed"

// PlanCmd is asked of Plan.
type PlanCmd struct {
	Round      id.ID      `json:"round"`
	Name       string     `json:"name"`
	Rounds     []id.ID    `json:"rounds"`
	Units      string     `json:"units"` // names or codes, one to a line
	From       clock.Date `json:"from"`
	To         clock.Date `json:"to"`
	Size       int        `json:"size"`
	Census     bool       `json:"census"`
	RiskShare  int        `json:"risk_share"`
	EveryUnit  bool       `json:"every_unit"`
	Stratum    string     `json:"stratum"`
	Confidence int        `json:"confidence"`
	Detect     int        `json:"detect"`
}

// Plan makes a look-back within a round of kind "lookback".
func (s *Service) Plan(ctx context.Context, who actor.Actor, cmd PlanCmd) (l Lookback, err error) {
	l = Lookback{ID: id.New(), Round: cmd.Round, Name: strings.TrimSpace(cmd.Name), Rounds: cmd.Rounds, From: cmd.From, To: cmd.To, Size: cmd.Size,
		Options: Options{Census: cmd.Census, RiskShare: cmd.RiskShare, EveryUnit: cmd.EveryUnit, Stratum: cmd.Stratum}, Confidence: cmd.Confidence, Detect: cmd.Detect, State: Planned, Rev: 1}
	var bad fault.Fields
	l.Check(&bad, s.today())
	for _, name := range strings.FieldsFunc(cmd.Units, func(r rune) bool { return strings.ContainsRune("\n,;，；、", r) }) {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		found := s.Find(name)
		if len(found) != 1 {
			bad.Add("units", "lookback.bad.unit", name)
			continue
		}
		l.Units = append(l.Units, found[0])
	}
	if cmd.Round == "" {
		bad.Need("round", "")
	}
	if err := bad.Err(); err != nil {
		return l, err
	}
	err = s.log.Write(ctx, who, "lookback.create", func(tx *audit.Tx) error {
		r, err := inspection.RoundByID(ctx, tx, cmd.Round)
		if err != nil {
			return err
		}
		l.By = r.Unit
		if err := s.policy.Can(who, "lookback.create", access.Object{Kind: "lookback", By: s.Units.Place(r.Unit)}); err != nil {
			return err
		}
		if r.Kind != inspection.KindLookback {
			var bad fault.Fields
			bad.Add("round", "lookback.bad.round")
			return bad.Err()
		}
		if r.State == inspection.RoundClosed {
			return fault.State("error.state", "lookback.create", "round.state."+r.State)
		}
		if err := insertLookback(ctx, tx, l); err != nil {
			return err
		}
		return insertEvent(ctx, tx, l, who.Person, "create", "")
	})
	return l, err
}

// population makes the list of what may be drawn, in order of id. It is the
// same for everybody: what a reader may not see is hidden from him later.
func (s *Service) population(ctx context.Context, q db.Q, l Lookback) ([]frozen, error) {
	closed, err := rectification.Closed(ctx, q, rectification.ClosedQuery{By: l.By})
	if err != nil {
		return nil, err
	}
	var roots []string
	for _, u := range l.Units {
		roots = append(roots, s.Units.Place(u).Path)
	}
	var items []rectification.Item
	for _, i := range closed {
		if l.Admits(i, s.Units.Place(i.Unit).Path, roots) {
			items = append(items, i)
		}
	}
	busy := Busy(items)
	ids := make([]id.ID, len(items))
	for n, i := range items {
		ids[n] = i.ID
	}
	measures, err := rectification.MeasuresOf(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	out := make([]frozen, len(items))
	for n, i := range items {
		factors, weight := RiskOf(i, PaperOnly(measures[i.ID]), busy)
		out[n] = frozen{Candidate{Item: i.ID, Unit: i.Unit, Closer: i.Closer, Weight: weight, Factors: factors}, i.Finding, i.No}
		if l.Options.Stratum == StratumCategory {
			out[n].Stratum = i.Category
		}
	}
	return out, nil
}

func candidates(list []frozen) []Candidate {
	out := make([]Candidate, len(list))
	for i, c := range list {
		out[i] = c.Candidate
	}
	return out
}

// CommitCmd is asked of Commit. Without a commitment of his own the system
// makes a seed and seals it, and nobody knows it before it is revealed.
type CommitCmd struct {
	Commitment string `json:"commitment"`
	Rev        int64  `json:"rev"`
}

// Commit freezes the population and fixes the seed by its hash, in one entry of the log.
func (s *Service) Commit(ctx context.Context, who actor.Actor, n id.ID, cmd CommitCmd) (l Lookback, err error) {
	given := strings.ToLower(strings.TrimSpace(cmd.Commitment))
	if raw, err := hex.DecodeString(given); given != "" && (err != nil || len(raw) != 32) {
		var bad fault.Fields
		bad.Add("commitment", "lookback.bad.commitment")
		return l, bad.Err()
	}
	err = s.log.Write(ctx, who, "lookback.commit", func(tx *audit.Tx) error {
		if l, err = s.step(ctx, tx, who, n, "commit", cmd.Rev); err != nil {
			return err
		}
		list, err := s.population(ctx, tx, l)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return fault.State("lookback.refuse.empty")
		}
		if l.Confidence > 0 && !l.Options.Census {
			l.Size = l.sizeFor(len(list))
		}
		l.Attempt++
		l.Population, l.Digest, l.CommittedAt, l.Commitment, l.sealed = len(list), Digest(candidates(list)), tx.At, given, nil
		if given == "" {
			seed, salt, err := lot.Fresh()
			if err != nil {
				return err
			}
			l.Commitment = Commitment(seed, salt)
			l.sealed = s.Keys.Seal(draws, string(l.ID), []byte(seed+"\n"+salt))
		}
		if err := insertCandidates(ctx, tx, l, list); err != nil {
			return err
		}
		tx.Note("commitment", l.Commitment)
		tx.Note("digest", l.Digest)
		tx.Note("population", l.Population)
		if err := updateLookback(ctx, tx, l); err != nil {
			return err
		}
		return insertEvent(ctx, tx, l, who.Person, "commit", "")
	})
	return l, err
}

// RevealCmd is asked of Reveal. Seed and salt are asked for only when the
// commitment was made outside of the system.
type RevealCmd struct {
	Seed string `json:"seed"`
	Salt string `json:"salt"`
	Rev  int64  `json:"rev"`
}

// Reveal publishes the seed and draws. It refuses when the population is no
// longer the frozen one or the seed is not the one committed to.
func (s *Service) Reveal(ctx context.Context, who actor.Actor, n id.ID, cmd RevealCmd) (l Lookback, err error) {
	err = s.log.Write(ctx, who, "lookback.reveal", func(tx *audit.Tx) error {
		if l, err = s.step(ctx, tx, who, n, "reveal", cmd.Rev); err != nil {
			return err
		}
		if l.Seed, l.Salt, err = s.seedOf(l, cmd); err != nil {
			return err
		}
		list, err := candidatesOf(ctx, tx, l.ID)
		if err != nil {
			return err
		}
		now, err := s.population(ctx, tx, l)
		if err != nil {
			return err
		}
		if Digest(candidates(list)) != l.Digest || Digest(candidates(now)) != l.Digest {
			added, gone := differ(list, now)
			return fault.State("lookback.refuse.population", added, gone)
		}
		byItem := map[id.ID]frozen{}
		for _, c := range list {
			byItem[c.Item] = c
		}
		plan, err := s.seats(ctx, tx, l)
		if err != nil {
			return err
		}
		var samples []Sample
		for _, d := range Draw([]byte(l.Seed), candidates(list), l.Size, l.Options) {
			x, err := s.sampleOf(ctx, tx, l, byItem[d.Item], d.Part, plan)
			if err != nil {
				return err
			}
			samples = append(samples, x)
		}
		if err := s.enter(ctx, tx, samples...); err != nil {
			return err
		}
		l.RevealedAt, l.sealed = tx.At, nil
		tx.Note("seed", l.Seed)
		tx.Note("salt", l.Salt)
		tx.Note("sample", len(samples))
		if err := updateLookback(ctx, tx, l); err != nil {
			return err
		}
		return insertEvent(ctx, tx, l, who.Person, "reveal", "")
	})
	return l, err
}

// seedOf gives the seed that fits the commitment, or refuses.
func (s *Service) seedOf(l Lookback, cmd RevealCmd) (seed, salt string, err error) {
	seed, salt = strings.TrimSpace(cmd.Seed), strings.TrimSpace(cmd.Salt)
	if len(l.sealed) > 0 && seed == "" && salt == "" {
		plain, err := s.Keys.Open(draws, string(l.ID), l.sealed)
		if err != nil {
			return "", "", err
		}
		seed, salt, _ = strings.Cut(string(plain), "\n")
	}
	if subtle.ConstantTimeCompare([]byte(Commitment(seed, salt)), []byte(l.Commitment)) != 1 {
		var bad fault.Fields
		bad.Add("seed", "lookback.refuse.seed")
		return "", "", bad.Err()
	}
	return seed, salt, nil
}

func differ(frozenList, now []frozen) (added, gone int) {
	have := map[id.ID]int{}
	for _, c := range frozenList {
		have[c.Item] = c.Weight
	}
	for _, c := range now {
		if w, ok := have[c.Item]; !ok || w != c.Weight {
			added++
		} else {
			delete(have, c.Item)
		}
	}
	return added, len(have)
}

// ReasonCmd is a step with a reason.
type ReasonCmd struct {
	Reason string `json:"reason"`
	Rev    int64  `json:"rev"`
}

func (c ReasonCmd) check() error {
	var bad fault.Fields
	bad.Need("reason", c.Reason)
	bad.Max("reason", c.Reason, maxReason)
	return bad.Err()
}

// Withdraw gives a commitment up before anything was drawn. The frozen list
// goes; digest, commitment and reason stay for everybody to see.
func (s *Service) Withdraw(ctx context.Context, who actor.Actor, n id.ID, cmd ReasonCmd) error {
	return s.end(ctx, who, n, "withdraw", cmd)
}

// Abandon gives a plan up.
func (s *Service) Abandon(ctx context.Context, who actor.Actor, n id.ID, cmd ReasonCmd) error {
	return s.end(ctx, who, n, "abandon", cmd)
}

func (s *Service) end(ctx context.Context, who actor.Actor, n id.ID, do string, cmd ReasonCmd) error {
	if err := cmd.check(); err != nil {
		return err
	}
	return s.log.Write(ctx, who, "lookback."+do, func(tx *audit.Tx) error {
		l, err := s.step(ctx, tx, who, n, do, cmd.Rev)
		if err != nil {
			return err
		}
		tx.Note("reason", cmd.Reason)
		if err := insertEvent(ctx, tx, l, who.Person, do, cmd.Reason); err != nil {
			return err
		}
		if err := dropCandidates(ctx, tx, l.ID); err != nil {
			return err
		}
		l.Population, l.Digest, l.Commitment, l.CommittedAt, l.sealed = 0, "", "", "", nil
		return updateLookback(ctx, tx, l)
	})
}

// Finish ends the work: every verdict is in force, no objection and no proposal
// is open. The items go back from the teams.
func (s *Service) Finish(ctx context.Context, who actor.Actor, n id.ID, rev int64) error {
	return s.log.Write(ctx, who, "lookback.finish", func(tx *audit.Tx) error {
		l, err := s.step(ctx, tx, who, n, "finish", rev)
		if err != nil {
			return err
		}
		open, err := unfinished(ctx, tx, l.ID)
		if err != nil {
			return err
		}
		if open > 0 {
			return fault.State("lookback.refuse.open", open)
		}
		if open, err = openConsequences(ctx, tx, l.ID); err != nil {
			return err
		}
		if open > 0 {
			return fault.State("lookback.refuse.consequences", open)
		}
		items, err := itemsOf(ctx, tx, l.ID)
		if err != nil {
			return err
		}
		for _, i := range items {
			if err := s.Rectify.Lend(ctx, tx, i, ""); err != nil {
				return err
			}
		}
		if err := updateLookback(ctx, tx, l); err != nil {
			return err
		}
		return insertEvent(ctx, tx, l, who.Person, "finish", "")
	})
}

// AddCmd is asked of Add.
type AddCmd struct {
	No     string `json:"no"`
	Reason string `json:"reason"`
}

// Add names a further item of the population with a reason (另加指定). It is no
// part of the random sample and says nothing about the rest.
func (s *Service) Add(ctx context.Context, who actor.Actor, n id.ID, cmd AddCmd) error {
	var bad fault.Fields
	bad.Need("no", cmd.No)
	bad.Need("reason", cmd.Reason)
	bad.Max("reason", cmd.Reason, maxReason)
	if err := bad.Err(); err != nil {
		return err
	}
	return s.log.Write(ctx, who, "lookback.add", func(tx *audit.Tx) error {
		l, err := s.load(ctx, tx, who, n, "lookback.add")
		if err != nil {
			return err
		}
		found, err := candidateByNo(ctx, tx, l.ID, strings.TrimSpace(cmd.No))
		if err != nil {
			return err
		}
		if len(found) != 1 {
			var bad fault.Fields
			bad.Add("no", "lookback.bad.no", cmd.No)
			return bad.Err()
		}
		plan, err := s.seats(ctx, tx, l)
		if err != nil {
			return err
		}
		x, err := s.sampleOf(ctx, tx, l, found[0], PartNamed, plan)
		if err != nil {
			return err
		}
		if x.Concerns, err = access.Concerns(ctx, tx, x.Item, x.Finding); err != nil {
			return err
		}
		if err := s.policy.Can(who, "sample.read", s.sampleObject(x)); err != nil {
			return err
		}
		if err := s.enter(ctx, tx, x); err != nil {
			if fault.Is(err, fault.KindConflict) {
				return fault.State("lookback.refuse.there", cmd.No)
			}
			return err
		}
		tx.Note("reason", cmd.Reason)
		if err := insertEntry(ctx, tx, Entry{ID: id.New(), Sample: x.ID, Person: who.Person, Do: "add", Reason: cmd.Reason}); err != nil {
			return err
		}
		return insertEvent(ctx, tx, l, who.Person, "add", cmd.No+" "+cmd.Reason)
	})
}
