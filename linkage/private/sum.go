package private

import (
	"crypto/rand"
	"crypto/sha512"
	"encoding/binary"

	"github.com/gtank/ristretto255"
)

// The proof of RFC 9497 (section 2.2) rests on two sums, of d·B and of d·Z over a batch, with public weights d. circl adds
// them up product by product; here they are added up by digits of the weights (Pippenger's way), which gives the same
// element for a fifth of the work. Nothing secret enters the sums.

// weights are the public weights of a batch, as ComputeComposites of the RFC derives them from the encoded elements.
func weights(public, blinded, evaluated []byte) []*scalar {
	seed := sha512.New()
	var b []byte
	b = framed(b, public)
	b = framed(b, []byte("Seed-"+mode))
	seed.Write(b)
	s := seed.Sum(nil)
	out := make([]*scalar, len(blinded)/elementSize)
	dst := []byte("HashToScalar-" + mode)
	for i := range out {
		b = framed(b[:0], s)
		b = binary.BigEndian.AppendUint16(b, uint16(i))
		b = framed(b, blinded[i*elementSize:(i+1)*elementSize])
		b = framed(b, evaluated[i*elementSize:(i+1)*elementSize])
		out[i] = toScalar(append(b, "Composite"...), dst)
	}
	return out
}

func framed(to, b []byte) []byte {
	return append(binary.BigEndian.AppendUint16(to, uint16(len(b))), b...)
}

// weighted is the sum of d[i]·e[i].
func weighted(ds []*scalar, es []*element) *element {
	width := 3
	for n := len(es); n > 64 && width < 12; n >>= 1 {
		width++
	}
	digits := make([][34]byte, len(ds)) // little end first
	for i, d := range ds {
		d.Encode(digits[i][:0])
	}
	buckets, full := make([]element, 1<<width), make([]bool, 1<<width)
	total := ristretto255.NewIdentityElement()
	for from := (253 + width - 1) / width * width; from > 0; {
		from -= width
		for range width {
			total.Add(total, total)
		}
		clear(full)
		for i := range digits {
			at := from >> 3
			if at >= 32 {
				continue
			}
			b := &digits[i]
			v := (uint32(b[at]) | uint32(b[at+1])<<8 | uint32(b[at+2])<<16) >> (from & 7) & (1<<width - 1)
			switch {
			case v == 0:
			case !full[v]:
				buckets[v].Set(es[i])
				full[v] = true
			default:
				buckets[v].Add(&buckets[v], es[i])
			}
		}
		run, sum := ristretto255.NewIdentityElement(), ristretto255.NewIdentityElement() // Σ v·bucket[v], from the highest down
		for v := len(buckets) - 1; v > 0; v-- {
			if full[v] {
				run.Add(run, &buckets[v])
			}
			sum.Add(sum, run)
		}
		total.Add(total, sum)
	}
	return total
}

// challenge is the scalar that a proof answers to.
func challenge(public []byte, es ...*element) *scalar {
	b := framed(nil, public)
	for _, e := range es {
		b = framed(b, e.Bytes())
	}
	return toScalar(append(b, "Challenge"...), []byte("HashToScalar-"+mode))
}

// prove makes the proof of a batch: product of the key's scalar k and public, the encodings as they stand in the files.
func prove(k *scalar, public, blinded, evaluated []byte, in []*element) ([]byte, error) {
	m := weighted(weights(public, blinded, evaluated), in)
	z := ristretto255.NewElement().ScalarMult(k, m)
	random := make([]byte, 64)
	if _, err := rand.Read(random); err != nil {
		return nil, err
	}
	r, err := ristretto255.NewScalar().SetUniformBytes(random)
	if err != nil {
		return nil, err
	}
	c := challenge(public, m, z, ristretto255.NewElement().ScalarBaseMult(r), ristretto255.NewElement().ScalarMult(r, m))
	s := ristretto255.NewScalar().Multiply(c, k)
	return s.Subtract(r, s).Encode(c.Bytes()), nil
}

// proved checks the proof of a batch.
func proved(public *element, blinded, evaluated []byte, in, out []*element, proof []byte) bool {
	if len(proof) != proofSize {
		return false
	}
	c, err := ristretto255.NewScalar().SetCanonicalBytes(proof[:32])
	if err != nil {
		return false
	}
	s, err := ristretto255.NewScalar().SetCanonicalBytes(proof[32:])
	if err != nil {
		return false
	}
	encoded := public.Bytes()
	ds := weights(encoded, blinded, evaluated)
	m, z := weighted(ds, in), weighted(ds, out)
	both := func(a, b *element) *element {
		x := ristretto255.NewElement().ScalarMult(s, a)
		return x.Add(x, ristretto255.NewElement().ScalarMult(c, b))
	}
	return challenge(encoded, m, z, both(ristretto255.NewGeneratorElement(), public), both(m, z)).Equal(c) == 1
}
