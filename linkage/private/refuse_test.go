package private

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"slices"
	"testing"
	"time"

	"huikan/linkage"
	"huikan/linkage/registers"
)

func TestWhatIsNotRightIsRefused(t *testing.T) {
	x := exchanged(t)
	a, err := ReadAnswer("answer", bytes.NewReader(x.answer))
	if err != nil {
		t.Fatal(err)
	}
	// resigned is an answer of a holder who signs what he has changed.
	resigned := func(change func(a *content)) []byte {
		c := contentOf(t, a)
		change(c)
		return c.rewrite(t, x.key)
	}
	if !bytes.Equal(resigned(func(*content) {}), x.answer) {
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
		{"evaluations exchanged by the holder", resigned(func(a *content) {
			e := a.evaluated[1]
			first := slices.Clone(e[:elementSize])
			copy(e, e[elementSize:2*elementSize])
			copy(e[elementSize:], first)
		}), ProblemProof},
		{"evaluated with another key", resigned(func(a *content) {
			o, err := ReadOffer("offer", bytes.NewReader(x.offer))
			if err != nil {
				t.Fatal(err)
			}
			in, err := o.batch(0, 0, o.head.Keys[0].Count)
			if err != nil {
				t.Fatal(err)
			}
			if a.evaluated[0], _, err = evaluate(other.secret, in); err != nil {
				t.Fatal(err)
			}
		}), ProblemProof},
		{"no element", resigned(func(a *content) { copy(a.evaluated[0], bytes.Repeat([]byte{255}, 32)) }), ProblemElement},
		{"the neutral element", resigned(func(a *content) { clear(a.evaluated[0][:32]) }), ProblemElement},
		{"labels changed by the holder", resigned(func(a *content) {
			for i := range a.sealed {
				a.sealed[i] ^= 1
			}
		}), ProblemLabel},
		{"ways changed by the holder", resigned(func(a *content) {
			for _, e := range a.entries {
				for i := 0; i < len(e); i += entrySize {
					e[i+tagSize+wayKey] ^= 0x80
				}
			}
		}), ProblemLabel},
		{"of another key", resigned(func(a *content) { a.head.Key = other.ID }), ProblemKey},
		{"to another offer", resigned(func(a *content) { a.head.Offer = a.head.ID }), ProblemOffer},
		{"read otherwise", resigned(func(a *content) { a.head.Reading = "0123456789abcdef" }), ProblemReading},
		{"fewer keys", resigned(func(a *content) {
			a.head.Keys, a.evaluated, a.entries = a.head.Keys[1:], a.evaluated[1:], a.entries[1:]
		}), ProblemOffer},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := x.open(c.answer)
			refused(t, err, c.want)
		})
	}
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

// content is what stands in an answer.
type content struct {
	head               answerHead
	evaluated, entries [][]byte
	sealed             []byte
}

func contentOf(t *testing.T, a *Answer) *content {
	t.Helper()
	take := func(at, n int64) []byte {
		b, err := a.part(at, int(n))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	c := &content{head: a.head, sealed: take(a.sealed, int64(a.head.Records*recordSize(a.head.IDSize)))}
	for i, p := range a.head.Keys {
		c.evaluated = append(c.evaluated, take(a.evaluated[i], evaluationsSize(p.Count)))
		c.entries = append(c.entries, take(a.entries[i], int64(p.Entries*entrySize)))
	}
	return c
}

// rewrite writes an answer and signs it.
func (c *content) rewrite(t *testing.T, k *Key) []byte {
	t.Helper()
	var b bytes.Buffer
	w := writer{w: &b, sum: sha512.New()}
	w.header(answerMark, c.head)
	for i := range c.evaluated {
		_ = errors.Join(w.put(c.evaluated[i]), w.put(c.entries[i])) // the error stays until the end
	}
	if err := errors.Join(w.put(c.sealed), w.sign(k)); err != nil {
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
		b := slices.Clone(x.offer)
		body := bytes.IndexByte(b[len(offerMark):], '\n') + len(offerMark) + 1
		copy(b[body:], bytes.Repeat([]byte{255}, 32))
		sum := sha256.Sum256(b[:len(b)-32])
		copy(b[len(b)-32:], sum[:])
		o, err := read(b)
		if err != nil {
			t.Fatal(err)
		}
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
