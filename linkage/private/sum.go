package private

import (
	"crypto/rand"
	"crypto/sha512"
	"encoding/binary"

	"github.com/cloudflare/circl/group"
)

// The proof of RFC 9497 (section 2.2) rests on two sums, of d·B and of d·Z over a batch, with public weights d. circl adds
// them up product by product; here they are added up by digits of the weights (Pippenger's way), which gives the same
// element for a fifth of the work. Nothing secret enters the sums; what is secret is left to circl.

// weights are the public weights of a batch, as ComputeComposites of the RFC derives them from the encoded elements.
func weights(public, blinded, evaluated []byte) []group.Scalar {
	seed := sha512.New()
	var b []byte
	b = framed(b, public)
	b = framed(b, []byte("Seed-"+mode))
	seed.Write(b)
	s := seed.Sum(nil)
	out := make([]group.Scalar, len(blinded)/elementSize)
	dst := []byte("HashToScalar-" + mode)
	for i := range out {
		b = framed(b[:0], s)
		b = binary.BigEndian.AppendUint16(b, uint16(i))
		b = framed(b, blinded[i*elementSize:(i+1)*elementSize])
		b = framed(b, evaluated[i*elementSize:(i+1)*elementSize])
		out[i] = curve.HashToScalar(append(b, "Composite"...), dst)
	}
	return out
}

func framed(to, b []byte) []byte {
	return append(binary.BigEndian.AppendUint16(to, uint16(len(b))), b...)
}

// weighted is the sum of d[i]·e[i].
func weighted(ds []group.Scalar, es []group.Element) (group.Element, error) {
	width := 3
	for n := len(es); n > 64 && width < 12; n >>= 1 {
		width++
	}
	digits := make([][]byte, len(ds))
	for i, d := range ds {
		b, err := d.MarshalBinary() // little end first
		if err != nil {
			return nil, err
		}
		digits[i] = append(b, 0, 0)
	}
	buckets := make([]group.Element, 1<<width)
	total := curve.Identity()
	for from := (253 + width - 1) / width * width; from > 0; {
		from -= width
		for range width {
			total.Dbl(total)
		}
		clear(buckets)
		for i, b := range digits {
			at := from >> 3
			if at >= 32 {
				continue
			}
			v := (uint32(b[at]) | uint32(b[at+1])<<8 | uint32(b[at+2])<<16) >> (from & 7) & (1<<width - 1)
			switch {
			case v == 0:
			case buckets[v] == nil:
				buckets[v] = es[i].Copy()
			default:
				buckets[v].Add(buckets[v], es[i])
			}
		}
		run, sum := curve.Identity(), curve.Identity() // Σ v·bucket[v], from the highest down
		for v := len(buckets) - 1; v > 0; v-- {
			if buckets[v] != nil {
				run.Add(run, buckets[v])
			}
			sum.Add(sum, run)
		}
		total.Add(total, sum)
	}
	return total, nil
}

// challenge is the scalar that a proof answers to.
func challenge(public []byte, es ...group.Element) (group.Scalar, error) {
	b := framed(nil, public)
	for _, e := range es {
		enc, err := e.MarshalBinaryCompress()
		if err != nil {
			return nil, err
		}
		b = framed(b, enc)
	}
	return curve.HashToScalar(append(b, "Challenge"...), []byte("HashToScalar-"+mode)), nil
}

// prove makes the proof of a batch: product of the key's scalar k and public, the encodings as they stand in the files.
func prove(k group.Scalar, public, blinded, evaluated []byte, in []group.Element) ([]byte, error) {
	m, err := weighted(weights(public, blinded, evaluated), in)
	if err != nil {
		return nil, err
	}
	z := curve.NewElement().Mul(m, k)
	r := curve.RandomNonZeroScalar(rand.Reader)
	c, err := challenge(public, m, z, curve.NewElement().MulGen(r), curve.NewElement().Mul(m, r))
	if err != nil {
		return nil, err
	}
	s := curve.NewScalar().Mul(c, k)
	s.Sub(r, s)
	cb, err := c.MarshalBinary()
	if err != nil {
		return nil, err
	}
	sb, err := s.MarshalBinary()
	return append(cb, sb...), err
}

// proved checks the proof of a batch.
func proved(public group.Element, blinded, evaluated []byte, in, out []group.Element, proof []byte) (bool, error) {
	c, s := curve.NewScalar(), curve.NewScalar()
	if len(proof) != proofSize || c.UnmarshalBinary(proof[:32]) != nil || s.UnmarshalBinary(proof[32:]) != nil {
		return false, nil
	}
	encoded, err := public.MarshalBinaryCompress()
	if err != nil {
		return false, err
	}
	ds := weights(encoded, blinded, evaluated)
	m, err := weighted(ds, in)
	if err != nil {
		return false, err
	}
	z, err := weighted(ds, out)
	if err != nil {
		return false, err
	}
	both := func(a, b group.Element) group.Element {
		x := curve.NewElement().Mul(a, s)
		return x.Add(x, curve.NewElement().Mul(b, c))
	}
	want, err := challenge(encoded, m, z, both(curve.Generator(), public), both(m, z))
	if err != nil {
		return false, err
	}
	return want.IsEqual(c), nil
}
