package private

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/cloudflare/circl/group"

	"huikan/linkage"
)

// Answer is an answer that was read; nothing of it is believed before it is opened.
type Answer struct {
	file      string
	head      answerHead
	evaluated [][]byte
	entries   [][]byte
	sealed    []byte
	sum       []byte
	signature []byte
}

// ReadAnswer reads an answer; memory is taken only for what is there.
func ReadAnswer(file string, in io.Reader) (*Answer, error) {
	r := &reader{file: file, b: bufio.NewReaderSize(in, 1<<16), sum: sha512.New()}
	a := &Answer{file: file}
	if err := r.header(answerMark, &a.head); err != nil {
		return nil, err
	}
	h := &a.head
	if !isHex(h.ID, 32) || !isHex(h.Offer, 32) || !isHex(h.Key, 16) || !isHex(h.Reading, 16) {
		return nil, refuse(file, "header", ProblemHeader, "id")
	}
	if h.Records < 1 || h.Records > maxCount || h.IDSize < 0 || h.IDSize > maxID {
		return nil, refuse(file, "header", ProblemHeader, fmt.Sprintf("records %d × %d", h.Records, h.IDSize))
	}
	var ps []offerPart
	for i, p := range h.Keys {
		ps = append(ps, offerPart{p.Key, p.Count})
		if p.Entries < 1 || p.Entries > maxCount*4 {
			return nil, refuse(file, fmt.Sprintf("header, key %d", i+1), ProblemHeader, fmt.Sprintf("entries %d", p.Entries))
		}
	}
	if err := checkParts(file, ps); err != nil {
		return nil, err
	}
	for _, p := range h.Keys {
		b, err := r.take(int64(p.Count)*elementSize + int64(parts(p.Count))*proofSize)
		if err != nil {
			return nil, err
		}
		e, err := r.take(int64(p.Entries) * entrySize)
		if err != nil {
			return nil, err
		}
		a.evaluated, a.entries = append(a.evaluated, b), append(a.entries, e)
	}
	var err error
	if a.sealed, err = r.take(int64(h.Records) * int64(recordSize(h.IDSize))); err != nil {
		return nil, err
	}
	a.sum = r.sum.Sum(nil)
	if a.signature, err = r.take(ed25519.SignatureSize); err != nil {
		return nil, err
	}
	return a, r.end()
}

func elementPlace(key string, i int) string { return fmt.Sprintf("%s, element %d", key, i+1) }

// Hit is a pair of records that share a value.
type Hit struct {
	Key   linkage.EqualKey // the first that found it
	Set   int              // of the asker
	Row   int
	Found int // row of Found.Records
}

// Found is what both sides have.
type Found struct {
	Records *linkage.Set // the holder's records that were opened
	Hits    []Hit        // by set, row and record, each pair once
	Size    int          // of the holder's register, to a bucket
	ByKey   map[string]int
}

// Open verifies an answer to the offer of this state and opens the labels that the records of the sets lead to. The sets are
// those that the offer was made of, read by rules that the opened records are then held to.
func (s *State) Open(ctx context.Context, offer *Offer, a *Answer, rules linkage.Rules, sets []*linkage.Set) (*Found, error) {
	c := s.Commitment
	switch {
	case offer.head.ID != s.Offer || offer.sum != s.Sum:
		return nil, refuse(offer.file, "header", ProblemOffer, offer.head.ID, s.Offer)
	case a.head.Offer != s.Offer:
		return nil, refuse(a.file, "header", ProblemOffer, a.head.Offer, s.Offer)
	case a.head.Key != c.ID:
		return nil, refuse(a.file, "header", ProblemKey, a.head.Key, c.ID)
	case !ed25519.Verify(c.verify, answerSigned(a.sum), a.signature):
		return nil, refuse(a.file, "signature", ProblemSignature, c.Holder)
	case a.head.Reading != linkage.Reading():
		return nil, refuse(a.file, "header", ProblemReading, a.head.Reading, linkage.Reading())
	case !slices.EqualFunc(a.head.Keys, s.Keys, func(x answerPart, y stateKey) bool { return x.Key == y.Key && x.Count == y.Count }):
		return nil, refuse(a.file, "header", ProblemOffer, a.head.Offer, s.Offer)
	}
	encoded, err := hex.DecodeString(c.Public)
	if err != nil {
		return nil, err
	}
	public, err := element(encoded)
	if err != nil {
		return nil, err
	}
	seed, err := hex.DecodeString(s.Seed)
	if err != nil {
		return nil, err
	}
	salt, err := hex.DecodeString(a.head.ID)
	if err != nil {
		return nil, err
	}
	f := &Found{Records: linkage.NewSet(rules), Size: a.head.Records, ByKey: map[string]int{}}
	o := &opening{offer: offer, a: a, salt: salt, rows: map[uint32]int{}, found: f}
	for i, sk := range s.Keys {
		key, _ := linkage.ParseEqualKey(sk.Key)
		rows, start := values(seed, key, sets)
		if valuesDigest(seed, rows) != sk.Digest {
			return nil, refuse(Register, sk.Key, ProblemChanged)
		}
		n := len(start) - 1
		hits := make([][]raw, parts(n))
		err := batches(ctx, len(hits), func(b int) error {
			from, to := cut(n, b)
			var err error
			hits[b], err = o.batch(i, public, seed, rows, start, from, to)
			return err
		})
		if err != nil {
			return nil, err
		}
		for _, part := range hits {
			for _, h := range part {
				if err := o.open(key, h, sets); err != nil {
					return nil, err
				}
			}
		}
	}
	slices.SortStableFunc(f.Hits, compareHits)
	f.Hits = slices.CompactFunc(f.Hits, func(x, y Hit) bool { return compareHits(x, y) == 0 })
	for _, h := range f.Hits {
		f.ByKey[h.Key.String()]++
	}
	return f, nil
}

// compareHits orders pairs.
func compareHits(x, y Hit) int {
	for _, d := range [3]int{x.Set - y.Set, x.Row - y.Row, x.Found - y.Found} {
		if d != 0 {
			return d
		}
	}
	return 0
}

// raw is a way to a label with the rows that lead to it.
type raw struct {
	way  []byte
	rows []asked
}

type opening struct {
	offer *Offer
	a     *Answer
	salt  []byte
	rows  map[uint32]int // place of a label to row of the opened records
	found *Found
}

// batch verifies a batch of evaluations and looks their values up among the tags.
func (o *opening) batch(part int, public group.Element, seed []byte, rows []asked, start []int, from, to int) ([]raw, error) {
	name := o.a.head.Keys[part].Key
	size := to - from
	at := int64(from)*elementSize + int64(from/batchSize)*proofSize
	data := o.a.evaluated[part][at : at+int64(size)*elementSize+proofSize]
	factors := make([]group.Scalar, size)
	for i := range size {
		v := rows[start[from+i]].value
		factors[i] = blinding(seed, v[:])
	}
	evaluated, bad, err := verify(public, o.offer.parts[part][from*elementSize:to*elementSize], data[:size*elementSize], data[size*elementSize:])
	switch {
	case errors.Is(err, errElement):
		return nil, refuse(o.a.file, elementPlace(name, from+bad), ProblemElement)
	case errors.Is(err, errProof):
		return nil, refuse(o.a.file, fmt.Sprintf("%s, elements %d–%d", name, from+1, to), ProblemProof, o.a.head.Key)
	case err != nil:
		return nil, err
	}
	var out []raw
	for i, r := range inverses(factors) {
		group := rows[start[from+i]:start[from+i+1]]
		f, err := output(group[0].value[:], evaluated[i].Mul(evaluated[i], r))
		if err != nil {
			return nil, err
		}
		for nth := range maxAlike {
			hidden := find(o.a.entries[part], tagOf(&f, o.salt, nth))
			if hidden == nil {
				break
			}
			shown, err := way(&f, o.salt, nth, hidden)
			if err != nil {
				return nil, err
			}
			out = append(out, raw{way: shown, rows: group})
		}
	}
	return out, nil
}

// find looks a tag up among sorted entries.
func find(entries []byte, t [tagSize]byte) []byte {
	n := len(entries) / entrySize
	lo, hi := 0, n
	for lo < hi {
		mid := (lo + hi) / 2
		if bytes.Compare(entries[mid*entrySize:mid*entrySize+tagSize], t[:]) < 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < n && bytes.Equal(entries[lo*entrySize:lo*entrySize+tagSize], t[:]) {
		return entries[lo*entrySize+tagSize : (lo+1)*entrySize]
	}
	return nil
}

// open opens the label that a way leads to, once, and adds the pairs.
func (o *opening) open(key linkage.EqualKey, r raw, sets []*linkage.Set) error {
	at := binary.BigEndian.Uint32(r.way[wayKey:])
	if int64(at) >= int64(o.a.head.Records) {
		return refuse(o.a.file, fmt.Sprintf("%s, label %d", key, int64(at)+1), ProblemLabel)
	}
	row, ok := o.rows[at]
	if !ok {
		size := recordSize(o.a.head.IDSize)
		box, err := labelBox(r.way[:wayKey])
		if err != nil {
			return err
		}
		place := fmt.Sprintf("%s, label %d", key, at+1)
		plain, err := box.Open(nil, make([]byte, box.NonceSize()), o.a.sealed[int(at)*size:(int(at)+1)*size], labelPlace(o.salt, int(at)))
		if err != nil || int(plain[0]) > o.a.head.IDSize {
			return refuse(o.a.file, place, ProblemLabel)
		}
		if row, err = o.found.Records.AddDisclosed(string(plain[1:1+int(plain[0])]), linkage.Disclosed(plain[1+o.a.head.IDSize:])); err != nil {
			return refuse(o.a.file, place, ProblemLabel)
		}
		o.rows[at] = row
	}
	for _, a := range r.rows {
		if key == linkage.EqualNumber {
			o.found.Records.TakeNumber(row, sets[a.set], int(a.row))
		}
		o.found.Hits = append(o.found.Hits, Hit{Key: key, Set: int(a.set), Row: int(a.row), Found: row})
	}
	return nil
}
