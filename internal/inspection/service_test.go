package inspection

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"huikan/hantext"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/flow"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/org"
	"huikan/internal/person"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
)

func TestWorkflowsAreSound(t *testing.T) {
	for _, table := range []flow.Table{RoundFlow, VisitFlow, FindingFlow} {
		if err := table.Check(); err != nil {
			t.Error(err)
		}
		for _, st := range table.States() {
			for _, do := range table.Actions() {
				_, err := table.Next(st, do)
				has := slices.ContainsFunc(table.Steps, func(s flow.Step) bool { return s.From == st && s.Do == do })
				if has != (err == nil) || !has && !fault.Is(err, fault.KindState) {
					t.Errorf("%s %s from %s: %v", table.Name, do, st, err)
				}
			}
		}
	}
}

func TestRecusals(t *testing.T) {
	target := org.Unit{ID: "henan", Path: "spp/41/", Coverage: []string{"410000"}}
	paths := map[id.ID]string{"spp": "spp/", "henan": "spp/41/", "xinxiang": "spp/41/4107/", "hebei": "spp/13/"}
	for _, tc := range []struct {
		name string
		c    Candidate
		want []string
	}{
		{"nothing", Candidate{Facts: person.Facts{Unit: "spp", Native: "130000", FormerUnits: []id.ID{"hebei"}}}, nil},
		{"own", Candidate{Facts: person.Facts{Unit: "henan"}}, []string{RecuseOwn}},
		{"below own", Candidate{Facts: person.Facts{Unit: "xinxiang"}}, []string{RecuseOwn}},
		{"former", Candidate{Facts: person.Facts{Unit: "spp", FormerUnits: []id.ID{"xinxiang"}}}, []string{RecuseFormer}},
		{"native", Candidate{Facts: person.Facts{Unit: "spp", Native: "410782"}}, []string{RecuseNative}},
		{"kin", Candidate{Facts: person.Facts{Unit: "spp", KinUnits: []id.ID{"henan"}}}, []string{RecuseKin}},
		{"kin of a leader", Candidate{Facts: person.Facts{Unit: "spp", KinUnits: []id.ID{"henan"}}, LeaderUnits: []id.ID{"henan"}}, []string{RecuseLeader}},
	} {
		var got []string
		for _, r := range Recusals(tc.c, target, func(u id.ID) string { return paths[u] }) {
			got = append(got, r.Rule)
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("%s: got %v, want %v", tc.name, got, tc.want)
		}
	}
}

func TestParseYuan(t *testing.T) {
	for in, want := range map[string]int64{"": 0, "0": 0, "3.27": 327, "32700": 3270000, "1,000.5": 100050} {
		if got, err := parseYuan(in); err != nil || got != want {
			t.Errorf("%q: %d, %v", in, got, err)
		}
	}
	for _, in := range []string{"-1", "x", "1.234", ".5", "99999999999999"} {
		if got, err := parseYuan(in); err == nil {
			t.Errorf("%q: took %d", in, got)
		}
	}
}

func cmd(v id.ID, title string) AddFindingCmd {
	return AddFindingCmd{Visit: v, Category: "discipline", Title: title, Fact: "抽查二十份会议记录，六份没有研究过程。", Severity: "general", Scope: "individual", Origin: "inspection"}
}

// seatAll seats leader and inspector and takes the team to the unit.
func (w *world) seatAll(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	find := func(no string) id.ID {
		ps := must(w.s.People.Find(ctx, program, no, "", 2))(t)
		if len(ps) != 1 {
			t.Fatalf("%d people of %s", len(ps), no)
		}
		return ps[0].ID
	}
	for no, post := range map[string]string{"A1": PostLeader, "A2": PostMember} {
		must(w.s.Seat(ctx, w.office, w.team.ID, SeatCmd{Person: find(no), Post: post}))(t)
	}
	for _, no := range []string{"A3", "A4"} {
		_, err := w.s.Seat(ctx, w.office, w.team.ID, SeatCmd{Person: find(no), Post: PostMember})
		platformtest.WantKind(t, "seat against a recusal rule", err, fault.KindInvalid)
		if f, _ := fault.Of(err); f == nil || len(f.Fields) != 1 || !strings.HasPrefix(f.Fields[0].Key, "recusal.") {
			t.Errorf("the refusal does not name the rule: %v", err)
		}
	}
	sit := func(name, no string) actor.Actor {
		a := platformtest.As(string(find(no)), actor.Staff, w.spp)
		a.Name = name
		check(t, w.DB.Read(ctx, func(q db.Q) (err error) { a.Teams, err = Teams(ctx, q, find(no), w.s.today()); return err }))
		return a
	}
	w.leader, w.inspector = sit("组长甲", "A1"), sit("组员乙", "A2")
	w.round = must(w.s.AdvanceRound(ctx, w.office, w.round.ID, "enter", w.round.Rev))(t)
	w.visit = must(w.s.MoveVisit(ctx, w.leader, w.visit.ID, "enter", MoveVisitCmd{On: "2026-01-05", Rev: w.visit.Rev}))(t)
}

func TestFromDraftToAnswer(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		ctx := context.Background()
		w := open(t, k)
		w.seatAll(t)
		f := must(w.s.AddFinding(ctx, w.inspector, cmd(w.visit.ID, "民主集中制执行不严格")))(t)
		other := must(w.s.AddFinding(ctx, w.inspector, cmd(w.visit.ID, "会议记录不完整")))(t)
		if f.No != "1907-41-001" || other.No != "1907-41-002" {
			t.Errorf("numbers %s, %s", f.No, other.No)
		}
		_, err := w.s.AddFinding(ctx, w.office, cmd(w.visit.ID, "x"))
		platformtest.WantKind(t, "the office drafts", err, fault.KindNotFound)
		hidden := func(when string, who ...actor.Actor) {
			t.Helper()
			for _, a := range who {
				_, err := w.s.Finding(ctx, a, f.ID)
				platformtest.WantKind(t, when+": "+a.Name, err, fault.KindNotFound)
				fs, next, err := w.s.ListFindings(ctx, a, page.Query{Size: 50})
				if err != nil || len(fs) != 0 || next.Count != 0 {
					t.Errorf("%s: %s lists %d, counts %d, %v", when, a.Name, len(fs), next.Count, err)
				}
			}
		}
		hidden("draft", w.office, w.head, w.stranger)
		edited := cmd(w.visit.ID, "民主集中制执行不够严格")
		edited.Rev = f.Rev
		must(w.s.EditFinding(ctx, w.inspector, f.ID, edited))(t)
		_, err = w.s.EditFinding(ctx, w.leader, f.ID, edited)
		platformtest.WantKind(t, "edit of an old revision", err, fault.KindConflict)
		_, err = w.s.Decide(ctx, w.inspector, f.ID, "confirm", DecideCmd{})
		platformtest.WantKind(t, "confirm a draft", err, fault.KindState)
		must(w.s.Decide(ctx, w.inspector, f.ID, "submit", DecideCmd{}))(t)
		_, err = w.s.Decide(ctx, w.inspector, f.ID, "confirm", DecideCmd{})
		platformtest.WantKind(t, "inspector confirms", err, fault.KindNotFound)
		_, err = w.s.Decide(ctx, w.leader, f.ID, "return", DecideCmd{})
		platformtest.WantKind(t, "return without reason", err, fault.KindInvalid)
		must(w.s.Decide(ctx, w.leader, f.ID, "confirm", DecideCmd{}))(t)
		hidden("confirmed", w.head, w.stranger)
		w.visit = must(w.s.MoveVisit(ctx, w.leader, w.visit.ID, "leave", MoveVisitCmd{On: "2026-02-27", Rev: w.visit.Rev}))(t)
		_, _, err = w.s.FeedBack(ctx, w.office, w.visit.ID, FeedBackCmd{On: "2026-03-02", Rev: w.visit.Rev})
		platformtest.WantKind(t, "feedback with a draft open", err, fault.KindState)
		must(w.s.Decide(ctx, w.inspector, other.ID, "submit", DecideCmd{}))(t)
		must(w.s.Decide(ctx, w.leader, other.ID, "confirm", DecideCmd{}))(t)
		w.feedBackFails(t)
		v, n, err := w.s.FeedBack(ctx, w.office, w.visit.ID, FeedBackCmd{On: "2026-03-02", Rev: w.visit.Rev})
		if err != nil || n != 2 || v.State != VisitFedBack || w.fed[f.ID] != "2026-09-02" || len(w.fed) != 2 {
			t.Fatalf("feedback of %d, due %v, %v", n, w.fed, err)
		}
		hidden("fed back", w.stranger)
		must(w.s.Decide(ctx, w.head, f.ID, "accept", DecideCmd{}))(t)
		must(w.s.Decide(ctx, w.head, other.ID, "object", DecideCmd{Reason: "记录存放在另一卷"}))(t)
		w.s.OnWithdrawn(func(_ context.Context, _ *audit.Tx, f Finding) error { return fmt.Errorf("%s is in the ledger", f.No) })
		if _, err := w.s.Decide(ctx, w.office, other.ID, "withdraw", DecideCmd{Reason: "x"}); err == nil || !strings.Contains(err.Error(), other.No) || must(w.s.Finding(ctx, w.office, other.ID))(t).State != Objected {
			t.Errorf("withdrawn although the ledger keeps it: %v", err)
		}
		w.s.withdrawn = nil
		_, err = w.s.Decide(ctx, w.head, other.ID, "withdraw", DecideCmd{Reason: "x"})
		platformtest.WantKind(t, "the unit withdraws its own finding", err, fault.KindNotFound)
		got := must(w.s.Decide(ctx, w.office, other.ID, "uphold", DecideCmd{Reason: "另一卷也没有"}))(t)
		if got.State != Upheld || got.ResponseReason == "" || got.Ruling == "" {
			t.Errorf("ruling: %+v", got)
		}
		found, _, err := w.s.ListFindings(ctx, w.head, page.Query{Size: 50, Filter: map[string][]string{"q": {"民主集中制"}, "unit": {"河南省人民检察院"}}})
		if err != nil || len(found) != 1 || found[0].ID != f.ID {
			t.Errorf("search finds %d, %v", len(found), err)
		}
	})
}

// feedBackFails shows that a ledger that refuses stops the whole feedback.
func (w *world) feedBackFails(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	hooks := w.s.onFed
	w.s.OnFedBack(func(context.Context, *audit.Tx, Finding, clock.Date) error { return errors.New("ledger is full") })
	if _, _, err := w.s.FeedBack(ctx, w.office, w.visit.ID, FeedBackCmd{On: "2026-03-02", Rev: w.visit.Rev}); err == nil {
		t.Error("fed back without the ledger")
	}
	w.s.onFed = hooks
	clear(w.fed)
	check(t, w.DB.Read(ctx, func(q db.Q) error {
		n, err := countFindings(ctx, q, "f.state = $1", 10, []any{FedBack})
		if n != 0 {
			t.Errorf("%d findings half fed back", n)
		}
		return err
	}))
}

func TestPersonConcernedNeverSeesTheFinding(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		ctx := context.Background()
		w := open(t, k)
		w.seatAll(t)
		c := cmd(w.visit.ID, "报销审核把关不严")
		c.Subjects = []id.ID{w.leader.Person}
		f := must(w.s.AddFinding(ctx, w.inspector, c))(t)
		_, err := w.s.Finding(ctx, w.leader, f.ID)
		platformtest.WantKind(t, "the leader concerned", err, fault.KindNotFound)
		_, next, err := w.s.ListFindings(ctx, w.leader, page.Query{Size: 50})
		if err != nil || next.Count != 0 {
			t.Errorf("counts %d, %v", next.Count, err)
		}
	})
}

func TestPagesOfFindings(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		ctx := context.Background()
		w := open(t, k)
		w.seatAll(t)
		for i := range 25 {
			must(w.s.AddFinding(ctx, w.inspector, cmd(w.visit.ID, fmt.Sprintf("问题之%d", i))))(t)
		}
		q := page.Query{Size: 20}
		first, next, err := w.s.ListFindings(ctx, w.inspector, q)
		if err != nil || len(first) != 20 || next.After == "" || next.Before != "" || next.Count != 25 {
			t.Fatalf("first page %d, %+v, %v", len(first), next, err)
		}
		q.After = []string{string(first[19].ID)}
		second, next, err := w.s.ListFindings(ctx, w.inspector, q)
		if err != nil || len(second) != 5 || next.After != "" || next.Before == "" || second[0].ID >= first[19].ID {
			t.Fatalf("second page %d, %+v, %v", len(second), next, err)
		}
		back, next, err := w.s.ListFindings(ctx, w.inspector, page.Query{Size: 20, Before: []string{string(second[0].ID)}})
		if err != nil || len(back) != 20 || back[0].ID != first[0].ID || next.After == "" {
			t.Fatalf("page back %d, %+v, %v", len(back), next, err)
		}
	})
}

func TestCoverageOfTheProvinces(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		ctx := context.Background()
		w := open(t, k)
		w.seatAll(t)
		list := must(w.s.Coverage(ctx, w.office, Term{ID: w.round.Term, Start: "2022-10-01"}, w.spp.Unit))(t)
		if len(list) != 32 {
			t.Fatalf("%d provincial units", len(list))
		}
		for _, c := range list {
			if want := c.Unit.ID == w.henan.Unit; c.InTerm != want || c.Ever != want {
				t.Errorf("%s: %+v", c.Unit.Name, c)
			}
		}
		must(w.s.AddFinding(ctx, w.inspector, cmd(w.visit.ID, "会议记录不完整")))(t)
		// The kind of the visit decides, not that of its round: what is no inspection covers nobody.
		for _, kind := range RoundKinds() {
			check(t, w.Log.Write(ctx, program, "kind", func(tx *audit.Tx) error {
				tx.Touch("inspection_visit", w.visit.ID)
				_, err := tx.Exec(ctx, "UPDATE inspection_visit SET kind = $1 WHERE id = $2", kind, string(w.visit.ID))
				return err
			}))
			n := 0
			for _, c := range must(w.s.Coverage(ctx, w.office, Term{ID: w.round.Term, Start: "2022-10-01"}, w.spp.Unit))(t) {
				if c.InTerm {
					n++
				}
			}
			if (n == 1) != Inspects(kind) {
				t.Errorf("%s: %d units covered", kind, n)
			}
			for _, x := range RoundKinds() {
				fs, _, err := w.s.ListFindings(ctx, w.inspector, page.Query{Size: 10, Filter: url.Values{"work": {x}}})
				check(t, err)
				if (len(fs) == 1) != (x == kind) {
					t.Errorf("%d findings of %s in a visit of %s", len(fs), x, kind)
				}
			}
		}
		_, err := w.s.Coverage(ctx, platformtest.As("x", actor.Office, w.henan), Term{}, w.spp.Unit)
		platformtest.WantKind(t, "a province asks about the country", err, fault.KindNotFound)
	})
}

func circular(t *testing.T) hantext.Article {
	t.Helper()
	raw := must(os.ReadFile("testdata/circulars/01-arabic-levels.txt"))(t)
	return must(hantext.Clean(raw))(t)
}

func TestImportIsWholeOrNothing(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		ctx := context.Background()
		w := open(t, k)
		count := func() (n int) {
			check(t, w.DB.Read(ctx, func(q db.Q) (err error) { n, err = countFindings(ctx, q, "TRUE", 1000, nil); return err }))
			return n
		}
		a := circular(t)
		_, err := w.s.ImportCircular(ctx, program, a, ImportOptions{})
		platformtest.WantKind(t, "a unit that nobody knows", err, fault.KindInvalid)
		out := must(w.s.ImportCircular(ctx, program, a, ImportOptions{Unit: "新乡市人民检察院", DryRun: true}))(t)
		if len(out.Findings) != 5 || count() != 0 {
			t.Fatalf("dry run made %d, kept %d", len(out.Findings), count())
		}
		clear(w.fed)
		hooks := w.s.onFed
		left := 3
		w.s.OnFedBack(func(context.Context, *audit.Tx, Finding, clock.Date) error {
			if left--; left == 0 {
				return errors.New("ledger is full")
			}
			return nil
		})
		if _, err := w.s.ImportCircular(ctx, program, a, ImportOptions{Unit: "新乡市人民检察院"}); err == nil || count() != 0 {
			t.Errorf("half imported: %d, %v", count(), err)
		}
		w.s.onFed = hooks
		out = must(w.s.ImportCircular(ctx, program, a, ImportOptions{Unit: "新乡市人民检察院"}))(t)
		if count() != 5 || len(w.fed) < 5 || !out.NewRound || out.Round.Unit != w.henan.Unit || out.Visit.Feedback != "2022-12-20" {
			t.Errorf("imported %d, %+v", count(), out.Round)
		}
		if f := out.Findings[2]; f.Stated.Status != "长期坚持" || w.fed[f.ID] != "" || f.State != FedBack {
			t.Errorf("long-term finding: %+v due %s", f.Stated, w.fed[f.ID])
		}
		_, err = w.s.ImportCircular(ctx, program, a, ImportOptions{Unit: "新乡市人民检察院", Round: out.Round.ID})
		platformtest.WantKind(t, "twice into one round", err, fault.KindState)
		_, err = w.s.ImportCircular(ctx, w.head, a, ImportOptions{Unit: "新乡市人民检察院"})
		platformtest.WantKind(t, "a unit head imports", err, fault.KindNotFound)
	})
}

func TestBadFiles(t *testing.T) {
	for name, tc := range map[string]struct {
		raw  string
		size int64
		kind fault.Kind
	}{
		"image.png": {"\x89PNG\r\n\x1a\n0000", 12, fault.KindInvalid},
		"fake.docx": {"PK\x03\x04 not a zip at all", 23, fault.KindInvalid},
		"huge.txt":  {"", 200 << 20, fault.KindLimit},
	} {
		_, err := ReadArticle(name, strings.NewReader(tc.raw), tc.size)
		platformtest.WantKind(t, name, err, tc.kind)
	}
}
