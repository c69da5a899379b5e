package inspection

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
)

func TestManifestationsAreCountedRows(t *testing.T) {
	for _, tc := range []struct {
		in   string
		want []Manifestation
		bad  bool
	}{
		{"", nil, false},
		{"无审批单｜3\n\n 有审批单，无签字 \n", []Manifestation{{"无审批单", 3}, {"有审批单，无签字", 1}}, false},
		{"甲|乙|2", []Manifestation{{"甲|乙", 2}}, false},
		{"无审批单｜三", nil, true}, {"无审批单|0", nil, true}, {"|3", nil, true}, {"甲|1000001", nil, true},
		{strings.Repeat("甲\n", maxManifestations+1), nil, true},
	} {
		var bad fault.Fields
		got := ParseManifestations(tc.in, &bad)
		if (len(bad) > 0) != tc.bad || !tc.bad && !slices.Equal(got, tc.want) {
			t.Errorf("%.20q: %v, %v", tc.in, got, bad)
		}
		if back := ParseManifestations(WriteManifestations(got), &fault.Fields{}); !slices.Equal(back, got) {
			t.Errorf("%.20q came back as %v", tc.in, back)
		}
	}
	if c := Count([]Finding{{Aspect: "甲", Manifestations: []Manifestation{{"a", 3}, {"b", 1}}}, {Aspect: "甲"}, {Aspect: " "}}); c != (Counted{1, 3, 2, 4}) {
		t.Errorf("%+v", c)
	}
}

func FuzzManifestations(f *testing.F) {
	for _, s := range []string{"", "a|3", "a｜3\nb", "|", "a|b|2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var bad fault.Fields
		got := ParseManifestations(s, &bad)
		if len(bad) > 0 {
			return
		}
		if back := ParseManifestations(WriteManifestations(got), &bad); len(bad) > 0 || !slices.Equal(back, got) {
			t.Errorf("%q: %v came back as %v (%v)", s, got, back, bad)
		}
	})
}

// A finding keeps the wording of the article that it was written with; a new
// version takes over from its own day on.
func TestAFindingKeepsTheWordingOfItsDay(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		ctx := context.Background()
		w := open(t, k)
		w.seatAll(t)
		article := CriterionCmd{Document: "《办公室工作规则》", Article: "第九条", Text: "会议应当有记录。", From: "2020-01-01"}
		_, err := w.s.KeepCriterion(ctx, w.inspector, article)
		platformtest.WantKind(t, "an inspector keeps an article", err, fault.KindNotFound)
		_, err = w.s.KeepCriterion(ctx, w.office, CriterionCmd{Document: "规则"})
		platformtest.WantKind(t, "half an article", err, fault.KindInvalid)
		first := must(w.s.KeepCriterion(ctx, w.office, article))(t)
		c := cmd(w.visit.ID, "会议记录不完整")
		c.Criterion, c.Manifestations = first.ID, "没有记录|2\n没有签字"
		f := must(w.s.AddFinding(ctx, w.inspector, c))(t)
		if f.CriterionText != "《办公室工作规则》第九条：会议应当有记录。" || Count([]Finding{f}).Times != 3 {
			t.Fatalf("%+v", f)
		}
		next := CriterionCmd{Replaces: first.ID, Document: "办公室工作规则", Article: "第十条", Text: "会议应当有记录，并由主持人签字。", From: "2019-01-01"}
		_, err = w.s.KeepCriterion(ctx, w.office, next)
		platformtest.WantKind(t, "a version before the one that it replaces", err, fault.KindInvalid)
		next.From = w.s.today().AddDays(1)
		second := must(w.s.KeepCriterion(ctx, w.office, next))(t)
		_, err = w.s.KeepCriterion(ctx, w.office, next)
		platformtest.WantKind(t, "a second successor of one version", err, fault.KindState)
		c.Criterion = second.ID
		_, err = w.s.AddFinding(ctx, w.inspector, c)
		platformtest.WantKind(t, "an article that is not in force yet", err, fault.KindInvalid)
		c.Criterion = id.New()
		_, err = w.s.AddFinding(ctx, w.inspector, c)
		platformtest.WantKind(t, "no such article", err, fault.KindInvalid)
		c.Criterion, c.Rev, c.Title = first.ID, f.Rev, "会议记录不完整（更正）"
		f = must(w.s.EditFinding(ctx, w.inspector, f.ID, c))(t)
		check(t, w.DB.Read(ctx, func(q db.Q) error {
			now, err := FindingByID(ctx, q, f.ID)
			if err != nil {
				return err
			}
			if now.CriterionText != "《办公室工作规则》第九条：会议应当有记录。" || len(now.Manifestations) != 2 {
				t.Errorf("the wording moved: %+v", now)
			}
			all, err := versionsOf(ctx, q, first.Series)
			if err == nil && (len(all) != 2 || all[1].To != w.s.today() || all[0].Version != 2) {
				t.Errorf("%+v", all)
			}
			n, err := countedOf(ctx, q, "f.round_id = $1", []any{string(w.round.ID)})
			if n.Problems != 1 || n.Manifestations != 2 || n.Times != 3 {
				t.Errorf("%+v", n)
			}
			return err
		}))
		platformtest.WantKind(t, "end one that has ended", w.s.EndCriterion(ctx, w.office, first.ID, EndCriterionCmd{To: "2030-01-01"}), fault.KindState)
		check(t, w.s.EndCriterion(ctx, w.office, second.ID, EndCriterionCmd{To: clock.Date("2030-01-01")}))
		site := k.Serve(t, words(), w.s.Room())
		for who, want := range map[string]string{"inspector": "110", "office": "111", "stranger": "000", "sysadmin": "000"} {
			site.Actor = w.roles()[who]
			for i, path := range []string{"/criteria?q=工作", "/criteria/" + string(second.ID), "/criteria/new?replaces=" + string(second.ID)} {
				if code, _ := site.Get(t, path); code != map[byte]int{'1': 200, '0': 404}[want[i]] {
					t.Errorf("%s %s: %d", who, path, code)
				}
			}
		}
		site.Actor = w.inspector
		body := "--b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"记录.txt\"\r\nContent-Type: text/plain\r\n\r\n会议记录复印件一份。\r\n--b--\r\n"
		send := func() int {
			r := httptest.NewRequest(http.MethodPost, "/findings/"+string(f.ID)+"/files", strings.NewReader(body))
			r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
			code, _ := site.Send(t, r)
			return code
		}
		if code := send(); code != http.StatusSeeOther {
			t.Fatalf("a file of a finding: %d", code)
		}
		var files []File
		check(t, w.DB.Read(ctx, func(q db.Q) (err error) { files, err = findingFiles.of(ctx, q, f.ID); return err }))
		if len(files) != 1 {
			t.Fatalf("%+v", files)
		}
		path := "/findings/" + string(f.ID) + "/files/" + string(files[0].ID)
		if code, body := site.Get(t, path); code != 200 || !strings.Contains(body, "复印件") {
			t.Errorf("open it: %d", code)
		}
		if _, body := site.Get(t, "/findings/"+string(f.ID)); !strings.Contains(body, "记录.txt") || !strings.Contains(body, "第九条") {
			t.Error("the page of the finding shows neither file nor article")
		}
		site.Actor = w.stranger
		if code, _ := site.Get(t, path); code != http.StatusNotFound {
			t.Errorf("a stranger opens it: %d", code)
		}
		if code := send(); code != http.StatusNotFound {
			t.Errorf("a stranger puts one there: %d", code)
		}
		figuresCompareOverVersions(t, k, w)
	})
}
