package lookback_test

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/lookback"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/search"
	"huikan/internal/platform/vault"
	"huikan/internal/rectification"
)

var (
	ctx   = context.Background()
	root  = access.Place{Unit: "spp", Path: "spp/"}
	henan = access.Place{Unit: "henan", Path: "spp/41/"}
	hebei = access.Place{Unit: "hebei", Path: "spp/13/"}
)

// tree is a small unit tree.
type tree struct{}

func (tree) Place(n id.ID) access.Place {
	for _, p := range []access.Place{root, henan, hebei} {
		if p.Unit == n {
			return p
		}
	}
	return access.Place{}
}
func (tree) Name(n id.ID) string {
	return map[id.ID]string{"spp": "最高人民检察院", "henan": long, "hebei": "河北省人民检察院"}[n]
}
func (tree) Short(n id.ID) string { return tree{}.Name(n) }

var long = strings.Repeat("河南省人民检察院", 25)

// world is the room on the two below it, with closed items of two units.
type world struct {
	*platformtest.Kit
	s                      *lookback.Service
	site                   *platformtest.Site
	earlier, round         id.ID
	teamA, teamB, visit    id.ID
	items                  []id.ID
	office, lead, member   actor.Actor
	head, leader, stranger actor.Actor
}

var system = actor.Program("test")

func each(t *testing.T, fn func(t *testing.T, w *world)) {
	parts := platformtest.Parts{Schemas: []fs.FS{search.Schema, inspection.Schema, rectification.Schema, lookback.Schema}}
	parts.Tables = append(append(append(parts.Tables, inspection.Tables...), rectification.Tables...), lookback.Tables...)
	parts.Rules = append(lookback.Rules(), rectification.Rules()...)
	parts.Rules = append(parts.Rules, access.Permit(actor.Office, "by_us", "finding.read"), access.Permit(actor.SysAdmin, "anything", "system.read"))
	platformtest.Each(t, parts, func(t *testing.T, k *platformtest.Kit) {
		files, err := vault.Open(t.TempDir(), k.Keys)
		if err != nil {
			t.Fatal(err)
		}
		names := func(_ context.Context, _ db.Q, ids ...id.ID) (map[id.ID]string, error) {
			out := map[id.ID]string{}
			for _, n := range ids {
				out[n] = "姓名" + string(n)
			}
			return out, nil
		}
		w := &world{Kit: k, earlier: id.New(), round: id.New(), teamA: id.New(), teamB: id.New(), visit: id.New()}
		find := func(text string) []id.ID {
			if text == "henan" || text == "hebei" {
				return []id.ID{id.ID(text)}
			}
			return nil
		}
		rectify := rectification.New(rectification.Deps{Log: k.Log, Policy: k.Policy, Clock: k.Clock, Units: tree{}, Files: files, Names: names})
		w.s = lookback.New(lookback.Deps{Log: k.Log, Policy: k.Policy, Clock: k.Clock, Keys: k.Keys, Files: files, Rectify: rectify, Units: tree{}, Names: names, Find: find,
			Rounds: w.rounds, Teams: w.teams, Visits: w.visits, Found: w.found})
		w.seed(t)
		w.office, w.leader = platformtest.As("office", actor.Office, root), platformtest.As("boss", actor.Leader, root)
		w.head, w.stranger = platformtest.As("head", actor.UnitHead, henan), platformtest.As("other", actor.UnitHead, hebei)
		w.lead, w.member = platformtest.As("lead", actor.Staff, root), platformtest.As("member", actor.Staff, root)
		w.lead.Teams = []actor.Membership{{Team: w.teamA, Round: w.round, Role: actor.TeamLeader}, {Team: w.teamA, Round: w.round, Role: actor.Lookback}}
		w.member.Teams = []actor.Membership{{Team: w.teamA, Round: w.round, Role: actor.Lookback}}
		w.site = k.Serve(t, w.s.Room())
		fn(t, w)
	})
}

// seed writes rows of the rooms below as they are after close-out.
func (w *world) seed(t *testing.T) {
	t.Helper()
	err := w.Log.Write(ctx, system, "test.seed", func(tx *audit.Tx) error {
		put := func(table string, row map[string]any) error {
			var names, marks []string
			var args []any
			for k, v := range row {
				names, args = append(names, k), append(args, v)
				marks = append(marks, fmt.Sprintf("$%d", len(args)))
			}
			tx.Touch(table, id.ID(row["id"].(string)))
			_, err := tx.Exec(ctx, "INSERT INTO "+table+" ("+strings.Join(names, ",")+") VALUES ("+strings.Join(marks, ",")+")", args...)
			return err
		}
		if err := access.PutUnit(ctx, tx, "henan", []id.ID{"henan", "spp"}); err != nil {
			return err
		}
		if err := access.PutUnit(ctx, tx, "hebei", []id.ID{"hebei", "spp"}); err != nil {
			return err
		}
		term := string(id.New())
		if err := put("inspection_term", map[string]any{"id": term, "no": 1, "name": "一届", "unit_id": "spp", "start_on": "", "end_on": "", "rev": 1}); err != nil {
			return err
		}
		for i, r := range []struct {
			n    id.ID
			kind string
		}{{w.earlier, "regular"}, {w.round, "lookback"}} {
			if err := put("inspection_round", map[string]any{"id": string(r.n), "term_id": term, "no": i + 1, "name": "第" + fmt.Sprint(i+1) + "轮", "kind": r.kind, "state": "on_site", "unit_id": "spp",
				"start_on": "", "end_on": "", "rectify_months": 6, "rectify_source": "", "rev": 1}); err != nil {
				return err
			}
		}
		for i, team := range []id.ID{w.teamA, w.teamB} {
			if err := put("inspection_team", map[string]any{"id": string(team), "round_id": string(w.round), "name": fmt.Sprintf("核查%d组", i+1), "rev": 1}); err != nil {
				return err
			}
		}
		for _, m := range []struct {
			team         id.ID
			person, post string
		}{{w.teamA, "lead", "leader"}, {w.teamA, "member", "member"}, {w.teamB, "closer", "leader"}} {
			if err := put("inspection_member", map[string]any{"id": string(id.New()), "team_id": string(m.team), "round_id": string(w.round), "person_id": m.person,
				"role": string(inspection.RoleOf(m.post, "lookback")), "post": m.post, "from_on": "", "to_on": "", "rev": 1}); err != nil {
				return err
			}
		}
		visit := func(n, round, unit id.ID, team any) error {
			return put("inspection_visit", map[string]any{"id": string(n), "round_id": string(round), "team_id": team, "unit_id": string(unit), "by_id": "spp", "entry_on": "", "exit_on": "", "feedback_on": "", "state": "on_site", "rev": 1})
		}
		old := id.New()
		if err := visit(old, w.earlier, "henan", nil); err != nil {
			return err
		}
		if err := visit(w.visit, w.round, "henan", string(w.teamA)); err != nil {
			return err
		}
		for i := range 12 {
			unit, finding, item := "henan", string(id.New()), id.New()
			if i >= 8 {
				unit = "hebei"
			}
			w.items = append(w.items, item)
			if err := put("inspection_finding", map[string]any{"id": finding, "round_id": string(w.earlier), "visit_id": string(old), "unit_id": unit, "responsible_id": unit, "by_id": "spp",
				"no": fmt.Sprintf("P-%d", i), "seq": i, "category": "theory", "aspect": "", "title": long, "fact": "事实", "basis": "", "cause": "", "consequence": "", "severity": "general",
				"scope": "common", "origin": "inspection", "state": "accepted", "higher_cause": false, "amount": 0, "response": "", "response_reason": "", "ruling": "", "stated_no": "", "stated_status": "",
				"stated_due_on": "", "stated_due": "", "stated_lead": "", "stated_department": "", "stated_measures": "", "rev": 1}); err != nil {
				return err
			}
			if err := put("rectify_item", map[string]any{"id": string(item), "finding_id": finding, "round_id": string(w.earlier), "unit_id": unit, "by_id": "spp", "no": fmt.Sprintf("P-%d", i), "title": long,
				"problem": "事实", "severity": "general", "category": "theory", "fed_back_on": "2025-01-01", "first_due_on": "2025-06-01", "due_on": "2025-06-01", "state": "closed", "open": 0,
				"claimed": "done", "claimed_word": "已完成", "verified": "", "verified_on": "", "lasting": "", "lead": "", "department": "", "root": "", "goal": "", "similar_found": "", "rules_made": "",
				"handled": "", "closed_on": "2025-05-01", "closer_id": "closer", "rectifier_id": "worker", "applications": 1, "reopened": 0, "extensions": 0, "changed_at": "", "rev": 1}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) rounds(ctx context.Context, q db.Q) (out []inspection.Round, err error) {
	for _, n := range []id.ID{w.round, w.earlier} {
		r, err := inspection.RoundByID(ctx, q, n)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

func (w *world) teams(ctx context.Context, q db.Q, round id.ID) ([]inspection.Team, error) {
	rows, err := q.Query(ctx, "SELECT t.id, t.name, m.person_id FROM inspection_team t JOIN inspection_member m ON m.team_id = t.id WHERE t.round_id = $1 ORDER BY t.name, m.id", string(round))
	type seat struct {
		team, person id.ID
		name         string
	}
	list, err := db.Collect(rows, err, func(r *sql.Rows) (x seat, err error) { return x, r.Scan(&x.team, &x.name, &x.person) })
	var out []inspection.Team
	for _, x := range list {
		if len(out) == 0 || out[len(out)-1].ID != x.team {
			out = append(out, inspection.Team{ID: x.team, Round: round, Name: x.name})
		}
		out[len(out)-1].Members = append(out[len(out)-1].Members, inspection.Member{Person: x.person})
	}
	return out, err
}

func (w *world) visits(ctx context.Context, q db.Q, round id.ID) ([]inspection.Visit, error) {
	if round != w.round {
		return nil, nil
	}
	v, err := inspection.VisitByID(ctx, q, w.visit)
	return []inspection.Visit{v}, err
}

func (w *world) found(context.Context, db.Q, id.ID) ([]inspection.Finding, error) {
	return []inspection.Finding{{ID: id.New(), Round: w.round, Unit: "henan", Responsible: "henan", By: "spp", Title: long, Category: "theory", State: "draft", Recurs: "x"}}, nil
}

func (w *world) plan(t *testing.T, cmd lookback.PlanCmd) lookback.Lookback {
	t.Helper()
	if cmd.Name == "" {
		cmd.Name = "回头看"
	}
	cmd.Round, cmd.To = w.round, "2026-01-31"
	l, err := w.s.Plan(ctx, w.office, cmd)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func (w *world) drawn(t *testing.T) (lookback.Lookback, []lookback.Sample) {
	t.Helper()
	l := w.plan(t, lookback.PlanCmd{Size: 6, RiskShare: 33, EveryUnit: true, Name: long[:90]})
	if _, err := w.s.Commit(ctx, w.office, l.ID, lookback.CommitCmd{}); err != nil {
		t.Fatal(err)
	}
	l, err := w.s.Reveal(ctx, w.office, l.ID, lookback.RevealCmd{})
	if err != nil {
		t.Fatal(err)
	}
	return l, w.samples(t, l.ID)
}

func (w *world) samples(t *testing.T, l id.ID) (out []lookback.Sample) {
	t.Helper()
	err := w.DB.Read(ctx, func(q db.Q) error {
		rows, err := q.Query(ctx, "SELECT id FROM lookback_sample WHERE lookback_id = $1 ORDER BY unit_id DESC, id", string(l))
		ids, err := db.Collect(rows, err, func(r *sql.Rows) (n id.ID, err error) { return n, r.Scan(&n) })
		if err != nil {
			return err
		}
		for _, n := range ids {
			x, err := lookback.SampleByID(ctx, q, n)
			if err != nil {
				return err
			}
			out = append(out, x)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func verdict(v string) lookback.JudgeCmd {
	return lookback.JudgeCmd{Verdict: v, Methods: []string{"check", "visit"}, Reason: "与现场不符", Asked: "会计两人", Note: "不知道这件事"}
}

func TestCommitThenRevealThenAnybodyRepeats(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		l := w.plan(t, lookback.PlanCmd{Size: 5, RiskShare: 40})
		_, err := w.s.Reveal(ctx, w.office, l.ID, lookback.RevealCmd{})
		platformtest.WantKind(t, "reveal before commitment", err, fault.KindState)
		c, err := w.s.Commit(ctx, w.office, l.ID, lookback.CommitCmd{})
		if err != nil || c.Population != 12 || c.Seed != "" || len(c.Commitment) != 64 || len(w.samples(t, l.ID)) != 0 {
			t.Fatalf("%+v: %v", c, err)
		}
		w.site.Actor = w.office
		code, list := w.site.Get(t, "/lookback/"+string(l.ID)+"/population")
		if code != 200 || strings.Count(list, "\n") != 12 {
			t.Fatalf("published list: %d %q", code, list)
		}
		r, err := w.s.Reveal(ctx, w.office, l.ID, lookback.RevealCmd{})
		if err != nil || lookback.Commitment(r.Seed, r.Salt) != c.Commitment {
			t.Fatalf("revealed %+v: %v", r, err)
		}
		again, err := lookback.Redraw(r.Seed, []byte(list), c.Digest, l.Size, l.Options)
		if err != nil {
			t.Fatal(err)
		}
		got := map[id.ID]string{}
		for _, x := range w.samples(t, l.ID) {
			got[x.Item] = x.Part
		}
		if len(got) != len(again) || len(again) != 5 {
			t.Fatalf("%d in the system, %d repeated", len(got), len(again))
		}
		for _, d := range again {
			if got[d.Item] != d.Part {
				t.Errorf("%s: %q in the system, %q repeated", d.Item, got[d.Item], d.Part)
			}
		}
		_, err = w.s.Reveal(ctx, w.office, l.ID, lookback.RevealCmd{})
		platformtest.WantKind(t, "reveal twice", err, fault.KindState)
	})
}

func TestRevealRefusals(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		l := w.plan(t, lookback.PlanCmd{Size: 5})
		_, err := w.s.Commit(ctx, w.office, l.ID, lookback.CommitCmd{Commitment: "abc"})
		platformtest.WantKind(t, "no hash", err, fault.KindInvalid)
		if _, err := w.s.Commit(ctx, w.office, l.ID, lookback.CommitCmd{Commitment: lookback.Commitment("mine", "salt")}); err != nil {
			t.Fatal(err)
		}
		for _, cmd := range []lookback.RevealCmd{{}, {Seed: "mine"}, {Seed: "other", Salt: "salt"}, {Seed: "salt", Salt: "mine"}} {
			_, err := w.s.Reveal(ctx, w.office, l.ID, cmd)
			platformtest.WantKind(t, fmt.Sprintf("seed %+v", cmd), err, fault.KindInvalid)
		}
		rectify := rectification.New(rectification.Deps{Log: w.Log, Policy: w.Policy, Clock: w.Clock, Units: tree{}})
		if err := w.Log.Write(ctx, system, "test.reopen", func(tx *audit.Tx) error { return rectify.Reopen(ctx, tx, w.items[2], "office", "又发生") }); err != nil {
			t.Fatal(err)
		}
		_, err = w.s.Reveal(ctx, w.office, l.ID, lookback.RevealCmd{Seed: "mine", Salt: "salt"})
		platformtest.WantKind(t, "a changed population", err, fault.KindState)
		platformtest.WantKind(t, "withdraw without reason", w.s.Withdraw(ctx, w.office, l.ID, lookback.ReasonCmd{}), fault.KindInvalid)
		if err := w.s.Withdraw(ctx, w.office, l.ID, lookback.ReasonCmd{Reason: "总体变化"}); err != nil {
			t.Fatal(err)
		}
		c, err := w.s.Commit(ctx, w.office, l.ID, lookback.CommitCmd{})
		if err != nil || c.Population != 11 || c.Attempt != 2 {
			t.Fatalf("%+v: %v", c, err)
		}
		if _, err := w.s.Reveal(ctx, w.office, l.ID, lookback.RevealCmd{}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestPlanRefusals(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		good := lookback.PlanCmd{Round: w.round, Name: "x", Size: 3, To: "2026-01-01"}
		for name, c := range map[string]struct {
			change func(*lookback.PlanCmd)
			kind   fault.Kind
		}{
			"another kind of round": {func(c *lookback.PlanCmd) { c.Round = w.earlier }, fault.KindInvalid},
			"closed until today":    {func(c *lookback.PlanCmd) { c.To = clock.Of(platformtest.Start) }, fault.KindInvalid},
			"no size":               {func(c *lookback.PlanCmd) { c.Size = 0 }, fault.KindInvalid},
			"unknown unit":          {func(c *lookback.PlanCmd) { c.Units = "nowhere" }, fault.KindInvalid},
			"no such round":         {func(c *lookback.PlanCmd) { c.Round = id.New() }, fault.KindNotFound},
		} {
			cmd := good
			c.change(&cmd)
			_, err := w.s.Plan(ctx, w.office, cmd)
			platformtest.WantKind(t, name, err, c.kind)
		}
		_, err := w.s.Plan(ctx, w.leader, good)
		platformtest.WantKind(t, "a leader plans", err, fault.KindNotFound)
		l := w.plan(t, lookback.PlanCmd{Size: 3, From: "2025-06-01"})
		_, err = w.s.Commit(ctx, w.office, l.ID, lookback.CommitCmd{})
		platformtest.WantKind(t, "nothing to draw", err, fault.KindState)
		l = w.plan(t, lookback.PlanCmd{Census: true, Units: "hebei", Rounds: []id.ID{w.earlier}})
		if c, err := w.s.Commit(ctx, w.office, l.ID, lookback.CommitCmd{}); err != nil || c.Population != 4 {
			t.Errorf("one unit: %d %v", c.Population, err)
		}
	})
}

func TestVerdictObjectionSecondOpinionReopening(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		l, list := w.drawn(t)
		x := list[0]
		if x.Unit != "henan" || x.Team != w.teamA {
			t.Fatalf("%+v", x)
		}
		bare := verdict("paper")
		bare.Asked, bare.Note = "", ""
		platformtest.WantKind(t, "no evidence", w.s.Judge(ctx, w.member, x.ID, bare, nil), fault.KindInvalid)
		platformtest.WantKind(t, "the office judges", w.s.Judge(ctx, w.office, x.ID, verdict("paper"), nil), fault.KindNotFound)
		closer := w.member
		closer.Person = "closer"
		platformtest.WantKind(t, "the closer judges", w.s.Judge(ctx, closer, x.ID, verdict("held"), nil), fault.KindForbidden)
		must := func(what string, err error) {
			t.Helper()
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
		}
		must("judge", w.s.Judge(ctx, w.member, x.ID, verdict("held"), nil))
		platformtest.WantKind(t, "stale", w.s.Correct(ctx, w.lead, x.ID, lookback.JudgeCmd{Rev: 1, Verdict: "held"}, nil), fault.KindConflict)
		platformtest.WantKind(t, "a correction that names nothing", w.s.Correct(ctx, w.lead, x.ID, verdict("paper"), nil), fault.KindInvalid)
		platformtest.WantKind(t, "the unit sees it early", w.s.Object(ctx, w.head, x.ID, lookback.ReasonCmd{Reason: "不对"}), fault.KindNotFound)
		must("return", w.s.Return(ctx, w.lead, x.ID, lookback.ReasonCmd{Reason: "再看"}))
		must("judge again", w.s.Judge(ctx, w.member, x.ID, verdict("paper"), nil))
		platformtest.WantKind(t, "confirm his own", w.s.Confirm(ctx, w.member, x.ID, 0), fault.KindNotFound)
		platformtest.WantKind(t, "the office confirms for the leader", w.s.Confirm(ctx, w.office, x.ID, 0), fault.KindForbidden)
		must("confirm", w.s.Confirm(ctx, w.lead, x.ID, 0))
		w.verified(t, x.Item, "paper", "closed")
		platformtest.WantKind(t, "a stranger objects", w.s.Object(ctx, w.stranger, x.ID, lookback.ReasonCmd{Reason: "不对"}), fault.KindNotFound)
		must("object", w.s.Object(ctx, w.head, x.ID, lookback.ReasonCmd{Reason: "已经改了"}))
		platformtest.WantKind(t, "reopen during an objection", w.s.Reopen(ctx, w.office, x.ID, lookback.ReasonCmd{Reason: "纸面"}), fault.KindState)
		platformtest.WantKind(t, "the judge reviews", w.s.Review(ctx, w.member, x.ID, verdict("paper"), nil), fault.KindForbidden)
		must("second opinion", w.s.Review(ctx, w.office, x.ID, verdict("false"), nil))
		w.verified(t, x.Item, "false", "closed")
		platformtest.WantKind(t, "finish with an open proposal", w.s.Finish(ctx, w.office, l.ID, 0), fault.KindState)
		platformtest.WantKind(t, "the leader reopens", w.s.Reopen(ctx, w.leader, x.ID, lookback.ReasonCmd{Reason: "x"}), fault.KindNotFound)
		must("reopen", w.s.Reopen(ctx, w.office, x.ID, lookback.ReasonCmd{Reason: "虚假整改"}))
		w.verified(t, x.Item, "false", "reopened")
		platformtest.WantKind(t, "reopen twice", w.s.Reopen(ctx, w.office, x.ID, lookback.ReasonCmd{Reason: "x"}), fault.KindState)
	})
}

func (w *world) verified(t *testing.T, item id.ID, verdict, state string) {
	t.Helper()
	err := w.DB.Read(ctx, func(q db.Q) error {
		i, err := rectification.ItemByID(ctx, q, item)
		if err == nil && (i.Verified != verdict || i.State != state) {
			t.Errorf("item is %s, verified %q; want %s, %q", i.State, i.Verified, state, verdict)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTeamWithAHandIsRefusedAndNobodySeesAboutHimself(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		l, list := w.drawn(t)
		x := list[len(list)-1] // of the unit that no team visits
		if x.Team != "" {
			t.Fatalf("given to %s", x.Team)
		}
		platformtest.WantKind(t, "the closer's team", w.s.Assign(ctx, w.office, x.ID, lookback.AssignCmd{Team: w.teamB}), fault.KindState)
		platformtest.WantKind(t, "no team of the round", w.s.Assign(ctx, w.office, x.ID, lookback.AssignCmd{Team: "x"}), fault.KindInvalid)
		if err := w.s.Assign(ctx, w.office, x.ID, lookback.AssignCmd{Team: w.teamA}); err != nil {
			t.Fatal(err)
		}
		before, err := w.s.Result(ctx, w.leader, l.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Log.Write(ctx, system, "test.concern", func(tx *audit.Tx) error { return access.Concern(ctx, tx, x.Item, "boss", access.Subject) }); err != nil {
			t.Fatal(err)
		}
		after, err := w.s.Result(ctx, w.leader, l.ID)
		if err != nil || after.Total.Sampled != before.Total.Sampled-1 || after.Total.Closed != before.Total.Closed-1 {
			t.Errorf("the subject counts: %d of %d, before %d of %d: %v", after.Total.Sampled, after.Total.Closed, before.Total.Sampled, before.Total.Closed, err)
		}
		w.site.Actor = w.leader
		for _, path := range []string{"/lookback/items/" + string(x.ID), "/lookback/" + string(l.ID) + "/population"} {
			if code, _ := w.site.Get(t, path); code != http.StatusNotFound {
				t.Errorf("%s: %d", path, code)
			}
		}
	})
}

func TestResultAndFinish(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		l, list := w.drawn(t)
		for i, x := range list {
			if x.Team == "" {
				if err := w.s.Assign(ctx, w.office, x.ID, lookback.AssignCmd{Team: w.teamA}); err != nil {
					t.Fatal(err)
				}
			}
			v := rectification.Held
			if i == 0 {
				v = rectification.Paper
			}
			if err := w.s.Judge(ctx, w.member, x.ID, verdict(v), nil); err != nil {
				t.Fatal(err)
			}
			if err := w.s.Confirm(ctx, w.lead, x.ID, 0); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.s.Keep(ctx, w.office, list[0].ID, lookback.ReasonCmd{Reason: "另案处理"}); err != nil {
			t.Fatal(err)
		}
		r, err := w.s.Result(ctx, w.office, l.ID)
		if err != nil || r.Total.Sampled != len(list) || r.Total.Closed != 12 || r.Total.Untrue() != 1 || r.Total.Held() != len(list)-1 || len(r.Units) != 2 || len(r.Reviewers) != 1 || len(r.Found) != 1 {
			t.Fatalf("%+v: %v", r, err)
		}
		_, err = w.s.Result(ctx, w.member, l.ID)
		platformtest.WantKind(t, "the team reads a result", err, fault.KindNotFound)
		if err := w.s.Finish(ctx, w.office, l.ID, 0); err != nil {
			t.Fatal(err)
		}
		platformtest.WantKind(t, "after the end", w.s.Correct(ctx, w.lead, list[0].ID, verdict("held"), nil), fault.KindState)
		platformtest.WantKind(t, "a note after the end", w.s.AddNote(ctx, w.office, l.ID, lookback.NoteCmd{Lens: 2, Text: "x"}), fault.KindState)
	})
}

func TestPagesAndRoles(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.site.Actor = w.office
		for _, lang := range []string{"zh", "en"} {
			w.page(t, lang, "/lookback", 200)
			w.page(t, lang, "/lookback/new", 200)
			w.page(t, lang, "/lookback?view=items", 200)
		}
		planned := w.plan(t, lookback.PlanCmd{Size: 3})
		w.page(t, "zh", "/lookback/"+string(planned.ID), 200)
		l, list := w.drawn(t)
		x := list[0]
		own, item := "/lookback/"+string(l.ID), "/lookback/items/"+string(x.ID)
		w.site.Actor = w.member
		if code, body := w.site.Post(t, item+"/judge", url.Values{"verdict": {"held"}, "reason": {"还在输入的理由"}}); code != 422 || !strings.Contains(body, "还在输入的理由") {
			t.Errorf("a refused form: %d", code)
		}
		w.upload(t, item+"/judge")
		if code, body := w.site.Post(t, item+"/correct", url.Values{"rev": {"1"}, "verdict": {"paper"}, "methods": {"look"}, "reason": {"我的版本"}}); code != 409 || !strings.Contains(body, "我的版本") {
			t.Errorf("a stale form: %d %s", code, body)
		}
		if err := w.s.AddNote(ctx, w.member, l.ID, lookback.NoteCmd{Lens: 1, Point: "legal.rules", Answer: "unmet", Text: long[:300]}); err != nil {
			t.Fatal(err)
		}
		stage := func(when string, want map[string][]int) {
			t.Helper()
			actors := []actor.Actor{w.office, w.leader, w.lead, w.member, w.head, w.stranger}
			for path, codes := range want {
				for i, who := range actors {
					w.site.Actor = who
					for _, lang := range []string{"zh", "en"} {
						if code := w.page(t, lang, path, 0); code != codes[i] {
							t.Errorf("%s: %s as %s: %d, want %d", when, path, who.Person, code, codes[i])
						}
					}
				}
				for _, r := range []actor.Role{actor.SysAdmin, actor.SecAdmin, actor.Auditor, actor.Staff} {
					w.site.Actor = platformtest.As("admin", r, root)
					if code := w.page(t, "zh", path, 0); code != 404 {
						t.Errorf("%s: %s as %s: %d", when, path, r, code)
					}
				}
			}
		}
		all := map[string][]int{own: {200, 200, 200, 200, 404, 404}, own + "/result": {200, 200, 404, 404, 404, 404}, own + "/lenses?lens=1": {200, 200, 200, 200, 404, 404},
			own + "/lenses?lens=3": {200, 200, 200, 200, 404, 404}, own + "/lenses?lens=4": {200, 200, 200, 200, 404, 404}, own + "/lenses?lens=5": {200, 200, 200, 200, 404, 404},
			"/lookback": {200, 200, 200, 200, 200, 200}, "/api/v1" + own: {200, 200, 200, 200, 404, 404}, item: {200, 200, 200, 200, 404, 404}, own + "/nothing": {404, 404, 404, 404, 404, 404}}
		stage("before confirmation", all)
		if err := w.s.Confirm(ctx, w.lead, x.ID, 0); err != nil {
			t.Fatal(err)
		}
		all[item] = []int{200, 200, 200, 200, 200, 404}
		stage("after confirmation", all)
		w.site.Actor = w.head
		if _, body := w.site.Get(t, item); strings.Contains(body, "不知道这件事") {
			t.Error("the unit reads what a person said about it")
		}
		for _, who := range []actor.Actor{w.lead, w.member, w.office, w.head} {
			if _, err := w.s.Todo(ctx, who); err != nil {
				t.Error(err)
			}
		}
		if todo, err := w.s.Todo(ctx, w.office); err != nil || len(todo) == 0 {
			t.Errorf("the office has nothing to assign: %v", err)
		}
	})
}

func (w *world) page(t *testing.T, lang, path string, want int) int {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.AddCookie(&http.Cookie{Name: "p_lang", Value: lang})
	code, body := w.site.Send(t, r)
	if want != 0 && code != want {
		t.Errorf("%s in %s: %d %.300s", path, lang, code, body)
	}
	return code
}

func (w *world) upload(t *testing.T, path string) {
	t.Helper()
	body := "--b\r\nContent-Disposition: form-data; name=\"verdict\"\r\n\r\nheld\r\n" +
		"--b\r\nContent-Disposition: form-data; name=\"methods\"\r\n\r\nlook\r\n--b\r\nContent-Disposition: form-data; name=\"reason\"\r\n\r\n已看\r\n" +
		"--b\r\nContent-Disposition: form-data; name=\"asked\"\r\n\r\n会计\r\n--b\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\n不知道这件事\r\n" +
		"--b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"现场.txt\"\r\nContent-Type: text/plain\r\n\r\n现场记录一份，台账与实物相符。\r\n--b--\r\n"
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	if code, text := w.site.Send(t, r); code != http.StatusSeeOther {
		t.Fatalf("upload: %d %.500s", code, text)
	}
}
