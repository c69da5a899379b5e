package rectification_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	pictures "image/png"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/db"
	"huikan/internal/platform/platformtest"
	rect "huikan/internal/rectification"
)

// made draws a picture: a scene of rectangles on a gradient, or a page of lines like a scanned document.
func made(seed uint64, page bool) *image.RGBA {
	r := rand.New(rand.NewPCG(seed, 3))
	const w, h = 270, 360
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	fill := func(x0, y0, x1, y1 int, c color.RGBA) {
		for y := max(y0, 0); y < min(y1, h); y++ {
			for x := max(x0, 0); x < min(x1, w); x++ {
				m.SetRGBA(x, y, c)
			}
		}
	}
	if page {
		fill(0, 0, w, h, color.RGBA{250, 250, 246, 255})
		for y := 40 + r.IntN(30); y < h-40; y += 22 + r.IntN(10) {
			for x := 40 + r.IntN(30); x < w-40-r.IntN(160); x += 15 {
				if r.IntN(9) > 0 {
					fill(x, y, x+6+r.IntN(7), y+12, color.RGBA{30, 30, 34, 255})
				}
			}
			if r.IntN(6) == 0 {
				y += 40
			}
		}
		return m
	}
	a, b := uint8(r.IntN(200)), uint8(r.IntN(200))
	for y := range h {
		for x := range w {
			m.SetRGBA(x, y, color.RGBA{a + uint8(50*x/w), b + uint8(50*y/h), uint8(60 + 80*x/w), 255})
		}
	}
	for range 25 {
		x, y := r.IntN(w), r.IntN(h)
		fill(x, y, x+20+r.IntN(150), y+20+r.IntN(150), color.RGBA{uint8(r.IntN(256)), uint8(r.IntN(256)), uint8(r.IntN(256)), 255})
	}
	return m
}

// again is the picture as it comes back: scaled, lighter, compressed, a hair cut off.
func again(m *image.RGBA, seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 4))
	scale := 0.5 + r.Float64()
	w, h := int(float64(m.Rect.Dx())*scale), int(float64(m.Rect.Dy())*scale)
	light, off := 0.85+r.Float64()*0.3, r.IntN(4)
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := m.RGBAAt(min(int(float64(x)/scale)+off, m.Rect.Dx()-1), min(int(float64(y)/scale)+off, m.Rect.Dy()-1))
			f := func(v uint8) uint8 { return uint8(min(float64(v)*light, 255)) }
			out.SetRGBA(x, y, color.RGBA{f(c.R), f(c.G), f(c.B), 255})
		}
	}
	var b bytes.Buffer
	_ = jpeg.Encode(&b, out, &jpeg.Options{Quality: 40 + r.IntN(50)}) // a buffer takes everything
	return b.Bytes()
}

func printOf(t *testing.T, raw []byte) (rect.Print, bool) {
	t.Helper()
	p, ok, err := rect.PicturePrint(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(raw)), nil })
	if err != nil {
		t.Fatal(err)
	}
	return p, ok
}

func encoded(m image.Image) []byte {
	var b bytes.Buffer
	_ = pictures.Encode(&b, m)
	return b.Bytes()
}

func shareKey(a, b rect.Print) bool {
	have := map[int64]bool{}
	for _, k := range a.Keys() {
		have[k] = true
	}
	for _, k := range b.Keys() {
		if have[k] {
			return true
		}
	}
	return false
}

// The figures of the alarm on made-up pictures: half scenes, half scanned pages.
func TestPictureTwinsAreFoundAndOthersAreNot(t *testing.T) {
	const n = 100
	var prints []rect.Print
	found, made2 := 0, 0
	for i := range n {
		m := made(uint64(i), i%2 == 1)
		p, ok := printOf(t, encoded(m))
		if !ok {
			t.Fatalf("picture %d has no print", i)
		}
		prints = append(prints, p)
		q, ok := printOf(t, again(m, uint64(i)))
		_, twin := p.Like(q)
		made2++
		if ok && twin && shareKey(p, q) {
			found++
		}
	}
	alarms, pairs := 0, 0
	for i := range prints {
		for j := range i {
			pairs++
			if _, twin := prints[i].Like(prints[j]); twin {
				alarms++
			}
		}
	}
	t.Logf("found %d of %d altered copies; %d false alarms in %d pairs", found, made2, alarms, pairs)
	if found*100 < made2*90 || alarms*10000 > pairs {
		t.Error("fewer than 90% found, or more than one false alarm in ten thousand pairs")
	}
}

func TestBlankAndBrokenPicturesHaveNoPrint(t *testing.T) {
	blank := image.NewRGBA(image.Rect(0, 0, 300, 300))
	for name, raw := range map[string][]byte{"blank": encoded(blank), "tiny": encoded(image.NewRGBA(image.Rect(0, 0, 4, 4))), "broken": []byte("\x89PNG\r\n\x1a\nrest"), "cut": encoded(made(1, false))[:400], "empty": nil} {
		if _, ok := printOf(t, raw); ok {
			t.Errorf("%s has a print", name)
		}
	}
}

// statement makes a paragraph out of the phrases that every report uses, with its own facts.
func statement(r *rand.Rand) string {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	var b strings.Builder
	for range 3 + r.IntN(3) {
		b.WriteString(pick("我院党组高度重视，", "针对反馈问题，", "按照整改要求，", "经研究，", "对照问题清单，") + pick("召开专题会议研究部署，", "成立整改工作专班，", "逐项制定整改措施，", "开展专项检查，", "约谈有关责任人，"))
		b.WriteString(pick("清理", "补登", "退还", "核查", "修订", "公示") + pick("台账", "卷宗", "公车记录", "款物", "制度", "考勤记录", "合同", "接待单据") + fmt.Sprint(1+r.IntN(90)) + pick("件", "份", "项", "条"))
		b.WriteString("，" + pick("由办公室牵头", "由案管部门负责", "由政治部督促", "由分管领导把关", "由财务部门复核") + pick("按月通报进展。", "建立长效机制。", "接受干警监督。", "形成闭环管理。", "纳入年度考核。"))
	}
	return b.String()
}

func TestParagraphTwinsAreFoundAndOthersAreNot(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	var prints []rect.Print
	found, n := 0, 300
	for range n {
		s := statement(r)
		ps := rect.TextPrints(s)
		if len(ps) != 1 {
			t.Fatalf("%d prints of %s", len(ps), s)
		}
		prints = append(prints, ps[0])
		// Copied with other figures, another mark or two, and a word changed.
		copied := strings.NewReplacer("件", "份", "。", "；").Replace(s) + "以上。"
		for d := range 10 {
			copied = strings.ReplaceAll(copied, fmt.Sprint(d), fmt.Sprint((d+3)%10))
		}
		qs := rect.TextPrints(copied)
		if _, twin := ps[0].Like(qs[0]); twin && shareKey(ps[0], qs[0]) {
			found++
		}
	}
	alarms, pairs := 0, 0
	for i := range prints {
		for j := range i {
			pairs++
			if _, twin := prints[i].Like(prints[j]); twin {
				alarms++
			}
		}
	}
	t.Logf("found %d of %d altered copies; %d false alarms in %d pairs", found, n, alarms, pairs)
	if found*100 < n*90 || alarms*10000 > pairs {
		t.Error("fewer than 90% found, or more than one false alarm in ten thousand pairs")
	}
	if got := rect.TextPrints("短句\n已完成整改。\n"); len(got) != 0 {
		t.Errorf("formulas have prints: %v", got)
	}
}

func FuzzTextPrints(f *testing.F) {
	f.Add("针对反馈问题，召开专题会议研究部署，逐项制定整改措施，清理台账，由办公室牵头按月通报进展。\n\xff")
	f.Fuzz(func(t *testing.T, s string) {
		for _, p := range rect.TextPrints(s) {
			if l, twin := p.Like(p); l != 1 || !twin {
				t.Fatal("a paragraph is not like itself")
			}
		}
	})
}

func TestTwinsOfOtherItemsAreShownBeforeTheSignature(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		own := "我院对照问题清单逐项核查，补登派车单二百一十四张，清理无审批用车记录三十一条，责任人已作书面检查并在全院通报。"
		other := "本院党组召开专题会议研究保密整改，更换涉密计算机六台，组织全员保密考试一次，对两名责任人进行谈话提醒并扣发绩效。"
		a, b := w.item(t, "A-1", nil), w.item(t, "B-1", func(n *rect.NewItem) { n.Unit = south.Unit })
		w.toRectifying(t, a)
		ok(t, w.s.Claim(ctx, stranger, rect.ClaimCmd{Items: []id.ID{b}}))
		ok(t, w.s.Plan(ctx, stranger, b, rect.PlanCmd{Lead: "张副检察长", Department: "办公室", Rev: w.get(t, b).Rev}))
		_, err := w.s.AddMeasure(ctx, stranger, b, measure)
		ok(t, err)
		ok(t, w.s.SubmitPlan(ctx, platformtest.As("head2", actor.UnitHead, south), b, 0))
		ok(t, w.s.ApprovePlan(ctx, reviewer, b, rect.DecideCmd{}))
		picture := string(encoded(made(5, false)))
		hand := func(who actor.Actor, n id.ID, name, text string) rect.Evidence {
			es, err := w.s.HandIn(ctx, who, n, rect.EvidenceCmd{}, file(name, text))
			ok(t, err)
			return es[0]
		}
		hand(stranger, b, "南方说明.txt", "南方省院整改情况\n"+strings.ReplaceAll(own, "二百一十四", "一百零三")+"\n"+other)
		hand(stranger, b, "照片.jpg", string(again(made(5, false), 1)))
		hand(stranger, b, "同.txt", "完全一样的附件内容")
		text := hand(liaison, a, "北方说明.txt", "关于整改的说明\n"+own)
		shot := hand(liaison, a, "现场.png", picture)
		same := hand(liaison, a, "附件.txt", "完全一样的附件内容")
		hand(liaison, a, "无关.txt", "图书室新购书籍已经全部编目上架并向干警开放借阅，管理员每周清点一次，借出超过一个月的由管理员电话催还登记。")
		look := func(who actor.Actor) (twins []rect.Twin) {
			ok(t, w.DB.Read(ctx, func(q db.Q) (err error) { twins, err = w.s.Twins(ctx, q, who, a, w.dossier(t, a).Evidence); return err }))
			return twins
		}
		got := look(reviewer)
		want := map[id.ID]string{text.ID: rect.TwinParagraph, shot.ID: rect.TwinPicture, same.ID: rect.TwinFile}
		if len(got) != len(want) {
			t.Fatalf("%+v", got)
		}
		for _, x := range got {
			if want[x.Evidence] != x.Kind || x.Item != b || x.Unit != south.Unit || x.No != "B-1" || x.Count != 1 {
				t.Errorf("%+v", x)
			}
		}
		// The unit itself learns that there is a twin, not whose.
		for _, x := range look(liaison) {
			if x.Item != "" || x.Other != "" || x.Unit != "" || x.No != "" {
				t.Errorf("a unit sees another unit's item: %+v", x)
			}
		}
		ok(t, w.s.Apply(ctx, liaison, a, w.applyCmd(t, a)))
		site := w.Serve(t, w.s.Room())
		site.Actor = reviewer
		code, body := site.Get(t, "/items/"+string(a)+"/review")
		if code != 200 || !strings.Contains(body, "几乎相同") || !strings.Contains(body, "段相同") || !strings.Contains(body, "B-1") {
			t.Errorf("%d, the review page does not show the twins", code)
		}
	})
}
