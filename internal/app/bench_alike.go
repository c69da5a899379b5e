package app

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
)

// BenchAlikeConfig says how much is made up.
type BenchAlikeConfig struct {
	Database string // embedded in a temporary folder when empty
	Findings int
	Looks    int
}

// benchWords make titles of findings: what, where in it, what is wrong.
var benchWords = [3][]string{
	{"公务用车", "涉案财物", "案卷归档", "三个规定记录", "公务接待", "检察建议", "律师会见", "同步录音录像", "考勤管理", "差旅报销", "采购项目", "办公用房", "职级晋升", "组织生活", "理论学习", "保密管理", "案卡填录", "社区矫正监督", "公益诉讼线索", "检务公开"},
	{"台账", "审批手续", "登记", "日常监督", "移交", "公示", "资料", "责任落实", "制度执行", "备案"},
	{"不及时，逾期%d件", "不完整，缺%d份", "流于形式，%d次无记录", "不规范，涉及%d人", "与实际不符%d处", "长期缺失%d个月"},
}

// benchTitle makes the title of a finding.
func benchTitle(r *rand.Rand) string {
	pick := func(i int) string { return benchWords[i][r.IntN(len(benchWords[i]))] }
	return pick(0) + pick(1) + fmt.Sprintf(pick(2), 1+r.IntN(90))
}

// BenchAlike fills an installation with findings at all provincial units and
// measures the look for like findings and the grouping into common problems.
func BenchAlike(ctx context.Context, c BenchAlikeConfig, out, progress io.Writer) error {
	dir, err := os.MkdirTemp("", "huikan-bench-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	a, err := Open(ctx, Config{Data: dir, Database: c.Database})
	if err != nil {
		return err
	}
	defer a.Close() //nolint:errcheck // only measured
	if err := a.Org.SeedTree(ctx, System()); err != nil {
		return err
	}
	units := a.Org.Directory()
	root := units.Root()
	office := actor.Actor{Name: "bench", Person: id.New(), Unit: root.ID, Path: root.Path, Grants: []actor.Grant{{Role: actor.Office, Unit: root.ID, Path: root.Path}}}
	term, err := a.Inspection.CreateTerm(ctx, office, inspection.CreateTermCmd{No: 1, Name: "bench", Unit: string(root.ID), Start: "2025-01-01"})
	if err != nil {
		return err
	}
	round, err := a.Inspection.CreateRound(ctx, office, inspection.RoundCmd{Term: term.ID, No: 1, Name: "bench", Kind: inspection.KindRegular, Start: "2025-02-01", End: "2025-04-01", RectifyMonths: 6, RectifySource: "bench"})
	if err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(1, 2))
	title := func() string { return benchTitle(r) }
	var visits []inspection.Visit
	for _, u := range units.Provincial() {
		v, err := a.Inspection.AddVisit(ctx, office, round.ID, inspection.VisitCmd{Unit: string(u.ID)})
		if err != nil {
			return err
		}
		visits = append(visits, v)
	}
	const part = 20_000
	began := time.Now()
	for done := 0; done < c.Findings; done += part {
		list := make([]inspection.Finding, min(part, c.Findings-done))
		for i := range list {
			v := visits[r.IntN(len(visits))]
			list[i] = inspection.Finding{ID: id.New(), Round: round.ID, Visit: v.ID, Unit: v.Unit, Responsible: v.Unit, By: root.ID, No: fmt.Sprint(done + i), Category: "discipline", Title: title(), Fact: "—",
				Severity: "general", Scope: "individual", Origin: "inspection", State: inspection.FedBack}
		}
		if err := a.Inspection.AddMany(ctx, System(), list); err != nil {
			return err
		}
		fmt.Fprintf(progress, "%d findings in %v\n", done+len(list), time.Since(began).Round(time.Second))
	}
	if err := a.DB.Optimize(ctx); err != nil {
		return err
	}
	took := make([]time.Duration, c.Looks)
	shown := 0
	for i := range took {
		text := title()
		at := time.Now()
		list, err := a.Inspection.AlikeFindings(ctx, System(), visits[r.IntN(len(visits))].ID, text)
		if err != nil {
			return err
		}
		took[i] = time.Since(at)
		shown += len(list)
	}
	slices.Sort(took)
	at := func(p int) time.Duration { return took[min(len(took)*p/100, len(took)-1)].Round(10 * time.Microsecond) }
	fmt.Fprintf(out, "like findings\t%d findings\tp50 %v p95 %v p99 %v\tgoal p95 50ms at 1000000\t%.1f shown\n", c.Findings, at(50), at(95), at(99), float64(shown)/float64(len(took)))
	start := time.Now()
	found, err := a.Inspection.FindProblems(ctx, office)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "common problems\t%d findings read\t%v\tgoal 20s at 100000\t%d proposed\n", found.Read, time.Since(start).Round(10*time.Millisecond), found.Proposed)
	return nil
}
