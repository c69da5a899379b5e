package directive

import (
	"context"
	"fmt"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
)

// Coverage tells of every sentence that asks for something what became of it.
type Coverage struct {
	Directive Directive      `json:"directive"`
	Lines     []CoverageLine `json:"lines"`
	Loose     []Sentence     `json:"loose"` // that ask for something, but no requirement quotes them
	Wordings  []Wording      `json:"wordings"`
	More      bool           `json:"more"` // there are more wordings than were compared
}

// CoverageLine is one open requirement with what was done for it.
type CoverageLine struct {
	Requirement Requirement `json:"requirement"`
	Tally       Tally       `json:"tally"`
}

// Untasked tells a requirement that nobody was asked for.
func (l CoverageLine) Untasked() bool { return l.Tally.All == 0 }

// Unproven tells a requirement that was reported or accepted without a single file.
func (l CoverageLine) Unproven() bool {
	return l.Tally.Reported+l.Tally.Verified > 0 && l.Tally.Evidence == 0
}

// Wording is how one level put a requirement, beside the sentence it comes from.
type Wording struct {
	Issue       Issue       `json:"issue"`
	Requirement Requirement `json:"requirement"`
	Doubts      []Doubt     `json:"doubts"`
}

// wordingsMost bounds the wordings that one page compares.
const wordingsMost = 2000

// Coverage reads what became of a directive's sentences, of the tasks and
// wordings that the actor may see.
func (s *Service) Coverage(ctx context.Context, who actor.Actor, n id.ID) (c Coverage, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		var err error
		if c.Directive, err = s.load(ctx, q, who, n, "read"); err != nil {
			return err
		}
		reqs, err := requirementsOf(ctx, q, n)
		if err != nil {
			return err
		}
		sums, err := tallyByRequirement(ctx, q, s.today(), n, func(args *[]any) string { return s.Policy.Filter(who, "task.read", taskPlaces, args) })
		if err != nil {
			return err
		}
		by := map[id.ID]Requirement{}
		for _, r := range reqs {
			by[r.ID] = r
			if r.State == ReqOpen {
				c.Lines = append(c.Lines, CoverageLine{r, sums[r.ID]})
			}
		}
		sentences, err := sentencesIn(ctx, q, n)
		if err != nil {
			return err
		}
		for _, st := range sentences {
			if st.Class != ClassRequirement {
				continue
			}
			held := false
			for _, r := range reqs {
				held = held || st.Holds(r)
			}
			if !held {
				c.Loose = append(c.Loose, st)
			}
		}
		args := []any{string(n)}
		where := s.Policy.Filter(who, "issue.read", issuePlaces, &args)
		args = append(args, wordingsMost+1)
		issues, err := issuesWhere(ctx, q, fmt.Sprintf("x.directive_id = $1 AND x.state = 'sent' AND %s ORDER BY x.made_at, x.id LIMIT $%d", where, len(args)), args...)
		if err != nil {
			return err
		}
		if c.More = len(issues) > wordingsMost; c.More {
			issues = issues[:wordingsMost]
		}
		for _, x := range issues {
			for _, r := range x.Command.Requirements {
				req := by[r]
				c.Wordings = append(c.Wordings, Wording{x, req, Doubts(req.Quote, x.Title+"\n"+x.Command.Measure)})
			}
		}
		return nil
	})
	return c, err
}

// Contradicting tells a wording that was judged so, or that is in doubt and that
// nobody judged yet.
func (w Wording) Contradicting() bool {
	return w.Issue.Reading == ReadingContradicts || w.Issue.Reading == "" && len(w.Doubts) > 0
}

// Summary is a directive with what became of it, for the rooms above.
type Summary struct {
	ID        id.ID  `json:"id"`
	Title     string `json:"title"`
	State     string `json:"state"`
	Open      int    `json:"requirements"`
	Tally     Tally  `json:"tally"`
	Published string `json:"published"`
}

// Summary reads a directive that the actor may read; of its tasks those that he
// may read count.
func (s *Service) Summary(ctx context.Context, who actor.Actor, n id.ID) (x Summary, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) error {
		d, err := s.load(ctx, q, who, n, "read")
		if err != nil {
			return err
		}
		reqs, err := requirementsOf(ctx, q, n)
		if err != nil {
			return err
		}
		x = Summary{ID: d.ID, Title: d.Title, State: d.State, Published: string(d.Published)}
		for _, r := range reqs {
			if r.State == ReqOpen {
				x.Open++
			}
		}
		args := []any{string(s.today()), string(n)}
		where := s.Policy.Filter(who, "task.read", taskPlaces, &args)
		x.Tally, err = tallyOf(ctx, q, s.today(), "t.directive_id = $2 AND "+where, args[1:]...)
		return err
	})
	return x, err
}
