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
)

// theirs are the parameters of circl's own proofs.
var theirs = dleq.Params{G: curve, H: crypto.SHA512, DST: []byte(mode)}

func TestASumIsThatOfItsProducts(t *testing.T) {
	for _, n := range []int{1, 2, 3, 70, 300} {
		var ds []group.Scalar
		var es []group.Element
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
			if i%5 == 4 {
				e = es[i-1].Copy() // equal elements may fall into one bucket
				d = ds[i-1].Copy()
			}
			ds, es = append(ds, d), append(es, e)
			want.Add(want, curve.NewElement().Mul(e, d))
		}
		got, err := weighted(ds, es)
		if err != nil || !got.IsEqual(want) {
			t.Errorf("sum of %d: %v", n, err)
		}
	}
}

// What circl makes this package accepts, and the other way round; what circl refuses this package refuses.
func TestProofsAreThoseOfTheStandard(t *testing.T) {
	k, err := oprf.GenerateKey(suite, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := k.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	factor := curve.NewScalar()
	if err := factor.UnmarshalBinary(secret); err != nil {
		t.Fatal(err)
	}
	encoded, err := k.Public().MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	public, err := element(encoded)
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
		var blinded []byte
		for _, e := range req.Elements {
			b, err := e.MarshalBinaryCompress()
			if err != nil {
				t.Fatal(err)
			}
			blinded = append(blinded, b...)
		}
		answer, _, err := evaluate(k, blinded)
		if err != nil {
			t.Fatal(err)
		}
		evaluated, proof := answer[:n*elementSize], answer[n*elementSize:]
		es, _, err := elements(evaluated)
		if err != nil {
			t.Fatal(err)
		}
		var p dleq.Proof
		if err := p.UnmarshalBinary(curve, proof); err != nil {
			t.Fatal(err)
		}
		outs, err := client.Finalize(fin, &oprf.Evaluation{Elements: es, Proof: &p})
		if err != nil {
			t.Fatalf("%d: circl refuses our proof: %v", n, err)
		}
		for i, in := range inputs {
			if full, err := server.FullEvaluate(in); err != nil || !slices.Equal(full, outs[i]) {
				t.Errorf("input %d: another output", i)
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
		if _, _, err := verify(public, blinded, evaluated, their); err != nil {
			t.Errorf("%d: we refuse circl's proof: %v", n, err)
		}
		for _, at := range []int{0, 30, 32, 62} {
			bad := slices.Clone(proof)
			bad[at] ^= 4
			if _, _, err := verify(public, blinded, evaluated, bad); err != errProof {
				t.Errorf("a proof with byte %d changed: %v", at, err)
			}
		}
		if n == 1 {
			continue
		}
		turned := append(slices.Clone(evaluated[elementSize:]), evaluated[:elementSize]...)
		if _, _, err := verify(public, blinded, turned, proof); err != errProof {
			t.Errorf("turned evaluations: %v", err)
		}
		// The holder proves what he has turned.
		made, err := prove(factor, encoded, blinded, turned, req.Elements)
		if err != nil {
			t.Fatal(err)
		}
		wrong, _, err := elements(turned)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.UnmarshalBinary(curve, made); err != nil {
			t.Fatal(err)
		}
		ours, err := proved(public, blinded, turned, req.Elements, wrong, made)
		if circls := (dleq.Verifier{Params: theirs}).VerifyBatchRFC9497(public, req.Elements, wrong, &p); err != nil || ours || circls {
			t.Errorf("a proof over turned evaluations: ours %v, circl's %v, %v", ours, circls, err)
		}
	}
}

func BenchmarkVerifyABatch(b *testing.B) {
	k, err := oprf.GenerateKey(suite, rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	encoded, err := k.Public().MarshalBinary()
	if err != nil {
		b.Fatal(err)
	}
	public, err := element(encoded)
	if err != nil {
		b.Fatal(err)
	}
	const n = 1024
	var blinded []byte
	for range n {
		e, err := curve.RandomElement(rand.Reader).MarshalBinaryCompress()
		if err != nil {
			b.Fatal(err)
		}
		blinded = append(blinded, e...)
	}
	answer, _, err := evaluate(k, blinded)
	if err != nil {
		b.Fatal(err)
	}
	in, _, err := elements(blinded)
	if err != nil {
		b.Fatal(err)
	}
	out, _, err := elements(answer[:n*elementSize])
	if err != nil {
		b.Fatal(err)
	}
	var p dleq.Proof
	if err := p.UnmarshalBinary(curve, answer[n*elementSize:]); err != nil {
		b.Fatal(err)
	}
	b.Run("sums", func(b *testing.B) {
		for b.Loop() {
			if ok, err := proved(public, blinded, answer[:n*elementSize], in, out, answer[n*elementSize:]); err != nil || !ok {
				b.Fatal(err)
			}
		}
	})
	b.Run("circl", func(b *testing.B) {
		for b.Loop() {
			if !(dleq.Verifier{Params: theirs}).VerifyBatchRFC9497(public, in, out, &p) {
				b.Fatal("refused")
			}
		}
	})
}
