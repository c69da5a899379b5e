package lot_test

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"testing"

	"huikan/internal/kernel/lot"
)

// The rule as it is published, written a second time.
func again(algorithm, label, seed string, m int) int {
	for i := uint64(0); ; i++ {
		b := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(algorithm+"\n"+label+"\n"+seed+"\n"), i))
		for k := 0; k < len(b); k += 8 {
			w := binary.BigEndian.Uint64(b[k:])
			if limit := ^uint64(0) - (^uint64(0)%uint64(m)+1)%uint64(m); w <= limit {
				return int(w % uint64(m))
			}
		}
	}
}

func TestAnybodyRepeatsTheDraw(t *testing.T) {
	for _, m := range []int{1, 2, 3, 7, 100, 1 << 40} {
		for _, seed := range []string{"a", "b", "种子"} {
			if got, want := lot.New("alg-v1", "order", []byte(seed)).Below(m), again("alg-v1", "order", seed, m); got != want {
				t.Errorf("below %d with %q: %d, by the rule %d", m, seed, got, want)
			}
		}
	}
	list := []string{"1", "2", "3", "4", "5", "6", "7", "8"}
	a, b := lot.Sample("alg-v1", []byte("s"), list, 3), lot.Sample("alg-v1", []byte("s"), list, 3)
	if len(a) != 3 || !slices.Equal(a, b) || slices.Equal(a, lot.Sample("alg-v1", []byte("t"), list, 3)) && slices.Equal(a, lot.Sample("alg-v1", []byte("u"), list, 3)) {
		t.Errorf("%v, %v", a, b)
	}
	if len(lot.Sample("alg-v1", []byte("s"), list, 20)) != 8 || len(lot.Sample("alg-v1", []byte("s"), list, -1)) != 0 {
		t.Error("more or fewer than there are")
	}
}

// Every one of eight has the same chance: 200 draws of 2 each give 50 on average;
// 22 is more than four standard deviations.
func TestNobodyIsFavoured(t *testing.T) {
	count := map[int]int{}
	for i := range 200 {
		for _, x := range lot.Sample("alg-v1", binary.BigEndian.AppendUint64(nil, uint64(i)), []int{0, 1, 2, 3, 4, 5, 6, 7}, 2) {
			count[x]++
		}
	}
	for x := range 8 {
		if count[x] < 28 || count[x] > 78 {
			t.Errorf("%d was drawn %d times", x, count[x])
		}
	}
}

func TestCommitmentBindsSeedSaltAndDomain(t *testing.T) {
	a := lot.Commitment("d", "seed", "salt")
	for _, other := range []string{lot.Commitment("d", "salt", "seed"), lot.Commitment("e", "seed", "salt"), lot.Commitment("d", "seed2", "salt")} {
		if a == other {
			t.Error("two draws have one commitment")
		}
	}
	s, p, err := lot.Fresh()
	if err != nil || len(s) != 64 || len(p) != 64 || s == p {
		t.Errorf("%q %q %v", s, p, err)
	}
}
