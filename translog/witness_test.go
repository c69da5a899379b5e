package translog

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"
)

// records is a witness's memory.
type records struct {
	mu     sync.Mutex
	last   map[string]Checkpoint
	text   map[string][]byte
	before func() // called at the start of Advance, to let somebody else come first
	fail   error
}

func newRecords() *records {
	return &records{last: map[string]Checkpoint{}, text: map[string][]byte{}}
}

func (r *records) Last(origin string) (int64, Hash, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, ok := r.last[origin]
	if !ok {
		return 0, EmptyRoot(), r.fail
	}
	return c.Size, c.Root, r.fail
}

func (r *records) Advance(old int64, next Checkpoint, text []byte) (bool, error) {
	if r.before != nil {
		f := r.before
		r.before = nil
		f()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last[next.Origin].Size != old {
		return false, nil
	}
	r.last[next.Origin], r.text[next.Origin] = next, text
	return true, nil
}

var noon = time.Date(2026, 3, 4, 4, 0, 0, 0, time.UTC)

type scene struct {
	log     *memory
	signer  Signer
	witness Witness
	wv      Verifier
	store   *records
}

func newScene(t *testing.T) *scene {
	t.Helper()
	skey, vkey, err := NewCosignerKey("witness.example.cn")
	if err != nil {
		t.Fatal(err)
	}
	c, err := NewCosigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	wv, err := NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	s, _, v := keys(t, testOrigin)
	w := Witness{Cosigner: c, Keys: func(origin string) []Verifier {
		if origin == testOrigin {
			return []Verifier{v}
		}
		return nil
	}}
	return &scene{newLog(t, 60), s, w, wv, newRecords()}
}

// request asks to go from old to size in this log.
func (s *scene) request(t *testing.T, log *memory, old, size int64) AddCheckpointRequest {
	t.Helper()
	root, err := Root(size, log)
	if err != nil {
		t.Fatal(err)
	}
	text, err := SignCheckpoint(Checkpoint{testOrigin, size, root}, s.signer)
	if err != nil {
		t.Fatal(err)
	}
	q := AddCheckpointRequest{Old: old, Checkpoint: text}
	if old <= size {
		if q.Proof, err = ProveConsistency(old, size, log); err != nil {
			t.Fatal(err)
		}
	}
	return q
}

func (s *scene) ask(t *testing.T, q AddCheckpointRequest) WitnessAnswer {
	t.Helper()
	a, err := s.witness.AddCheckpoint(q.Marshal(), noon, s.store)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestWitnessAnswers(t *testing.T) {
	s := newScene(t)
	if a := s.ask(t, s.request(t, s.log, 0, 20)); a.Status != 200 {
		t.Fatalf("first checkpoint: %+v", a)
	}
	fork := newLog(t, 10)
	for i := range 40 {
		fork.append(t, []byte{byte(i)})
	}
	stranger, _, _ := keys(t, "stranger")
	resign := func(c Checkpoint, by Signer) []byte {
		text, err := c.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		signed, err := AddSignature(append(text, "\n— x AAAAAAAA\n"...), by)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	proved := s.request(t, s.log, 20, 40)
	spoilt := s.request(t, s.log, 20, 40)
	spoilt.Proof[0][0] ^= 1
	broken := s.request(t, s.log, 20, 40)
	broken.Checkpoint = bytes.Replace(broken.Checkpoint, []byte("\n40\n"), []byte("\n41\n"), 1)
	many := s.request(t, s.log, 20, 40)
	many.Proof = make([]Hash, 64)

	tests := []struct {
		name   string
		q      AddCheckpointRequest
		status int
		body   string
	}{
		{"a log that it does not know", AddCheckpointRequest{0, nil, resign(Checkpoint{"other", 1, Hash{}}, s.signer)}, 404, ""},
		{"a checkpoint that the log did not sign", AddCheckpointRequest{20, proved.Proof, resign(Checkpoint{testOrigin, 40, Hash{}}, stranger)}, 403, ""},
		{"a signature that does not fit", broken, 403, ""},
		{"old greater than new", s.request(t, s.log, 30, 25), 400, ""},
		{"old greater than new goes before a wrong old", AddCheckpointRequest{5, nil, resign(Checkpoint{testOrigin, 0, Hash{}}, s.signer)}, 400, ""},
		{"a client that does not know the size", s.request(t, s.log, 0, 40), 409, "20\n"},
		{"a client behind", s.request(t, s.log, 10, 40), 409, "20\n"},
		{"a proof that does not hold", spoilt, 422, ""},
		{"a proof that is missing", AddCheckpointRequest{20, nil, proved.Checkpoint}, 422, ""},
		{"another log under the same name", s.request(t, fork, 20, 40), 422, ""},
		{"the same size with another root", s.request(t, fork, 20, 20), 422, ""},
		{"too many proof lines", many, 400, ""},
		{"the same once more", s.request(t, s.log, 20, 20), 200, ""},
		{"the next", proved, 200, ""},
	}
	for _, tt := range tests {
		before := s.store.last[testOrigin]
		a := s.ask(t, tt.q)
		if a.Status != tt.status || (tt.body != "" && string(a.Body) != tt.body) {
			t.Errorf("%s: %d %q", tt.name, a.Status, a.Body)
		}
		if a.Status != 200 && s.store.last[testOrigin] != before {
			t.Errorf("%s: the record was changed", tt.name)
		}
		if (a.ContentType == "text/x.tlog.size") != (tt.status == 409) {
			t.Errorf("%s: content type %q", tt.name, a.ContentType)
		}
		if a.Misbehaviour != (tt.status == 422) {
			t.Errorf("%s: misbehaviour %v", tt.name, a.Misbehaviour)
		}
	}
}

func TestWitnessOfAnEmptyLog(t *testing.T) {
	s := newScene(t)
	bad, err := AddSignature([]byte(fmt.Sprintf("%s\n0\n%s\n\n— x AAAAAAAA\n", testOrigin, Hash{})), s.signer)
	if err != nil {
		t.Fatal(err)
	}
	if a := s.ask(t, AddCheckpointRequest{Checkpoint: bad}); a.Status != 422 {
		t.Errorf("size 0 with a root: %d", a.Status)
	}
	q := s.request(t, s.log, 0, 20)
	q.Proof = []Hash{{}}
	if a := s.ask(t, q); a.Status != 422 {
		t.Errorf("proof from nothing: %d", a.Status)
	}
	if a := s.ask(t, s.request(t, s.log, 0, 0)); a.Status != 200 {
		t.Errorf("the empty tree: %d", a.Status)
	}
}

func TestACosignatureStandsWithItsTime(t *testing.T) {
	s := newScene(t)
	q := s.request(t, s.log, 0, 60)
	a := s.ask(t, q)
	full, err := AddCosignature(q.Checkpoint, a.Body, s.wv)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(full, s.store.text[testOrigin]) {
		t.Error("the witness kept another text than the log has now")
	}
	_, _, v := keys(t, testOrigin)
	if _, err := OpenCheckpoint(full, testOrigin, v, s.wv); err != nil {
		t.Error(err)
	}
	if at, err := CosignatureTime(full, s.wv); err != nil || !at.Equal(noon) {
		t.Errorf("%v %v", at, err)
	}
	if _, err := CosignatureTime(q.Checkpoint, s.wv); !errors.Is(err, ErrSignature) {
		t.Errorf("time without cosignature: %v", err)
	}
	if _, err := AddCosignature(q.Checkpoint, []byte("— x AAAAAAAA\n"), s.wv); !errors.Is(err, ErrSignature) {
		t.Errorf("a stranger's line: %v", err)
	}
	flips(full, false, func(at int, text []byte) {
		if _, err := OpenCheckpoint(text, testOrigin, v, s.wv); err == nil {
			t.Errorf("byte %d changed: accepted", at)
		}
	})
	if _, err := s.witness.Cosigner.At(time.Unix(0, 0)).Sign(nil); !errors.Is(err, ErrRange) {
		t.Errorf("no time: %v", err)
	}
}

func TestTheWitnessIsNotRolledBackByARace(t *testing.T) {
	s := newScene(t)
	s.store.before = func() {
		if a := s.ask(t, s.request(t, s.log, 0, 50)); a.Status != 200 {
			t.Errorf("the faster one: %d", a.Status)
		}
	}
	a := s.ask(t, s.request(t, s.log, 0, 20))
	if a.Status != 409 || string(a.Body) != "50\n" {
		t.Errorf("the slower one: %d %q", a.Status, a.Body)
	}
	if got := s.store.last[testOrigin].Size; got != 50 {
		t.Errorf("the record is at %d", got)
	}
}

func TestAStoreThatFailsMeansNoSignature(t *testing.T) {
	s := newScene(t)
	s.store.fail = errors.New("disk")
	a, err := s.witness.AddCheckpoint(s.request(t, s.log, 0, 20).Marshal(), noon, s.store)
	if !errors.Is(err, s.store.fail) || len(a.Body) > 0 {
		t.Errorf("%+v %v", a, err)
	}
}

func FuzzAddCheckpoint(f *testing.F) {
	m := newLog(f, 9)
	s, _, _ := keys(f, testOrigin)
	f.Add(AddCheckpointRequest{Old: 3, Proof: []Hash{{1}}, Checkpoint: signed(f, m, s)}.Marshal())
	f.Add([]byte("old 0\n\no\n0\n"))
	f.Add([]byte("old -1\n\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		q, err := ParseAddCheckpoint(body)
		if err == nil && !bytes.Equal(q.Marshal(), body) {
			t.Errorf("%q is written %q", body, q.Marshal())
		}
	})
}
