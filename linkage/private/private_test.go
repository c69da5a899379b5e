package private

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
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
	e, err := readElement(public)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := verify(e, b, ev[:32], ev[32:]); err != nil {
		t.Fatal(err)
	}
	u, err := newUnblinder(public)
	if err != nil {
		t.Fatal(err)
	}
	k, err := u.unblind(ev[:32], seed, v[:])
	if err != nil {
		t.Fatal(err)
	}
	out := output(v[:], k)
	theirs, err := oprf.NewVerifiableServer(suite, x.key.secret).FullEvaluate(v[:])
	if err != nil || !bytes.Equal(theirs, out[:]) {
		t.Errorf("%x is not %x: %v", out, theirs, err)
	}
}

// Pieces come in their order whoever makes them first; the first error that is met ends everything, and a writer that
// cannot go on ends the making.
func TestPiecesAreHandedOnInOrder(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		name        string
		n, bad, end int // pieces, the one that cannot be made, the one that cannot be written
		want        string
	}{
		{"none", 0, -1, -1, ""},
		{"all", 40, -1, -1, "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39"},
		{"one cannot be made", 40, 3, -1, "0 1 2"},
		{"one cannot be written", 40, -1, 2, "0 1"},
	} {
		var got []string
		err := inOrder(context.Background(), c.n, func(i int) ([]byte, error) {
			if i == c.bad {
				return nil, broken
			}
			return []byte(strconv.Itoa(i)), nil
		}, func(b []byte) error {
			if string(b) == strconv.Itoa(c.end) {
				return broken
			}
			got = append(got, string(b))
			return nil
		})
		if strings.Join(got, " ") != c.want || (c.bad >= 0 || c.end >= 0) != errors.Is(err, broken) {
			t.Errorf("%s: %v, %v", c.name, got, err)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if err := inOrder(ctx, 40, func(int) ([]byte, error) { return nil, nil }, func([]byte) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
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
	elementsOf := func(o *Offer) (all [][]byte) {
		for i, p := range o.head.Keys {
			b, err := o.batch(i, 0, p.Count)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, b)
		}
		return all
	}
	for _, part := range elementsOf(o) {
		for i := 0; i < len(part); i += elementSize {
			seen[string(part[i:i+elementSize])] = true
		}
	}
	for _, part := range elementsOf(p) { // the same people under another seed share nothing
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
