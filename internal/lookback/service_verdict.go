package lookback

import (
	"context"
	"slices"
	"strings"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/vault"
	"huikan/internal/rectification"
)

// AssignCmd is asked of Assign.
type AssignCmd struct {
	Team id.ID `json:"team"`
	Rev  int64 `json:"rev"`
}

// Assign gives a sampled item to a team of the round. A team in which somebody
// had a hand in the item is refused.
func (s *Service) Assign(ctx context.Context, who actor.Actor, n id.ID, cmd AssignCmd) error {
	return s.log.Write(ctx, who, "sample.assign", func(tx *audit.Tx) error {
		x, err := s.loadSample(ctx, tx, who, n)
		if err != nil {
			return err
		}
		if err := s.policy.Can(who, "sample.assign", s.sampleObject(x)); err != nil {
			return err
		}
		if cmd.Rev != 0 && cmd.Rev != x.Rev {
			return fault.Conflict("sample")
		}
		l, err := ByID(ctx, tx, x.Lookback)
		if err != nil {
			return err
		}
		p, err := s.seats(ctx, tx, l)
		if err != nil {
			return err
		}
		t, ok := p.teams[cmd.Team]
		if !ok {
			var bad fault.Fields
			bad.Add("team", "sample.bad.team")
			return bad.Err()
		}
		hands, err := s.hands(ctx, tx, x.Item)
		if err != nil {
			return err
		}
		if conflicted(t, hands, s.today()) {
			return fault.State("sample.refuse.team", t.Name)
		}
		x.Team = t.ID
		if err := s.Rectify.Lend(ctx, tx, x.Item, t.ID); err != nil {
			return err
		}
		if err := insertEntry(ctx, tx, Entry{ID: id.New(), Sample: x.ID, Person: who.Person, Do: "assign", Reason: t.Name}); err != nil {
			return err
		}
		return updateSample(ctx, tx, x)
	})
}

// newEvidence makes records of what was handed in with a command.
func newEvidence(x Sample, who actor.Actor, asked, note string, files []vault.Stored) []Evidence {
	var out []Evidence
	if note != "" {
		out = append(out, Evidence{ID: id.New(), Sample: x.ID, Person: who.Person, Kind: EvidenceNote, Asked: asked, Text: note})
	}
	for _, f := range files {
		out = append(out, Evidence{ID: id.New(), Sample: x.ID, Person: who.Person, Kind: EvidenceFile, Hash: f.Hash, Name: f.Name, FileKind: f.Kind, Mime: f.Mime, Size: f.Size})
	}
	return out
}

// AddEvidence puts files or a note of an interview to a sampled item.
func (s *Service) AddEvidence(ctx context.Context, who actor.Actor, n id.ID, cmd JudgeCmd, files []vault.Stored) error {
	var bad fault.Fields
	cmd.checkNote(&bad)
	if cmd.Note == "" && len(files) == 0 {
		bad.Add("files", "sample.bad.nothing")
	}
	if err := bad.Err(); err != nil {
		return err
	}
	return s.log.Write(ctx, who, "sample.evidence", func(tx *audit.Tx) error {
		x, err := s.loadSample(ctx, tx, who, n)
		if err != nil {
			return err
		}
		if err := s.policy.Can(who, "sample.evidence", s.sampleObject(x)); err != nil {
			return err
		}
		if err := s.free(ctx, tx, x.Item, who.Person); err != nil {
			return err
		}
		return insertEvidence(ctx, tx, newEvidence(x, who, cmd.Asked, cmd.Note, files)...)
	})
}

// Judge records the verdict of a member of the team.
func (s *Service) Judge(ctx context.Context, who actor.Actor, n id.ID, cmd JudgeCmd, files []vault.Stored) error {
	return s.judge(ctx, who, n, "judge", cmd, files)
}

// Correct records another verdict and names the one that it replaces.
func (s *Service) Correct(ctx context.Context, who actor.Actor, n id.ID, cmd JudgeCmd, files []vault.Stored) error {
	return s.judge(ctx, who, n, "correct", cmd, files)
}

func (s *Service) judge(ctx context.Context, who actor.Actor, n id.ID, do string, cmd JudgeCmd, files []vault.Stored) error {
	return s.log.Write(ctx, who, "sample."+do, func(tx *audit.Tx) error {
		x, to, err := s.stepSample(ctx, tx, who, n, do, cmd.Rev)
		if err != nil {
			return err
		}
		there, err := evidenceOf(ctx, tx, x.ID)
		if err != nil {
			return err
		}
		entries, err := entriesOf(ctx, tx, x.ID)
		if err != nil {
			return err
		}
		fresh := newEvidence(x, who, cmd.Asked, cmd.Note, files)
		var bad fault.Fields
		cmd.Check(&bad, len(there)+len(fresh))
		cmd.checkSince(&bad, x.ClosedOn, s.today())
		if cmd.Verdict != rectification.Unverifiable {
			claims, err := rectification.Claims(ctx, tx, x.Item)
			if err != nil {
				return err
			}
			tests, err := Tests(ctx, tx, x.ID)
			if err != nil {
				return err
			}
			if left := untested(claims, tests); len(left) > 0 {
				bad.Add("verdict", "sample.bad.untested", strings.Join(left, "、"))
			}
		}
		if last, ok := Last(entries); do == "correct" && (!ok || cmd.Names != last.ID) {
			bad.Add("names", "sample.bad.names")
		}
		if err := bad.Err(); err != nil {
			return err
		}
		if do != "correct" {
			cmd.Names = ""
		}
		if err := insertEvidence(ctx, tx, fresh...); err != nil {
			return err
		}
		e := Entry{ID: id.New(), Sample: x.ID, Person: who.Person, Do: do, Verdict: cmd.Verdict, Methods: cmd.Methods, Reason: cmd.Reason, Names: cmd.Names, Since: cmd.Since, Effect: cmd.Effect}
		if err := insertEntry(ctx, tx, e); err != nil {
			return err
		}
		tx.Note("verdict", cmd.Verdict)
		x.State = to
		return updateSample(ctx, tx, x)
	})
}

// Confirm puts a verdict in force: it reaches the item and the unit. What did
// not hold is proposed for reopening.
func (s *Service) Confirm(ctx context.Context, who actor.Actor, n id.ID, rev int64) error {
	return s.log.Write(ctx, who, "sample.confirm", func(tx *audit.Tx) error {
		x, to, err := s.stepSample(ctx, tx, who, n, "confirm", rev)
		if err != nil {
			return err
		}
		entries, err := entriesOf(ctx, tx, x.ID)
		if err != nil {
			return err
		}
		verdict, ok := Last(entries)
		if !ok {
			return fault.NotFound("entry")
		}
		leads, err := s.leads(ctx, tx, verdict.Person, x.Team)
		if err != nil {
			return err
		}
		if err := MayConfirm(who, x, verdict, leads); err != nil {
			return err
		}
		e := Entry{ID: id.New(), Sample: x.ID, Person: who.Person, Do: "confirm", Names: verdict.ID}
		if err := insertEntry(ctx, tx, e); err != nil {
			return err
		}
		x.State = to
		return s.inForce(ctx, tx, x, verdict)
	})
}

// inForce writes a verdict to the sample and to the item.
func (s *Service) inForce(ctx context.Context, tx *audit.Tx, x Sample, verdict Entry) error {
	x.Verdict, x.Effect, x.Entry = verdict.Verdict, verdict.Effect, verdict.ID
	switch {
	case x.Reopening == Reopened:
	case ProposesReopening(x.Verdict) && x.Reopening != Kept:
		x.Reopening = Proposed
	case !ProposesReopening(x.Verdict):
		x.Reopening = ""
	}
	tx.Note("verdict", x.Verdict)
	x.JudgedOn, x.SinceOn = s.today(), verdict.Since
	if err := s.propose(ctx, tx, x); err != nil {
		return err
	}
	if err := s.Rectify.SetVerified(ctx, tx, x.Item, x.Verdict, s.today()); err != nil {
		return err
	}
	return updateSample(ctx, tx, x)
}

// leads tells whether a person leads a team today.
func (s *Service) leads(ctx context.Context, tx *audit.Tx, person, team id.ID) (bool, error) {
	seats, err := inspection.Teams(ctx, tx, person, s.today())
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(seats, func(m actor.Membership) bool { return m.Team == team && m.Role == actor.TeamLeader }), nil
}

// Return sends a verdict back to the team with a reason.
func (s *Service) Return(ctx context.Context, who actor.Actor, n id.ID, cmd ReasonCmd) error {
	return s.answer(ctx, who, n, "return", cmd)
}

// Object is the inspected unit's objection to a verdict about it.
func (s *Service) Object(ctx context.Context, who actor.Actor, n id.ID, cmd ReasonCmd) error {
	return s.answer(ctx, who, n, "object", cmd)
}

func (s *Service) answer(ctx context.Context, who actor.Actor, n id.ID, do string, cmd ReasonCmd) error {
	if err := cmd.check(); err != nil {
		return err
	}
	return s.log.Write(ctx, who, "sample."+do, func(tx *audit.Tx) error {
		x, to, err := s.stepSample(ctx, tx, who, n, do, cmd.Rev)
		if err != nil {
			return err
		}
		entries, err := entriesOf(ctx, tx, x.ID)
		if err != nil {
			return err
		}
		last, _ := Last(entries)
		if err := insertEntry(ctx, tx, Entry{ID: id.New(), Sample: x.ID, Person: who.Person, Do: do, Reason: cmd.Reason, Names: last.ID}); err != nil {
			return err
		}
		tx.Note("reason", cmd.Reason)
		x.State = to
		return updateSample(ctx, tx, x)
	})
}

// Review is the second opinion on an objection, by a third person: the verdict
// stands or another takes its place.
func (s *Service) Review(ctx context.Context, who actor.Actor, n id.ID, cmd JudgeCmd, files []vault.Stored) error {
	return s.log.Write(ctx, who, "sample.review", func(tx *audit.Tx) error {
		x, to, err := s.stepSample(ctx, tx, who, n, "review", cmd.Rev)
		if err != nil {
			return err
		}
		entries, err := entriesOf(ctx, tx, x.ID)
		if err != nil {
			return err
		}
		if err := MayReview(who, entries); err != nil {
			return err
		}
		there, err := evidenceOf(ctx, tx, x.ID)
		if err != nil {
			return err
		}
		fresh := newEvidence(x, who, cmd.Asked, cmd.Note, files)
		var bad fault.Fields
		cmd.Check(&bad, len(there)+len(fresh))
		cmd.checkSince(&bad, x.ClosedOn, s.today())
		if err := bad.Err(); err != nil {
			return err
		}
		if err := insertEvidence(ctx, tx, fresh...); err != nil {
			return err
		}
		last, _ := Last(entries)
		e := Entry{ID: id.New(), Sample: x.ID, Person: who.Person, Do: "review", Verdict: cmd.Verdict, Methods: cmd.Methods, Reason: cmd.Reason, Names: last.ID, Since: cmd.Since, Effect: cmd.Effect}
		if err := insertEntry(ctx, tx, e); err != nil {
			return err
		}
		x.State = to
		return s.inForce(ctx, tx, x, e)
	})
}

// Reopen opens the item again; Keep leaves it closed. Both say why.
func (s *Service) Reopen(ctx context.Context, who actor.Actor, n id.ID, cmd ReasonCmd) error {
	return s.decide(ctx, who, n, "reopen", cmd)
}

// Keep leaves an item closed although its close-out did not hold.
func (s *Service) Keep(ctx context.Context, who actor.Actor, n id.ID, cmd ReasonCmd) error {
	return s.decide(ctx, who, n, "keep", cmd)
}

func (s *Service) decide(ctx context.Context, who actor.Actor, n id.ID, do string, cmd ReasonCmd) error {
	if err := cmd.check(); err != nil {
		return err
	}
	return s.log.Write(ctx, who, "reopening."+do, func(tx *audit.Tx) error {
		x, err := s.loadSample(ctx, tx, who, n)
		if err != nil {
			return err
		}
		to, err := ReopeningFlow.Next(x.Reopening, do)
		if x.Reopening == "" {
			err = fault.State("sample.refuse.no_proposal")
		}
		if err != nil {
			if !s.policy.Ever(who, "reopening."+do) {
				return fault.Denied("sample", "reopening."+do+": no role")
			}
			return err
		}
		if err := s.policy.Can(who, "reopening."+do, s.reopening(x)); err != nil {
			return err
		}
		if cmd.Rev != 0 && cmd.Rev != x.Rev {
			return fault.Conflict("sample")
		}
		if !Known(x.State) || x.State == Objected {
			return fault.State("sample.refuse.undecided")
		}
		if err := s.free(ctx, tx, x.Item, who.Person); err != nil {
			return err
		}
		if do == "reopen" {
			if err := s.Rectify.Reopen(ctx, tx, x.Item, who.Person, cmd.Reason); err != nil {
				return err
			}
		}
		if err := insertEntry(ctx, tx, Entry{ID: id.New(), Sample: x.ID, Person: who.Person, Do: do, Reason: cmd.Reason, Names: x.Entry}); err != nil {
			return err
		}
		tx.Note("reason", cmd.Reason)
		x.Reopening = to
		return updateSample(ctx, tx, x)
	})
}
