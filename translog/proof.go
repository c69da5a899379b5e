package translog

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Proof shows, without the server, that an entry stands in a log: its index, its
// audit path and the signed checkpoint that the path leads to. As a file
// (".tlog-proof") it is the receipt that a person keeps.
type Proof struct {
	Index      int64
	Hashes     []Hash // audit path, lowest sibling first
	Checkpoint []byte // signed note, with all its signatures
	Extra      []byte // free data for the application; NOT covered by the proof; nil = no line
}

const (
	proofHeader = "c2sp.org/tlog-proof@v1\n"
	// maxProofHashes: a path is as long as the tree is high; MaxSize is 2^60.
	maxProofHashes = 60
	maxExtra       = 64 << 10
)

// MarshalProof gives the C2SP tlog-proof text.
func MarshalProof(p Proof) ([]byte, error) {
	if p.Index < 0 || p.Index >= MaxSize || len(p.Hashes) > maxProofHashes || len(p.Extra) > maxExtra {
		return nil, fmt.Errorf("proof of entry %d: %w", p.Index, ErrRange)
	}
	if _, _, err := splitNote(p.Checkpoint); err != nil {
		return nil, fmt.Errorf("proof of entry %d: %w", p.Index, err)
	}
	var b bytes.Buffer
	b.WriteString(proofHeader)
	if p.Extra != nil {
		fmt.Fprintf(&b, "extra %s\n", base64.StdEncoding.EncodeToString(p.Extra))
	}
	fmt.Fprintf(&b, "index %d\n", p.Index)
	for _, h := range p.Hashes {
		fmt.Fprintf(&b, "%s\n", h)
	}
	b.WriteByte('\n')
	b.Write(p.Checkpoint)
	return b.Bytes(), nil
}

// ParseProof reads a tlog-proof text. It judges the form only; Proof.Verify
// judges the truth.
func ParseProof(text []byte) (Proof, error) {
	bad := func(what string) (Proof, error) {
		return Proof{}, fmt.Errorf("proof: %s: %w", what, ErrFormat)
	}
	rest, ok := bytes.CutPrefix(text, []byte(proofHeader))
	if !ok {
		return bad("first line")
	}
	if len(text) > maxCheckpoint+2*maxExtra {
		return bad("too long")
	}
	head, checkpoint, ok := bytes.Cut(rest, []byte("\n\n"))
	if !ok {
		return bad("no empty line before the checkpoint")
	}
	if _, _, err := splitNote(checkpoint); err != nil {
		return Proof{}, fmt.Errorf("proof: %w", err)
	}
	p := Proof{Hashes: []Hash{}, Checkpoint: bytes.Clone(checkpoint)}
	lines := strings.Split(string(head), "\n")
	if b64, found := strings.CutPrefix(lines[0], "extra "); found {
		extra, err := decodeBase64(b64)
		if err != nil || len(extra) > maxExtra {
			return bad("extra line")
		}
		p.Extra = extra
		lines = lines[1:]
	}
	if len(lines) == 0 || len(lines)-1 > maxProofHashes {
		return bad("number of lines")
	}
	num, found := strings.CutPrefix(lines[0], "index ")
	index, err := parseNumber(num)
	if !found || err != nil || index >= MaxSize {
		return bad("index line")
	}
	p.Index = index
	for _, line := range lines[1:] {
		h, err := parseHash(line)
		if err != nil {
			return Proof{}, fmt.Errorf("proof: %w", err)
		}
		p.Hashes = append(p.Hashes, h)
	}
	return p, nil
}

// Verify checks that entry stands at p.Index in the log of this origin and key.
// An empty origin stands for the key's name. Extra is not covered.
func (p Proof) Verify(entry []byte, origin string, v note.Verifier) error {
	return p.VerifyLeaf(LeafHash(entry), origin, v)
}

// VerifyLeaf is Verify for whoever holds the leaf hash only, and for more than
// one required signature (the log's key first, then witnesses).
func (p Proof) VerifyLeaf(leaf Hash, origin string, verifiers ...note.Verifier) error {
	c, err := OpenCheckpoint(p.Checkpoint, origin, verifiers...)
	if err != nil {
		return fmt.Errorf("proof of entry %d: %w", p.Index, err)
	}
	return CheckInclusion(p.Hashes, c.Size, c.Root, p.Index, leaf)
}
