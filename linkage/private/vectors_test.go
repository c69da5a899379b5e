package private

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/cloudflare/circl/oprf"
)

// The vectors of RFC 9497, appendix A.1.2 (ristretto255-SHA512, verifiable mode): the holder's evaluations, the proofs that
// the asker takes, and the outputs. Blinded elements of the RFC are products where ours are sums; the holder does the same
// with both.
func TestHolderAndOutputsAreThoseOfTheRFC(t *testing.T) {
	const public = "c803e2cc6b05fc15064549b5920659ca4a77b2cca6f04f6b357009335476ad4e"
	k := new(oprf.PrivateKey)
	if err := k.UnmarshalBinary(suite, plain(t, "e6f73f344b79b379f1a0dd37e07ff62e38d9f71345ce62ae3a9bc60b04ccd909")); err != nil {
		t.Fatal(err)
	}
	factor, err := factorOf(k)
	if err != nil {
		t.Fatal(err)
	}
	key, err := readElement(plain(t, public))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []struct{ input, blinded, evaluated, output, proof string }{
		{"00", "863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945", "aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e",
			"b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7da4d8527693914139caee5bd03903af43a491351d23b430948dd50cde10d32b3c",
			"ddef93772692e535d1a53903db24367355cc2cc78de93b3be5a8ffcc6985dd066d4346421d17bf5117a2a1ff0fcb2a759f58a539dfbe857a40bce4cf49ec600d"},
		{"5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a", "cc0b2a350101881d8a4cba4c80241d74fb7dcbfde4a61fde2f91443c2bf9ef0c", "60a59a57208d48aca71e9e850d22674b611f752bed48b36f7a91b372bd7ad468",
			"8a9a2f3c7f085b65933594309041fc1898d42d0858e59f90814ae90571a6df60356f4610bf816f27afdd84f47719e480906d27ecd994985890e5f539e7ea74b6",
			"401a0da6264f8cf45bb2f5264bc31e109155600babb3cd4e5af7d181a2c9dc0a67154fabf031fd936051dec80b0b6ae29c9503493dde7393b722eafdf5a50b02"},
		{"00,5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a",
			"863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945,90a0145ea9da29254c3a56be4fe185465ebb3bf2a1801f7124bbbadac751e654",
			"aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e,cc5ac221950a49ceaa73c8db41b82c20372a4c8d63e5dded2db920b7eee36a2a",
			"b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7da4d8527693914139caee5bd03903af43a491351d23b430948dd50cde10d32b3c," +
				"8a9a2f3c7f085b65933594309041fc1898d42d0858e59f90814ae90571a6df60356f4610bf816f27afdd84f47719e480906d27ecd994985890e5f539e7ea74b6",
			"cc203910175d786927eeb44ea847328047892ddf8590e723c37205cb74600b0a5ab5337c8eb4ceae0494c2cf89529dcf94572ed267473d567aeed6ab873dee08"},
	} {
		blinded, evaluated, proof := plain(t, v.blinded), plain(t, v.evaluated), plain(t, v.proof)
		got, _, err := evaluate(k, blinded)
		if err != nil {
			t.Fatal(err)
		}
		if got := hex.EncodeToString(got[:len(got)-proofSize]); got != strings.ReplaceAll(v.evaluated, ",", "") {
			t.Errorf("evaluation of %s: %s", v.input, got)
		}
		if _, err := verify(key, blinded, evaluated, proof); err != nil {
			t.Errorf("the proof over %s is refused: %v", v.input, err)
		}
		proof[0] ^= 1
		if _, err := verify(key, blinded, evaluated, proof); err == nil {
			t.Errorf("a changed proof over %s is taken", v.input)
		}
		outputs := strings.Split(v.output, ",")
		for i, in := range strings.Split(v.input, ",") {
			if out, err := full(factor, plain(t, in)); err != nil || hex.EncodeToString(out[:]) != outputs[i] {
				t.Errorf("output of %s: %x %v", in, out, err)
			}
		}
	}
}

func plain(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, ",", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
