package private

import (
	"crypto"
	"crypto/rand"
	"fmt"
	"slices"
	"testing"

	"github.com/cloudflare/circl/group"
	"github.com/cloudflare/circl/oprf"
	"github.com/cloudflare/circl/zk/dleq"
	"github.com/gtank/ristretto255"
)

// curve is circl's group: the other side of these tests.
var curve = group.Ristretto255

// theirs are the parameters of circl's own proofs.
var theirs = dleq.Params{G: curve, H: crypto.SHA512, DST: []byte(mode)}

func TestASumIsThatOfItsProducts(t *testing.T) {
	for _, n := range []int{1, 2, 3, 70, 300} {
		var ds []*scalar
		var es []*element
		want := curve.Identity()
		for i := range n {
			d := curve.RandomScalar(rand.Reader)
			switch i % 7 { // small, nothing, and the largest
			case 1:
				d.SetUint64(uint64(i))
			case 2:
				d.SetUint64(0)
			case 3:
				d.SetUint64(1)
				d.Neg(d)
			}
			e := curve.RandomElement(rand.Reader)
			if i%5 == 4 { // equal elements may fall into one bucket
				e.Set(theirElement(t, es[i-1].Bytes()))
				if err := d.UnmarshalBinary(ds[i-1].Bytes()); err != nil {
					t.Fatal(err)
				}
			}
			ds, es = append(ds, ourScalar(t, d)), append(es, ourElements(t, e)[0])
			want.Add(want, curve.NewElement().Mul(e, d))
		}
		if got := weighted(ds, es); !theirElement(t, got.Bytes()).IsEqual(want) {
			t.Errorf("sum of %d", n)
		}
	}
}

func theirElement(t testing.TB, b []byte) group.Element {
	t.Helper()
	e := curve.NewElement()
	if err := e.UnmarshalBinary(b); err != nil {
		t.Fatal(err)
	}
	return e
}

func theirElements(t testing.TB, b []byte) (out []group.Element) {
	t.Helper()
	for e := range slices.Chunk(b, elementSize) {
		out = append(out, theirElement(t, e))
	}
	return out
}

func encoded(t testing.TB, es ...group.Element) (out []byte) {
	t.Helper()
	for _, e := range es {
		b, err := e.MarshalBinaryCompress()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b...)
	}
	return out
}

func ourElements(t testing.TB, es ...group.Element) []*element {
	t.Helper()
	out, _, err := elements(encoded(t, es...))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func ourScalar(t testing.TB, d group.Scalar) *scalar {
	t.Helper()
	b, err := d.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	s, err := ristretto255.NewScalar().SetCanonicalBytes(b)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Elements, scalars and products are circl's, whatever is hashed and multiplied.
func TestTheGroupIsTheOneOfTheStandard(t *testing.T) {
	for i := range 50 {
		msg := fmt.Appendf(nil, "message %d", i)
		e, err := hashed(msg)
		if err != nil {
			t.Fatal(err)
		}
		theirs, s := curve.HashToElement(msg, toGroup), curve.HashToScalar(msg, []byte("x"))
		if !slices.Equal(e.Bytes(), encoded(t, theirs)) || ourScalar(t, s).Equal(toScalar(msg, []byte("x"))) != 1 {
			t.Fatalf("%s is hashed otherwise", msg)
		}
		if p := ristretto255.NewElement().ScalarMult(ourScalar(t, s), e); !slices.Equal(p.Bytes(), encoded(t, curve.NewElement().Mul(theirs, s))) {
			t.Fatalf("%s is multiplied otherwise", msg)
		}
		if p := ristretto255.NewElement().ScalarBaseMult(ourScalar(t, s)); !slices.Equal(p.Bytes(), encoded(t, curve.NewElement().MulGen(s))) {
			t.Fatalf("the generator is multiplied otherwise")
		}
	}
}

// What circl makes this package accepts, and the other way round; what circl refuses this package refuses.
func TestProofsAreThoseOfTheStandard(t *testing.T) {
	k, err := oprf.GenerateKey(suite, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	factor, err := factorOf(k)
	if err != nil {
		t.Fatal(err)
	}
	key, err := k.Public().MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	public, err := readElement(key)
	if err != nil {
		t.Fatal(err)
	}
	server := oprf.NewVerifiableServer(suite, k)
	for _, n := range []int{1, 2, 129} {
		var inputs [][]byte
		for i := range n {
			inputs = append(inputs, fmt.Appendf(nil, "input %d", i))
		}
		client := oprf.NewVerifiableClient(suite, k.Public())
		fin, req, err := client.Blind(inputs)
		if err != nil {
			t.Fatal(err)
		}
		blinded := encoded(t, req.Elements...)
		answer, _, err := evaluate(k, blinded)
		if err != nil {
			t.Fatal(err)
		}
		evaluated, proof := answer[:n*elementSize], answer[n*elementSize:]
		var p dleq.Proof
		if err := p.UnmarshalBinary(curve, proof); err != nil {
			t.Fatal(err)
		}
		outs, err := client.Finalize(fin, &oprf.Evaluation{Elements: theirElements(t, evaluated), Proof: &p})
		if err != nil {
			t.Fatalf("%d: circl refuses our proof: %v", n, err)
		}
		for i, in := range inputs {
			if theirs, err := server.FullEvaluate(in); err != nil || !slices.Equal(theirs, outs[i]) {
				t.Errorf("input %d: another output", i)
			}
			if ours, err := full(factor, in); err != nil || !slices.Equal(ours[:], outs[i]) {
				t.Errorf("input %d: our own output is another", i)
			}
		}
		ev, err := server.Evaluate(req)
		if err != nil {
			t.Fatal(err)
		}
		their, err := ev.Proof.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := verify(public, blinded, evaluated, their); err != nil {
			t.Errorf("%d: we refuse circl's proof: %v", n, err)
		}
		for _, at := range []int{0, 30, 32, 62} {
			bad := slices.Clone(proof)
			bad[at] ^= 4
			if _, err := verify(public, blinded, evaluated, bad); err != errProof {
				t.Errorf("a proof with byte %d changed: %v", at, err)
			}
		}
		if n == 1 {
			continue
		}
		turned := append(slices.Clone(evaluated[elementSize:]), evaluated[:elementSize]...)
		if _, err := verify(public, blinded, turned, proof); err != errProof {
			t.Errorf("turned evaluations: %v", err)
		}
		// The holder proves what he has turned.
		made, err := prove(factor, key, blinded, turned, ourElements(t, req.Elements...))
		if err != nil {
			t.Fatal(err)
		}
		wrong := theirElements(t, turned)
		if err := p.UnmarshalBinary(curve, made); err != nil {
			t.Fatal(err)
		}
		ours := proved(public, blinded, turned, ourElements(t, req.Elements...), ourElements(t, wrong...), made)
		if circls := (dleq.Verifier{Params: theirs}).VerifyBatchRFC9497(theirElement(t, key), req.Elements, wrong, &p); ours || circls {
			t.Errorf("a proof over turned evaluations: ours %v, circl's %v", ours, circls)
		}
	}
}

func BenchmarkVerifyABatch(b *testing.B) {
	k, err := oprf.GenerateKey(suite, rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	key, err := k.Public().MarshalBinary()
	if err != nil {
		b.Fatal(err)
	}
	const n = 1024
	var random []group.Element
	for range n {
		random = append(random, curve.RandomElement(rand.Reader))
	}
	blinded := encoded(b, random...)
	answer, _, err := evaluate(k, blinded)
	if err != nil {
		b.Fatal(err)
	}
	evaluated, proof := answer[:n*elementSize], answer[n*elementSize:]
	var p dleq.Proof
	if err := p.UnmarshalBinary(curve, proof); err != nil {
		b.Fatal(err)
	}
	out := theirElements(b, evaluated)
	b.Run("sums", func(b *testing.B) {
		public, in, out := ourElements(b, theirElement(b, key))[0], ourElements(b, random...), ourElements(b, out...)
		for b.Loop() {
			if !proved(public, blinded, evaluated, in, out, proof) {
				b.Fatal("refused")
			}
		}
	})
	b.Run("circl", func(b *testing.B) {
		public := theirElement(b, key)
		for b.Loop() {
			if !(dleq.Verifier{Params: theirs}).VerifyBatchRFC9497(public, random, out, &p) {
				b.Fatal("refused")
			}
		}
	})
}
