package translog

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
)

// Checkpoint names one state of one log: whoever signs it says that the tree of
// Size entries has this Root. The text form is that of C2SP tlog-checkpoint.
type Checkpoint struct {
	Origin string // the log, in the form of a URL without scheme
	Size   int64
	Root   Hash
}

// maxCheckpoint bounds a signed checkpoint. Post-quantum cosignatures take about
// 5 kB each and sixteen must fit, hence 128 KiB (security reference §1.4).
const maxCheckpoint = 128 << 10

// Marshal gives the text that is signed: origin, size in decimal, root in
// base64, each ended by a newline.
func (c Checkpoint) Marshal() ([]byte, error) {
	if err := checkOrigin(c.Origin); err != nil {
		return nil, err
	}
	if c.Size < 0 || c.Size > MaxSize {
		return nil, fmt.Errorf("checkpoint size %d: %w", c.Size, ErrRange)
	}
	return fmt.Appendf(nil, "%s\n%d\n%s\n", c.Origin, c.Size, c.Root), nil
}

// ParseCheckpoint reads the text form back. There is exactly one text for each
// checkpoint: extension lines, leading zeros and loose base64 are refused.
func ParseCheckpoint(text []byte) (Checkpoint, error) {
	c, err := parseBody(text)
	if err == nil && c.Size == 0 && c.Root != EmptyRoot() {
		err = fmt.Errorf("checkpoint of size 0 with a root that is not the empty one: %w", ErrFormat)
	}
	if err != nil {
		return Checkpoint{}, err
	}
	return c, nil
}

// parseBody judges the form only; a witness has to answer a checkpoint that
// contradicts itself otherwise than one that is none.
func parseBody(text []byte) (Checkpoint, error) {
	if len(text) > maxCheckpoint {
		return Checkpoint{}, fmt.Errorf("checkpoint of %d bytes: %w", len(text), ErrFormat)
	}
	lines := strings.Split(string(text), "\n")
	if len(lines) != 4 || lines[3] != "" {
		return Checkpoint{}, fmt.Errorf("checkpoint must have exactly three lines: %w", ErrFormat)
	}
	if err := checkOrigin(lines[0]); err != nil {
		return Checkpoint{}, err
	}
	size, err := parseNumber(lines[1])
	if err != nil {
		return Checkpoint{}, fmt.Errorf("checkpoint size: %w", err)
	}
	root, err := parseHash(lines[2])
	if err != nil {
		return Checkpoint{}, fmt.Errorf("checkpoint root: %w", err)
	}
	return Checkpoint{Origin: lines[0], Size: size, Root: root}, nil
}

// checkOrigin refuses what cannot stand as the first line of a signed note.
func checkOrigin(origin string) error {
	if origin == "" || !utf8.ValidString(origin) {
		return fmt.Errorf("origin %q: %w", origin, ErrFormat)
	}
	for _, r := range origin {
		if r < 0x20 || r == utf8.RuneError {
			return fmt.Errorf("origin %q: %w", origin, ErrFormat)
		}
	}
	return nil
}

// parseNumber reads a decimal in its one canonical form, 0 … MaxSize.
func parseNumber(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > MaxSize || s != strconv.FormatInt(n, 10) {
		return 0, fmt.Errorf("number %q: %w", clip(s), ErrFormat)
	}
	return n, nil
}

// parseHash reads base64 in its one canonical form. The library's decoder lets
// unused trailing bits and line ends pass, so the text is compared again.
func parseHash(s string) (Hash, error) {
	var h Hash
	data, err := decodeBase64(s)
	if err != nil || len(data) != HashSize {
		return h, fmt.Errorf("hash %q: %w", clip(s), ErrFormat)
	}
	copy(h[:], data)
	return h, nil
}

func decodeBase64(s string) ([]byte, error) {
	data, err := base64.StdEncoding.DecodeString(s)
	if err != nil || base64.StdEncoding.EncodeToString(data) != s {
		return nil, fmt.Errorf("base64 %q: %w", clip(s), ErrFormat)
	}
	return data, nil
}

// clip keeps hostile text out of messages beyond a short piece.
func clip(s string) string {
	const most = 60
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}

// SignCheckpoint signs c as a note with one signature. Further signatures
// (witnesses, a second algorithm) are added by AddSignature.
func SignCheckpoint(c Checkpoint, signer note.Signer) ([]byte, error) {
	text, err := c.Marshal()
	if err != nil {
		return nil, err
	}
	signed, err := note.Sign(&note.Note{Text: string(text)}, signer)
	if err != nil {
		return nil, fmt.Errorf("signing checkpoint %d of %s: %w", c.Size, c.Origin, err)
	}
	return signed, nil
}

// AddSignature puts one more signature under a signed checkpoint. The
// signatures that it has already are kept as they are, unjudged.
func AddSignature(signed []byte, signer note.Signer) ([]byte, error) {
	text, lines, err := splitNote(signed)
	if err != nil {
		return nil, err
	}
	extra, err := note.Sign(&note.Note{Text: string(text)}, signer)
	if err != nil {
		return nil, fmt.Errorf("adding a signature: %w", err)
	}
	_, added, err := splitNote(extra)
	if err != nil {
		return nil, err
	}
	out := append(bytes.Clone(text), '\n')
	for _, line := range lines {
		if sameKey(line, added[0]) {
			continue
		}
		out = append(append(out, line...), '\n')
	}
	return append(append(out, added[0]...), '\n'), nil
}

// sameKey says whether two signature lines are by the same key.
func sameKey(a, b string) bool {
	nameA, idA, okA := keyOfLine(a)
	nameB, idB, okB := keyOfLine(b)
	return okA && okB && nameA == nameB && idA == idB
}

// keyOfLine gives name and key identity of one signature line.
func keyOfLine(line string) (name string, id [4]byte, ok bool) {
	rest, found := strings.CutPrefix(line, "— ")
	name, b64, cut := strings.Cut(rest, " ")
	if !found || !cut {
		return "", id, false
	}
	sig, err := decodeBase64(b64)
	if err != nil || len(sig) < 5 {
		return "", id, false
	}
	copy(id[:], sig)
	return name, id, true
}

// splitNote separates the signed text from the signature lines and insists on
// the one form of each line. Without that, the unused bits at the end of a
// signature could be changed and the note would still open.
func splitNote(signed []byte) (text []byte, lines []string, err error) {
	if len(signed) > maxCheckpoint || !utf8.Valid(signed) {
		return nil, nil, fmt.Errorf("signed note: %w", ErrFormat)
	}
	at := bytes.LastIndex(signed, []byte("\n\n"))
	if at < 0 || !bytes.HasSuffix(signed, []byte("\n")) {
		return nil, nil, fmt.Errorf("signed note without signatures: %w", ErrFormat)
	}
	text = signed[:at+1]
	block := string(signed[at+2:])
	if block == "" {
		return nil, nil, fmt.Errorf("signed note without signatures: %w", ErrFormat)
	}
	lines = strings.Split(strings.TrimSuffix(block, "\n"), "\n")
	for _, line := range lines {
		if _, _, ok := keyOfLine(line); !ok {
			return nil, nil, fmt.Errorf("signature line %q: %w", clip(line), ErrFormat)
		}
	}
	return text, lines, nil
}

// OpenCheckpoint checks a signed checkpoint and returns what it says.
//
// Every verifier given must have signed, and at least one must be given: a log's
// key and a witness's key together mean "and", never "or", so that a list that
// grows cannot weaken the check. Signatures by other keys are ignored, as the
// note format demands. A policy of "k of n" asks SignedBy.
//
// An empty origin stands for the name of the first verifier: by C2SP a log's
// key bears the name of its origin.
func OpenCheckpoint(text []byte, origin string, verifiers ...note.Verifier) (Checkpoint, error) {
	if len(verifiers) == 0 {
		return Checkpoint{}, fmt.Errorf("no key to check the checkpoint with: %w", ErrSignature)
	}
	signed, err := SignedBy(text, verifiers...)
	if err != nil {
		return Checkpoint{}, err
	}
	for i, v := range verifiers {
		if !signed[i] {
			return Checkpoint{}, fmt.Errorf("not signed by %s: %w", v.Name(), ErrSignature)
		}
	}
	body, _, err := splitNote(text)
	if err != nil {
		return Checkpoint{}, err
	}
	c, err := ParseCheckpoint(body)
	if err != nil {
		return Checkpoint{}, err
	}
	if origin == "" {
		origin = verifiers[0].Name()
	}
	if c.Origin != origin {
		return Checkpoint{}, fmt.Errorf("checkpoint of %q, expected %q: %w", clip(c.Origin), origin, ErrOrigin)
	}
	return c, nil
}

// SignedBy tells for each verifier whether it signed the note. A line that bears
// a verifier's name and key identity but does not verify spoils the whole note.
func SignedBy(text []byte, verifiers ...note.Verifier) ([]bool, error) {
	if _, _, err := splitNote(text); err != nil {
		return nil, err
	}
	signed := make([]bool, len(verifiers))
	n, err := note.Open(text, note.VerifierList(verifiers...))
	if err != nil {
		if unsigned, ok := errors.AsType[*note.UnverifiedNoteError](err); ok && unsigned != nil {
			return signed, nil
		}
		return nil, fmt.Errorf("opening the note: %w: %w", ErrSignature, err)
	}
	for i, v := range verifiers {
		for _, s := range n.Sigs {
			if s.Name == v.Name() && s.Hash == v.KeyHash() {
				signed[i] = true
			}
		}
	}
	return signed, nil
}
