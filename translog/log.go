package translog

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Hash is a SHA-256 value: of a leaf, of an interior node or of a tree.
type Hash = tlog.Hash

// HashSize is the length of a Hash in bytes.
const HashSize = tlog.HashSize

// HashReader gives stored hashes by their storage index; a table with the
// columns (index, hash) is enough. See tlog.HashReader for the contract.
type HashReader = tlog.HashReader

// HashReaderFunc makes a HashReader of a function.
type HashReaderFunc = tlog.HashReaderFunc

// MaxSize bounds the size of a tree. No institution fills it; it is here because
// the arithmetic of tlog overflows (and then never ends) above 1<<62, and a
// hostile text may name any number.
const MaxSize = 1 << 60

// The reasons for a refusal; errors.Is tells them apart.
var (
	// ErrFormat: the text or file is not in the one form that is allowed.
	ErrFormat = errors.New("malformed")
	// ErrRange: a size or an index lies outside the tree.
	ErrRange = errors.New("out of range")
	// ErrProof: the proof does not lead to the root.
	ErrProof = errors.New("proof does not hold")
	// ErrSignature: a required signature is missing or wrong.
	ErrSignature = errors.New("signature does not hold")
	// ErrOrigin: the checkpoint belongs to another log.
	ErrOrigin = errors.New("wrong origin")
)

// EmptyRoot is the root of the tree without entries: SHA-256 of nothing (RFC 6962 §2.1).
func EmptyRoot() Hash { return sha256.Sum256(nil) }

// LeafHash is the hash of one entry, SHA-256(0x00 ‖ entry) (RFC 6962 §2.1).
func LeafHash(entry []byte) Hash {
	return tlog.RecordHash(entry)
}

// NodeHash is the hash of an interior node, SHA-256(0x01 ‖ left ‖ right) (RFC 6962 §2.1).
func NodeHash(left, right Hash) Hash {
	return tlog.NodeHash(left, right)
}

// StoredCount is the number of hashes that a tree of size entries keeps. The
// hashes for the next entry are stored from this index on.
func StoredCount(size int64) int64 {
	return tlog.StoredHashCount(size)
}

// StoredIndex is the storage index of the node at the given level (0 = leaves)
// and position within the level.
func StoredIndex(level int, n int64) int64 {
	return tlog.StoredHashIndex(level, n)
}

// Append returns the hashes to store for entry number n, beginning at storage
// index StoredCount(n). It reads at most log₂ n earlier hashes.
func Append(n int64, entry []byte, r HashReader) ([]Hash, error) {
	return AppendHash(n, LeafHash(entry), r)
}

// AppendHash is Append for a caller that holds the leaf hash instead of the entry.
func AppendHash(n int64, leaf Hash, r HashReader) ([]Hash, error) {
	if n < 0 || n >= MaxSize {
		return nil, fmt.Errorf("appending entry %d: %w", n, ErrRange)
	}
	hashes, err := tlog.StoredHashesForRecordHash(n, leaf, r)
	if err != nil {
		return nil, fmt.Errorf("appending entry %d: %w", n, err)
	}
	return hashes, nil
}

// Root is the Merkle tree hash over the first size entries.
func Root(size int64, r HashReader) (Hash, error) {
	if size < 0 || size > MaxSize {
		return Hash{}, fmt.Errorf("root of size %d: %w", size, ErrRange)
	}
	root, err := tlog.TreeHash(size, r)
	if err != nil {
		return Hash{}, fmt.Errorf("root of size %d: %w", size, err)
	}
	return root, nil
}

// ProveInclusion gives the audit path of entry index in the tree of the given
// size (RFC 6962 §2.1.1), lowest sibling first.
func ProveInclusion(size, index int64, r HashReader) ([]Hash, error) {
	if size > MaxSize || index < 0 || index >= size {
		return nil, fmt.Errorf("proving entry %d of %d: %w", index, size, ErrRange)
	}
	p, err := tlog.ProveRecord(size, index, r)
	if err != nil {
		return nil, fmt.Errorf("proving entry %d of %d: %w", index, size, err)
	}
	return p, nil
}

// CheckInclusion says whether proof shows that the tree of the given size and
// root holds an entry with this leaf hash at index.
func CheckInclusion(proof []Hash, size int64, root Hash, index int64, leaf Hash) error {
	if size > MaxSize || index < 0 || index >= size {
		return fmt.Errorf("checking entry %d of %d: %w", index, size, ErrRange)
	}
	if tlog.CheckRecord(proof, size, root, index, leaf) != nil {
		return fmt.Errorf("checking entry %d of %d: %w", index, size, ErrProof)
	}
	return nil
}

// ProveConsistency gives the proof that the tree of size old is the beginning of
// the tree of the given size (RFC 6962 §2.1.2). From the empty tree, and from a
// tree to itself, the proof is empty.
func ProveConsistency(old, size int64, r HashReader) ([]Hash, error) {
	if old < 0 || old > size || size > MaxSize {
		return nil, fmt.Errorf("proving size %d within %d: %w", old, size, ErrRange)
	}
	if old == 0 {
		return []Hash{}, nil
	}
	p, err := tlog.ProveTree(size, old, r)
	if err != nil {
		return nil, fmt.Errorf("proving size %d within %d: %w", old, size, err)
	}
	return p, nil
}

// CheckConsistency says whether proof shows that the tree (old, oldRoot) is the
// beginning of the tree (size, root). A failure with two signed roots is a fork.
func CheckConsistency(proof []Hash, old int64, oldRoot Hash, size int64, root Hash) error {
	if old < 0 || old > size || size > MaxSize {
		return fmt.Errorf("checking size %d within %d: %w", old, size, ErrRange)
	}
	fail := fmt.Errorf("checking size %d within %d: %w", old, size, ErrProof)
	if size == 0 && root != EmptyRoot() {
		return fail
	}
	if old == 0 {
		// Everything extends the empty tree; there is nothing to prove, so a
		// proof that carries hashes is not one of ours.
		if len(proof) != 0 || oldRoot != EmptyRoot() {
			return fail
		}
		return nil
	}
	if tlog.CheckTree(proof, size, root, old, oldRoot) != nil {
		return fail
	}
	return nil
}
