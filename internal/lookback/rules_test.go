package lookback_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/lookback"
	"huikan/internal/platform/platformtest"
	"huikan/internal/rectification"
)

func TestWorkflowsRefuseWhatIsNotInTheirTable(t *testing.T) {
	for _, table := range []flow.Table{lookback.Flow, lookback.SampleFlow, lookback.ReopeningFlow} {
		if err := table.Check(); err != nil {
			t.Error(err)
		}
		for _, state := range table.States() {
			for _, do := range table.Actions() {
				there := slices.ContainsFunc(table.From(state), func(s flow.Step) bool { return s.Do == do })
				_, err := table.Next(state, do)
				if there != (err == nil) || err != nil && !fault.Is(err, fault.KindState) {
					t.Errorf("%s %s from %s: %v", table.Name, do, state, err)
				}
			}
		}
	}
}

func TestVerdictNeedsMethodReasonAndEvidence(t *testing.T) {
	good := lookback.JudgeCmd{Verdict: "held", Effect: "clear", Methods: []string{"look", "visit"}, Reason: "现场已经改过来"}
	for name, c := range map[string]struct {
		change   func(*lookback.JudgeCmd)
		evidence int
		field    string
	}{
		"good":                      {func(*lookback.JudgeCmd) {}, 1, ""},
		"no evidence":               {func(*lookback.JudgeCmd) {}, 0, "files"},
		"unverifiable needs none":   {func(c *lookback.JudgeCmd) { c.Verdict, c.Effect = "unverifiable", "" }, 0, ""},
		"no grade of effect":        {func(c *lookback.JudgeCmd) { c.Effect = "" }, 1, "effect"},
		"an unknown grade":          {func(c *lookback.JudgeCmd) { c.Effect = "fine" }, 1, "effect"},
		"a grade of nothing seen":   {func(c *lookback.JudgeCmd) { c.Verdict = "unverifiable" }, 0, "effect"},
		"no verdict":                {func(c *lookback.JudgeCmd) { c.Verdict = "" }, 1, "verdict"},
		"unknown verdict":           {func(c *lookback.JudgeCmd) { c.Verdict = "fine" }, 1, "verdict"},
		"no method":                 {func(c *lookback.JudgeCmd) { c.Methods = nil }, 1, "methods"},
		"unknown method":            {func(c *lookback.JudgeCmd) { c.Methods = []string{"guess"} }, 1, "methods"},
		"no reason":                 {func(c *lookback.JudgeCmd) { c.Reason = " " }, 1, "reason"},
		"a note without its person": {func(c *lookback.JudgeCmd) { c.Note = "他说" }, 1, "asked"},
		"a person without his note": {func(c *lookback.JudgeCmd) { c.Asked = "会计" }, 1, "note"},
	} {
		cmd := good
		c.change(&cmd)
		var bad fault.Fields
		cmd.Check(&bad, c.evidence)
		if c.field == "" && len(bad) > 0 || c.field != "" && !slices.ContainsFunc(bad, func(f fault.Field) bool { return f.Name == c.field }) {
			t.Errorf("%s: %v", name, bad)
		}
	}
}

func TestSomebodyElseConfirmsAndReviews(t *testing.T) {
	leader := func(p id.ID) actor.Actor {
		return actor.Actor{Person: p, Teams: []actor.Membership{{Team: "t", Role: actor.TeamLeader}}}
	}
	office := platformtest.As("office", actor.Office, root)
	s, verdict := lookback.Sample{Team: "t"}, lookback.Entry{Person: "member", Verdict: "held", Do: "judge"}
	for name, c := range map[string]struct {
		who         actor.Actor
		authorLeads bool
		ok          bool
	}{
		"the leader": {leader("leader"), false, true}, "himself": {leader("member"), false, false}, "another team's leader": {actor.Actor{Person: "x", Teams: []actor.Membership{{Team: "u", Role: actor.TeamLeader}}}, false, false},
		"the office in place of the leader": {office, false, false}, "the office for the leader's own verdict": {office, true, true}, "nobody": {actor.Actor{}, true, false},
	} {
		if err := lookback.MayConfirm(c.who, s, verdict, c.authorLeads); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	entries := []lookback.Entry{verdict, {Person: "leader", Do: "confirm"}, {Person: "head", Do: "object"}}
	for p, ok := range map[id.ID]bool{"member": false, "leader": false, "head": false, "third": true, "": false} {
		if err := lookback.MayReview(actor.Actor{Person: p}, entries); (err == nil) != ok {
			t.Errorf("second opinion of %q: %v", p, err)
		}
	}
}

func TestHandsAreRecused(t *testing.T) {
	hands := lookback.Hands(rectification.Item{Closer: "a", Rectifier: "b"}, []rectification.Closing{{By: "b", Judge: "c"}, {By: "d"}})
	if !slices.Equal(hands, []id.ID{"a", "b", "c", "d"}) {
		t.Errorf("hands: %v", hands)
	}
	platformtest.WantKind(t, "the closer", lookback.Recused("a", hands), fault.KindForbidden)
	if lookback.Recused("e", hands) != nil || lookback.Recused("", hands) != nil {
		t.Error("a free person is refused")
	}
}

func rows(t *rapid.T) []lookback.Row {
	verdicts := append(rectification.Verdicts(), "")
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) lookback.Row {
		return lookback.Row{Unit: id.ID(rapid.SampledFrom([]string{"u1", "u2", "u3", "u4"}).Draw(t, "unit")), Closer: id.ID(rapid.SampledFrom([]string{"c1", "c2"}).Draw(t, "closer")),
			Part:    rapid.SampledFrom([]string{lookback.PartRandom, lookback.PartRisk, lookback.PartNamed}).Draw(t, "part"),
			Claimed: rapid.SampledFrom(rectification.ClaimedStatuses()).Draw(t, "claimed"), Verdict: rapid.SampledFrom(verdicts).Draw(t, "verdict")}
	}), 0, 60).Draw(t, "rows")
}

func TestTotalsAreTheSumOfTheRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rows(t)
		byUnit := lookback.Lines(list, map[id.ID]int{"u1": 40, "u5": 2}, func(r lookback.Row) id.ID { return r.Unit })
		byCloser := lookback.Lines(list, nil, func(r lookback.Row) id.ID { return r.Closer })
		a, b := lookback.Sum(byUnit), lookback.Sum(byCloser)
		cross := 0
		for _, c := range lookback.Cross(list) {
			cross += c.Sampled
		}
		if a.Sampled != len(list) || b.Sampled != len(list) || cross != len(list) || a.Closed != 42 {
			t.Fatalf("sums %d, %d, %d of %d rows; closed %d", a.Sampled, b.Sampled, cross, len(list), a.Closed)
		}
		verdicts := a.Pending
		for _, v := range rectification.Verdicts() {
			if a.Counts[v] != b.Counts[v] {
				t.Fatalf("%s: %d by unit, %d by reviewer", v, a.Counts[v], b.Counts[v])
			}
			verdicts += a.Counts[v]
		}
		if verdicts != len(list) {
			t.Fatalf("%d verdicts of %d rows", verdicts, len(list))
		}
		for _, l := range append(byUnit, a) {
			if l.Honest != nil && (l.Honest.Low > l.Honest.Share+1e-9 || l.Honest.High < l.Honest.Share-1e-9) {
				t.Fatalf("interval %v", l.Honest)
			}
		}
	})
}

func TestSmallCellsAreHidden(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := lookback.Lines(rows(t), nil, func(r lookback.Row) id.ID { return r.Unit })
		hidden, shown := 0, 0
		for i, l := range lookback.Suppress(lines) {
			switch {
			case l.Hidden:
				hidden++
				if len(l.Counts) > 0 || l.Honest != nil || l.Pending != 0 {
					t.Fatalf("a hidden line tells: %+v", l)
				}
			case lines[i].Verified() > 0:
				shown++
				if lines[i].Verified() < lookback.SmallCell {
					t.Fatalf("shown: %+v", l)
				}
			}
		}
		if hidden == 1 && shown > 0 {
			t.Fatal("the one hidden line is the total less the others")
		}
	})
}

func TestEstimateUsesTheRandomPartAlone(t *testing.T) {
	var list []lookback.Row
	add := func(n int, part, verdict string) {
		for range n {
			list = append(list, lookback.Row{Part: part, Verdict: verdict})
		}
	}
	if e := lookback.EstimateOf(nil, 10); e.Rate != nil {
		t.Errorf("an estimate from nothing: %+v", e)
	}
	add(38, lookback.PartRandom, "held")
	add(1, lookback.PartRandom, "paper")
	add(1, lookback.PartRandom, "false")
	add(2, lookback.PartRandom, "unverifiable")
	add(3, lookback.PartRandom, "")
	add(10, lookback.PartRisk, "false")
	add(1, lookback.PartNamed, "relapsed")
	e := lookback.EstimateOf(list, 1000)
	if e.Verified != 40 || e.Untrue != 2 || e.Targeted != 11 || e.TargetUntrue != 10 || e.Pending != 3 || e.Unverifiable != 2 {
		t.Errorf("%+v", e)
	}
	if e.Rate.Low < .006 || e.Rate.Low > .0062 || e.Rate.High < .169 || e.Rate.High > .17 || e.Low != 12 || e.High != 170 {
		t.Errorf("2 of 40: %+v, items %d to %d", *e.Rate, e.Low, e.High)
	}
	list = nil
	add(3, lookback.PartCensus, "held")
	add(1, lookback.PartCensus, "paper")
	if e := lookback.EstimateOf(list, 4); !e.Census || e.Low != 1 || e.High != 1 || e.Rate.Low != .25 || e.Rate.High != .25 {
		t.Errorf("a census estimates: %+v", e)
	}
}

func TestFifthLensNamesWhatIsMissing(t *testing.T) {
	if got := lookback.ClassesOf("对责任人作出处分，修订审批制度，开展警示教育"); len(got) != 3 {
		t.Errorf("classes: %v", got)
	}
	cover := lookback.Cover([]lookback.Sample{{Category: "theory", Classes: map[string]int{"education": 2}}, {Category: "theory", Classes: map[string]int{"control": 1}}, {Category: "discipline"}})
	if len(cover) != 2 || cover[1].Items != 2 || !slices.Equal(cover[1].Missing(), []string{"deterrence"}) || len(cover[0].Missing()) != 3 {
		t.Errorf("%+v", cover)
	}
}

func TestNotes(t *testing.T) {
	for name, c := range map[string]struct {
		cmd lookback.NoteCmd
		ok  bool
	}{
		"an answer":         {lookback.NoteCmd{Lens: 1, Point: "legal.rules", Answer: "met"}, true},
		"unmet without why": {lookback.NoteCmd{Lens: 1, Point: "legal.rules", Answer: "unmet"}, false},
		"point of no lens":  {lookback.NoteCmd{Lens: 2, Point: "legal.rules", Answer: "met"}, false},
		"no such lens":      {lookback.NoteCmd{Lens: 6, Text: "x"}, false},
		"a remark":          {lookback.NoteCmd{Lens: 4, Text: "x"}, true},
		"nothing":           {lookback.NoteCmd{Lens: 4}, false},
	} {
		var bad fault.Fields
		c.cmd.Check(&bad)
		if (len(bad) == 0) != c.ok {
			t.Errorf("%s: %v", name, bad)
		}
	}
}
