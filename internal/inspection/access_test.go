package inspection

import (
	"context"
	"slices"
	"testing"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/platform/access"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
)

// TestListsShowWhatTheRecordsAllow holds the lists, with their narrowing to the
// actor's part of the tree, against the judgement of each single record.
func TestListsShowWhatTheRecordsAllow(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		ctx := context.Background()
		w := open(t, k)
		w.seatAll(t)
		a := circular(t)
		must(w.s.AddFinding(ctx, w.inspector, cmd(w.visit.ID, "草稿")))(t)
		for i, unit := range []string{"新乡市人民检察院", "河北省人民检察院", "卫辉市人民检察院", "最高人民检察院"} {
			out := must(w.s.ImportCircular(ctx, program, a, ImportOptions{Unit: unit}))(t)
			must(w.s.Decide(ctx, program, out.Findings[i].ID, "object", DecideCmd{Reason: "理由"}))(t)
			must(w.s.Decide(ctx, program, out.Findings[i].ID, "withdraw", DecideCmd{Reason: "理由"}))(t)
		}
		var all []Finding
		check(t, k.DB.Read(ctx, func(q db.Q) (err error) { all, err = findingsWhere(ctx, q, "TRUE", "f.id", 1000, nil); return err }))
		if len(all) != 21 {
			t.Fatalf("%d findings", len(all))
		}
		places := []access.Place{w.spp, w.henan, w.hebei, w.prefec}
		actors := []actor.Actor{w.inspector, w.leader}
		for _, home := range places {
			for _, over := range places {
				for _, role := range []actor.Role{actor.Office, actor.Leader, actor.Reviewer, actor.UnitHead, actor.Liaison, actor.Staff, actor.Auditor} {
					x := platformtest.As("x", role, over)
					x.Unit, x.Path = home.Unit, home.Path
					actors = append(actors, x)
				}
			}
		}
		found, sum := 0, 0
		fedBack := map[id.ID]bool{}
		check(t, k.DB.Read(ctx, func(q db.Q) error {
			visits, err := visitsWhere(ctx, q, "v.state = 'fed_back' AND v.entry_on <> ''", nil)
			for _, v := range visits {
				fedBack[v.ID] = true
			}
			return err
		}))
		for _, who := range actors {
			fs, _, err := w.s.ListFindings(ctx, who, page.Query{Size: 100})
			check(t, err)
			var got, want []id.ID
			for _, f := range fs {
				got = append(got, f.ID)
			}
			for _, f := range all {
				if w.Policy.Can(who, "finding.read", Object(f, w.s.Units, nil)) == nil {
					want = append(want, f.ID)
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%v of %v: lists %d, may see %d", who.Grants, who.Path, len(got), len(want))
			}
			hits, err := w.s.Search(ctx, who, "整改", 100)
			check(t, err)
			only, _, err := w.s.ListFindings(ctx, who, page.Query{Size: 100, Filter: map[string][]string{"q": {"整改"}}})
			check(t, err)
			if len(hits) != len(only) {
				t.Errorf("%v of %v: the search finds %d, the list %d", who.Grants, who.Path, len(hits), len(only))
			}
			found += len(hits)
			counted := 0
			check(t, k.DB.Read(ctx, func(q db.Q) error {
				n, visits, err := w.s.Later(ctx, q, who, "discipline", "2000-01-01", "2099-12-31")
				for u, k := range n {
					if counted += k; visits[u] == 0 && w.s.SeesLater(who) {
						t.Errorf("%v of %v: %d findings of an inspection that he does not see", who.Grants, who.Path, k)
					}
				}
				return err
			}))
			mine := 0
			for _, f := range fs {
				if f.Category == "discipline" && Known(f.State) && f.State != Withdrawn && fedBack[f.Visit] {
					mine++
				}
			}
			sum += counted
			if counted != mine {
				t.Errorf("%v of %v: %d are counted, %d listed", who.Grants, who.Path, counted, mine)
			}
		}
		if found == 0 || sum == 0 {
			t.Errorf("nobody finds or counts anything: %d, %d", found, sum)
		}
	})
}
