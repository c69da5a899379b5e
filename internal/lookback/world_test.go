package lookback_test

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"huikan/internal/inspection"
	"huikan/internal/kernel/actor"
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
		w.site = k.Serve(t, rectify.Room(), w.s.Room())
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
				"scope": plain(i, "common"), "origin": "inspection", "state": "accepted", "higher_cause": false, "amount": 0, "response": "", "response_reason": "", "ruling": "", "stated_no": "", "stated_status": "",
				"stated_due_on": "", "stated_due": "", "stated_lead": "", "stated_department": "", "stated_measures": "", "rev": 1}); err != nil {
				return err
			}
			if err := put("rectify_item", map[string]any{"id": string(item), "finding_id": finding, "round_id": string(w.earlier), "unit_id": unit, "by_id": "spp", "no": fmt.Sprintf("P-%d", i), "title": long,
				"problem": "事实", "severity": plain(i, "general"), "category": plain(i, "theory"), "fed_back_on": "2025-01-01", "first_due_on": "2025-06-01", "due_on": "2025-06-01", "state": "closed", "open": 0,
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
	return []inspection.Finding{{ID: w.visit, Round: w.round, Unit: "henan", Responsible: "henan", By: "spp", Title: long, Category: "theory", State: "draft", Recurs: "x"}}, nil
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
	effect := lookback.EffectSome
	if v == rectification.Unverifiable {
		effect = ""
	}
	return lookback.JudgeCmd{Verdict: v, Effect: effect, Methods: []string{"check", "visit"}, Reason: "与现场不符", Asked: "会计两人", Note: "不知道这件事"}
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
		"--b\r\nContent-Disposition: form-data; name=\"methods\"\r\n\r\nlook\r\n--b\r\nContent-Disposition: form-data; name=\"effect\"\r\n\r\nclear\r\n--b\r\nContent-Disposition: form-data; name=\"reason\"\r\n\r\n已看\r\n" +
		"--b\r\nContent-Disposition: form-data; name=\"asked\"\r\n\r\n会计\r\n--b\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\n不知道这件事\r\n" +
		"--b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"现场.txt\"\r\nContent-Type: text/plain\r\n\r\n现场记录一份，台账与实物相符。\r\n--b--\r\n"
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	if code, text := w.site.Send(t, r); code != http.StatusSeeOther {
		t.Fatalf("upload: %d %.500s", code, text)
	}
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

// plain leaves the first and the last item unclassified, as imported circulars are.
func plain(i int, word string) string {
	if i == 0 || i == 11 {
		return ""
	}
	return word
}
