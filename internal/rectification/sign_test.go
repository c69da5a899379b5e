package rectification_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
	rect "huikan/internal/rectification"
)

func TestAStatementIsSplitIntoClaims(t *testing.T) {
	got := rect.SplitStatement("整改情况如下：一、追缴违规发放补贴3.2万元；二、修订《用车管理办法》并印发。\n三、组织培训2次。佐证材料附后。")
	want := []struct {
		kind  string
		cents int64
	}{{"money", 3200000}, {"rule", 0}, {"training", 0}}
	if len(got) != len(want) {
		t.Fatalf("%d claims: %+v", len(got), got)
	}
	for n, w := range want {
		if got[n].Kind != w.kind || got[n].Cents != w.cents || !got[n].Machine {
			t.Errorf("%d: %+v, want %+v", n, got[n], w)
		}
	}
	if c := rect.SplitStatement("好"); len(c) != 1 {
		t.Errorf("a word is no claim: %+v", c)
	}
	if c := rect.SplitStatement(" \n"); len(c) != 0 {
		t.Errorf("nothing makes a claim: %+v", c)
	}
	for text, cents := range map[string]int64{"1,234.50元": 123450, "2亿元": 20000000000, "3千元": 300000, "没有": 0, "共5人": 0} {
		if got := rect.AmountOf(text); got != cents {
			t.Errorf("%s: %d, want %d", text, got, cents)
		}
	}
}

func FuzzSplitStatement(f *testing.F) {
	f.Add("一、追缴3.2万元；二、印发办法。")
	f.Add("999999999999999999亿元")
	f.Fuzz(func(t *testing.T, s string) {
		for _, c := range rect.SplitStatement(s) {
			if strings.TrimSpace(c.Text) == "" || c.Cents < 0 || c.Kind == "" {
				t.Fatalf("%q: %+v", s, c)
			}
		}
	})
}

// chained makes a round whose close-outs need signatures.
func (w *world) chained(t *testing.T, chain string) {
	t.Helper()
	w.feed(t, inspection.Finding{ID: id.New(), Round: "round", Visit: "visit", Unit: north.Unit, By: hq.Unit, No: "F-0", Title: "问题", Fact: "事实", Severity: "grave", Category: "theory"}, "2026-08-20", "nobody")
	ok(t, w.s.SetRule(ctx, office, "round", rect.RoundCmd{Rule: "period", Chain: chain, Source: "本轮工作方案"}))
}

func TestAChainOfSignatures(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.chained(t, "unit office discipline personnel")
		personnel := platformtest.As("personnel", actor.Personnel, hq)
		n := w.item(t, "A-1", nil)
		w.toRectifying(t, n)
		e := w.toApplied(t, n)
		site := w.Serve(t, w.s.Room())
		if got := w.get(t, n); got.Level != rect.LevelUnit {
			t.Fatalf("waits for %q", got.Level)
		}
		platformtest.WantKind(t, "closed beside the chain", w.s.Close(ctx, reviewer, n, rect.DecideCmd{}), fault.KindState)
		platformtest.WantKind(t, "the office before the unit", w.s.Sign(ctx, office, n, rect.DecideCmd{}), fault.KindForbidden)
		platformtest.WantKind(t, "the liaison signs", w.s.Sign(ctx, liaison, n, rect.DecideCmd{}), fault.KindForbidden)
		platformtest.WantKind(t, "unread", w.s.Sign(ctx, head, n, rect.DecideCmd{}), fault.KindState)
		view(t, as(site, head), "/items/"+string(n)+"/review", 200)
		both := office
		both.Grants = append([]actor.Grant{{Role: actor.Reviewer, Unit: hq.Unit, Path: hq.Path}}, both.Grants...)
		for _, x := range []struct {
			who  actor.Actor
			c    rect.DecideCmd
			want fault.Kind
		}{
			{head, rect.DecideCmd{}, ""},
			{head, rect.DecideCmd{}, fault.KindForbidden}, // the next level is another line's
			{office, rect.DecideCmd{}, fault.KindInvalid}, // claims unchecked
			{office, rect.DecideCmd{Borne: w.claims(t, n)}, ""},
			{both, rect.DecideCmd{}, fault.KindForbidden}, // the same person on two levels
			{reviewer, rect.DecideCmd{Opinion: "属实"}, ""},
			{personnel, rect.DecideCmd{}, ""},
		} {
			w.Clock.Advance(time.Minute)
			if x.who.Person != head.Person || x.want == "" {
				read(t, w, x.who, e.ID)
			}
			w.Clock.Advance(time.Minute)
			err := w.s.Sign(ctx, x.who, n, x.c)
			if x.want == "" {
				ok(t, err)
				view(t, as(site, liaison), "/items/"+string(n), 200)
			} else {
				platformtest.WantKind(t, "sign by "+x.who.Name, err, x.want)
			}
		}
		got := w.get(t, n)
		if got.State != rect.StateClosed || got.Closer != personnel.Person || got.Level != "" {
			t.Errorf("%+v", got)
		}
		seen := map[id.ID]bool{}
		for _, s := range w.dossier(t, n).Signatures {
			if seen[s.Person] {
				t.Errorf("%s signed twice", s.Person)
			}
			seen[s.Person] = true
		}
		platformtest.WantKind(t, "personnel reads what is closed", second2(w.s.Evidence(ctx, personnel, e.ID)), fault.KindNotFound)
	})
}

func second2(_ rect.Evidence, _ rect.Item, err error) error { return err }

func TestAnApplicationComesBackFromAnyLevel(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.chained(t, "unit office")
		n := w.item(t, "A-1", nil)
		w.toRectifying(t, n)
		w.toApplied(t, n)
		platformtest.WantKind(t, "the office takes it back", w.s.Recall(ctx, office, n, rect.DecideCmd{Opinion: "x"}), fault.KindForbidden)
		platformtest.WantKind(t, "without reason", w.s.Recall(ctx, head, n, rect.DecideCmd{}), fault.KindInvalid)
		ok(t, w.s.Recall(ctx, head, n, rect.DecideCmd{Opinion: "数字有误"}))
		w.Clock.Advance(time.Minute)
		e := w.toApplied(t, n)
		read(t, w, head, e.ID)
		for _, x := range w.dossier(t, n).Evidence {
			read(t, w, head, x.ID)
		}
		ok(t, w.s.Sign(ctx, head, n, rect.DecideCmd{}))
		platformtest.WantKind(t, "taken back too late", w.s.Recall(ctx, head, n, rect.DecideCmd{Opinion: "x"}), fault.KindState)
		ok(t, w.s.Return(ctx, office, n, rect.DecideCmd{Reasons: []string{"evidence_unfit"}}))
		if got := w.get(t, n); got.State != rect.StateReturned || got.Level != "" || got.Applications != 2 {
			t.Errorf("%+v", got)
		}
	})
}

func TestClaimsAreBoundAndJudged(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.item(t, "A-1", nil)
		w.toRectifying(t, n)
		es, err := w.s.HandIn(ctx, liaison, n, rect.EvidenceCmd{}, file("缴款凭证.txt", "凭证"))
		ok(t, err)
		site := w.Serve(t, w.s.Room())
		base := "/items/" + string(n)
		view(t, as(site, liaison), base+"/claims", 200)
		post(t, site, base+"/claims/split", url.Values{"statement": {"追缴补贴3万元。修订办法并印发。"}})
		platformtest.WantKind(t, "split twice", w.s.SplitClaims(ctx, liaison, n, "再来一次"), fault.KindState)
		cs := w.claims(t, n)
		if len(cs) != 2 {
			t.Fatalf("%d claims", len(cs))
		}
		view(t, site, base+"/claims/"+string(cs[0]), 200)
		platformtest.WantKind(t, "no evidence", w.s.WriteClaim(ctx, liaison, n, cs[0], rect.ClaimWriteCmd{Kind: "money", Text: "追缴3万元"}), fault.KindInvalid)
		platformtest.WantKind(t, "foreign evidence", w.s.WriteClaim(ctx, liaison, n, cs[0], rect.ClaimWriteCmd{Kind: "money", Text: "追缴3万元", Evidence: []id.ID{id.New()}}), fault.KindInvalid)
		platformtest.WantKind(t, "a stranger writes", w.s.WriteClaim(ctx, stranger, n, cs[0], rect.ClaimWriteCmd{}), fault.KindNotFound)
		post(t, site, base+"/claims/"+string(cs[0]), url.Values{"kind": {"money"}, "text": {"追缴补贴3万元"}, "amount": {"30000"}, "evidence": {string(es[0].ID)}, "test": {"看银行流水"}})
		post(t, site, base+"/claims/"+string(cs[1]), url.Values{"drop": {"1"}})
		w.Clock.Advance(time.Minute)
		// A new revision replaces the bound one: the claim follows it.
		es2, err := w.s.HandIn(ctx, liaison, n, rect.EvidenceCmd{Replaces: es[0].ID}, file("缴款凭证.txt", "凭证二"))
		ok(t, err)
		ok(t, w.s.Apply(ctx, liaison, n, w.applyCmd(t, n)))
		all := w.dossier(t, n).Claims
		if c := all[0]; len(w.claims(t, n)) != 1 || c.Cents != 3000000 || c.Application != 1 || len(c.Evidence) != 1 || c.Evidence[0] != es2[0].ID {
			t.Errorf("%+v", all)
		}
		w.Clock.Advance(time.Minute)
		read(t, w, reviewer, es2[0].ID)
		view(t, as(site, reviewer), base+"/review", 200)
		platformtest.WantKind(t, "unborne without a word", w.s.JudgeClaim(ctx, reviewer, n, cs[0], rect.JudgeClaimCmd{Checked: rect.Unborne}), fault.KindInvalid)
		platformtest.WantKind(t, "the unit judges", w.s.JudgeClaim(ctx, liaison, n, cs[0], rect.JudgeClaimCmd{Checked: rect.Borne}), fault.KindForbidden)
		ok(t, w.s.JudgeClaim(ctx, reviewer, n, cs[0], rect.JudgeClaimCmd{Checked: rect.Unborne, Remark: "没有银行流水"}))
		platformtest.WantKind(t, "closed with a claim not borne out", w.s.Close(ctx, reviewer, n, rect.DecideCmd{Borne: cs}), fault.KindInvalid)
		ok(t, w.s.Return(ctx, reviewer, n, rect.DecideCmd{Reasons: []string{"evidence_missing"}}))
		ok(t, w.s.WriteClaim(ctx, liaison, n, cs[0], rect.ClaimWriteCmd{Kind: "money", Text: "追缴补贴3万元", Evidence: []id.ID{es2[0].ID}}))
		if c := w.dossier(t, n).Claims[0]; c.Checked != "" {
			t.Errorf("a changed claim keeps the reviewer's word: %+v", c)
		}
	})
}

func TestTooManyApprovalsNeedASecondPerson(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		other := platformtest.As("other", actor.Reviewer, hq)
		var last id.ID
		var all []id.ID
		for k := range rect.HourLimit + 1 {
			n := w.item(t, fmt.Sprintf("A-%d", k), func(x *rect.NewItem) {
				x.State, x.Measures = rect.StateRectifying, []rect.Measure{{Text: "归档", Kind: rect.Symptom, Department: "办公室"}}
			})
			e := w.toApplied(t, n)
			read(t, w, reviewer, e.ID)
			ok(t, w.s.Close(ctx, reviewer, n, rect.DecideCmd{Borne: w.claims(t, n)}))
			last, all = n, append(all, n)
			if closed := w.get(t, n).State == rect.StateClosed; closed != (k < rect.HourLimit) {
				t.Fatalf("approval %d: closed %v", k, closed)
			}
		}
		platformtest.WantKind(t, "the same person again", w.s.Close(ctx, reviewer, last, rect.DecideCmd{}), fault.KindForbidden)
		for _, e := range w.dossier(t, last).Evidence {
			read(t, w, other, e.ID)
		}
		w.Clock.Advance(time.Minute)
		ok(t, w.s.Close(ctx, other, last, rect.DecideCmd{}))
		if w.get(t, last).State != rect.StateClosed {
			t.Error("the second person did not close it")
		}
		list, err := w.s.Signers(ctx, office)
		ok(t, err)
		if len(list) != 2 || list[0].Person != reviewer.Person || list[0].Stamps != list[0].Signed || list[0].Second != 1 || list[1].Stamps != 0 {
			t.Errorf("%+v", list)
		}
		// Each figure leads to exactly the approvals that it counts, page by page forwards
		// and back, and neither has what concerns the reader himself.
		for k, v := range []string{rect.Held, rect.False, rect.Unverifiable, rect.Paper} {
			ok(t, w.Log.Write(ctx, program, "verdict", func(tx *audit.Tx) error {
				tx.Touch("rectify_item", all[2*k])
				_, err := tx.Exec(ctx, "UPDATE rectify_item SET verified = $1 WHERE id = $2", v, string(all[2*k]))
				if err == nil && k == 1 {
					err = access.Concern(ctx, tx, all[2], "kin", access.Subject)
				}
				return err
			}))
		}
		kin := platformtest.As("kin", actor.Office, hq)
		for _, who := range []actor.Actor{office, kin} {
			list, err := w.s.Signers(ctx, who)
			ok(t, err)
			hidden := 0
			if who.Person == "kin" {
				hidden = 1
			}
			if got := list[len(list)-1].Signed + list[0].Signed; got != rect.HourLimit+2-hidden || list[0].Checked != 3-hidden || list[0].Untrue != 2-hidden {
				t.Errorf("%s: %+v", who.Name, list)
			}
			for _, g := range list {
				for _, figure := range rect.SignerFigures() {
					var seen, back []id.ID
					q := page.Query{Size: 5}
					for {
						rows, next, err := w.s.SignedBy(ctx, who, g.Person, figure, q)
						ok(t, err)
						for _, x := range rows {
							if seen = append(seen, x.ID); x.Person != g.Person {
								t.Errorf("an approval of %s among those of %s", x.Person, g.Person)
							}
						}
						if next.Count != g.Figure(figure) {
							t.Errorf("%s %s: %d listed, the figure is %d", g.Person, figure, next.Count, g.Figure(figure))
						}
						if next.After == "" {
							for next.Before != "" {
								q, err = page.Parse(url.Values{"before": {next.Before}})
								ok(t, err)
								q.Size = 5
								rows, next, err = w.s.SignedBy(ctx, who, g.Person, figure, q)
								ok(t, err)
								for k := len(rows) - 1; k >= 0; k-- {
									back = append(back, rows[k].ID)
								}
							}
							break
						}
						q, err = page.Parse(url.Values{"after": {next.After}})
						ok(t, err)
						q.Size = 5
					}
					if len(seen) != g.Figure(figure) || len(slices.Compact(seen)) != len(seen) || len(seen) > 5 && len(back) != (len(seen)-1)/5*5 {
						t.Errorf("%s %s: %d rows, %d on the way back, the figure is %d", g.Person, figure, len(seen), len(back), g.Figure(figure))
					}
				}
			}
		}
		_, _, err = w.s.SignedBy(ctx, office, reviewer.Person, "seconds", page.Query{Size: 5})
		platformtest.WantKind(t, "a figure that counts nothing", err, fault.KindInvalid)
		site := w.Serve(t, w.s.Room())
		view(t, as(site, office), "/review/signers", 200)
		if body := view(t, site, "/review/signers?person="+string(reviewer.Person)+"&figure=untrue", 200); strings.Count(body, `href="/items/`) < 2 {
			t.Error("the page does not list what the figure counts")
		}
		if code, _ := as(site, liaison).Get(t, "/review/signers"); code != 404 {
			t.Errorf("the unit reads the record of signers: %d", code)
		}
	})
}

func TestACheckOnTheSpotNeedsTwo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		n := w.item(t, "A-1", nil)
		w.toRectifying(t, n)
		e := w.toApplied(t, n)
		site := w.Serve(t, w.s.Room())
		base := "/items/" + string(n)
		cmd := rect.SiteCmd{On: w.today(), Place: "档案室", Text: "与目录一致", Result: "agrees"}
		platformtest.WantKind(t, "by the unit", w.s.CheckSite(ctx, liaison, n, cmd), fault.KindForbidden)
		early := cmd
		early.On = "2025-12-31"
		platformtest.WantKind(t, "before the feedback", w.s.CheckSite(ctx, reviewer, n, early), fault.KindInvalid)
		post(t, as(site, reviewer), base+"/site", url.Values{"on": {string(cmd.On)}, "place": {cmd.Place}, "text": {cmd.Text}, "result": {cmd.Result}})
		view(t, site, base+"/review", 200)
		read(t, w, reviewer, e.ID)
		platformtest.WantKind(t, "without the second signature", w.s.Close(ctx, reviewer, n, rect.DecideCmd{Borne: w.claims(t, n)}), fault.KindState)
		x := w.dossier(t, n).Sites[0]
		platformtest.WantKind(t, "signed by the first", w.s.CosignSite(ctx, reviewer, n, x.ID), fault.KindForbidden)
		view(t, as(site, office), base+"/review", 200)
		post(t, site, base+"/site/"+string(x.ID)+"/cosign", nil)
		platformtest.WantKind(t, "signed twice", w.s.CosignSite(ctx, office, n, x.ID), fault.KindState)
		ok(t, w.s.Close(ctx, reviewer, n, rect.DecideCmd{Borne: w.claims(t, n)}))
	})
}

func TestTheLedgerIsCheckedAndPutRight(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for no, change := range map[string]func(*rect.NewItem){
			"no_lead":              func(x *rect.NewItem) { x.State = rect.StateRectifying },
			"no_due":               func(x *rect.NewItem) { x.State, x.Due = rect.StateToClaim, "" },
			"closed_no_evidence":   func(x *rect.NewItem) { x.State, x.ClosedOn = rect.StateClosed, "2026-05-01" },
			"closed_untrue":        func(x *rect.NewItem) { x.State, x.ClosedOn, x.Verified = rect.StateClosed, "2026-05-01", rect.Paper },
			"lasting_no_milestone": func(x *rect.NewItem) { x.State, x.Lead, x.Lasting = rect.StateLongTerm, "李某", rect.LastingLong },
			"claimed_done":         func(x *rect.NewItem) { x.State, x.Lead, x.Claimed = rect.StateRectifying, "李某", rect.Done },
			"measure_late": func(x *rect.NewItem) {
				x.State, x.Lead, x.Measures = rect.StateRectifying, "李某", []rect.Measure{{Text: "一", Kind: rect.Symptom, Department: "部", Due: "2027-01-01"}}
			},
		} {
			w.item(t, no, change)
		}
		ok(t, w.Log.Write(ctx, program, "orphan", func(tx *audit.Tx) error {
			tx.Touch("rectify_measure", "m-orphan")
			_, err := tx.Exec(ctx, "INSERT INTO rectify_measure (id, unit_id, body, kind, responsible, department, due_on, state, done_on, changed_at, rev) VALUES ('m-orphan', $1, '孤立措施', 'symptom', '', '', '', 'planned', '', '', 1)", string(north.Unit))
			return err
		}))
		fresh, _, err := w.s.Inspect(ctx)
		ok(t, err)
		if fresh < 8 {
			t.Errorf("%d places", fresh)
		}
		if again, gone, err := w.s.Inspect(ctx); err != nil || again+gone != 0 {
			t.Errorf("a second run changes %d, %d: %v", again, gone, err)
		}
		// The figures of the dashboard leave the lonely measure out, as every list does.
		var of map[id.ID]rect.MeasureCount
		ok(t, w.DB.Read(ctx, func(q db.Q) (err error) { of, err = rect.MeasureCounts(ctx, q, w.today()); return err }))
		if listed, err := w.s.MeasuresOfUnits(ctx, liaison, []id.ID{north.Unit}); err != nil || listed.All == 0 || of[north.Unit] != listed {
			t.Errorf("the unit has the measures %+v, its items %+v: %v", of[north.Unit], listed, err)
		}
		site := w.Serve(t, w.s.Room())
		as(site, liaison)
		found := map[string]int{}
		list, err := w.s.Inconsistent(ctx, liaison, "")
		ok(t, err)
		for _, x := range list {
			found[x.Name] = x.Count
		}
		for _, name := range []string{"no_lead", "no_due", "closed_no_evidence", "closed_untrue", "lasting_no_milestone", "claimed_done", "measure_late", "measure_no_item"} {
			if found[name] == 0 {
				t.Errorf("%s finds nothing: %v", name, found)
			}
			view(t, site, "/ledger/checks?check="+name, 200)
		}
		view(t, site, "/ledger/checks", 200)
		// What is put right disappears at once, and from the notes at the next run.
		var n id.ID
		for _, x := range list {
			if x.Name == "claimed_done" {
				x := x
				l, err := w.s.Inconsistent(ctx, liaison, x.Name)
				ok(t, err)
				for _, y := range l {
					if y.Name == x.Name {
						n = y.Hits[0].Item
					}
				}
			}
		}
		ok(t, w.s.Report(ctx, liaison, n, rect.ProgressCmd{Text: "更正", On: w.today(), Claimed: rect.InProgress}))
		l, err := w.s.Inconsistent(ctx, liaison, "claimed_done")
		ok(t, err)
		for _, y := range l {
			if y.Name == "claimed_done" && len(y.Hits) != 0 {
				t.Errorf("still shown: %+v", y)
			}
		}
		if _, gone, err := w.s.Inspect(ctx); err != nil || gone != 1 {
			t.Errorf("forgot %d: %v", gone, err)
		}
		// A stranger sees none of it.
		l, err = w.s.Inconsistent(ctx, stranger, "")
		ok(t, err)
		for _, y := range l {
			if y.Count != 0 {
				t.Errorf("a stranger counts %s: %d", y.Name, y.Count)
			}
		}
	})
}
