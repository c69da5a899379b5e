package translog

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

const testOrigin = "jcy.example.cn/site/audit/1"

// keys makes a signer and a verifier, always the same ones, so that a failure
// of a test that changes bytes can be repeated.
func keys(t testing.TB, name string) (Signer, string, Verifier) {
	t.Helper()
	seed := rand.NewChaCha8([32]byte{7})
	skey, vkey, err := note.GenerateKey(seed, name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	v, err := NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	return s, vkey, v
}

func signed(t testing.TB, m *memory, s Signer) []byte {
	t.Helper()
	text, err := SignCheckpoint(Checkpoint{testOrigin, int64(len(m.entries)), m.root(t)}, s)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func receipt(t testing.TB, m *memory, s Signer, index int64) Proof {
	t.Helper()
	hashes, err := ProveInclusion(int64(len(m.entries)), index, m)
	if err != nil {
		t.Fatal(err)
	}
	return Proof{Index: index, Hashes: hashes, Checkpoint: signed(t, m, s)}
}

func TestCheckpointText(t *testing.T) {
	c := Checkpoint{"example.cn/log", 5, LeafHash([]byte("x"))}
	text, err := c.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	want := "example.cn/log\n5\n" + c.Root.String() + "\n"
	if string(text) != want {
		t.Errorf("%q, want %q", text, want)
	}
	if got, err := ParseCheckpoint(text); err != nil || got != c {
		t.Errorf("%+v %v", got, err)
	}
}

func badCheckpoints() map[string]string {
	root := LeafHash(nil).String()
	return map[string]string{
		"nothing":            "",
		"no root":            "o\n5\n",
		"no last line end":   "o\n5\n" + root,
		"no origin":          "\n5\n" + root + "\n",
		"control character":  "o\x01\n5\n" + root + "\n",
		"not UTF-8":          "o\xff\n5\n" + root + "\n",
		"leading zero":       "o\n05\n" + root + "\n",
		"plus sign":          "o\n+5\n" + root + "\n",
		"negative":           "o\n-5\n" + root + "\n",
		"empty size":         "o\n\n" + root + "\n",
		"size too great":     "o\n4611686018427387905\n" + root + "\n",
		"extension line":     "o\n5\n" + root + "\nmore\n",
		"short root":         "o\n5\n" + root[4:] + "\n",
		"loose base64":       "o\n5\n" + root[:42] + "B=\n",
		"carriage return":    "o\n5\n" + root + "\r\n",
		"empty log, no root": "o\n0\n" + root + "\n",
	}
}

func TestOtherCheckpointTextsAreRefused(t *testing.T) {
	for name, text := range badCheckpoints() {
		if c, err := ParseCheckpoint([]byte(text)); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %+v %v", name, c, err)
		}
	}
	if _, err := (Checkpoint{"", 0, EmptyRoot()}).Marshal(); !errors.Is(err, ErrFormat) {
		t.Errorf("no origin: %v", err)
	}
	if _, err := (Checkpoint{"o", -1, EmptyRoot()}).Marshal(); !errors.Is(err, ErrRange) {
		t.Errorf("negative size: %v", err)
	}
}

func TestOpenCheckpointDemandsEveryKeyGiven(t *testing.T) {
	m := newLog(t, 9)
	s, _, v := keys(t, testOrigin)
	_, _, other := keys(t, "someone.else")
	text := signed(t, m, s)
	want := Checkpoint{testOrigin, 9, m.root(t)}
	for _, origin := range []string{testOrigin, ""} {
		if c, err := OpenCheckpoint(text, origin, v); err != nil || c != want {
			t.Errorf("origin %q: %+v %v", origin, c, err)
		}
	}
	if _, err := OpenCheckpoint(text, "another/log", v); !errors.Is(err, ErrOrigin) {
		t.Errorf("another origin: %v", err)
	}
	for name, list := range map[string][]note.Verifier{
		"no key": nil, "another key": {other}, "both keys, one signature": {v, other},
	} {
		if _, err := OpenCheckpoint(text, testOrigin, list...); !errors.Is(err, ErrSignature) {
			t.Errorf("%s: %v", name, err)
		}
	}
	os, _, _ := keys(t, "someone.else")
	both, err := AddSignature(text, os)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := OpenCheckpoint(both, testOrigin, v, other); err != nil || c != want {
		t.Errorf("both keys, both signatures: %v", err)
	}
	again, err := AddSignature(both, os)
	if err != nil || !bytes.Equal(again, both) {
		t.Errorf("a second signature by the same key changed the note: %v", err)
	}
}

func TestProofTextComesBack(t *testing.T) {
	m := newLog(t, 77)
	s, _, v := keys(t, testOrigin)
	for _, extra := range [][]byte{nil, {}, []byte("收据")} {
		for index := range int64(77) {
			p := receipt(t, m, s, index)
			p.Extra = extra
			text, err := MarshalProof(p)
			if err != nil {
				t.Fatal(err)
			}
			got, err := ParseProof(text)
			if err != nil || !reflect.DeepEqual(got, p) {
				t.Fatalf("entry %d: %+v %v", index, got, err)
			}
			if err := got.Verify(m.entries[index], testOrigin, v); err != nil {
				t.Fatalf("entry %d: %v", index, err)
			}
			if err := got.Verify([]byte("something else"), testOrigin, v); !errors.Is(err, ErrProof) {
				t.Fatalf("another entry: %v", err)
			}
		}
	}
}

func badProofs(good string) map[string]string {
	return map[string]string{
		"nothing":          "",
		"another version":  strings.Replace(good, "@v1", "@v2", 1),
		"no index":         strings.Replace(good, "index 5\n", "", 1),
		"index with zero":  strings.Replace(good, "index 5", "index 05", 1),
		"index with plus":  strings.Replace(good, "index 5", "index +5", 1),
		"huge index":       strings.Replace(good, "index 5", "index 99999999999999999999", 1),
		"extra at the end": strings.Replace(good, "index 5\n", "index 5\nextra YQ==\n", 1),
		"extra twice":      strings.Replace(good, "index 5\n", "extra YQ==\nextra YQ==\nindex 5\n", 1),
		"loose extra":      strings.Replace(good, "index 5\n", "extra YR==\nindex 5\n", 1),
		"no checkpoint":    good[:strings.Index(good, "\n\n")+2],
		"too many hashes":  strings.Replace(good, "index 5\n", "index 5\n"+strings.Repeat(EmptyRoot().String()+"\n", 70), 1),
		"carriage returns": strings.ReplaceAll(good, "\n", "\r\n"),
	}
}

func TestOtherProofTextsAreRefused(t *testing.T) {
	m := newLog(t, 9)
	s, _, _ := keys(t, testOrigin)
	good, err := MarshalProof(receipt(t, m, s, 5))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range badProofs(string(good)) {
		if _, err := ParseProof([]byte(text)); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, p := range map[string]Proof{
		"negative index":      {Index: -1, Checkpoint: signed(t, m, s)},
		"unsigned checkpoint": {Checkpoint: []byte("o\n1\nx\n")},
		"too long a path":     {Hashes: make([]Hash, 61), Checkpoint: signed(t, m, s)},
	} {
		if _, err := MarshalProof(p); err == nil {
			t.Errorf("%s was written", name)
		}
	}
}

// flips calls judge with every text that differs from good in one byte: all 255
// values where judging is cheap, the eight single bits where it is not.
func flips(good []byte, all bool, judge func(at int, text []byte)) (count int) {
	text := bytes.Clone(good)
	for at := range text {
		for x := 1; x < 256; x++ {
			if !all && x&(x-1) != 0 {
				continue
			}
			text[at] = good[at] ^ byte(x)
			judge(at, text)
			count++
		}
		text[at] = good[at]
	}
	return count
}

func TestEveryChangedByteIsRejected(t *testing.T) {
	m := newLog(t, 77)
	s, vkey, v := keys(t, testOrigin)
	total := 0

	checkpoint := signed(t, m, s)
	total += flips(checkpoint, true, func(at int, text []byte) {
		if c, err := OpenCheckpoint(text, testOrigin, v); err == nil {
			t.Errorf("checkpoint with byte %d changed accepted: %+v\n%q", at, c, text)
		}
	})

	total += flips([]byte(vkey), true, func(at int, text []byte) {
		changed, err := NewVerifier(string(text))
		if err != nil {
			return
		}
		if _, err := OpenCheckpoint(checkpoint, testOrigin, changed); err == nil {
			t.Errorf("key with byte %d changed accepted: %q", at, text)
		}
		t.Errorf("key with byte %d changed is a key: %q", at, text)
	})

	for _, index := range []int64{0, 5, 63, 64, 75, 76} {
		good, err := MarshalProof(receipt(t, m, s, index))
		if err != nil {
			t.Fatal(err)
		}
		total += flips(good, false, func(at int, text []byte) {
			p, err := ParseProof(text)
			if err == nil {
				err = p.Verify(m.entries[index], testOrigin, v)
			}
			if err == nil {
				t.Errorf("proof of entry %d with byte %d changed accepted: %q", index, at, text)
			}
		})
		total += flips(m.entries[index], true, func(at int, entry []byte) {
			p, err := ParseProof(good)
			if err != nil || p.Verify(entry, testOrigin, v) == nil {
				t.Errorf("entry %d with byte %d changed accepted: %v", index, at, err)
			}
		})
	}
	if total < 10_000 {
		t.Errorf("only %d changes were tried", total)
	}
}

func TestKeysAreRefusedThatAreNotInTheirOneForm(t *testing.T) {
	_, vkey, _ := keys(t, testOrigin)
	_, wkey, err := NewCosignerKey("witness.example.cn")
	if err != nil {
		t.Fatal(err)
	}
	for _, good := range []string{vkey, wkey} {
		if _, err := NewVerifier(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
		name, id, _, err := splitKey(good)
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{
			"", "+", "++", name, name + "+" + id, strings.Replace(good, id, strings.ToUpper("ABCDEF01"), 1),
			strings.Replace(good, name, "", 1), strings.Replace(good, name, "a b", 1), good + "\n", good + "=", good[:len(good)-4],
		} {
			if _, err := NewVerifier(bad); !errors.Is(err, ErrFormat) {
				t.Errorf("%q: %v", bad, err)
			}
		}
	}
	for _, name := range []string{"", "a b", "a+b", "a\u3000b"} {
		if _, _, err := NewKey(name); err == nil {
			t.Errorf("key for name %q", name)
		}
		if _, _, err := NewCosignerKey(name); err == nil {
			t.Errorf("witness key for name %q", name)
		}
	}
	for _, bad := range []string{"", "PRIVATE+KEY+x", vkey} {
		if _, err := NewSigner(bad); !errors.Is(err, ErrFormat) {
			t.Errorf("signer %q: %v", bad, err)
		}
		if _, err := NewCosigner(bad); !errors.Is(err, ErrFormat) {
			t.Errorf("cosigner %q: %v", bad, err)
		}
	}
}

func TestASecretKeyNeverAppearsInAnError(t *testing.T) {
	skey, _, err := NewKey("log")
	if err != nil {
		t.Fatal(err)
	}
	secret := strings.SplitN(skey, "+", 5)[4] // base64 may hold a '+' of its own
	for _, broken := range []string{skey + "x", skey[:len(skey)-1], strings.Replace(skey, "log", "lag", 1)} {
		_, err1 := NewSigner(broken)
		_, err2 := NewCosigner(broken)
		if err1 == nil || err2 == nil {
			t.Fatal("a broken key was accepted")
		}
		if text := fmt.Sprint(err1, err2); strings.Contains(text, secret[:8]) {
			t.Errorf("the secret is in %q", text)
		}
	}
}

func FuzzCheckpoint(f *testing.F) {
	for _, text := range badCheckpoints() {
		f.Add([]byte(text))
	}
	f.Add([]byte("o\n5\n" + LeafHash(nil).String() + "\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := ParseCheckpoint(text)
		if err != nil {
			return
		}
		if again, err := c.Marshal(); err != nil || !bytes.Equal(again, text) {
			t.Errorf("%q is written %q: %v", text, again, err)
		}
	})
}

func FuzzOpenCheckpoint(f *testing.F) {
	m := newLog(f, 9)
	s, _, v := keys(f, testOrigin)
	good := signed(f, m, s)
	f.Add(good)
	f.Add(append(bytes.Clone(good), "— other AAAAAAAA\n"...))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := OpenCheckpoint(text, testOrigin, v)
		if err == nil && (c.Size != 9 || c.Root != m.root(t)) {
			t.Errorf("forged: %q", text)
		}
	})
}

func FuzzProof(f *testing.F) {
	m := newLog(f, 9)
	s, _, _ := keys(f, testOrigin)
	good, err := MarshalProof(receipt(f, m, s, 5))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	for _, text := range badProofs(string(good)) {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := ParseProof(text)
		if err != nil {
			return
		}
		if again, err := MarshalProof(p); err != nil || !bytes.Equal(again, text) {
			t.Errorf("%q is written %q: %v", text, again, err)
		}
	})
}

func FuzzVerifier(f *testing.F) {
	_, vkey, _ := keys(f, testOrigin)
	f.Add(vkey)
	f.Add("a+00000000+AQ==")
	f.Add("a+b+c+d")
	f.Fuzz(func(t *testing.T, text string) {
		v, err := NewVerifier(text)
		if err != nil {
			return
		}
		if !strings.HasPrefix(text, fmt.Sprintf("%s+%08x+", v.Name(), v.KeyHash())) {
			t.Errorf("%q has name %q and identity %08x", text, v.Name(), v.KeyHash())
		}
	})
}
