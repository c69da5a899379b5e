// Package lot draws by lot so that anybody can repeat the draw: numbers follow
// from a seed by SHA-256 alone, the seed is committed to before anybody can see
// what it draws, and published afterwards.
//
// The stream of an algorithm A and a label L is the concatenation of the blocks
// SHA-256(A + "\n" + L + "\n" + seed + "\n" + i), where i counts 0, 1, 2 … as an
// unsigned 64-bit big-endian number. It is read in words of 8 bytes, big-endian.
// A number below m is the word modulo m; words at or above the largest multiple
// of m are passed over, so that no value is favoured.
package lot

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
)

// Stream gives numbers from a seed, the same for ever.
type Stream struct {
	prefix []byte
	block  [sha256.Size]byte
	next   uint64
	used   int
}

// New is the stream of a label under an algorithm.
func New(algorithm, label string, seed []byte) *Stream {
	p := append([]byte(algorithm+"\n"+label+"\n"), seed...)
	return &Stream{prefix: append(p, '\n'), used: sha256.Size}
}

func (s *Stream) word() uint64 {
	if s.used == sha256.Size {
		s.block = sha256.Sum256(binary.BigEndian.AppendUint64(slices.Clone(s.prefix), s.next))
		s.next++
		s.used = 0
	}
	w := binary.BigEndian.Uint64(s.block[s.used:])
	s.used += 8
	return w
}

// Below gives a number in [0, m), each with the same chance.
func (s *Stream) Below(m int) int {
	n := uint64(m)
	r := -n % n // 2^64 mod n: the words above the largest multiple of n are passed over
	for {
		if w := s.word(); r == 0 || w < -r {
			return int(w % n)
		}
	}
}

// Shuffle goes from the last place down and swaps with a number below place+1.
func Shuffle[T any](s *Stream, list []T) {
	for i := len(list) - 1; i > 0; i-- {
		j := s.Below(i + 1)
		list[i], list[j] = list[j], list[i]
	}
}

// Sample draws n of a list in which the order is fixed (by id): the first n after
// a shuffle of the stream "order".
func Sample[T any](algorithm string, seed []byte, list []T, n int) []T {
	out := slices.Clone(list)
	Shuffle(New(algorithm, "order", seed), out)
	return out[:min(max(n, 0), len(out))]
}

// Commitment is the hash by which a seed is fixed before anybody can see what it
// draws: SHA-256 of domain + "\n" + salt + "\n" + seed + "\n".
func Commitment(domain, seed, salt string) string {
	h := sha256.Sum256([]byte(domain + "\n" + salt + "\n" + seed + "\n"))
	return hex.EncodeToString(h[:])
}

// Fresh makes a seed and a salt of 256 bits each.
func Fresh() (seed, salt string, err error) {
	b := make([]byte, 64)
	if _, err := rand.Read(b); err != nil {
		return "", "", fmt.Errorf("make seed: %w", err)
	}
	return hex.EncodeToString(b[:32]), hex.EncodeToString(b[32:]), nil
}
