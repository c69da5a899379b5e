package linkage

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
)

// What is done without branches or eight bytes at a time gives what the plain way gives.
func TestFastWaysAgreeWithThePlainOnes(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	for range 20000 {
		x := r.Uint64() & r.Uint64() & r.Uint64() // many digits of zero
		want := uint32(0)
		for i := range 16 {
			if x>>(4*i)&15 != 0 {
				want |= 1 << i
			}
		}
		if got := digitsSet(x); got != want {
			t.Fatalf("digits of %#x that are set: %#b, want %#b", x, got, want)
		}
	}
}

func FuzzSplitPlain(f *testing.F) {
	for _, s := range []string{"", ",", "a,b", ",,,,,,,,,,,", "张三,110101199001011237,,北京", "\x2b\x2c\x2d\x2c\xac\x2c,,,,abcdefg,"} {
		f.Add([]byte(s), byte(','))
	}
	f.Fuzz(func(t *testing.T, row []byte, delim byte) {
		got, want := splitPlain(row, delim, nil), bytes.Split(row, []byte{delim})
		if !slices.EqualFunc(got, want, bytes.Equal) {
			t.Errorf("%q by %q: %q, want %q", row, delim, got, want)
		}
	})
}
