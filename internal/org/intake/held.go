package intake

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
)

const (
	keepFor = 30 * time.Minute // between the preview and the import
	maxHeld = 16               // files of all accounts together
)

// held is a file between its preview and its import.
type held struct {
	account id.ID
	name    string
	reason  string // for which the table is taken, where one is asked for
	path    string
	size    int64
	until   time.Time
}

// store keeps uploaded files for a short while: one for each account, in the
// system's folder for temporary files, readable by the owner of the process only.
type store struct {
	clock clock.Clock
	mu    sync.Mutex
	files map[string]held
}

// put keeps a file and gives the word by which its account gets it back.
func (s *store) put(account id.ID, name, reason string, r io.Reader) (token string, err error) {
	f, err := os.CreateTemp("", "huikan-import-*")
	if err != nil {
		return "", fault.Unavailable("error.upload").With(err)
	}
	n, err := io.Copy(f, io.LimitReader(r, MaxFile+1))
	if err = errors.Join(err, f.Close()); err == nil && n > MaxFile {
		err = fault.Limit("error.file_large", name, n>>20, MaxFile>>20)
	}
	if err != nil {
		return "", errors.Join(fmt.Errorf("keep %s: %w", name, err), os.Remove(f.Name()))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(account)
	if len(s.files) >= maxHeld {
		return "", errors.Join(fault.Unavailable("error.busy"), os.Remove(f.Name()))
	}
	token = rand.Text()
	s.files[token] = held{account: account, name: name, reason: reason, path: f.Name(), size: n, until: s.clock.Now().Add(keepFor)}
	return token, nil
}

// sweep drops what is too old, and what the account kept before.
func (s *store) sweep(account id.ID) {
	for token, h := range s.files {
		if h.account == account || s.clock.Now().After(h.until) {
			s.remove(token)
		}
	}
}

// remove forgets a file. One that the system has cleared away is gone as well.
func (s *store) remove(token string) {
	_ = os.Remove(s.files[token].path)
	delete(s.files, token)
}

// open gives a kept file back to its account only.
func (s *store) open(account id.ID, token string) (*os.File, held, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h, ok := s.files[token]
	if !ok || h.account != account || s.clock.Now().After(h.until) {
		return nil, held{}, fault.State("intake.gone")
	}
	f, err := os.Open(h.path)
	if err != nil {
		return nil, held{}, fault.State("intake.gone").With(err)
	}
	return f, h, nil
}

func (s *store) drop(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(token)
}

// Held keeps uploads between preview and import for rooms whose import has a
// shape of its own.
type Held struct{ s *store }

// NewHeld makes an empty keep.
func NewHeld(c clock.Clock) *Held { return &Held{&store{clock: c, files: map[string]held{}}} }

// Put keeps a file for an account and gives the word by which it comes back.
func (h *Held) Put(account id.ID, name string, r io.Reader) (string, error) {
	return h.s.put(account, name, "", r)
}

// Open gives a kept file back to its account only.
func (h *Held) Open(account id.ID, token string) (f *os.File, name string, size int64, err error) {
	f, x, err := h.s.open(account, token)
	return f, x.name, x.size, err
}

// Drop forgets a kept file.
func (h *Held) Drop(token string) { h.s.drop(token) }
