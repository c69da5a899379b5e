package private

import (
	"context"
	"crypto"
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"

	ristretto "github.com/bwesterb/go-ristretto"
	"github.com/cloudflare/circl/expander"
	"github.com/cloudflare/circl/oprf"
	"github.com/gtank/ristretto255"
)

// Names of RFC 9497 for the suite in its verifiable mode (sections 3.1, 3.3.2 and 4.1).
var (
	suite   = oprf.SuiteRistretto255
	mode    = "OPRFV1-" + string([]byte{oprf.VerifiableMode}) + "-ristretto255-SHA512"
	toGroup = []byte("HashToGroup-" + mode)
)

// The suite, its keys and what stands in the tests as the other side are circl's; the elements are those of
// github.com/gtank/ristretto255, which multiplies a point in less time.
type (
	element = ristretto255.Element
	scalar  = ristretto255.Scalar
)

const (
	elementSize = 32
	proofSize   = 64
	batchSize   = 4096 // elements under one proof; RFC 9497 numbers them with 16 bits
)

var errElement = errors.New("private: no group element")

// readElement reads a group element; the neutral one is refused, as section 2.1 of the RFC asks.
func readElement(b []byte) (*element, error) {
	e, err := ristretto255.NewElement().SetCanonicalBytes(b)
	if err != nil || neutral(e) {
		return nil, errElement
	}
	return e, nil
}

func neutral(e *element) bool { return e.Equal(ristretto255.NewIdentityElement()) == 1 }

func elements(b []byte) ([]*element, int, error) {
	out := make([]*element, len(b)/elementSize)
	for i := range out {
		e, err := readElement(b[i*elementSize : (i+1)*elementSize])
		if err != nil {
			return nil, i, err
		}
		out[i] = e
	}
	return out, 0, nil
}

// uniform are 64 bytes of a message under a purpose (expand_message_xmd of RFC 9380).
func uniform(msg, purpose []byte) []byte {
	return expander.NewExpanderMD(crypto.SHA512, purpose).Expand(msg, 64)
}

// hashed is the group element of a value, and toScalar the scalar of a message (section 4.1 of RFC 9497).
func hashed(value []byte) (*element, error) {
	e, err := ristretto255.NewElement().SetUniformBytes(uniform(value, toGroup))
	if err != nil || neutral(e) {
		return nil, errElement
	}
	return e, nil
}

func toScalar(msg, purpose []byte) *scalar {
	s, err := ristretto255.NewScalar().SetUniformBytes(uniform(msg, purpose))
	if err != nil {
		panic(err) // there are 64 of them
	}
	return s
}

// blinding is the secret factor of a value.
func blinding(seed, value []byte) *scalar {
	msg := append(append(make([]byte, 0, len(seed)+len(value)), seed...), value...)
	return toScalar(msg, []byte("huikan-psi-2 blinding"))
}

// blind is H(value) + r·G, encoded. RFC 9497 has r·H(value) (section 3.3.1); its drafts (“Blinding Considerations”, after
// Jarecki, Krawczyk and Xu 2021) find the sum as safe where the asker holds the holder's public key beforehand and evaluations
// are proved, as here. What the holder sees is as random, what he does is the same, and so is what comes out; but both of
// the asker's products are of a fixed point.
func blind(seed, value []byte) ([]byte, error) {
	p, err := hashed(value)
	if err != nil {
		return nil, err
	}
	if p.Add(p, ristretto255.NewElement().ScalarBaseMult(blinding(seed, value))); neutral(p) {
		return nil, errElement
	}
	return p.Bytes(), nil
}

// unblinder takes the blinding off evaluations of a committed key: of k·H(value) + r·K it takes r·K.
type unblinder struct{ multiples ristretto.ScalarMultTable }

func newUnblinder(public []byte) (*unblinder, error) {
	k, err := point(public)
	if err != nil {
		return nil, err
	}
	u := &unblinder{}
	u.multiples.Compute(&k)
	return u, nil
}

// unblind gives k·H(value), encoded, of an evaluation that was verified.
func (u *unblinder) unblind(evaluated, seed, value []byte) ([]byte, error) {
	z, err := point(evaluated)
	if err != nil {
		return nil, err
	}
	var r ristretto.Scalar
	if err := r.UnmarshalBinary(blinding(seed, value).Bytes()); err != nil {
		return nil, err
	}
	var off ristretto.Point
	off.ScalarMultTable(&u.multiples, &r)
	return z.Sub(&z, &off).Bytes(), nil
}

// point reads an element for the arithmetic under circl, which keeps multiples of any point.
func point(b []byte) (p ristretto.Point, err error) {
	if p.UnmarshalBinary(b) != nil {
		return p, errElement
	}
	return p, nil
}

// output is the last step of the function: the hash over value and unblinded element (section 3.3.1).
func output(value, unblinded []byte) [64]byte {
	b := make([]byte, 0, 2+len(value)+2+len(unblinded)+8)
	b = binary.BigEndian.AppendUint16(b, uint16(len(value)))
	b = append(b, value...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(unblinded)))
	b = append(b, unblinded...)
	return sha512.Sum512(append(b, "Finalize"...))
}

// factorOf is the key as a scalar.
func factorOf(k *oprf.PrivateKey) (*scalar, error) {
	b, err := k.MarshalBinary()
	if err != nil {
		return nil, err
	}
	return ristretto255.NewScalar().SetCanonicalBytes(b)
}

// evaluate answers a batch: evaluations and their proof.
func evaluate(k *oprf.PrivateKey, blinded []byte) ([]byte, int, error) {
	in, at, err := elements(blinded)
	if err != nil {
		return nil, at, err
	}
	factor, err := factorOf(k)
	if err != nil {
		return nil, 0, err
	}
	public, err := k.Public().MarshalBinary()
	if err != nil {
		return nil, 0, err
	}
	out := make([]byte, 0, len(blinded)+proofSize)
	var z element
	for _, e := range in {
		out = z.ScalarMult(factor, e).Encode(out)
	}
	proof, err := prove(factor, public, blinded, out, in)
	return append(out, proof...), 0, err
}

// full is the whole function for who has the key.
func full(factor *scalar, value []byte) (out [64]byte, err error) {
	e, err := hashed(value)
	if err != nil {
		return out, err
	}
	return output(value, e.ScalarMult(factor, e).Bytes()), nil
}

var errProof = errors.New("private: the evaluations are not those of the committed key")

// verify checks that evaluations are those of the committed key; of a bad element it gives the place.
func verify(public *element, blinded, evaluated, proof []byte) (int, error) {
	b, at, err := elements(blinded)
	if err != nil {
		return at, err
	}
	z, at, err := elements(evaluated)
	if err != nil {
		return at, err
	}
	if !proved(public, blinded, evaluated, b, z, proof) {
		return 0, errProof
	}
	return 0, nil
}

// batches runs a function over 0 … n−1 on all processors and ends with the first error in order.
func batches(ctx context.Context, n int, do func(i int) error) error {
	errs := make([]error, n)
	var next atomic.Int64
	var failed atomic.Bool
	var wg sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for ctx.Err() == nil && !failed.Load() {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if errs[i] = do(i); errs[i] != nil {
					failed.Store(true)
				}
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	return errors.Join(errs...)
}

// inOrder makes n pieces on all processors and hands them on one after the other; only a few wait for their turn.
func inOrder(ctx context.Context, n int, do func(i int) ([]byte, error), put func([]byte) error) error {
	type piece struct {
		b   []byte
		err error
	}
	ctx, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop()
	workers := min(n, runtime.GOMAXPROCS(0))
	ahead := make(chan struct{}, 4*workers) // taken before the number, so that the piece that is waited for always has one
	made := make([]chan piece, n)
	for i := range made {
		made[i] = make(chan piece, 1)
	}
	var next atomic.Int64
	for range workers {
		wg.Go(func() {
			for {
				select {
				case ahead <- struct{}{}:
				case <-ctx.Done():
					return
				}
				i := int(next.Add(1)) - 1
				if i >= n || ctx.Err() != nil {
					return
				}
				b, err := do(i)
				made[i] <- piece{b, err}
			}
		})
	}
	for i := range made {
		select {
		case p := <-made[i]:
			if p.err != nil {
				return p.err
			}
			if err := put(p.b); err != nil {
				return err
			}
			made[i] = nil
			<-ahead
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// cut is the part of n elements that batch i holds.
func cut(n, i int) (from, to int) { return i * batchSize, min(n, (i+1)*batchSize) }

func parts(n int) int { return (n + batchSize - 1) / batchSize }
