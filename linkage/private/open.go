package private

import (
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

	"huikan/linkage"
)

// Answer is an answer that was read through; nothing of it is believed before it is opened. Its evaluations, tags and labels
// are read again when they are needed, those of one key at a time.
type Answer struct {
	source
	head      answerHead
	evaluated []int64 // where they begin, by key
	entries   []int64
	sealed    int64
	sum       []byte
	signature []byte
}

// evaluations of a key take so many bytes: each batch ends with its proof.
func evaluationsSize(n int) int64 { return int64(n)*elementSize + int64(parts(n))*proofSize }

// ReadAnswer reads an answer through and keeps nothing of its content: in must stay open while the answer is used.
func ReadAnswer(file string, in io.ReaderAt) (*Answer, error) {
	r := newReader(file, in, sha512.New())
	a := &Answer{source: source{file: file, in: in}}
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
		at, err := r.pass(evaluationsSize(p.Count))
		if err != nil {
			return nil, err
		}
		e, err := r.pass(int64(p.Entries) * entrySize)
		if err != nil {
			return nil, err
		}
		a.evaluated, a.entries = append(a.evaluated, at), append(a.entries, e)
	}
	var err error
	if a.sealed, err = r.pass(a.Labels()); err != nil {
		return nil, err
	}
	a.sum = r.sum.Sum(nil)
	if a.signature, err = r.take(ed25519.SignatureSize); err != nil {
		return nil, err
	}
	a.size = r.at
	return a, r.end()
}

// Labels is how many bytes of an answer are sealed labels, whatever the number of keys.
func (a *Answer) Labels() int64 { return int64(a.head.Records) * int64(recordSize(a.head.IDSize)) }

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
	public, err := readElement(encoded)
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
	off, err := newUnblinder(encoded)
	if err != nil {
		return nil, err
	}
	o := &opening{offer: offer, a: a, salt: salt, seed: seed, off: off, rows: map[uint32]int{}, found: f}
	for i, sk := range s.Keys {
		key, _ := linkage.ParseEqualKey(sk.Key)
		rows, start := values(seed, key, sets)
		if valuesDigest(seed, rows) != sk.Digest {
			return nil, refuse(Register, sk.Key, ProblemChanged)
		}
		n := len(start) - 1
		hits := make([][]raw, parts(n))
		if o.entries, err = a.part(a.entries[i], a.head.Keys[i].Entries*entrySize); err != nil {
			return nil, err
		}
		err := batches(ctx, len(hits), func(b int) error {
			from, to := cut(n, b)
			var err error
			hits[b], err = o.batch(i, public, rows, start, from, to)
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
	offer   *Offer
	a       *Answer
	salt    []byte
	seed    []byte
	off     *unblinder
	entries []byte         // of the key that is looked at
	rows    map[uint32]int // place of a label to row of the opened records
	found   *Found
}

// batch verifies a batch of evaluations and looks their values up among the tags.
func (o *opening) batch(part int, public *element, rows []asked, start []int, from, to int) ([]raw, error) {
	name := o.a.head.Keys[part].Key
	size := (to - from) * elementSize
	data, err := o.a.part(o.a.evaluated[part]+evaluationsSize(from), size+proofSize)
	if err != nil {
		return nil, err
	}
	blinded, err := o.offer.batch(part, from, to)
	if err != nil {
		return nil, err
	}
	bad, err := verify(public, blinded, data[:size], data[size:])
	switch {
	case errors.Is(err, errElement):
		return nil, refuse(o.a.file, elementPlace(name, from+bad), ProblemElement)
	case errors.Is(err, errProof):
		return nil, refuse(o.a.file, fmt.Sprintf("%s, elements %d–%d", name, from+1, to), ProblemProof, o.a.head.Key)
	case err != nil:
		return nil, err
	}
	var out []raw
	for i := range to - from {
		group := rows[start[from+i]:start[from+i+1]]
		value := group[0].value[:]
		z, err := o.off.unblind(data[i*elementSize:(i+1)*elementSize], o.seed, value)
		if err != nil {
			return nil, err
		}
		f := output(value, z)
		for nth := range maxAlike {
			hidden := find(o.entries, tagOf(&f, o.salt, nth))
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
		sealed, err := o.a.part(o.a.sealed+int64(at)*int64(size), size)
		if err != nil {
			return err
		}
		plain, err := box.Open(nil, make([]byte, box.NonceSize()), sealed, labelPlace(o.salt, int(at)))
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
