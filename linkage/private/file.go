package private

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"math"
)

// Problem is why something was refused; each has a sentence for people (psi.* in the catalogue of the command).
type Problem string

// Problems.
const (
	ProblemKind      Problem = "kind"      // no file of the kind
	ProblemHeader    Problem = "header"    // the header cannot be read, or names what cannot be
	ProblemShort     Problem = "short"     // the file ends early
	ProblemLong      Problem = "long"      // something stands behind the end
	ProblemDigest    Problem = "digest"    // the content is not what was written
	ProblemElement   Problem = "element"   // no group element
	ProblemReading   Problem = "reading"   // the other side reads names and numbers otherwise: another version
	ProblemKey       Problem = "key"       // made for another key
	ProblemRotated   Problem = "rotated"   // made for a key that is no longer used
	ProblemQuota     Problem = "quota"     // more than may be evaluated today
	ProblemLog       Problem = "log"       // the log is not whole
	ProblemProof     Problem = "proof"     // evaluated with another key than the committed one
	ProblemSignature Problem = "signature" // not signed by the holder of the key, or changed since
	ProblemLabel     Problem = "label"     // a label cannot be opened with the key that leads to it
	ProblemChanged   Problem = "changed"   // the registers are not those of the offer
	ProblemOffer     Problem = "offer"     // the answer is to another offer
	ProblemEmpty     Problem = "empty"     // nothing to ask or answer
	ProblemIDLong    Problem = "id_long"   // an identifier is too long for a label
)

// Register stands for the file where a refusal concerns the register that was handed in.
const Register = "register"

// Error tells what was refused and where.
type Error struct {
	File    string
	Place   string
	Problem Problem
	Args    []any
}

// Error is the text for those without a catalogue.
func (e *Error) Error() string {
	return fmt.Sprintf("private: %s: %s: %s %v", e.File, e.Place, e.Problem, e.Args)
}

func refuse(file, place string, p Problem, args ...any) error {
	return &Error{File: file, Place: place, Problem: p, Args: args}
}

const (
	offerMark  = "huikan-psi-offer 1\n"
	answerMark = "huikan-psi-answer 1\n"
	maxHeader  = 64 << 10
	maxCount   = 1 << 23 // elements, entries or records of one kind
)

// reader reads one file from the start, hashing what it reads.
type reader struct {
	file string
	b    *bufio.Reader
	sum  hash.Hash
	at   int64
}

func (r *reader) place() string { return fmt.Sprintf("byte %d", r.at) }

// source is a file whose parts are read when they are needed: what is held of it does not grow with it.
type source struct {
	file string
	in   io.ReaderAt
	size int64
}

// Size is how many bytes the file has.
func (s *source) Size() int64 { return s.size }

func newReader(file string, in io.ReaderAt, sum hash.Hash) *reader {
	return &reader{file: file, b: bufio.NewReaderSize(io.NewSectionReader(in, 0, math.MaxInt64), 1<<16), sum: sum}
}

// part reads n bytes at a place that was there when the file was checked.
func (s *source) part(at int64, n int) ([]byte, error) {
	b := make([]byte, n)
	switch got, err := s.in.ReadAt(b, at); {
	case got == n:
		return b, nil
	case err == io.EOF:
		return nil, refuse(s.file, fmt.Sprintf("byte %d", at+int64(got)), ProblemShort, n-got)
	default:
		return nil, fmt.Errorf("private: %s: byte %d: %w", s.file, at, err)
	}
}

// pass reads n bytes, keeps none and says where they began.
func (r *reader) pass(n int64) (at int64, err error) {
	at = r.at
	got, err := io.CopyN(r.sum, r.b, n)
	r.at += got
	if err == io.EOF {
		return at, refuse(r.file, r.place(), ProblemShort, n-got)
	}
	if err != nil {
		return at, fmt.Errorf("private: %s: byte %d: %w", r.file, r.at, err)
	}
	return at, nil
}

// take reads exactly n bytes and takes memory only as they come.
func (r *reader) take(n int64) ([]byte, error) {
	var buf bytes.Buffer
	got, err := io.CopyN(&buf, r.b, n)
	at := r.at
	r.at += got
	if err == io.EOF {
		return nil, refuse(r.file, r.place(), ProblemShort, n-got)
	}
	if err != nil {
		return nil, fmt.Errorf("private: %s: byte %d: %w", r.file, at, err)
	}
	r.sum.Write(buf.Bytes())
	return buf.Bytes(), nil
}

// header reads the mark of the kind and the line of JSON after it.
func (r *reader) header(mark string, to any) error {
	first, err := r.b.Peek(len(mark))
	if string(first) != mark {
		if err != nil && err != io.EOF {
			return fmt.Errorf("private: %s: %w", r.file, err)
		}
		return refuse(r.file, "byte 0", ProblemKind, mark[:len(mark)-1])
	}
	if _, err := r.take(int64(len(mark))); err != nil {
		return err
	}
	at := r.place()
	var line []byte
	for {
		c, err := r.b.ReadByte()
		if err == io.EOF {
			return refuse(r.file, r.place(), ProblemShort, 1)
		}
		if err != nil {
			return fmt.Errorf("private: %s: %w", r.file, err)
		}
		r.at++
		line = append(line, c)
		if c == '\n' {
			break
		}
		if len(line) > maxHeader {
			return refuse(r.file, at, ProblemHeader, "longer than 64 KiB")
		}
	}
	r.sum.Write(line)
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		return refuse(r.file, at, ProblemHeader, err.Error())
	}
	return nil
}

// end makes sure that nothing follows.
func (r *reader) end() error {
	if _, err := r.b.ReadByte(); err != io.EOF {
		return refuse(r.file, r.place(), ProblemLong)
	}
	return nil
}

// writer writes one file, hashing what it writes; the first error stays.
type writer struct {
	w   io.Writer
	sum hash.Hash
	err error
}

// put writes; who makes much out of much asks for the error, so that he ends early.
func (w *writer) put(b []byte) error {
	if w.err == nil {
		_, w.err = w.w.Write(b)
		w.sum.Write(b)
	}
	return w.err
}

func (w *writer) header(mark string, from any) {
	line, err := json.Marshal(from)
	if err != nil {
		w.err = err
		return
	}
	w.put([]byte(mark))
	w.put(append(line, '\n'))
}
