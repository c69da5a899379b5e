package private

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math/bits"
	mathrand "math/rand/v2"
	"slices"

	"huikan/linkage"
)

const stateFormat = 2 // 1 blinded by products

// State is the asker's secret between offer and answer. It holds no personal data: the registers are read again when the
// answer is opened.
type State struct {
	Format     int         `json:"format"`
	Offer      string      `json:"offer"`
	Sum        string      `json:"sum"` // digest of the offer
	Seed       string      `json:"seed"`
	Commitment *Commitment `json:"commitment"`
	Keys       []stateKey  `json:"keys"`
}

type stateKey struct {
	Key    string `json:"key"`
	Count  int    `json:"count"`
	Digest string `json:"digest"` // of the values, under the seed
}

type offerHead struct {
	ID      string      `json:"id"`
	Key     string      `json:"key"` // the holder's
	Reading string      `json:"reading"`
	Keys    []offerPart `json:"keys"`
}

type offerPart struct {
	Key   string `json:"key"`
	Count int    `json:"count"`
}

// Offer is an offer that was read and found whole. Its elements are read again, a batch at a time, when they are needed.
type Offer struct {
	source
	head offerHead
	at   []int64 // where the elements of each key begin
	sum  string
}

// Elements is how many values are asked for.
func (o *Offer) Elements() (n int) {
	for _, p := range o.head.Keys {
		n += p.Count
	}
	return n
}

// batch reads the elements from one to another of a key.
func (o *Offer) batch(key, from, to int) ([]byte, error) {
	return o.part(o.at[key]+int64(from)*elementSize, (to-from)*elementSize)
}

// ID identifies the offer.
func (o *Offer) ID() string { return o.head.ID }

// asked is a value with the rows that have it.
type asked struct {
	value linkage.EqualValue
	set   uint8
	row   uint32
}

// values are the values of the sets for a key, equal ones together, in an order that only who knows the seed can tell: start
// says where each value begins, with the end at last.
func values(seed []byte, k linkage.EqualKey, sets []*linkage.Set) (rows []asked, start []int) {
	var vs []linkage.EqualValue
	for i, s := range sets {
		for row := range s.Len() {
			vs = s.Equal(row, k, vs[:0])
			for _, v := range vs {
				rows = append(rows, asked{v, uint8(i), uint32(row)})
			}
		}
	}
	slices.SortFunc(rows, func(a, b asked) int {
		return cmp.Or(bytes.Compare(a.value[:], b.value[:]), cmp.Compare(a.set, b.set), cmp.Compare(a.row, b.row))
	})
	for i := range rows {
		if i == 0 || rows[i].value != rows[i-1].value {
			start = append(start, i)
		}
	}
	order := shuffle(seed, k, len(start))
	out := make([]asked, 0, len(rows))
	first := make([]int, 0, len(start)+1)
	for _, g := range order {
		to := len(rows)
		if g+1 < len(start) {
			to = start[g+1]
		}
		first = append(first, len(out))
		out = append(out, rows[start[g]:to]...)
	}
	return out, append(first, len(out))
}

// shuffle is a secret order.
func shuffle(seed []byte, k linkage.EqualKey, n int) []int {
	return mathrand.New(mathrand.NewChaCha8(sha256.Sum256(fmt.Appendf(nil, "huikan-psi-1 order %x %d", seed, k)))).Perm(n)
}

// DefaultKeys find about 95 of 100 pairs of usual registers. The day of birth is left to the sound of the name: the month with
// the name finds all that name and day find, and dates that lost their day.
var DefaultKeys = []linkage.EqualKey{linkage.EqualNumber, linkage.EqualNameMonth, linkage.EqualNameTail, linkage.EqualSoundDay}

// OfferOptions of an offer.
type OfferOptions struct {
	Keys []linkage.EqualKey // none: DefaultKeys
	Seed []byte             // 32 bytes; none: random
}

// MakeOffer writes an offer for the records of the sets and gives the state that opens the answer. The same seed gives the
// same offer.
func MakeOffer(ctx context.Context, c *Commitment, sets []*linkage.Set, o OfferOptions, w io.Writer) (*State, error) {
	seed := o.Seed
	if len(seed) == 0 {
		seed = make([]byte, 32)
		if _, err := rand.Read(seed); err != nil {
			return nil, err
		}
	}
	keys := o.Keys
	if len(keys) == 0 {
		keys = DefaultKeys
	}
	st := &State{Format: stateFormat, Seed: hex.EncodeToString(seed), Commitment: c}
	id := sha256.Sum256(append([]byte("huikan-psi-1 offer"), seed...))
	st.Offer = hex.EncodeToString(id[:16])
	head := offerHead{ID: st.Offer, Key: c.ID, Reading: linkage.Reading()}
	for _, k := range keys {
		rows, start := values(seed, k, sets)
		n := len(start) - 1
		if n == 0 {
			continue
		}
		if n > maxCount {
			return nil, refuse(Register, k.String(), ProblemHeader, n)
		}
		head.Keys = append(head.Keys, offerPart{k.String(), n})
		st.Keys = append(st.Keys, stateKey{k.String(), n, valuesDigest(seed, rows)})
	}
	if len(head.Keys) == 0 {
		return nil, refuse(Register, "registers", ProblemEmpty)
	}
	out := writer{w: w, sum: sha256.New()}
	out.header(offerMark, head)
	for _, p := range head.Keys { // the values are made anew: those of one key only are held
		k, _ := linkage.ParseEqualKey(p.Key)
		rows, start := values(seed, k, sets)
		err := inOrder(ctx, parts(p.Count), func(b int) ([]byte, error) {
			from, to := cut(p.Count, b)
			part := make([]byte, 0, (to-from)*elementSize)
			for i := from; i < to; i++ {
				e, err := blind(seed, rows[start[i]].value[:])
				if err != nil {
					return nil, err
				}
				part = append(part, e...)
			}
			return part, nil
		}, out.put)
		if err != nil {
			return nil, err
		}
	}
	sum := out.sum.Sum(nil)
	out.put(sum)
	st.Sum = hex.EncodeToString(sum)
	return st, out.err
}

func valuesDigest(seed []byte, rows []asked) string {
	h := sha256.New()
	h.Write(seed)
	var b []byte
	for i := range rows {
		b = append(b[:0], rows[i].value[:]...)
		b = append(b, rows[i].set)
		h.Write(binary.BigEndian.AppendUint32(b, rows[i].row))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// ReadOffer reads an offer through, checks it and keeps nothing of its elements: in must stay open while the offer is used.
func ReadOffer(file string, in io.ReaderAt) (*Offer, error) {
	r := newReader(file, in, sha256.New())
	o := &Offer{source: source{file: file, in: in}}
	if err := r.header(offerMark, &o.head); err != nil {
		return nil, err
	}
	if !isHex(o.head.ID, 32) || !isHex(o.head.Key, 16) || !isHex(o.head.Reading, 16) {
		return nil, refuse(file, "header", ProblemHeader, "id")
	}
	if err := checkParts(file, o.head.Keys); err != nil {
		return nil, err
	}
	for _, p := range o.head.Keys {
		at, err := r.pass(int64(p.Count) * elementSize)
		if err != nil {
			return nil, err
		}
		o.at = append(o.at, at)
	}
	want := r.sum.Sum(nil)
	at := r.place()
	sum, err := r.take(int64(len(want)))
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(sum, want) {
		return nil, refuse(file, at, ProblemDigest)
	}
	o.sum, o.size = hex.EncodeToString(sum), r.at
	return o, r.end()
}

func checkParts(file string, ps []offerPart) error {
	seen := map[string]bool{}
	for i, p := range ps {
		if _, ok := linkage.ParseEqualKey(p.Key); !ok || seen[p.Key] || p.Count < 1 || p.Count > maxCount {
			return refuse(file, fmt.Sprintf("header, key %d", i+1), ProblemHeader, fmt.Sprintf("%.40q %d", p.Key, p.Count))
		}
		seen[p.Key] = true
	}
	if len(ps) == 0 {
		return refuse(file, "header", ProblemEmpty)
	}
	return nil
}

func isHex(s string, n int) bool {
	b, err := hex.DecodeString(s)
	return err == nil && 2*len(b) == n
}

// bucket is the size that a number is padded to: at most an eighth more.
func bucket(n int) int {
	step := max(64, 1<<max(0, bits.Len(uint(n))-4))
	return max(256, (n+step-1)/step*step)
}

// ReadState reads a state that Write wrote.
func ReadState(file string, r io.Reader) (*State, error) {
	s := &State{}
	if err := readJSON(file, r, s); err != nil {
		return nil, err
	}
	if s.Format != stateFormat || !isHex(s.Seed, 64) || s.Commitment == nil || s.Commitment.open() != nil {
		return nil, refuse(file, "state", ProblemHeader, "state")
	}
	return s, nil
}

// Write writes the state; the file is secret.
func (s *State) Write(w io.Writer) error { return writeJSON(w, s) }
