package rectification_test

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/search"
	"huikan/internal/platform/vault"
	rect "huikan/internal/rectification"
)

var ctx = context.Background()

// units is a small tree: headquarters, two provinces.
type units struct{}

var (
	hq    = access.Place{Unit: "u-hq", Path: "spp/"}
	north = access.Place{Unit: "u-north", Path: "spp/11/"}
	south = access.Place{Unit: "u-south", Path: "spp/44/"}
)

var unitNames = map[id.ID]string{"u-hq": "最高人民检察院", "u-north": "北方省人民检察院", "u-south": "南方省人民检察院"}

func (units) Place(n id.ID) access.Place {
	for _, p := range []access.Place{hq, north, south} {
		if p.Unit == n {
			return p
		}
	}
	return access.Place{Unit: n}
}
func (units) Name(n id.ID) string  { return unitNames[n] }
func (units) Short(n id.ID) string { return unitNames[n] }

var (
	program  = actor.Program("test")
	liaison  = platformtest.As("liaison", actor.Liaison, north)
	head     = platformtest.As("head", actor.UnitHead, north)
	stranger = platformtest.As("stranger", actor.Liaison, south)
	reviewer = platformtest.As("reviewer", actor.Reviewer, hq)
	office   = platformtest.As("office", actor.Office, hq)
	leader   = platformtest.As("leader", actor.Leader, north)
	admins   = []actor.Actor{platformtest.As("sys", actor.SysAdmin, hq), platformtest.As("sec", actor.SecAdmin, hq), platformtest.As("aud", actor.Auditor, hq)}
)

type world struct {
	*platformtest.Kit
	s *rect.Service
}

func each(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	parts := platformtest.Parts{Schemas: []fs.FS{inspection.Schema, search.Schema, rect.Schema}, Tables: append(append([]string{}, inspection.Tables...), rect.Tables...),
		Rules: append(inspection.Rules(), rect.Rules()...)}
	platformtest.Each(t, parts, func(t *testing.T, k *platformtest.Kit) {
		files, err := vault.Open(k.Dir, k.Keys)
		if err != nil {
			t.Fatal(err)
		}
		ok(t, k.Log.Write(ctx, program, "tree", func(tx *audit.Tx) error {
			for unit, above := range map[id.ID][]id.ID{hq.Unit: {hq.Unit}, north.Unit: {north.Unit, hq.Unit}, south.Unit: {south.Unit, hq.Unit}} {
				if err := access.PutUnit(ctx, tx, unit, above); err != nil {
					return err
				}
			}
			return nil
		}))
		fn(t, &world{k, rect.New(rect.Deps{Log: k.Log, Policy: k.Policy, Clock: k.Clock, Units: units{}, Files: files,
			Find: func(text string) []id.ID {
				for n, name := range unitNames {
					if strings.Contains(name, text) {
						return []id.ID{n}
					}
				}
				return nil
			},
			Names: func(_ context.Context, _ db.Q, ids ...id.ID) (map[id.ID]string, error) {
				out := map[id.ID]string{}
				for _, n := range ids {
					out[n] = "姓名" + string(n)
				}
				return out, nil
			}})})
	})
}

// item takes an item over in a state.
func (w *world) item(t *testing.T, no string, change func(*rect.NewItem)) id.ID {
	t.Helper()
	n := rect.NewItem{Item: rect.Item{ID: id.New(), Finding: id.New(), Round: "round", Team: "team", Unit: north.Unit, By: hq.Unit, No: no,
		Title: "检察官联席会议纪要未归档", Problem: "抽查五份纪要，三份没有归档。", Severity: "serious", Category: "discipline",
		FedBack: "2026-01-15", Due: "2026-07-15"}}
	if change != nil {
		change(&n)
	}
	if err := w.s.AddMany(ctx, program, []rect.NewItem{n}); err != nil {
		t.Fatal(err)
	}
	return n.ID
}

func (w *world) get(t *testing.T, n id.ID) (i rect.Item) {
	t.Helper()
	if err := w.DB.Read(ctx, func(q db.Q) (err error) { i, err = rect.ItemByID(ctx, q, n); return err }); err != nil {
		t.Fatal(err)
	}
	return i
}

func (w *world) dossier(t *testing.T, n id.ID) (d rect.Dossier) {
	t.Helper()
	err := w.DB.Read(ctx, func(q db.Q) error {
		i, err := rect.ItemByID(ctx, q, n)
		if err == nil {
			d, err = w.s.Dossier(ctx, q, i)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func file(name, text string) []rect.FileIn {
	return []rect.FileIn{{Name: name, Size: int64(len(text)), R: strings.NewReader(text)}}
}

// claims are the ids of all claims in force of an item.
func (w *world) claims(t *testing.T, n id.ID) (out []id.ID) {
	for _, c := range w.dossier(t, n).Claims {
		if !c.Dropped {
			out = append(out, c.ID)
		}
	}
	return out
}

var measure = rect.MeasureCmd{Text: "逐份补齐并归档", Kind: rect.Symptom, Responsible: "王某", Due: "2026-06-30"}

// toRectifying brings a fresh item as far as the work itself.
func (w *world) toRectifying(t *testing.T, n id.ID) {
	t.Helper()
	ok(t, w.s.Claim(ctx, liaison, rect.ClaimCmd{Items: []id.ID{n}}))
	ok(t, w.s.Plan(ctx, liaison, n, rect.PlanCmd{Lead: "李副检察长", Department: "案管办", Rev: w.get(t, n).Rev}))
	_, err := w.s.AddMeasure(ctx, liaison, n, measure)
	ok(t, err)
	ok(t, w.s.SubmitPlan(ctx, head, n, 0))
	ok(t, w.s.ApprovePlan(ctx, reviewer, n, rect.DecideCmd{}))
}

// toApplied goes on to an application with one piece of evidence.
func (w *world) toApplied(t *testing.T, n id.ID) rect.Evidence {
	t.Helper()
	es, err := w.s.HandIn(ctx, liaison, n, rect.EvidenceCmd{Note: "归档目录"}, file("目录.txt", "一、已归档五份。"+string(n)))
	ok(t, err)
	w.Clock.Advance(time.Minute)
	ok(t, w.s.Apply(ctx, liaison, n, w.applyCmd(t, n)))
	w.Clock.Advance(time.Minute)
	return es[0]
}

func (w *world) applyCmd(t *testing.T, n id.ID) rect.ApplyCmd {
	d := w.dossier(t, n)
	return rect.ApplyCmd{Statement: "五份纪要已全部归档。", Measures: []id.ID{d.Measures[0].ID}, Claimed: rect.Done, ClaimedWord: "已完成"}
}

func TestTheFlowIsSound(t *testing.T) {
	ok(t, rect.Flow.Check())
	for _, st := range rect.Flow.States() {
		for _, do := range rect.Flow.Actions() {
			want := false
			for _, s := range rect.Flow.From(st) {
				want = want || s.Do == do
			}
			if _, err := rect.Flow.Next(st, do); (err == nil) != want {
				t.Errorf("%s in %s: %v", do, st, err)
			}
		}
	}
}

func TestClaimedOf(t *testing.T) {
	for word, want := range map[string]string{"": rect.NotStarted, "已完成": rect.Done, "未完成": rect.NotDone, "基本完成并持续整改": rect.BasicallyDone,
		"阶段性完成": rect.StageDone, "长期坚持": rect.ClaimedLasting, "正在整改": rect.InProgress, "整改到位": rect.Done, "整改不到位": rect.NotDone, "某种说法": rect.InProgress} {
		if got := rect.ClaimedOf(word); got != want {
			t.Errorf("%s: %s, want %s", word, got, want)
		}
	}
}

func TestOverdueIsComputed(t *testing.T) {
	for _, tc := range []struct {
		state         string
		today         clock.Date
		overdue, near bool
	}{
		{rect.StateRectifying, "2026-07-16", true, false}, {rect.StateRectifying, "2026-07-15", false, true}, {rect.StateRectifying, "2026-06-15", false, true},
		{rect.StateRectifying, "2026-06-14", false, false}, {rect.StateClosed, "2027-01-01", false, false}, {rect.StateApplied, "2027-01-01", false, false},
	} {
		i := rect.Item{State: tc.state, Due: "2026-07-15"}
		if i.Overdue(tc.today) != tc.overdue || i.Near(tc.today) != tc.near {
			t.Errorf("%+v: overdue %v near %v", tc, i.Overdue(tc.today), i.Near(tc.today))
		}
	}
}

// feed makes the visit that a finding belongs to and feeds the finding back.
func (w *world) feed(t *testing.T, f inspection.Finding, due clock.Date, subject id.ID) {
	t.Helper()
	ok(t, w.Log.Write(ctx, program, "visit.feed_back", func(tx *audit.Tx) error {
		for _, x := range []struct {
			table string
			id    string
			sql   string
			args  []any
		}{
			{"inspection_term", "term", "INSERT INTO inspection_term (id, no, name, unit_id, start_on, end_on, rev) VALUES ($1, 1, '本届', $2, '2023-01-01', '2028-01-01', 1)", []any{"term", string(hq.Unit)}},
			{"inspection_round", "round", "INSERT INTO inspection_round (id, term_id, no, name, kind, state, unit_id, start_on, end_on, rectify_months, rectify_source, rev) VALUES ($1, $2, 1, '第一轮', 'regular', 'feedback', $3, '2026-01-01', '', 6, '', 1)", []any{"round", "term", string(hq.Unit)}},
			{"inspection_visit", "visit", "INSERT INTO inspection_visit (id, round_id, unit_id, by_id, entry_on, exit_on, feedback_on, state, rev) VALUES ($1, $2, $3, $4, '2026-01-02', '2026-02-01', '2026-02-20', 'fed_back', 1)", []any{"visit", "round", string(north.Unit), string(hq.Unit)}},
		} {
			if _, err := tx.Exec(ctx, x.sql, x.args...); err != nil {
				return err
			}
			tx.Touch(x.table, id.ID(x.id))
		}
		if err := access.Concern(ctx, tx, f.ID, subject, access.Subject); err != nil {
			return err
		}
		return w.s.OnFedBack(ctx, tx, f, due)
	}))
}

func TestAFedBackFindingBecomesAnItem(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		f := inspection.Finding{ID: id.New(), Round: "round", Visit: "visit", Unit: north.Unit, By: hq.Unit, No: "F-1", Title: "问题", Fact: "事实",
			Severity: "grave", Category: "theory", Stated: inspection.Stated{Status: "基本完成", Lead: "张某", Measures: []string{"一", "二"}}}
		w.feed(t, f, "2026-08-20", "subject-person")
		var i rect.Item
		ok(t, w.DB.Read(ctx, func(q db.Q) (err error) { i, err = rect.ItemOfFinding(ctx, q, f.ID); return err }))
		if i.State != rect.StateToClaim || i.FedBack != "2026-02-20" || i.Due != "2026-08-20" || i.FirstDue != i.Due || i.Unit != north.Unit ||
			i.Problem != "事实" || i.Claimed != rect.BasicallyDone || i.ClaimedWord != "基本完成" {
			t.Errorf("%+v", i)
		}
		if d := w.dossier(t, i.ID); len(d.Measures) != 2 || d.Measures[0].Kind != "" {
			t.Errorf("measures: %+v", d.Measures)
		}
		concerned := liaison
		concerned.Related = []id.ID{"subject-person"}
		platformtest.WantKind(t, "claim by a relative", w.s.Claim(ctx, concerned, rect.ClaimCmd{Items: []id.ID{i.ID}}), fault.KindNotFound)
		ok(t, w.s.Claim(ctx, liaison, rect.ClaimCmd{Items: []id.ID{i.ID}}))
		ok(t, w.s.Plan(ctx, liaison, i.ID, rect.PlanCmd{Lead: "张某", Department: "办公室", Rev: w.get(t, i.ID).Rev}))
		// Measures of a circular do not say what they treat: the plan is not complete.
		platformtest.WantKind(t, "plan with unmarked measures", w.s.SubmitPlan(ctx, liaison, i.ID, 0), fault.KindInvalid)
	})
}

func TestTheWholeWay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.item(t, "A-1", nil)
		for _, a := range append([]actor.Actor{stranger}, admins...) {
			platformtest.WantKind(t, "claim by "+a.Name, w.s.Claim(ctx, a, rect.ClaimCmd{Items: []id.ID{n}}), fault.KindNotFound)
		}
		platformtest.WantKind(t, "claim by the leader, who sees it", w.s.Claim(ctx, leader, rect.ClaimCmd{Items: []id.ID{n}}), fault.KindForbidden)
		platformtest.WantKind(t, "apply before the plan", w.s.Apply(ctx, liaison, n, rect.ApplyCmd{}), fault.KindState)
		platformtest.WantKind(t, "progress before the plan", w.s.Report(ctx, liaison, n, rect.ProgressCmd{Text: "x", On: "2026-03-01"}), fault.KindState)
		w.toRectifying(t, n)
		first := w.get(t, n)
		if err := w.s.Apply(ctx, liaison, n, w.applyCmd(t, n)); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("application without evidence: %v", err)
		}
		e := w.toApplied(t, n)
		platformtest.WantKind(t, "evidence under review", second(w.s.HandIn(ctx, liaison, n, rect.EvidenceCmd{}, file("b.txt", "b"))), fault.KindState)

		both := reviewer
		both.Person = liaison.Person
		platformtest.WantKind(t, "own work", w.s.Close(ctx, both, n, rect.DecideCmd{}), fault.KindForbidden)
		local := platformtest.As("local", actor.Reviewer, hq)
		local.Unit = north.Unit
		platformtest.WantKind(t, "own unit", w.s.Close(ctx, local, n, rect.DecideCmd{}), fault.KindForbidden)
		side := reviewer
		side.Grants = append([]actor.Grant{{Role: actor.Liaison, Unit: north.Unit, Path: north.Path}}, side.Grants...)
		platformtest.WantKind(t, "own side", w.s.Close(ctx, side, n, rect.DecideCmd{}), fault.KindForbidden)
		platformtest.WantKind(t, "the unit itself", w.s.Close(ctx, liaison, n, rect.DecideCmd{}), fault.KindForbidden)
		platformtest.WantKind(t, "evidence unread", w.s.Close(ctx, reviewer, n, rect.DecideCmd{}), fault.KindState)
		platformtest.WantKind(t, "return without a reason", w.s.Return(ctx, reviewer, n, rect.DecideCmd{}), fault.KindInvalid)
		platformtest.WantKind(t, "other without words", w.s.Return(ctx, reviewer, n, rect.DecideCmd{Reasons: []string{"other"}}), fault.KindInvalid)
		ok(t, w.s.Return(ctx, reviewer, n, rect.DecideCmd{Reasons: []string{"evidence_unfit"}}))

		// Reading before the next application does not count for it.
		read(t, w, reviewer, e.ID)
		w.Clock.Advance(time.Hour)
		ok(t, w.s.Apply(ctx, head, n, w.applyCmd(t, n)))
		w.Clock.Advance(time.Minute)
		platformtest.WantKind(t, "read before the application only", w.s.Close(ctx, reviewer, n, rect.DecideCmd{}), fault.KindState)
		read(t, w, reviewer, e.ID)
		platformtest.WantKind(t, "a stale revision", w.s.Close(ctx, reviewer, n, rect.DecideCmd{Rev: 1}), fault.KindConflict)
		platformtest.WantKind(t, "claims unchecked", w.s.Close(ctx, reviewer, n, rect.DecideCmd{Opinion: "属实"}), fault.KindInvalid)
		ok(t, w.s.Close(ctx, reviewer, n, rect.DecideCmd{Opinion: "属实", Borne: w.claims(t, n)}))
		i := w.get(t, n)
		if i.State != rect.StateClosed || i.Closer != reviewer.Person || i.Rectifier != head.Person || i.Applications != 2 || i.Claimed != rect.Done || i.Verified != "" {
			t.Errorf("%+v", i)
		}
		d := w.dossier(t, n)
		if len(d.Closings) != 2 || d.Closings[0].Decision != rect.DecisionReturned || d.Closings[1].Judge != reviewer.Person {
			t.Errorf("applications: %+v", d.Closings)
		}

		ok(t, w.Log.Write(ctx, program, "lookback.verdict", func(tx *audit.Tx) error {
			if err := w.s.SetVerified(ctx, tx, n, rect.Paper, "2026-05-01"); err != nil {
				return err
			}
			return w.s.Reopen(ctx, tx, n, "lb-person", "材料与现场不符")
		}))
		i = w.get(t, n)
		if i.State != rect.StateReopened || i.Verified != rect.Paper || i.Closer != reviewer.Person || i.Reopened != 1 || i.FedBack != first.FedBack || i.FirstDue != first.FirstDue {
			t.Errorf("reopened: %+v", i)
		}
	})
}

func second(_ []rect.Evidence, err error) error { return err }

func read(t *testing.T, w *world, who actor.Actor, e id.ID) {
	t.Helper()
	_, _, err := w.s.Evidence(ctx, who, e)
	ok(t, err)
}

func TestMeasuresServeManyItems(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a, b := w.item(t, "A-1", nil), w.item(t, "A-2", nil)
		foreign := w.item(t, "B-1", func(n *rect.NewItem) {
			n.Unit, n.State, n.Measures = south.Unit, rect.StateRectifying, []rect.Measure{{Text: "外单位措施", Kind: rect.System}}
		})
		w.toRectifying(t, a)
		ok(t, w.s.Claim(ctx, liaison, rect.ClaimCmd{Items: []id.ID{b}}))
		m := w.dossier(t, a).Measures[0]
		ok(t, w.s.LinkMeasure(ctx, liaison, b, m.ID))
		platformtest.WantKind(t, "linked twice", w.s.LinkMeasure(ctx, liaison, b, m.ID), fault.KindState)
		platformtest.WantKind(t, "measure of another unit", w.s.LinkMeasure(ctx, liaison, b, w.dossier(t, foreign).Measures[0].ID), fault.KindNotFound)
		w.toApplied(t, a)
		c := measure
		c.Rev = w.dossier(t, b).Measures[0].Rev
		platformtest.WantKind(t, "a measure under review elsewhere", w.s.EditMeasure(ctx, liaison, b, m.ID, c), fault.KindState)
		if got := w.dossier(t, b).Measures; len(got) != 1 || got[0].State != rect.MeasureDone {
			t.Errorf("shared measure: %+v", got)
		}
	})
}

func TestProgressIsNeverOverwritten(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.item(t, "A-1", nil)
		w.toRectifying(t, n)
		ok(t, w.s.Report(ctx, liaison, n, rect.ProgressCmd{Text: "已归档四份", On: "2026-03-01", Claimed: rect.StageDone, ClaimedWord: "阶段性完成"}))
		old := w.dossier(t, n).Progress[0]
		ok(t, w.s.Report(ctx, liaison, n, rect.ProgressCmd{Text: "应为三份", On: "2026-03-02", Corrects: old.ID}))
		d := w.dossier(t, n)
		if len(d.Progress) != 2 || d.Progress[0].Corrects != old.ID || d.Progress[1].Text != "已归档四份" || d.Item.Claimed != rect.StageDone || d.Item.State != rect.StateRectifying {
			t.Errorf("%+v", d.Progress)
		}
		platformtest.WantKind(t, "the future", w.s.Report(ctx, liaison, n, rect.ProgressCmd{Text: "x", On: "2026-03-03"}), fault.KindInvalid)
		platformtest.WantKind(t, "an unknown entry", w.s.Report(ctx, liaison, n, rect.ProgressCmd{Text: "x", On: "2026-03-01", Corrects: id.New()}), fault.KindNotFound)
		platformtest.WantKind(t, "nothing", w.s.Report(ctx, liaison, n, rect.ProgressCmd{On: "2026-03-01"}), fault.KindInvalid)
	})
}

func TestExtensionAndMilestones(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.item(t, "A-1", nil)
		w.toRectifying(t, n)
		platformtest.WantKind(t, "earlier", w.s.AskExtension(ctx, liaison, n, rect.ExtendCmd{To: "2026-07-15", Reason: "x"}), fault.KindInvalid)
		ok(t, w.s.AskExtension(ctx, liaison, n, rect.ExtendCmd{To: "2026-09-15", Reason: "需会商"}))
		platformtest.WantKind(t, "two at once", w.s.AskExtension(ctx, liaison, n, rect.ExtendCmd{To: "2026-10-15", Reason: "y"}), fault.KindState)
		platformtest.WantKind(t, "the unit itself", w.s.JudgeExtension(ctx, liaison, n, rect.JudgeExtensionCmd{Grant: true}), fault.KindForbidden)
		platformtest.WantKind(t, "refusal without reason", w.s.JudgeExtension(ctx, office, n, rect.JudgeExtensionCmd{}), fault.KindInvalid)
		ok(t, w.s.JudgeExtension(ctx, office, n, rect.JudgeExtensionCmd{Grant: true}))
		if i := w.get(t, n); i.Due != "2026-09-15" || i.FirstDue != "2026-07-15" || i.Extensions != 1 {
			t.Errorf("%+v", i)
		}
		long := rect.DecideCmd{Lasting: rect.LastingLong, Opinion: "须长期坚持"}
		platformtest.WantKind(t, "long-term without a milestone", w.s.Prolong(ctx, reviewer, n, long), fault.KindInvalid)
		ok(t, w.s.AddMilestone(ctx, liaison, n, rect.MilestoneCmd{Title: "年底评估", Due: "2026-12-31"}))
		ok(t, w.s.Prolong(ctx, reviewer, n, long))
		if i := w.get(t, n); i.State != rect.StateLongTerm || i.Due != "2026-12-31" {
			t.Errorf("%+v", i)
		}
		m := w.dossier(t, n).Milestones[0]
		ok(t, w.s.ReachMilestone(ctx, liaison, n, m.ID))
		platformtest.WantKind(t, "reached twice", w.s.ReachMilestone(ctx, liaison, n, m.ID), fault.KindState)
		platformtest.WantKind(t, "of another item", w.s.ReachMilestone(ctx, liaison, n, id.New()), fault.KindNotFound)
	})
}

func TestClaimManyIsAllOrNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a, foreign := w.item(t, "A-1", nil), w.item(t, "B-1", func(n *rect.NewItem) { n.Unit = south.Unit })
		platformtest.WantKind(t, "with a foreign item", w.s.Claim(ctx, liaison, rect.ClaimCmd{Items: []id.ID{a, foreign}}), fault.KindNotFound)
		if w.get(t, a).State != rect.StateToClaim {
			t.Error("half of a refused batch was claimed")
		}
		platformtest.WantKind(t, "nothing chosen", w.s.Claim(ctx, liaison, rect.ClaimCmd{}), fault.KindInvalid)
		platformtest.WantKind(t, "too many", w.s.Claim(ctx, liaison, rect.ClaimCmd{Items: make([]id.ID, 201)}), fault.KindLimit)
	})
}

func TestAddManyTakesWholeLedgers(t *testing.T) {
	rect.SetBulkItems(t, 250)
	each(t, func(t *testing.T, w *world) {
		var items []rect.NewItem
		for n := range 620 {
			items = append(items, rect.NewItem{Item: rect.Item{Finding: id.New(), Round: "round", Unit: north.Unit, By: hq.Unit, No: fmt.Sprint(n), Title: "问题",
				Due: clock.Date("2026-01-01").AddDays(n), State: rect.StateRectifying}, Measures: []rect.Measure{{Text: "措施", Kind: rect.System}, {Text: "措施二", Kind: rect.Source, State: rect.MeasureDone}}})
		}
		ok(t, w.s.AddMany(ctx, program, items))
		platformtest.WantKind(t, "by a person", w.s.AddMany(ctx, office, items[:1]), fault.KindNotFound)
		platformtest.WantKind(t, "closed by its rectifier", w.s.AddMany(ctx, program, []rect.NewItem{{Item: rect.Item{Finding: id.New(), Round: "r", Unit: "u", By: "b",
			Title: "t", State: rect.StateClosed, Closer: "p", Rectifier: "p"}}}), fault.KindInvalid)
		var counts []rect.Count
		ok(t, w.DB.Read(ctx, func(q db.Q) (err error) { counts, err = rect.Counts(ctx, q, "2026-03-02"); return err }))
		total, late := 0, 0
		for _, c := range counts {
			if total += c.N; c.Overdue {
				late += c.N
			}
		}
		if total != 620 || late != 60 {
			t.Errorf("%d items, %d overdue: %+v", total, late, counts)
		}
	})
}

func (w *world) today() clock.Date { return clock.Today(w.Clock) }
