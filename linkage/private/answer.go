package private

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"io"
	"slices"
	"time"

	"huikan/linkage"
)

const (
	tagSize   = 8
	wayKey    = 16 // key of a label
	waySize   = wayKey + 4
	entrySize = tagSize + waySize
	labelSize = len(linkage.Disclosed{})
	sealSize  = 16
	maxAlike  = 64 // records of one value that can be found
	maxID     = 200
)

type answerHead struct {
	ID      string       `json:"id"` // also the salt of tags and labels
	Offer   string       `json:"offer"`
	Key     string       `json:"key"`
	Reading string       `json:"reading"`
	Keys    []answerPart `json:"keys"`
	Records int          `json:"records"` // sealed labels, padding included
	IDSize  int          `json:"id_size"`
}

type answerPart struct {
	Key     string `json:"key"`
	Count   int    `json:"count"`   // evaluations
	Entries int    `json:"entries"` // tags, padding included
}

// Admitted is an offer that may be evaluated: it is for this key, within the quota, and in the log.
type Admitted struct {
	k *Key
	o *Offer
}

// Admit checks an offer and notes it in the log. The log must be on the disk before the offer is answered.
func (k *Key) Admit(o *Offer, l *Log, now time.Time) (*Admitted, error) {
	switch {
	case slices.Contains(k.Retired, o.head.Key):
		return nil, refuse(o.file, "header", ProblemRotated, o.head.Key, k.ID)
	case o.head.Key != k.ID:
		return nil, refuse(o.file, "header", ProblemKey, o.head.Key, k.ID)
	case o.head.Reading != linkage.Reading():
		return nil, refuse(o.file, "header", ProblemReading, o.head.Reading, linkage.Reading())
	}
	if err := l.evaluated(k, o, now); err != nil {
		return nil, err
	}
	return &Admitted{k: k, o: o}, nil
}

// Answered says what an answer holds.
type Answered struct {
	Evaluated int // elements
	Records   int // labels that can be found
	Crowded   int // entries left out because more than 64 records share a value
}

// Answer evaluates the offer and writes the answer: evaluations with proofs, tags and labels of the records of the set.
func (a *Admitted) Answer(ctx context.Context, set *linkage.Set, w io.Writer) (*Answered, error) {
	salt := make([]byte, 16)
	if _, err := rand.Read(salt); err != nil {
		return nil, err
	}
	if set.Len() == 0 {
		return nil, refuse(Register, "row 1", ProblemEmpty)
	}
	set.DropShared()
	labels, err := newLabels(set, salt)
	if err != nil {
		return nil, err
	}
	done := &Answered{Records: set.Len()}
	head := answerHead{ID: hex.EncodeToString(salt), Offer: a.o.head.ID, Key: a.k.ID, Reading: linkage.Reading(), Records: labels.n, IDSize: labels.idSize}
	for _, p := range a.o.head.Keys {
		key, _ := linkage.ParseEqualKey(p.Key)
		_, start := values(salt, key, []*linkage.Set{set})
		n := 0
		for i := range len(start) - 1 {
			n += min(start[i+1]-start[i], maxAlike)
		}
		done.Evaluated += p.Count
		done.Crowded += start[len(start)-1] - n
		head.Keys = append(head.Keys, answerPart{Key: p.Key, Count: p.Count, Entries: bucket(n)})
	}
	out := writer{w: w, sum: sha512.New()}
	out.header(answerMark, head)
	for i, p := range head.Keys {
		err := inOrder(ctx, parts(p.Count), func(b int) ([]byte, error) { return a.evaluate(i, b) }, out.put)
		if err != nil {
			return nil, err
		}
		key, _ := linkage.ParseEqualKey(p.Key)
		entries, err := a.k.entries(ctx, set, key, salt, labels, p.Entries)
		if err != nil {
			return nil, err
		}
		for e := range slices.Chunk(entries, batchSize) {
			b := make([]byte, 0, len(e)*entrySize)
			for i := range e {
				b = append(b, e[i][:]...)
			}
			if err := out.put(b); err != nil {
				return nil, err
			}
		}
	}
	if err := labels.seal(ctx, set, salt, out.put); err != nil {
		return nil, err
	}
	return done, out.sign(a.k)
}

// sign ends an answer.
func (w *writer) sign(k *Key) error { return w.put(ed25519.Sign(k.sign, answerSigned(w.sum.Sum(nil)))) }

func answerSigned(sum []byte) []byte { return append([]byte("huikan-psi-answer-1\n"), sum...) }

// evaluate answers a batch of a key.
func (a *Admitted) evaluate(key, batch int) ([]byte, error) {
	p := a.o.head.Keys[key]
	from, to := cut(p.Count, batch)
	in, err := a.o.batch(key, from, to)
	if err != nil {
		return nil, err
	}
	out, at, err := evaluate(a.k.secret, in)
	if err == errElement {
		return nil, refuse(a.o.file, elementPlace(p.Key, from+at), ProblemElement)
	}
	return out, err
}

// labels are those of a register: in a secret order, each under a key of its own.
type labels struct {
	n, idSize int
	keys      []byte   // by row
	place     []uint32 // by row
	row       []int32  // by place; −1 is padding
}

func recordSize(idSize int) int { return 1 + idSize + labelSize + sealSize }

func newLabels(set *linkage.Set, salt []byte) (*labels, error) {
	l := &labels{n: bucket(set.Len()), keys: make([]byte, set.Len()*wayKey), place: make([]uint32, set.Len())}
	for row := range set.Len() {
		if n := len(set.ID(row)); n > maxID {
			return nil, refuse(Register, set.ID(row)[:20]+"…", ProblemIDLong, maxID)
		} else if n > l.idSize {
			l.idSize = n
		}
	}
	l.idSize = (l.idSize + 7) / 8 * 8
	secret := make([]byte, 32)
	for _, b := range [][]byte{l.keys, secret} {
		if _, err := rand.Read(b); err != nil {
			return nil, err
		}
	}
	l.row = make([]int32, l.n)
	for i := range l.row {
		l.row[i] = -1
	}
	for row, at := range shuffle(secret, 0, l.n)[:set.Len()] {
		l.place[row], l.row[at] = uint32(at), int32(row)
	}
	return l, nil
}

// seal hands the sealed labels on, in their order; where none stands, random bytes do.
func (l *labels) seal(ctx context.Context, set *linkage.Set, salt []byte, put func([]byte) error) error {
	size := recordSize(l.idSize)
	return inOrder(ctx, parts(l.n), func(b int) ([]byte, error) {
		from, to := cut(l.n, b)
		sealed := make([]byte, (to-from)*size)
		if _, err := rand.Read(sealed); err != nil {
			return nil, err
		}
		plain := make([]byte, size-sealSize)
		for at := from; at < to; at++ {
			row := int(l.row[at])
			if row < 0 {
				continue
			}
			id := set.ID(row)
			clear(plain)
			plain[0] = byte(len(id))
			copy(plain[1:], id)
			d := set.Disclose(row)
			copy(plain[1+l.idSize:], d[:])
			box, err := labelBox(l.keys[row*wayKey : (row+1)*wayKey])
			if err != nil {
				return nil, err
			}
			i := (at - from) * size
			box.Seal(sealed[i:i:i+size], make([]byte, box.NonceSize()), plain, labelPlace(salt, at))
		}
		return sealed, nil
	}, put)
}

// labelBox seals one label; its key is used once, so the nonce may be zero.
func labelBox(key []byte) (cipher.AEAD, error) {
	b, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(b)
}

func labelPlace(salt []byte, at int) []byte {
	return binary.BigEndian.AppendUint32(slices.Clone(salt), uint32(at))
}

// derive makes a secret for one purpose from a half of the function's output; nth tells records of one value apart.
func derive(half []byte, purpose string, salt []byte, nth int) []byte {
	h := hmac.New(sha256.New, half)
	h.Write([]byte(purpose))
	h.Write(salt)
	h.Write([]byte{byte(nth)})
	return h.Sum(nil)
}

func tagOf(out *[64]byte, salt []byte, nth int) (t [tagSize]byte) {
	copy(t[:], derive(out[:32], "tag", salt, nth))
	return t
}

// way hides or shows the way to a label: its key and its place. The stream key belongs to this one entry.
func way(out *[64]byte, salt []byte, nth int, in []byte) ([]byte, error) {
	b, err := aes.NewCipher(derive(out[32:], "way", salt, nth))
	if err != nil {
		return nil, err
	}
	to := make([]byte, len(in))
	cipher.NewCTR(b, make([]byte, aes.BlockSize)).XORKeyStream(to, in)
	return to, nil
}

type entry [entrySize]byte

// entries are the tags of a register for a key, each with the hidden way to its label, in the order of the tags, with padding.
func (k *Key) entries(ctx context.Context, set *linkage.Set, key linkage.EqualKey, salt []byte, l *labels, size int) ([]entry, error) {
	rows, start := values(salt, key, []*linkage.Set{set})
	n := len(start) - 1
	factor, err := factorOf(k.secret)
	if err != nil {
		return nil, err
	}
	all := make([]entry, 0, size)
	err = inOrder(ctx, parts(n), func(b int) ([]byte, error) {
		from, to := cut(n, b)
		made := make([]byte, 0, (to-from)*entrySize)
		for i := from; i < to; i++ {
			alike := rows[start[i]:start[i+1]]
			out, err := full(factor, alike[0].value[:])
			if err != nil {
				return nil, err
			}
			for nth, r := range alike[:min(len(alike), maxAlike)] {
				plain := append(slices.Clone(l.keys[int(r.row)*wayKey:(int(r.row)+1)*wayKey]), 0, 0, 0, 0)
				binary.BigEndian.PutUint32(plain[wayKey:], l.place[r.row])
				hidden, err := way(&out, salt, nth, plain)
				if err != nil {
					return nil, err
				}
				t := tagOf(&out, salt, nth)
				made = append(append(made, t[:]...), hidden...)
			}
		}
		return made, nil
	}, func(made []byte) error {
		for e := range slices.Chunk(made, entrySize) {
			all = append(all, entry(e))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for len(all) < size {
		var e entry
		if _, err := rand.Read(e[:]); err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b entry) int { return bytes.Compare(a[:], b[:]) })
	return all, nil
}
