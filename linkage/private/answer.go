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

	"github.com/cloudflare/circl/oprf"

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
	Labels    int // bytes of the answer that hold labels, the same for any number of keys
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
	labels, err := seal(set, salt)
	if err != nil {
		return nil, err
	}
	done := &Answered{Records: set.Len(), Labels: len(labels.sealed)}
	head := answerHead{ID: hex.EncodeToString(salt), Offer: a.o.head.ID, Key: a.k.ID, Reading: linkage.Reading(), Records: labels.n, IDSize: labels.idSize}
	out := &Answer{sealed: labels.sealed}
	for i, p := range a.o.head.Keys {
		key, _ := linkage.ParseEqualKey(p.Key)
		evaluated, err := a.evaluate(ctx, p.Key, a.o.parts[i])
		if err != nil {
			return nil, err
		}
		entries, crowded, err := a.k.entries(ctx, set, key, salt, labels)
		if err != nil {
			return nil, err
		}
		done.Evaluated += p.Count
		done.Crowded += crowded
		out.evaluated, out.entries = append(out.evaluated, evaluated), append(out.entries, entries)
		head.Keys = append(head.Keys, answerPart{Key: p.Key, Count: p.Count, Entries: len(entries) / entrySize})
	}
	out.head = head
	return done, writeAnswer(w, a.k, out)
}

// writeAnswer writes and signs an answer.
func writeAnswer(w io.Writer, k *Key, a *Answer) error {
	out := writer{w: w, sum: sha512.New()}
	out.header(answerMark, a.head)
	for i := range a.evaluated {
		out.put(a.evaluated[i])
		out.put(a.entries[i])
	}
	out.put(a.sealed)
	out.put(ed25519.Sign(k.sign, answerSigned(out.sum.Sum(nil))))
	return out.err
}

func answerSigned(sum []byte) []byte { return append([]byte("huikan-psi-answer-1\n"), sum...) }

// evaluate answers all batches of a key.
func (a *Admitted) evaluate(ctx context.Context, key string, part []byte) ([]byte, error) {
	n := len(part) / elementSize
	outs := make([][]byte, parts(n))
	err := batches(ctx, len(outs), func(b int) error {
		from, to := cut(n, b)
		out, at, err := evaluate(a.k.secret, part[from*elementSize:to*elementSize])
		if err == errElement {
			return refuse(a.o.file, elementPlace(key, from+at), ProblemElement)
		}
		outs[b] = out
		return err
	})
	return bytes.Join(outs, nil), err
}

// sealedLabels are the labels of a register in a secret order, each under a key of its own.
type sealedLabels struct {
	n, idSize int
	keys      []byte   // by row
	place     []uint32 // by row
	sealed    []byte
}

func recordSize(idSize int) int { return 1 + idSize + labelSize + sealSize }

func seal(set *linkage.Set, salt []byte) (*sealedLabels, error) {
	l := &sealedLabels{n: bucket(set.Len()), keys: make([]byte, set.Len()*wayKey), place: make([]uint32, set.Len())}
	for row := range set.Len() {
		if n := len(set.ID(row)); n > maxID {
			return nil, refuse(Register, set.ID(row)[:20]+"…", ProblemIDLong, maxID)
		} else if n > l.idSize {
			l.idSize = n
		}
	}
	l.idSize = (l.idSize + 7) / 8 * 8
	size := recordSize(l.idSize)
	l.sealed = make([]byte, l.n*size)
	secret := make([]byte, 32)
	for _, b := range [][]byte{l.keys, l.sealed, secret} { // what stays as it is is padding
		if _, err := rand.Read(b); err != nil {
			return nil, err
		}
	}
	order := shuffle(secret, 0, l.n)
	plain := make([]byte, size-sealSize)
	for row := range set.Len() {
		at := order[row]
		l.place[row] = uint32(at)
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
		box.Seal(l.sealed[at*size:at*size], make([]byte, box.NonceSize()), plain, labelPlace(salt, at))
	}
	return l, nil
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

// entries are the tags of a register for a key, each with the hidden way to its label, in the order of the tags, with padding.
func (k *Key) entries(ctx context.Context, set *linkage.Set, key linkage.EqualKey, salt []byte, l *sealedLabels) ([]byte, int, error) {
	rows, start := values(salt, key, []*linkage.Set{set})
	n := len(start) - 1
	outs := make([][]byte, parts(n))
	server := oprf.NewVerifiableServer(suite, k.secret)
	crowds := make([]int, len(outs))
	err := batches(ctx, len(outs), func(b int) error {
		from, to := cut(n, b)
		var out [64]byte
		for i := from; i < to; i++ {
			alike := rows[start[i]:start[i+1]]
			full, err := server.FullEvaluate(alike[0].value[:])
			if err != nil {
				return err
			}
			copy(out[:], full)
			for nth, r := range alike {
				if nth == maxAlike {
					crowds[b] += len(alike) - maxAlike
					break
				}
				plain := append(slices.Clone(l.keys[int(r.row)*wayKey:(int(r.row)+1)*wayKey]), 0, 0, 0, 0)
				binary.BigEndian.PutUint32(plain[wayKey:], l.place[r.row])
				hidden, err := way(&out, salt, nth, plain)
				if err != nil {
					return err
				}
				t := tagOf(&out, salt, nth)
				outs[b] = append(append(outs[b], t[:]...), hidden...)
			}
		}
		return nil
	})
	if err != nil {
		return nil, 0, err
	}
	all := bytes.Join(outs, nil)
	have := len(all)
	all = append(all, make([]byte, bucket(have/entrySize)*entrySize-have)...)
	if _, err := rand.Read(all[have:]); err != nil {
		return nil, 0, err
	}
	sorted := make([][entrySize]byte, len(all)/entrySize)
	for i := range sorted {
		copy(sorted[i][:], all[i*entrySize:])
	}
	slices.SortFunc(sorted, func(a, b [entrySize]byte) int { return bytes.Compare(a[:], b[:]) })
	for i := range sorted {
		copy(all[i*entrySize:], sorted[i][:])
	}
	crowded := 0
	for _, c := range crowds {
		crowded += c
	}
	return all, crowded, nil
}
