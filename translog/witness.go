package translog

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"
)

// maxWitnessProof is the number of proof lines that a request may have (C2SP tlog-witness).
const maxWitnessProof = 63

// The statuses of HTTP that a witness answers with; written here so that an
// offline verifier does not link the whole of net/http.
const (
	statusOK            = 200
	statusBadRequest    = 400
	statusForbidden     = 403
	statusNotFound      = 404
	statusConflict      = 409
	statusUnprocessable = 422
)

// WitnessStore remembers the last cosigned state of each log.
type WitnessStore interface {
	// Last gives the last state that was cosigned for origin. A log that was
	// never cosigned has size 0 and EmptyRoot.
	Last(origin string) (size int64, root Hash, err error)
	// Advance keeps next and its signed text durably if the size on record for
	// the origin is still old, in one atomic step, and says whether it was.
	// Without the comparison two requests could roll the record back.
	Advance(old int64, next Checkpoint, signed []byte) (kept bool, err error)
}

// Witness is what a witness knows of itself.
type Witness struct {
	Cosigner *Cosigner
	// Keys lists the trusted keys of a log; empty for an unknown origin.
	Keys func(origin string) []Verifier
}

// WitnessAnswer is the HTTP answer to an add-checkpoint request.
type WitnessAnswer struct {
	Status      int
	ContentType string // empty for text/plain
	Body        []byte
	// Misbehaviour is set when a checkpoint that the log really signed is not
	// consistent with an earlier one. The request is evidence: keep it.
	Misbehaviour bool
}

// AddCheckpointRequest is the body of an add-checkpoint request.
type AddCheckpointRequest struct {
	Old        int64  // size that the witness is thought to have cosigned last
	Proof      []Hash // consistency proof from Old
	Checkpoint []byte // signed note
}

// Marshal gives the body of the request.
func (q AddCheckpointRequest) Marshal() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "old %d\n", q.Old)
	for _, h := range q.Proof {
		fmt.Fprintf(&b, "%s\n", h)
	}
	b.WriteByte('\n')
	b.Write(q.Checkpoint)
	return b.Bytes()
}

// ParseAddCheckpoint reads the body of a request.
func ParseAddCheckpoint(body []byte) (AddCheckpointRequest, error) {
	q := AddCheckpointRequest{Proof: []Hash{}}
	head, checkpoint, ok := bytes.Cut(body, []byte("\n\n"))
	if !ok || len(head) > 4096 {
		return q, fmt.Errorf("add-checkpoint request: %w", ErrFormat)
	}
	if _, _, err := splitNote(checkpoint); err != nil {
		return q, err
	}
	lines := strings.Split(string(head), "\n")
	num, ok := strings.CutPrefix(lines[0], "old ")
	if !ok || len(lines)-1 > maxWitnessProof {
		return q, fmt.Errorf("add-checkpoint request: %w", ErrFormat)
	}
	var err error
	if q.Old, err = parseNumber(num); err != nil {
		return q, err
	}
	for _, line := range lines[1:] {
		h, err := parseHash(line)
		if err != nil {
			return q, err
		}
		q.Proof = append(q.Proof, h)
	}
	q.Checkpoint = bytes.Clone(checkpoint)
	return q, nil
}

// AddCheckpoint answers an add-checkpoint request at the time now. The checks
// come in the order that C2SP tlog-witness lays down, because each answer may
// give away only what the ones before it allow. An error means that the store
// failed and nothing was signed.
func (w Witness) AddCheckpoint(body []byte, now time.Time, store WitnessStore) (WitnessAnswer, error) {
	q, err := ParseAddCheckpoint(body)
	if err != nil {
		return answer(statusBadRequest), nil
	}
	c, refusal := w.authentic(q)
	if refusal != 0 {
		return answer(refusal), nil
	}
	if q.Old > c.Size {
		return answer(statusBadRequest), nil
	}
	size, root, err := store.Last(c.Origin)
	if err != nil {
		return WitnessAnswer{}, fmt.Errorf("reading the last state of %s: %w", c.Origin, err)
	}
	if q.Old != size {
		return conflict(size), nil
	}
	if CheckConsistency(q.Proof, q.Old, root, c.Size, c.Root) != nil {
		a := answer(statusUnprocessable)
		// With equal sizes two roots contradict each other. With different
		// sizes the proof may merely be spoilt: worth keeping all the same.
		a.Misbehaviour = true
		return a, nil
	}
	return w.cosign(q, c, now, store)
}

// authentic finds the origin, checks the signature and reads the checkpoint;
// refusal is 0 when all is good. One key of the log suffices: a log that changes
// its key has two for a while.
func (w Witness) authentic(q AddCheckpointRequest) (c Checkpoint, refusal int) {
	text, _, err := splitNote(q.Checkpoint)
	if err != nil {
		return c, statusBadRequest
	}
	origin, _, _ := bytes.Cut(text, []byte("\n"))
	keys := w.Keys(string(origin))
	if len(keys) == 0 {
		return c, statusNotFound
	}
	signed, err := SignedBy(q.Checkpoint, keys...)
	if err != nil || !slices.Contains(signed, true) {
		return c, statusForbidden
	}
	if c, err = parseBody(text); err != nil {
		return c, statusBadRequest
	}
	return c, 0
}

// cosign persists, then signs and answers: a signature that got out must never
// be ahead of the record.
func (w Witness) cosign(q AddCheckpointRequest, c Checkpoint, now time.Time, store WitnessStore) (WitnessAnswer, error) {
	full, err := AddSignature(q.Checkpoint, w.Cosigner.At(now))
	if err != nil {
		return WitnessAnswer{}, err
	}
	kept, err := store.Advance(q.Old, c, full)
	if err != nil {
		return WitnessAnswer{}, fmt.Errorf("keeping checkpoint %d of %s: %w", c.Size, c.Origin, err)
	}
	if !kept {
		size, _, err := store.Last(c.Origin)
		if err != nil {
			return WitnessAnswer{}, fmt.Errorf("reading the last state of %s: %w", c.Origin, err)
		}
		return conflict(size), nil
	}
	// AddSignature puts the new line last.
	_, lines, err := splitNote(full)
	if err != nil {
		return WitnessAnswer{}, err
	}
	return WitnessAnswer{Status: statusOK, Body: []byte(lines[len(lines)-1] + "\n")}, nil
}

func answer(status int) WitnessAnswer { return WitnessAnswer{Status: status} }

// conflict tells the log which size it has to prove from.
func conflict(size int64) WitnessAnswer {
	return WitnessAnswer{
		Status:      statusConflict,
		ContentType: "text/x.tlog.size",
		Body:        fmt.Appendf(nil, "%d\n", size),
	}
}

// AddCosignature puts the signature lines of a witness's answer under a signed
// checkpoint, after checking that they are the witness's.
func AddCosignature(signed, lines []byte, witness Verifier) ([]byte, error) {
	out := append(bytes.Clone(signed), lines...)
	ok, err := SignedBy(out, witness)
	if err != nil {
		return nil, err
	}
	if !ok[0] {
		return nil, fmt.Errorf("not signed by %s: %w", witness.Name(), ErrSignature)
	}
	return out, nil
}
