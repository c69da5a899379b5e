package private

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"testing"

	"huikan/linkage"
	"huikan/linkage/registers"
)

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
	a, err := ReadAnswer("answer", bytes.NewReader(ab.Bytes()))
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
		if err == nil && len(o.at) != len(o.head.Keys) {
			t.Error("keys without a place")
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
