package private

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// Entry is a line of the holder's log of evaluations. Each is signed and names the digest of the one before, so that none
// can be changed or taken out of the middle by somebody without the key.
type Entry struct {
	N         int            `json:"n"`
	Time      time.Time      `json:"time"`
	Event     string         `json:"event"` // key, rotated, evaluated
	Key       string         `json:"key"`
	Offer     string         `json:"offer,omitempty"`
	Asked     map[string]int `json:"asked,omitempty"` // elements by key
	Today     int            `json:"today,omitempty"` // evaluated on this day, these included
	Quota     int            `json:"quota"`
	Before    string         `json:"before"` // digest of the line before
	Signature string         `json:"signature"`
}

// Events of the log.
const (
	EventKey       = "key"
	EventRotated   = "rotated"
	EventEvaluated = "evaluated"
)

// Log is a log that was read and found whole.
type Log struct {
	Entries []Entry
	last    string
	lines   [][]byte // written since
}

func (e *Entry) signed() ([]byte, error) {
	c := *e
	c.Signature = ""
	b, err := json.Marshal(&c)
	if err != nil {
		return nil, err
	}
	return append([]byte("huikan-psi-log-1\n"), b...), nil
}

// ReadLog reads a log and checks every line of it; an empty one is whole only before the first line was written.
func ReadLog(file string, r io.Reader, verify ed25519.PublicKey) (*Log, error) {
	l := &Log{}
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 0, 4096), maxHeader)
	for sc.Scan() {
		at := fmt.Sprintf("line %d", len(l.Entries)+1)
		var e Entry
		d := json.NewDecoder(bytes.NewReader(sc.Bytes()))
		d.DisallowUnknownFields()
		if err := d.Decode(&e); err != nil {
			return nil, refuse(file, at, ProblemLog, err.Error())
		}
		signed, err := e.signed()
		if err != nil {
			return nil, err
		}
		sig, err := base64.StdEncoding.DecodeString(e.Signature)
		if err != nil || e.N != len(l.Entries)+1 || e.Before != l.last || !ed25519.Verify(verify, signed, sig) {
			return nil, refuse(file, at, ProblemLog, "signature")
		}
		l.last = digest(sc.Bytes())
		l.Entries = append(l.Entries, e)
	}
	if err := sc.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, refuse(file, fmt.Sprintf("line %d", len(l.Entries)+1), ProblemLog, err.Error())
	} else if err != nil {
		return nil, err
	}
	if len(l.Entries) == 0 {
		return nil, refuse(file, "line 1", ProblemLog, "empty")
	}
	return l, nil
}

// NewLog is the log of a key that was just made.
func NewLog(k *Key, now time.Time) (*Log, error) {
	l := &Log{}
	return l, l.add(k, Entry{Event: EventKey}, now)
}

// Rotated notes that the key was changed.
func (l *Log) Rotated(k *Key, now time.Time) error {
	return l.add(k, Entry{Event: EventRotated}, now)
}

// evaluated notes what will be evaluated, or refuses it.
func (l *Log) evaluated(k *Key, o *Offer, now time.Time) error {
	asked, all := map[string]int{}, 0
	for _, p := range o.head.Keys {
		asked[p.Key] = p.Count
		all += p.Count
	}
	y, m, d := now.Date()
	today := 0
	for _, e := range l.Entries {
		if ey, em, ed := e.Time.In(now.Location()).Date(); e.Event == EventEvaluated && ey == y && em == m && ed == d {
			for _, n := range e.Asked {
				today += n
			}
		}
	}
	if all > k.Quota-today {
		return refuse(o.file, "header", ProblemQuota, all, k.Quota, max(0, k.Quota-today))
	}
	return l.add(k, Entry{Event: EventEvaluated, Offer: o.head.ID, Asked: asked, Today: today + all}, now)
}

func (l *Log) add(k *Key, e Entry, now time.Time) error {
	e.N, e.Time, e.Key, e.Quota, e.Before = len(l.Entries)+1, now, k.ID, k.Quota, l.last
	signed, err := e.signed()
	if err != nil {
		return err
	}
	e.Signature = base64.StdEncoding.EncodeToString(ed25519.Sign(k.sign, signed))
	line, err := json.Marshal(&e)
	if err != nil {
		return err
	}
	l.last = digest(line)
	l.Entries = append(l.Entries, e)
	l.lines = append(l.lines, append(line, '\n'))
	return nil
}

// Flush writes what is new; it must be on the disk before an answer is made.
func (l *Log) Flush(w io.Writer) error {
	for len(l.lines) > 0 {
		if _, err := w.Write(l.lines[0]); err != nil {
			return err
		}
		l.lines = l.lines[1:]
	}
	return nil
}

// Verifier is the key that the signatures of a holder are checked with.
func (k *Key) Verifier() ed25519.PublicKey { return k.sign.Public().(ed25519.PublicKey) }

// Verifier is the key that the signatures of a holder are checked with.
func (c *Commitment) Verifier() ed25519.PublicKey { return c.verify }

func digest(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}
