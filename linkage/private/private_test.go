package private

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/cloudflare/circl/oprf"

	"huikan/linkage"
	"huikan/linkage/registers"
)

var noon = time.Date(2027, 3, 1, 12, 0, 0, 0, time.FixedZone("CST", 8*3600))

func set(rs ...linkage.Record) *linkage.Set {
	s := linkage.NewSet(registers.Rules())
	for i := range rs {
		s.Add(&rs[i])
	}
	return s
}

// Numbers are made up; their check digits are right.
var (
	asking = []linkage.Record{
		{ID: "S1", Name: "張偉國", IDNo: "410105199003262781", Birth: "1990-03-26"},
		{ID: "S2", Name: "欧阳文静", Birth: "1985年7月2日"},
		{ID: "S3", Name: "李娜", IDNo: "11010519800101****", Birth: "1980-01-01"},
		{ID: "S4", Name: "王小明", IDNo: "**************4321", Birth: "1975"},
	}
	held = []linkage.Record{
		{ID: "L1", Name: "张伟国", IDNo: "410105199003262781", Birth: "1990-03-26", Sex: "女", Places: []string{"郑州市"}, Orgs: []string{"河南海成律师事务所"}},
		{ID: "L2", Name: "歐陽文靜", Birth: "1985-07-02"},
		{ID: "L3", Name: "王小明", IDNo: "**************4321"},
		{ID: "L4", Name: "赵无关", IDNo: "**************0007", Birth: "1991-02-03"},
		{ID: "L5", Name: "欧阳闻静", Birth: "1985-07-02"},
	}
)

type exchange struct {
	key    *Key
	log    *Log
	state  *State
	offer  []byte
	answer []byte
	left   *linkage.Set
}

func exchanged(t *testing.T) *exchange {
	t.Helper()
	x := &exchange{left: set(asking...)}
	var err error
	if x.key, err = NewKey("某省司法厅", 0); err != nil {
		t.Fatal(err)
	}
	if x.log, err = NewLog(x.key, noon); err != nil {
		t.Fatal(err)
	}
	x.offer, x.state = x.ask(t)
	x.answer = x.reply(t, held)
	return x
}

func (x *exchange) ask(t *testing.T) ([]byte, *State) {
	t.Helper()
	c, err := x.key.Commitment()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	st, err := MakeOffer(context.Background(), c, []*linkage.Set{x.left}, OfferOptions{}, &b)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), st
}

func (x *exchange) reply(t *testing.T, rs []linkage.Record) []byte {
	t.Helper()
	o, err := ReadOffer("offer", bytes.NewReader(x.offer))
	if err != nil {
		t.Fatal(err)
	}
	ad, err := x.key.Admit(o, x.log, noon)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := ad.Answer(context.Background(), set(rs...), &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (x *exchange) open(answer []byte) (*Found, error) {
	o, err := ReadOffer("offer", bytes.NewReader(x.offer))
	if err != nil {
		return nil, err
	}
	a, err := ReadAnswer("answer", bytes.NewReader(answer))
	if err != nil {
		return nil, err
	}
	return x.state.Open(context.Background(), o, a, registers.Rules(), []*linkage.Set{x.left})
}

func refused(t *testing.T, err error, p Problem) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Problem != p {
		t.Fatalf("%v, refusal %s wanted", err, p)
	}
	if e.File == "" || e.Place == "" {
		t.Errorf("%v names no file or place", e)
	}
}

func TestBothSidesFindWhomBothHave(t *testing.T) {
	x := exchanged(t)
	f, err := x.open(x.answer)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, h := range f.Hits {
		got = append(got, x.left.ID(h.Row)+" "+f.Records.ID(h.Found)+" "+h.Key.String())
	}
	want := []string{"S1 L1 number", "S2 L2 name+month", "S2 L5 sound+day", "S4 L3 name+tail"}
	if !slices.Equal(got, want) {
		t.Errorf("%v, wanted %v", got, want)
	}
	if f.Records.Len() != 4 || f.Size != 256 {
		t.Errorf("%d records opened of %d", f.Records.Len(), f.Size)
	}
	for row := range f.Records.Len() { // what was told is what the holder discloses, no more
		for i, r := range held {
			if r.ID == f.Records.ID(row) && r.ID != "L1" && f.Records.Disclose(row) != set(held...).Disclose(i) {
				t.Errorf("%s was told otherwise", r.ID)
			}
		}
	}
}

func TestTheFunctionIsThatOfTheStandard(t *testing.T) {
	x := exchanged(t)
	var v linkage.EqualValue
	copy(v[:], "a value here.")
	seed := bytes.Repeat([]byte{7}, 32)
	b, err := blind(seed, v[:])
	if err != nil {
		t.Fatal(err)
	}
	ev, _, err := evaluate(x.key.secret, b)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x.key.secret.Public().MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	e, err := element(public)
	if err != nil {
		t.Fatal(err)
	}
	z, _, err := verify(e, b, ev[:32], ev[32:])
	if err != nil {
		t.Fatal(err)
	}
	out, err := output(v[:], z[0].Mul(z[0], inverses([]oprf.Blind{blinding(seed, v[:])})[0]))
	if err != nil {
		t.Fatal(err)
	}
	full, err := oprf.NewVerifiableServer(suite, x.key.secret).FullEvaluate(v[:])
	if err != nil || !bytes.Equal(full, out[:]) {
		t.Errorf("%x is not %x: %v", out, full, err)
	}
}

func TestInversesInvert(t *testing.T) {
	var rs []oprf.Blind
	for i := range 5 {
		rs = append(rs, blinding([]byte{byte(i)}, nil))
	}
	one := curve.NewScalar().SetUint64(1)
	for i, v := range inverses(rs) {
		if !v.Mul(v, rs[i]).IsEqual(one) {
			t.Errorf("factor %d", i)
		}
	}
}

func TestTheSameSeedGivesTheSameOfferAndNoNames(t *testing.T) {
	x := exchanged(t)
	c, err := x.key.Commitment()
	if err != nil {
		t.Fatal(err)
	}
	make1 := func(seed byte, left *linkage.Set) []byte {
		var b bytes.Buffer
		if _, err := MakeOffer(context.Background(), c, []*linkage.Set{left}, OfferOptions{Seed: bytes.Repeat([]byte{seed}, 32)}, &b); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	a := make1(1, x.left)
	if !bytes.Equal(a, make1(1, x.left)) {
		t.Error("one seed, two offers")
	}
	o, err := ReadOffer("a", bytes.NewReader(a))
	if err != nil {
		t.Fatal(err)
	}
	p, err := ReadOffer("b", bytes.NewReader(make1(2, x.left)))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, part := range o.parts {
		for i := 0; i < len(part); i += elementSize {
			seen[string(part[i:i+elementSize])] = true
		}
	}
	for _, part := range p.parts { // the same people under another seed share nothing
		if _, _, err := elements(part); err != nil {
			t.Error("an offer holds something else than group elements")
		}
		for i := 0; i < len(part); i += elementSize {
			if seen[string(part[i:i+elementSize])] {
				t.Error("two offers can be held against each other")
			}
		}
	}
}

// An answer to somebody who asks for nobody of the register has the size of any other, and no byte of a name.
func TestAnAnswerTellsOnlyABucket(t *testing.T) {
	x := exchanged(t)
	for _, n := range []int{1, 3, 5} {
		a := x.reply(t, held[:n])
		if len(a) != len(x.answer) {
			t.Errorf("%d records: %d bytes, %d others", n, len(a), len(x.answer))
		}
		for _, r := range held[:n] {
			for _, word := range []string{r.ID + "\x00", r.Name, "2781", "410105"} {
				if bytes.Contains(a, []byte(word)) {
					t.Errorf("%q stands in the answer", word)
				}
			}
		}
	}
	if b := x.reply(t, held); bytes.Equal(b[len(b)-8000:len(b)-100], x.answer[len(x.answer)-8000:len(x.answer)-100]) {
		t.Error("two answers of one register can be held against each other")
	}
	for n := 1; n < 1<<22; n = n*9/8 + 1 {
		if b := bucket(n); b < n || n > 512 && b > n+n/8+1 {
			t.Errorf("%d is padded to %d", n, b)
		}
	}
}

func TestWhatIsNotRightIsRefused(t *testing.T) {
	x := exchanged(t)
	a, err := ReadAnswer("answer", bytes.NewReader(x.answer))
	if err != nil {
		t.Fatal(err)
	}
	// resigned is an answer of a holder who signs what he has changed.
	resigned := func(change func(a *Answer)) []byte {
		c, err := ReadAnswer("answer", bytes.NewReader(x.answer))
		if err != nil {
			t.Fatal(err)
		}
		change(c)
		return rewrite(t, x.key, c)
	}
	if !bytes.Equal(resigned(func(*Answer) {}), x.answer) {
		t.Fatal("an answer that was read and written is another")
	}
	body := bytes.IndexByte(x.answer[len(answerMark):], '\n') + len(answerMark) + 1
	flipped := func(at int) []byte {
		b := slices.Clone(x.answer)
		b[at] ^= 1
		return b
	}
	other, err := NewKey("other", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		answer []byte
		want   Problem
	}{
		{"cut", x.answer[:len(x.answer)-1], ProblemShort},
		{"cut in the header", x.answer[:100], ProblemShort},
		{"longer", append(slices.Clone(x.answer), 0), ProblemLong},
		{"another kind", x.offer, ProblemKind},
		{"empty", nil, ProblemKind},
		{"an evaluation changed on the way", flipped(body + 3), ProblemSignature},
		{"a label changed on the way", flipped(len(x.answer) - 100), ProblemSignature},
		{"the signature changed", flipped(len(x.answer) - 1), ProblemSignature},
		{"evaluations exchanged by the holder", resigned(func(a *Answer) {
			e := a.evaluated[1]
			first := slices.Clone(e[:elementSize])
			copy(e, e[elementSize:2*elementSize])
			copy(e[elementSize:], first)
		}), ProblemProof},
		{"evaluated with another key", resigned(func(a *Answer) {
			o, err := ReadOffer("offer", bytes.NewReader(x.offer))
			if err != nil {
				t.Fatal(err)
			}
			if a.evaluated[0], _, err = evaluate(other.secret, o.parts[0]); err != nil {
				t.Fatal(err)
			}
		}), ProblemProof},
		{"no element", resigned(func(a *Answer) { copy(a.evaluated[0], bytes.Repeat([]byte{255}, 32)) }), ProblemElement},
		{"the neutral element", resigned(func(a *Answer) { clear(a.evaluated[0][:32]) }), ProblemElement},
		{"labels changed by the holder", resigned(func(a *Answer) {
			for i := range a.sealed {
				a.sealed[i] ^= 1
			}
		}), ProblemLabel},
		{"ways changed by the holder", resigned(func(a *Answer) {
			for _, e := range a.entries {
				for i := 0; i < len(e); i += entrySize {
					e[i+tagSize+wayKey] ^= 0x80
				}
			}
		}), ProblemLabel},
		{"of another key", resigned(func(a *Answer) { a.head.Key = other.ID }), ProblemKey},
		{"to another offer", resigned(func(a *Answer) { a.head.Offer = a.head.ID }), ProblemOffer},
		{"read otherwise", resigned(func(a *Answer) { a.head.Reading = "0123456789abcdef" }), ProblemReading},
		{"fewer keys", resigned(func(a *Answer) {
			a.head.Keys, a.evaluated, a.entries = a.head.Keys[1:], a.evaluated[1:], a.entries[1:]
		}), ProblemOffer},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := x.open(c.answer)
			refused(t, err, c.want)
		})
	}
	_ = a
	t.Run("registers changed since", func(t *testing.T) {
		o, err := ReadOffer("offer", bytes.NewReader(x.offer))
		if err != nil {
			t.Fatal(err)
		}
		_, err = x.state.Open(context.Background(), o, a, registers.Rules(), []*linkage.Set{set(asking[:3]...)})
		refused(t, err, ProblemChanged)
	})
	t.Run("another offer at hand", func(t *testing.T) {
		b, _ := x.ask(t)
		o, err := ReadOffer("offer", bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		_, err = x.state.Open(context.Background(), o, a, registers.Rules(), []*linkage.Set{x.left})
		refused(t, err, ProblemOffer)
	})
}

func rewrite(t *testing.T, k *Key, a *Answer) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := writeAnswer(&b, k, a); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAnOfferIsRefused(t *testing.T) {
	x := exchanged(t)
	read := func(b []byte) (*Offer, error) { return ReadOffer("offer", bytes.NewReader(b)) }
	admit := func(k *Key, l *Log, now time.Time) error {
		o, err := read(x.offer)
		if err != nil {
			t.Fatal(err)
		}
		_, err = k.Admit(o, l, now)
		return err
	}
	t.Run("cut", func(t *testing.T) { _, err := read(x.offer[:len(x.offer)-5]); refused(t, err, ProblemShort) })
	t.Run("longer", func(t *testing.T) { _, err := read(append(slices.Clone(x.offer), 1)); refused(t, err, ProblemLong) })
	t.Run("changed", func(t *testing.T) {
		b := slices.Clone(x.offer)
		b[len(b)-60] ^= 1
		_, err := read(b)
		refused(t, err, ProblemDigest)
	})
	t.Run("another key", func(t *testing.T) {
		k, err := NewKey("other", 0)
		if err != nil {
			t.Fatal(err)
		}
		refused(t, admit(k, x.log, noon), ProblemKey)
	})
	t.Run("no element", func(t *testing.T) {
		o, err := read(x.offer)
		if err != nil {
			t.Fatal(err)
		}
		copy(o.parts[0], bytes.Repeat([]byte{255}, 32))
		ad, err := x.key.Admit(o, x.log, noon)
		if err != nil {
			t.Fatal(err)
		}
		_, err = ad.Answer(context.Background(), set(held...), &bytes.Buffer{})
		refused(t, err, ProblemElement)
	})
	t.Run("quota", func(t *testing.T) {
		k := *x.key
		k.Quota = 15 // seven are asked, and were twice before
		refused(t, admit(&k, x.log, noon), ProblemQuota)
		if err := admit(&k, x.log, noon.Add(13*time.Hour)); err != nil {
			t.Errorf("the next day: %v", err)
		}
	})
	t.Run("rotated", func(t *testing.T) {
		if err := x.key.Rotate(); err != nil {
			t.Fatal(err)
		}
		refused(t, admit(x.key, x.log, noon), ProblemRotated)
	})
}

func TestTheLogIsWholeOrRefused(t *testing.T) {
	x := exchanged(t)
	var b bytes.Buffer
	if err := x.log.Flush(&b); err != nil {
		t.Fatal(err)
	}
	l, err := ReadLog("log", bytes.NewReader(b.Bytes()), x.key.Verifier())
	if err != nil || len(l.Entries) != 2 || l.Entries[1].Asked["number"] != 1 || l.Entries[1].Today != l.Entries[1].Asked["number"]+l.Entries[1].Asked["name+month"]+l.Entries[1].Asked["name+tail"]+l.Entries[1].Asked["sound+day"] {
		t.Fatalf("%+v %v", l, err)
	}
	lines := bytes.SplitAfter(b.Bytes(), []byte("\n"))
	for name, text := range map[string][]byte{
		"empty":     nil,
		"taken out": lines[1],
		"turned":    append(slices.Clone(lines[1]), lines[0]...),
		"changed":   bytes.Replace(b.Bytes(), []byte(`"number":1`), []byte(`"number":0`), 1),
		"no log":    []byte("text\n"),
	} {
		_, err := ReadLog("log", bytes.NewReader(text), x.key.Verifier())
		if t.Run(name, func(t *testing.T) { refused(t, err, ProblemLog) }); t.Failed() {
			continue
		}
	}
}

func TestKeysAndStatesAreReadBack(t *testing.T) {
	x := exchanged(t)
	c, err := x.key.Commitment()
	if err != nil {
		t.Fatal(err)
	}
	var kb, cb, sb bytes.Buffer
	if err := errors.Join(x.key.Write(&kb), c.Write(&cb), x.state.Write(&sb)); err != nil {
		t.Fatal(err)
	}
	k, err := ReadKey("key", bytes.NewReader(kb.Bytes()))
	if err != nil || k.ID != x.key.ID {
		t.Fatal(err)
	}
	if d, err := ReadCommitment("commitment", bytes.NewReader(cb.Bytes())); err != nil || d.ID != k.ID {
		t.Fatal(err)
	}
	if s, err := ReadState("state", bytes.NewReader(sb.Bytes())); err != nil || s.Offer != x.state.Offer {
		t.Fatal(err)
	}
	if bytes.Contains(sb.Bytes(), []byte("张")) || bytes.Contains(cb.Bytes(), []byte(k.Secret)) {
		t.Error("a file says more than it may")
	}
	_, err = ReadCommitment("commitment", bytes.NewReader(bytes.Replace(cb.Bytes(), []byte(`"id": "`), []byte(`"id": "0`), 1)))
	refused(t, err, ProblemHeader)
	_, err = ReadKey("key", bytes.NewReader(cb.Bytes()))
	refused(t, err, ProblemHeader)
}

// Private matching of made-up registers finds nearly what open registers would show, and after scoring errs little.
func TestRecallAndPrecisionAfterScoring(t *testing.T) {
	dir := t.TempDir()
	if err := (registers.Making{Seed: 31, Staff: 260, Relatives: 1040, Lawyers: 1600, Overlap: 8}).Write(dir); err != nil {
		t.Fatal(err)
	}
	j, r := privately(t, dir)
	t.Logf("%d true pairs, recall %.3f, precision %.3f, auto %d at %.3f, %d links", j.True, j.Recall, j.Precision, j.Auto, j.AutoPrecision, j.Links)
	if j.True < 100 || j.Recall < .94 || j.Precision < .95 {
		t.Errorf("recall %.3f, precision %.3f over %d true pairs: %v %v", j.Recall, j.Precision, j.True, j.Missed, j.Wrong)
	}
	_ = r
}

func privately(t *testing.T, dir string) (*registers.Judgement, *registers.Result) {
	t.Helper()
	ctx := context.Background()
	staff, relatives, _, err := registers.Left(ctx, filepath.Join(dir, "staff.csv"), filepath.Join(dir, "relatives.csv"))
	if err != nil {
		t.Fatal(err)
	}
	lawyers, _, err := registers.ReadFile(ctx, filepath.Join(dir, "lawyers.csv"), registers.PrivateLawyerColumns, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	k, err := NewKey("holder", 0)
	if err != nil {
		t.Fatal(err)
	}
	l, err := NewLog(k, noon)
	if err != nil {
		t.Fatal(err)
	}
	c, err := k.Commitment()
	if err != nil {
		t.Fatal(err)
	}
	sets := []*linkage.Set{staff, relatives}
	var ob, ab bytes.Buffer
	st, err := MakeOffer(ctx, c, sets, OfferOptions{}, &ob)
	if err != nil {
		t.Fatal(err)
	}
	o, err := ReadOffer("offer", bytes.NewReader(ob.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	ad, err := k.Admit(o, l, noon)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ad.Answer(ctx, lawyers, &ab); err != nil {
		t.Fatal(err)
	}
	a, err := ReadAnswer("answer", &ab)
	if err != nil {
		t.Fatal(err)
	}
	f, err := st.Open(ctx, o, a, registers.Rules(), sets)
	if err != nil {
		t.Fatal(err)
	}
	var pairs []registers.Pair
	for _, h := range f.Hits {
		pairs = append(pairs, registers.Pair{Source: h.Set, Left: h.Row, Right: h.Found})
	}
	r, err := registers.Rescore(ctx, staff, relatives, f.Records, pairs, f.Size, nil)
	if err != nil {
		t.Fatal(err)
	}
	j, err := registers.Judge(dir, r)
	if err != nil {
		t.Fatal(err)
	}
	return j, r
}

func FuzzReadOffer(f *testing.F) {
	f.Add([]byte(offerMark + `{"id":"00112233445566778899aabbccddeeff","key":"0011223344556677","reading":"0011223344556677","keys":[{"key":"number","count":1}]}` + "\n"))
	f.Add([]byte(offerMark))
	f.Fuzz(func(t *testing.T, b []byte) {
		o, err := ReadOffer("f", bytes.NewReader(b))
		if err == nil && len(o.parts) != len(o.head.Keys) {
			t.Error("parts")
		}
		named(t, err)
	})
}

func FuzzReadAnswer(f *testing.F) {
	f.Add([]byte(answerMark + `{"id":"00112233445566778899aabbccddeeff","offer":"00112233445566778899aabbccddeeff","key":"0011223344556677","reading":"0011223344556677","keys":[{"key":"number","count":1,"entries":1}],"records":1,"id_size":8}` + "\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := ReadAnswer("f", bytes.NewReader(b))
		named(t, err)
	})
}

func FuzzReadSmallFiles(f *testing.F) {
	f.Add([]byte(`{"format":1,"id":"00","secret":"00","sign":"","holder":"","quota":1}`))
	f.Add([]byte(`{"format":1,"offer":"","seed":"","commitment":{},"keys":[]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := ReadKey("f", bytes.NewReader(b))
		named(t, err)
		_, err = ReadCommitment("f", bytes.NewReader(b))
		named(t, err)
		_, err = ReadState("f", bytes.NewReader(b))
		named(t, err)
		_, err = ReadLog("f", bytes.NewReader(b), make([]byte, 32))
		named(t, err)
	})
}

func named(t *testing.T, err error) {
	var e *Error
	if err != nil && (!errors.As(err, &e) || e.File == "" || e.Place == "") {
		t.Errorf("%v is not told by file and place", err)
	}
}
