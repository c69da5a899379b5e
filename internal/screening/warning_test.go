package screening

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/fault"
	"huikan/internal/platform/platformtest"
)

func TestWarningsGoBothWays(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		w := open(t, k)
		w.standing(t)
		reader, bar, stranger := w.as(t, "reader"), w.as(t, "bar"), w.as(t, "stranger")
		h := w.hit(t, reader, "欧阳振鹏")
		_, err := w.Send(ctx, reader, SendCmd{Hit: h.ID, Body: "x"})
		platformtest.WantKind(t, "a hit that nobody confirmed", err, fault.KindState)
		out := w.confirmed(t, h.ID)
		_, err = w.Send(ctx, reader, SendCmd{Hit: h.ID, Body: "x"})
		platformtest.WantKind(t, "the same twice", err, fault.KindState)
		if out.Due != "2026-03-16" {
			t.Errorf("ten working days: %s", out.Due)
		}
		platformtest.WantKind(t, "the sender acknowledges", w.Act(ctx, reader, out.ID, "receive", ActCmd{}), fault.KindNotFound)
		platformtest.WantKind(t, "a stranger", w.Act(ctx, stranger, out.ID, "withdraw", ActCmd{Text: "x"}), fault.KindNotFound)
		platformtest.WantKind(t, "an answer before it", w.Act(ctx, bar, out.ID, "answer", ActCmd{Text: "x"}), fault.KindState)
		for _, step := range []struct {
			who      actor.Actor
			do, text string
		}{{bar, "receive", ""}, {bar, "answer", "不予认可"}, {reader, "return", "请附依据"}, {bar, "answer", "已责令注销"}, {bar, "handle", "已注销"}, {reader, "close", ""}} {
			if step.text != "" {
				platformtest.WantKind(t, step.do+" without a word", w.Act(ctx, step.who, out.ID, step.do, ActCmd{}), fault.KindInvalid)
			}
			if err := w.Act(ctx, step.who, out.ID, step.do, ActCmd{Text: step.text}); err != nil {
				t.Fatalf("%s: %v", step.do, err)
			}
		}
		if len(w.mayAct(reader, Warning{Flow: OutFlow.Name, State: Closed, Unit: out.Unit})) != 0 {
			t.Error("a closed warning goes on")
		}

		in, err := w.Tell(ctx, bar, TellCmd{Kind: OfHire, Unit: "河南省人民检察院", Subject: "某人", Body: "拟聘用"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.Tell(ctx, bar, TellCmd{Kind: OfHire, Unit: "浙江省人民检察院", Subject: "某人", Body: "拟聘用"})
		platformtest.WantKind(t, "a province that is not his", err, fault.KindInvalid)
		_, err = w.Tell(ctx, reader, TellCmd{Kind: OfHire, Unit: "河南省人民检察院", Subject: "某人", Body: "拟聘用"})
		platformtest.WantKind(t, "ours tells in their name", err, fault.KindInvalid)
		// Nobody answers: the day passes, it counts as unanswered, and can be urged.
		k.Clock.Set(k.Clock.Now().Add(40 * 24 * time.Hour))
		if err := w.Tick(ctx); err != nil {
			t.Fatal(err)
		}
		if err := w.Act(ctx, bar, in.ID, "urge", ActCmd{Text: "请尽快答复"}); err != nil {
			t.Error(err)
		}
		if err := w.Act(ctx, reader, in.ID, "answer", ActCmd{Text: "无异议"}); err != nil {
			t.Error(err)
		}
	})
}

func TestCounselInACaseOfHisFormerOfficeWarnsOnce(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		w := open(t, k)
		w.standing(t)
		reader := w.as(t, "reader")
		w.bring(t, reader, Cases, "案管", "案件编号,办案单位,律师姓名,执业证号,律师事务所,委托日期,身份\n",
			"A1,新乡市红旗区人民检察院,欧阳振鹏,14107202510000001,河南元和律师事务所,2026-02-20,",
			"A2,新乡市红旗区人民检察院,欧阳振鹏,14107202510000001,河南元和律师事务所,2026-02-20,近亲属",
			"A3,河南省人民检察院,慕容雪娇,14101201010000002,河南正明律师事务所,2026-02-20,",
			"A4,浙江省人民检察院,张伟,13301201510000003,浙江安然律师事务所,2026-02-20,")
		if _, err := w.Run(ctx, reader); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Run(ctx, reader); err != nil {
			t.Fatal(err)
		}
		var list []Warning
		err := w.DB.Read(ctx, func(q dbQ) (err error) {
			list, _, err = w.visibleWarnings(ctx, q, reader, warningFilter{Flow: CaseFlow.Name}, "", 50)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, x := range list {
			got[x.CaseNo] = x.Rule
		}
		if len(list) != 3 || got["A1"] == "" || got["A2"] != "B1" || got["A3"] != "B14" {
			t.Errorf("case warnings: %v", got)
		}
		if err := w.Act(ctx, reader, list[0].ID, "notify", ActCmd{Text: "已当面告知"}); err != nil {
			t.Error(err)
		}
		platformtest.WantKind(t, "the liaison", w.Act(ctx, w.as(t, "bar"), list[1].ID, "notify", ActCmd{Text: "x"}), fault.KindNotFound)
	})
}

func TestWebhooksAreSignedTriedAgainAndGuarded(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		w := open(t, k)
		w.standing(t)
		h := w.hit(t, w.as(t, "reader"), "欧阳振鹏")
		fails := 1
		var got [][]byte
		srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			mac := hmac.New(sha256.New, []byte("a-secret-of-the-hook"))
			mac.Write(body)
			if r.Header.Get("X-Huikan-Signature") != "sha256="+hex.EncodeToString(mac.Sum(nil)) {
				t.Error("wrong signature")
			}
			if fails > 0 {
				fails--
				rw.WriteHeader(http.StatusBadGateway)
				return
			}
			got = append(got, body)
		}))
		defer srv.Close()
		admin := actor.Actor{Account: "a", Grants: []actor.Grant{{Role: actor.SysAdmin, Unit: w.Root(), Path: "spp/"}}}
		cmd := HookCmd{Unit: "河南省人民检察院", Address: srv.URL, Secret: "a-secret-of-the-hook", Active: true}
		platformtest.WantKind(t, "plain http to a private address", w.SetHook(ctx, admin, cmd), fault.KindInvalid)
		platformtest.WantKind(t, "the liaison sets it", w.SetHook(ctx, w.as(t, "bar"), cmd), fault.KindNotFound)
		w.Networks = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
		if err := w.SetHook(ctx, admin, cmd); err != nil {
			t.Fatal(err)
		}
		w.confirmed(t, h.ID)
		w.Networks = nil // the site takes the network away: nothing is called
		deliver := func() {
			t.Helper()
			if err := w.Deliver(ctx); err != nil {
				t.Fatal(err)
			}
			k.Clock.Set(k.Clock.Now().Add(3 * time.Hour))
		}
		deliver()
		if len(got) != 0 || fails != 1 {
			t.Fatal("a private address was called")
		}
		w.Networks = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
		deliver() // fails
		deliver() // arrives
		deliver() // nothing is left
		if len(got) != 1 {
			t.Fatalf("%d messages arrived", len(got))
		}
		var m message
		if err := json.Unmarshal(got[0], &m); err != nil || m.Event != "warning.send" || strings.Contains(string(got[0]), "欧阳") {
			t.Errorf("%s %v", got[0], err)
		}
	})
}

func TestOnlyPublicAndNamedAddressesAreCalled(t *testing.T) {
	named := []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}
	for addr, want := range map[string]bool{"8.8.8.8": true, "10.1.2.3": true, "10.2.0.1": false, "127.0.0.1": false, "169.254.169.254": false, "192.168.1.1": false, "100.64.0.1": false,
		"::1": false, "fe80::1": false, "fd00::1": false, "2001:4860:4860::8888": true, "0.0.0.0": false, "::ffff:127.0.0.1": false, "224.0.0.1": false} {
		if got := callable(netip.MustParseAddr(addr).Unmap(), named); got != want {
			t.Errorf("%s: %v", addr, got)
		}
	}
}

func TestAModelThatFindsLessIsRefused(t *testing.T) {
	platformtest.Each(t, parts(), func(t *testing.T, k *platformtest.Kit) {
		w := open(t, k)
		w.standing(t)
		reader := w.as(t, "reader")
		rep, err := Measure(ctx, nil)
		if err != nil || rep.Truth < 500 || rep.Recall() < 0.9 || rep.FalseAlarms() > 0.05 || len(rep.ByTag) < 5 {
			t.Fatalf("the starting values on the labelled pairs: %.3f of %d, %.3f false: %v", rep.Recall(), rep.Truth, rep.FalseAlarms(), err)
		}
		if _, _, err := w.Propose(ctx, w.as(t, "bar"), nil); !fault.Is(err, fault.KindNotFound) {
			t.Errorf("the liaison measures: %v", err)
		}
		if _, _, err := w.Propose(ctx, reader, []byte("{}")); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("no model: %v", err)
		}
		m, _, err := w.Propose(ctx, reader, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Log.Write(ctx, program0, "model.measure", func(tx *auditTx) error {
			x, err := modelByID(ctx, tx, m.ID)
			if err != nil {
				return err
			}
			x.ID, x.Recall, x.Model = idNew(), 0.1, "worse"
			m = x
			return insertModel(ctx, tx, x)
		}); err != nil {
			t.Fatal(err)
		}
		platformtest.WantKind(t, "lower recall", w.Upgrade(ctx, reader, m.ID, UpgradeCmd{}), fault.KindState)
		platformtest.WantKind(t, "an override without a reason", w.Upgrade(ctx, reader, m.ID, UpgradeCmd{Override: true}), fault.KindInvalid)
		if err := w.Upgrade(ctx, reader, m.ID, UpgradeCmd{Override: true, Reason: "试点"}); err != nil {
			t.Error(err)
		}
	})
}
