package tip_test

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/kernel/page"
	"huikan/internal/org"
	"huikan/internal/org/orgtest"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
	"huikan/internal/platform/vault"
	"huikan/internal/tip"
)

var pageOne = page.Query{Size: 50}

// From what somebody tells to an answer: he stays without a name, the office
// reads with a purpose, both write, and it ends by a step and never by itself.
func TestATipToItsAnswer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		code := w.told(t, func(c *tip.HandIn) { c.About = "苟得利、某科长" })
		x := w.must(t, w.one)
		if x.Office != "henan" || x.State != tip.Received || x.Due != clock.Today(w.Clock).AddDays(7) || x.No != "T-henan-2026-0001" {
			t.Fatalf("%+v", x)
		}
		v, err := w.s.Read(ctx, w.one, x.ID)
		if err != nil || v.Content != nil || v.Opened || len(v.Entries) != 1 || v.Entries[0].Text != "" || !slices.Equal(v.Steps, []string{"take", "recuse"}) {
			t.Fatalf("before it is opened: %+v %v", v, err)
		}
		platformtest.WantKind(t, "opened without a purpose", w.s.Open(ctx, w.one, x.ID, " "), fault.KindInvalid)
		w.step(t, w.one, x.ID, "take", tip.StepCmd{})
		_, err = w.s.Step(ctx, w.one, x.ID, "ask", tip.StepCmd{Text: "何时何地？"})
		platformtest.Refused(t, "asking unread", err, fault.KindState, "tip.bad.not_open")
		w.open(t, w.one, x.ID)
		if v, err = w.s.Read(ctx, w.one, x.ID); err != nil || v.Content == nil || v.Content.About != "苟得利、某科长" || v.Entries[0].Text != story || v.Entries[2].Do != "open" || v.Entries[2].Text != "受理审查" {
			t.Fatalf("opened: %+v %v", v, err)
		}
		if v, err = w.s.Read(ctx, w.two, x.ID); err != nil || v.Content != nil {
			t.Errorf("opened by one is open to the other: %+v %v", v, err)
		}
		w.step(t, w.one, x.ID, "ask", tip.StepCmd{Text: "何时何地？"})
		if d := w.follow(t, code); d.State != tip.Asked || said(d) != "hand_in:"+story+"|ask:何时何地？" || d.SeenOn == "" || d.Messages[1].Person != "" {
			t.Errorf("what he reads: %+v", d)
		}
		w.reply(t, strings.ToLower(tip.ShowCode(code)), "九月三日，某茶楼。")
		if x = w.must(t, w.one); x.State != tip.Working || !x.Waiting {
			t.Errorf("he answered: %+v", x)
		}
		w.days(1)
		_, err = w.s.Step(ctx, w.one, x.ID, "close", tip.StepCmd{Text: "查无实据"})
		platformtest.Refused(t, "by the opening of yesterday", err, fault.KindState, "tip.bad.not_open")
		w.open(t, w.two, x.ID)
		w.step(t, w.two, x.ID, "close", tip.StepCmd{Text: "已核查，未发现违规。"})
		w.days(400)
		if d := w.follow(t, code); d.State != tip.Closed || d.Due != "" || len(d.Messages) != 4 {
			t.Errorf("closed, and still there after a year: %+v", d)
		}
		w.reply(t, code, "还有录音。")
		if x = w.must(t, w.one); x.State != tip.Received || x.Handler != "" || x.Due != clock.Today(w.Clock).AddDays(7) {
			t.Errorf("opened again: %+v", x)
		}
	})
}

// Of a lead only the number stays, and whom it is about does not see the tip.
func TestATipBecomesALead(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.told(t, func(c *tip.HandIn) { c.Name, c.Contact = "张举报", "13900000000" })
		x := w.must(t, w.one)
		w.step(t, w.one, x.ID, "take", tip.StepCmd{})
		w.open(t, w.one, x.ID)
		_, err := w.s.Step(ctx, w.one, x.ID, "refer", tip.StepCmd{Text: "收受礼品"})
		platformtest.WantKind(t, "a lead about nobody", err, fault.KindInvalid)
		w.refusal = fault.Invalid("error.fields")
		_, err = w.s.Step(ctx, w.one, x.ID, "refer", tip.StepCmd{Text: "收受礼品", Person: "subject"})
		platformtest.WantKind(t, "a lead that is refused", err, fault.KindInvalid)
		if got := w.must(t, w.subject); got.State != tip.Working {
			t.Fatalf("half a referral: %+v", got)
		}
		w.refusal = nil
		x = w.step(t, w.one, x.ID, "refer", tip.StepCmd{Text: "收受礼品", Person: "subject", ActFrom: "2025-09-03"})
		if x.Lead != "X-41-2026-0007" || x.State != tip.Referred || x.Due != "" || len(w.referred) != 1 {
			t.Fatalf("%+v %+v", x, w.referred)
		}
		if r := w.referred[0]; r.Informant != x.No || strings.Contains(r.Facts+r.Name+r.Informant, "张举报") {
			t.Errorf("the lead says who told: %+v", r)
		}
		w.hidden(t, "whom the lead is about", w.subject, x.ID)
		w.step(t, w.one, x.ID, "answer", tip.StepCmd{Text: "正在核查。"})
	})
}

// Nobody reads a tip about himself or his relative; one that names the office or
// the leadership goes above, and again above.
func TestWhomATipReaches(t *testing.T) {
	cases := []struct {
		name   string
		change func(w *world, c *tip.HandIn)
		office id.ID
		blind  []string // who of the unit does not see it
	}{
		{"a stranger", func(*world, *tip.HandIn) {}, "henan", nil},
		{"a member of the staff who holds the role", func(_ *world, c *tip.HandIn) { c.About = "苟得利" }, "henan", []string{"subject"}},
		{"an officer, in the text", func(_ *world, c *tip.HandIn) { c.Text += "方 一平知情不报。" }, "spp", []string{"one", "two"}},
		{"the leadership", func(_ *world, c *tip.HandIn) { c.About = "院长林" }, "spp", []string{"one"}},
		{"by his own wish", func(_ *world, c *tip.HandIn) { c.Above = true }, "spp", []string{"one"}},
		{"an officer of the city", func(_ *world, c *tip.HandIn) { c.Unit, c.About = "新乡市人民检察院", "城三顺" }, "henan", []string{"city"}},
		{"of the city and of the province", func(_ *world, c *tip.HandIn) { c.Unit, c.Text = "新乡市人民检察院", "城三顺与院长林" }, "spp", []string{"city", "one"}},
		{"a unit without an office", func(w *world, c *tip.HandIn) { c.Unit = "新乡市人民检察院"; w.officers["xinxiang"] = nil }, "henan", []string{"city"}},
	}
	each(t, func(t *testing.T, w *world) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				w.told(t, func(h *tip.HandIn) { c.change(w, h) })
				reader := map[id.ID]actor.Actor{"henan": w.one, "spp": w.top}[c.office]
				x := w.must(t, reader)
				if x.Office != c.office {
					t.Errorf("it went to %s", x.Office)
				}
				who := map[string]actor.Actor{"one": w.one, "two": w.two, "city": w.city, "subject": w.subject}
				for _, n := range c.blind {
					w.hidden(t, c.name, who[n], x.ID)
				}
				for _, a := range []actor.Actor{w.far, w.boss, {}} {
					w.hidden(t, "no business of his", a, x.ID)
				}
				cousin := w.two
				cousin.Related = []id.ID{"subject"}
				if slices.Contains(c.blind, "subject") {
					w.hidden(t, "his relative", cousin, x.ID)
				}
			})
		}
	})
}

// A later message that names an officer takes it away from his office at once; who
// recuses himself loses it, and the last one of an office leaves it to the one above.
func TestATipLeavesWhoeverItConcerns(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		code := w.told(t, nil)
		x := w.must(t, w.one)
		w.step(t, w.one, x.ID, "take", tip.StepCmd{})
		w.open(t, w.two, x.ID)
		w.step(t, w.one, x.ID, "recuse", tip.StepCmd{Text: "曾共事"})
		w.hidden(t, "recused", w.one, x.ID)
		if x = w.must(t, w.two); x.State != tip.Received || x.Handler != "" {
			t.Errorf("%+v", x)
		}
		w.step(t, w.two, x.ID, "recuse", tip.StepCmd{Text: "亲属"})
		if x = w.must(t, w.top); x.Office != "spp" {
			t.Errorf("the last one recused himself: %+v", x)
		}
		second := w.told(t, nil)
		y := w.must(t, w.one)
		w.open(t, w.one, y.ID)
		w.reply(t, second, "尚二安当时在场。")
		w.hidden(t, "named later", w.two, y.ID)
		w.hidden(t, "opened before it rose", w.one, y.ID)
		if y = w.must(t, w.top); y.Office != "spp" || y.State != tip.Received {
			t.Errorf("%+v", y)
		}
		if d := w.follow(t, code); d.State != tip.Received {
			t.Errorf("%+v", d)
		}
		third := w.told(t, nil)
		z := w.must(t, w.one)
		w.open(t, w.one, z.ID)
		_, err := w.s.Step(ctx, w.one, z.ID, "move", tip.StepCmd{Text: "不属本院", Unit: "火星检察院"})
		platformtest.WantKind(t, "moved nowhere", err, fault.KindInvalid)
		if z = w.step(t, w.one, z.ID, "move", tip.StepCmd{Text: "不属本院", Unit: "河北省人民检察院"}); z.Office != "hebei" {
			t.Errorf("%+v", z)
		}
		w.hidden(t, "moved away", w.one, z.ID)
		if d := w.follow(t, third); said(d) != "hand_in:"+story {
			t.Errorf("he reads why it was moved: %s", said(d))
		}
	})
}

// Nothing expires: what an office lets lie is seen above by its number, unread,
// and can be taken over there.
func TestLateTips(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		code := w.told(t, func(c *tip.HandIn) { c.Unit = "新乡市人民检察院" })
		x := w.must(t, w.city)
		raise := func(who actor.Actor) error {
			_, err := w.s.Step(ctx, who, x.ID, "raise", tip.StepCmd{Text: "逾期未办"})
			return err
		}
		w.days(8)
		late, err := w.s.Late(ctx, w.one)
		if err != nil || len(late) != 0 {
			t.Errorf("a day late: %+v %v", late, err)
		}
		platformtest.Refused(t, "too early", raise(w.one), fault.KindState, "tip.bad.early")
		if d := w.follow(t, code); !d.Late || d.Watched {
			t.Errorf("%+v", d)
		}
		w.days(7)
		if late, err = w.s.Late(ctx, w.one); err != nil || len(late) != 1 || late[0].ID != x.ID {
			t.Errorf("long late: %+v %v", late, err)
		}
		if late, _ = w.s.Late(ctx, w.city); len(late) != 0 {
			t.Errorf("its own: %+v", late)
		}
		if d := w.follow(t, code); !d.Watched {
			t.Errorf("%+v", d)
		}
		w.hidden(t, "the office above reads it", w.one, x.ID)
		platformtest.WantKind(t, "from another province", raise(w.far), fault.KindNotFound)
		platformtest.Refused(t, "its own", raise(w.city), fault.KindState, "tip.bad.early")
		if err := raise(w.one); err != nil {
			t.Fatal(err)
		}
		w.hidden(t, "taken over", w.city, x.ID)
		if x = w.must(t, w.one); x.Office != "henan" || x.Due != clock.Today(w.Clock).AddDays(7) {
			t.Errorf("%+v", x)
		}
	})
}

// An action that the table does not have is refused in every state, and a state is
// only ever one of the table.
func TestOnlyWhatTheTableSays(t *testing.T) {
	if err := tip.Flow.Check(); err != nil {
		t.Fatal(err)
	}
	each(t, func(t *testing.T, w *world) {
		paths := map[string][]string{tip.Received: nil, tip.Working: {"take"}, tip.Asked: {"take", "ask"}, tip.Referred: {"take", "refer"}, tip.Closed: {"take", "close"}}
		try := func(x tip.Tip, code, do string) error {
			if do == "reply" {
				return w.s.Reply(ctx, tip.ReplyCmd{Code: code, Text: "补充"}, nil)
			}
			_, err := w.s.Step(ctx, w.one, x.ID, do, tip.StepCmd{Text: "说明", Name: "某人", Unit: "河北省人民检察院"})
			return err
		}
		fresh := func(state string) (x tip.Tip, code string) {
			code = w.told(t, nil)
			x = w.must(t, w.one)
			w.open(t, w.one, x.ID)
			for _, do := range paths[state] {
				if err := try(x, code, do); err != nil {
					t.Fatalf("to %s by %s: %v", state, do, err)
				}
			}
			return x, code
		}
		for _, state := range tip.Flow.States() {
			x, code := fresh(state)
			for _, do := range append(tip.Flow.Actions(), "delete", "hand_in", "open") {
				if _, err := tip.Flow.Next(state, do); err != nil {
					if try(x, code, do) == nil {
						t.Errorf("%s from %s: the table has no such step", do, state)
					}
				}
			}
			if d := w.follow(t, code); d.State != state {
				t.Errorf("a refused step changed %s to %s", state, d.State)
			}
			for _, st := range tip.Flow.From(state) {
				if st.Do == "raise" {
					continue // TestLateTips
				}
				if err := try(x, code, st.Do); err != nil {
					t.Errorf("%s from %s: %v", st.Do, state, err)
				} else if d := w.follow(t, code); d.State != st.To {
					t.Errorf("%s from %s leads to %s", st.Do, state, d.State)
				}
				x, code = fresh(state)
			}
		}
		_, err := w.s.Step(ctx, w.one, w.must(t, w.one).ID, "reply", tip.StepCmd{Text: "冒充"})
		if err == nil {
			t.Error("the office writes as who told")
		}
	})
}

// Codes are read as people type them, and no two are alike.
func TestCodes(t *testing.T) {
	for in, want := range map[string]string{
		"0123-4567-89AB-CDEF-GHJK": "0123456789ABCDEFGHJK", "０１２３ ４５６７ ８９ａｂ ｃｄｅｆ ｇｈｊｋ": "0123456789ABCDEFGHJK", "oOlI—4567—89AB—CDEF—GHJK": "0011456789ABCDEFGHJK",
		"0123456789": "", "": "", "0123-4567-89AB-CDEF-GHJU": "", "0123-4567-89AB-CDEF-GHJK-M": "", strings.Repeat("0", 300): "",
	} {
		got, ok := tip.ReadCode(in)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q %v", in, got, ok)
		}
	}
	each(t, func(t *testing.T, w *world) {
		a, b := w.told(t, nil), w.told(t, nil)
		if a == b || len(a) != 20 {
			t.Errorf("%s %s", a, b)
		}
		once := tip.Once()
		c := w.told(t, func(h *tip.HandIn) { h.Once = once })
		if again := w.told(t, func(h *tip.HandIn) { h.Once = once }); again != c {
			t.Errorf("the form sent twice gives two codes: %s %s", c, again)
		}
		if list, _, _, err := w.s.List(ctx, w.one, "", pageOne); err != nil || len(list) != 3 {
			t.Errorf("%d tips: %v", len(list), err)
		}
		for _, bad := range []string{"", "0123-4567-89AB-CDEF-GHJK", c[:19]} {
			_, err := w.s.Follow(ctx, bad)
			platformtest.WantKind(t, "a code that is none", err, fault.KindInvalid)
			platformtest.WantKind(t, "writing by it", w.s.Reply(ctx, tip.ReplyCmd{Code: bad, Text: "x"}, nil), fault.KindInvalid)
		}
	})
}

func FuzzReadCode(f *testing.F) {
	f.Add("0123-4567-89AB-CDEF-GHJK")
	f.Add("ｏＩｌ　")
	f.Fuzz(func(t *testing.T, text string) {
		code, ok := tip.ReadCode(text)
		if !ok {
			return
		}
		if again, fine := tip.ReadCode(tip.ShowCode(code)); !fine || again != code {
			t.Errorf("%q is read as %q, shown and read as %q", text, code, again)
		}
	})
}

// Neither the tables nor the log say who told, what, or by which code.
func TestNothingTells(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		signed := w.two
		signed.Address, signed.Session = "10.9.8.7", "abcd"
		w.site.Actor = signed
		code, body := w.site.Post(t, "/tip", url.Values{"unit": {"河南省人民检察院"}, "text": {story}, "about": {"苟得利"}, "once": {tip.Once()}})
		shown := regexp.MustCompile(`[0-9A-Z]{4}(-[0-9A-Z]{4}){4}`).FindString(body)
		if code != 200 || shown == "" {
			t.Fatalf("%d %s", code, body)
		}
		w.site.Post(t, "/tip/read", url.Values{"code": {"0000-0000-0000-0000-0000"}})
		if code, body = w.site.Post(t, "/tip/read", url.Values{"code": {shown}, "text": {"补充一点"}}); code != 200 || !strings.Contains(body, "补充一点") || !strings.Contains(body, story) {
			t.Fatalf("%d %s", code, body)
		}
		plain, _ := tip.ReadCode(shown)
		for _, q := range []string{"SELECT CAST(leaf AS TEXT) FROM audit_entry", "SELECT id||no||code_blind||once_blind||handler_id FROM tip", "SELECT id||what||person_id||at FROM tip_entry"} {
			rows, err := w.DB.Raw().Query(q)
			if err != nil {
				t.Fatal(err)
			}
			for rows.Next() {
				var text string
				if err := rows.Scan(&text); err != nil {
					t.Fatal(err)
				}
				for _, bad := range []string{plain, shown, story, "苟得利", "10.9.8.7", "abcd", "补充一点", `"two"`} {
					if strings.Contains(text, bad) {
						t.Errorf("%s tells %q: %s", q, bad, text)
					}
				}
			}
			if err := rows.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Log.Sequence(ctx); err != nil {
			t.Fatal(err)
		}
		list, err := w.Log.List(ctx, "", 1<<60, 100)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) < 2 {
			t.Errorf("%d entries", len(list))
		}
		for _, e := range list {
			if who, _, err := w.Log.Facts(ctx, e.ID); err != nil || who == "two" {
				t.Errorf("the log says who did %s: %v", e.Action, err)
			}
		}
	})
}

// Somebody who is signed in may put his name to it: he comes under watch.
func TestUnderOnesName(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		who := platformtest.As("cousin", actor.Staff, orgtest.Henan)
		if _, err := w.s.Take(ctx, who, tip.HandIn{Unit: "河南省人民检察院", Text: story, Named: true}, nil); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(w.watched, []id.ID{"cousin", ""}) {
			t.Errorf("watched: %v", w.watched)
		}
		x := w.must(t, w.one)
		w.open(t, w.one, x.ID)
		if v, err := w.s.Read(ctx, w.one, x.ID); err != nil || v.Content.Person != "cousin" {
			t.Errorf("%+v %v", v.Content, err)
		}
		w.told(t, func(c *tip.HandIn) { c.Named = true }) // nobody is signed in
		if len(w.watched) != 2 {
			t.Errorf("watched: %v", w.watched)
		}
	})
}

func upload(t *testing.T, fields map[string]string, files map[string]string) *http.Request {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for k, v := range fields {
		if err := m.WriteField(k, v); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range files {
		f, err := m.CreateFormFile("files", name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/tip", &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return r
}

// Files are bounded and judged by what they are; the office gets them after an
// opening, he who told only their names.
func TestFilesOfATip(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.site.Actor = actor.Actor{}
		fields := map[string]string{"unit": "河南省人民检察院", "text": story}
		many := map[string]string{}
		for _, n := range []string{"1", "2", "3", "4", "5", "6"} {
			many[n+".txt"] = "内容" + n
		}
		for _, c := range []struct {
			name  string
			files map[string]string
		}{{"a program", map[string]string{"x.exe": "MZ\x90\x00\x03\x00\x00\x00"}}, {"a program named a picture", map[string]string{"x.png": "MZ\x90\x00\x03\x00\x00\x00"}}, {"too many", many}, {"too large", map[string]string{"x.txt": strings.Repeat("很长", 4<<20)}}} {
			if code, body := w.site.Send(t, upload(t, fields, c.files)); code != 422 && code != 413 {
				t.Errorf("%s: %d %s", c.name, code, body)
			}
		}
		if _, ok := w.last(t, w.one); ok {
			t.Fatal("a refused file left a tip")
		}
		code, body := w.site.Send(t, upload(t, fields, map[string]string{"截图说明.txt": "九月三日的截图"}))
		shown := regexp.MustCompile(`[0-9A-Z]{4}(-[0-9A-Z]{4}){4}`).FindString(body)
		if code != 200 || shown == "" {
			t.Fatalf("%d %s", code, body)
		}
		d := w.follow(t, shown)
		if len(d.Messages[0].Files) != 1 || d.Messages[0].Files[0].Name != "截图说明.txt" || d.Messages[0].Files[0].ID != "" {
			t.Errorf("%+v", d.Messages)
		}
		x := w.must(t, w.one)
		var file id.ID
		if err := w.DB.Read(ctx, func(q db.Q) error { return q.QueryRow(ctx, "SELECT id FROM tip_file").Scan(&file) }); err != nil {
			t.Fatal(err)
		}
		at := "/tips/" + string(x.ID) + "/files/" + string(file)
		w.site.Actor = w.one
		if code, _ := w.site.Get(t, at); code != 409 {
			t.Errorf("unopened: %d", code)
		}
		w.open(t, w.one, x.ID)
		if code, body := w.site.Get(t, at); code != 200 || body != "九月三日的截图" {
			t.Errorf("opened: %d %s", code, body)
		}
		w.site.Actor = w.far
		if code, _ := w.site.Get(t, at); code != 404 {
			t.Errorf("another office: %d", code)
		}
		full := make([]vault.Stored, 6)
		platformtest.WantKind(t, "six with one message", w.s.Reply(ctx, tip.ReplyCmd{Code: shown}, full), fault.KindInvalid)
	})
}

// The public pages: bad input stays on the form, too often is told, and the code
// stands in no address and no cookie.
func TestPublicPages(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, p := range []string{"/tip", "/tip/read"} {
			w.site.Both(t, actor.Actor{}, p, 200)
		}
		w.site.Actor = actor.Actor{}
		for _, c := range []struct {
			form url.Values
			want string
		}{
			{url.Values{"unit": {"火星检察院"}, "text": {"原话要留在表里"}}, "原话要留在表里"}, {url.Values{"unit": {"河南省人民检察院"}}, "河南省人民检察院"}, {url.Values{}, "tip"},
		} {
			if code, body := w.site.Post(t, "/tip", c.form); code != 422 || !strings.Contains(body, c.want) {
				t.Errorf("%v: %d %s", c.form, code, body)
			}
		}
		for i := range 7 {
			r := httptest.NewRequest(http.MethodPost, "/api/v1/tip", strings.NewReader(`{"unit":"河南省人民检察院","text":"`+story+`"}`))
			r.Header.Set("Content-Type", "application/json")
			code, body := w.site.Send(t, r)
			var got struct{ Code string }
			if err := json.Unmarshal([]byte(body), &got); err != nil || (code == 200) != (i < 5) || i >= 5 && code != 429 || (got.Code != "") != (i < 5) {
				t.Errorf("tip %d: %d %s %v", i, code, body, err)
			}
		}
		code, body := 0, ""
		for range 12 {
			code, body = w.site.Post(t, "/tip/read", url.Values{"code": {"0123-4567-89AB-CDEF-GHJK"}})
		}
		if code != 429 {
			t.Errorf("guessing: %d %s", code, body)
		}
	})
}

// The pages of the office, in both languages, at every stage.
func TestPagesOfTheOffice(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.site.Both(t, w.one, "/tips", 200)
		code := w.told(t, func(c *tip.HandIn) { c.Unit = "新乡市人民检察院" })
		w.days(20)
		if body := w.site.Both(t, w.one, "/tips", 200); !strings.Contains(body, "T-xinxiang-2026-0001") {
			t.Error("the office above is not told that it is late")
		}
		at := "/tips/" + string(w.must(t, w.city).ID)
		w.site.Both(t, w.city, at, 200)
		for _, s := range []struct {
			path string
			form url.Values
		}{{"/open", url.Values{"purpose": {"受理审查"}}}, {"/take", nil}, {"/ask", url.Values{"text": {"哪一天？"}}}, {"/refer", url.Values{"text": {"事实"}, "name": {"某人"}}}, {"/close", url.Values{"text": {"已处理"}}}} {
			w.site.Actor = w.city
			if got, body := w.site.Post(t, at+s.path, s.form); got != 303 {
				t.Fatalf("%s: %d %s", s.path, got, body)
			}
			w.site.Both(t, w.city, at, 200)
		}
		w.site.Actor = w.city
		if got, body := w.site.Post(t, at+"/answer", url.Values{"text": {"再说"}}); got != 409 {
			t.Errorf("answering what is closed: %d %s", got, body)
		}
		w.site.Both(t, w.one, at, 404)
		w.site.Actor = actor.Actor{}
		if got, body := w.site.Post(t, "/tip/read", url.Values{"code": {code}}); got != 200 || !strings.Contains(body, "已处理") {
			t.Errorf("%d %s", got, body)
		}
	})
}

// A closed unit's tips go on at another one.
func TestTipsOfAClosedUnit(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		code := w.told(t, func(c *tip.HandIn) { c.Unit = "新乡市人民检察院" })
		units := []org.Unit{{ID: "xinxiang", Name: "新乡市人民检察院"}, {ID: "henan", Name: "河南省人民检察院"}}
		if err := w.Log.Write(ctx, actor.Program("test"), "unit.handover", func(tx *audit.Tx) error {
			n, err := w.s.Estates()[0].Hand(ctx, tx, w.top, units[0], units[1])
			if err == nil && n != 1 {
				t.Errorf("%d handed over", n)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		x := w.must(t, w.one)
		w.hidden(t, "handed over", w.city, x.ID)
		w.reply(t, code, "补充")
	})
}
