package app

import (
	"bufio"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"time"

	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/platform/ui"
	"huikan/internal/platform/web"
	"huikan/linkage"
	"huikan/linkage/private"
	"huikan/linkage/registers"
)

//go:embed psi/words.zh.json psi/words.en.json
var psiFiles embed.FS

// psiWords are the sentences of private matching.
func psiWords() map[string]map[string]string {
	sub, err := fs.Sub(psiFiles, "psi")
	if err != nil {
		panic(err)
	}
	return web.Words(sub)
}

// PSIConfig names the files of private matching; each command uses some of them.
type PSIConfig struct {
	Staff, Relatives, Lawyers string
	Commitment                string // public side of the holder's key
	Key, Log                  string // the holder's secret and his log of evaluations
	State                     string // the asker's secret
	Offer, Answer, Out        string
	Keys                      []string // keys to ask for
	Holder                    string
	Quota                     int
	Rotate                    bool
	Report, Model             string
	Explain                   bool
	Lang                      string
}

func (c PSIConfig) link() LinkConfig {
	return LinkConfig{Out: c.Out, Report: c.Report, Model: c.Model, Explain: c.Explain, Lang: c.Lang}
}

// say prints a sentence of the catalogue.
func (c PSIConfig) say(w io.Writer, key string, args ...any) error {
	set, err := ui.New()
	if err != nil {
		return err
	}
	if err := set.AddRoom("psi", noPages, psiWords()); err != nil {
		return err
	}
	_, err = fmt.Fprintln(w, set.Words().T(c.Lang, key, args...))
	return err
}

// psiError turns what private matching says into sentences: trouble with the other side's files ends with status 1, wrong
// files with 2.
func psiError(err error) error {
	var e *private.Error
	if !errors.As(err, &e) {
		return linkError(err)
	}
	args := append([]any{e.File, e.Place}, e.Args...)
	key := "psi.problem." + string(e.Problem)
	switch e.Problem {
	case private.ProblemQuota, private.ProblemRotated, private.ProblemProof, private.ProblemSignature, private.ProblemLabel, private.ProblemLog, private.ProblemChanged:
		return fault.State(key, args...).With(err)
	}
	return fault.Invalid(key, args...).With(err)
}

// ofFile gives a refusal the name of the file that the other package does not know.
func ofFile(err error, name string) error {
	var e *private.Error
	if errors.As(err, &e) {
		e.File = name
	}
	return psiError(err)
}

// readPSI opens a file and reads it; a secret one must be readable by its owner only.
func readPSI[T any](path string, secret bool, read func(string, io.Reader) (T, error)) (T, error) {
	var none T
	f, err := os.Open(path)
	if err != nil {
		return none, fileError(path, err)
	}
	defer f.Close()
	if secret && runtime.GOOS != "windows" {
		i, err := f.Stat()
		if err != nil {
			return none, fileError(path, err)
		}
		if i.Mode().Perm()&0o077 != 0 {
			return none, fault.Invalid("psi.readable", path)
		}
	}
	v, err := read(path, bufio.NewReader(f))
	if err != nil {
		return none, psiError(err)
	}
	return v, nil
}

// openPSI reads a large file through and leaves it open, because its parts are read again when they are needed; the caller
// closes it.
func openPSI[T any](path string, read func(string, io.ReaderAt) (T, error)) (v T, file io.Closer, err error) {
	f, err := os.Open(path)
	if err != nil {
		return v, nil, fileError(path, err)
	}
	if v, err = read(path, f); err != nil {
		_ = f.Close() // it was read only
		return v, nil, psiError(err)
	}
	return v, f, nil
}

// absent refuses to write over a secret.
func absent(path string) error {
	if _, err := os.Lstat(path); err == nil {
		return fault.Invalid("psi.exists", path)
	}
	return nil
}

func (c *PSIConfig) log() string {
	if c.Log == "" {
		c.Log = c.Key + ".log"
	}
	return c.Log
}

// lock keeps two commands from counting one quota at a time.
func (c *PSIConfig) lock() (func(), error) {
	path := c.log() + ".lock"
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fault.State("psi.locked", path)
	}
	if err != nil {
		return nil, fileError(path, err)
	}
	return func() { _ = os.Remove(path) }, f.Close()
}

// keep puts the new lines of a log on the disk.
func keep(l *private.Log, path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fileError(path, err)
	}
	if err := errors.Join(l.Flush(f), f.Sync(), f.Close()); err != nil {
		return fileError(path, err)
	}
	return nil
}

func (c *PSIConfig) readLog(k *private.Key) (*private.Log, error) {
	return readPSI(c.log(), false, func(path string, r io.Reader) (*private.Log, error) { return private.ReadLog(path, r, k.Verifier()) })
}

// PSIKey makes the holder's key and its public side, or puts a new one in its place.
func PSIKey(c PSIConfig, progress io.Writer) error {
	unlock, err := c.lock()
	if err != nil {
		return err
	}
	defer unlock()
	now := time.Now().In(clock.Beijing)
	var k *private.Key
	var l *private.Log
	if c.Rotate {
		if k, err = readPSI(c.Key, true, private.ReadKey); err != nil {
			return err
		}
		if l, err = c.readLog(k); err != nil {
			return err
		}
		if c.Quota > 0 {
			k.Quota = c.Quota
		}
		if err := errors.Join(k.Rotate(), l.Rotated(k, now)); err != nil {
			return err
		}
	} else {
		if err := errors.Join(absent(c.Key), absent(c.log())); err != nil {
			return err
		}
		if k, err = private.NewKey(c.Holder, c.Quota); err != nil {
			return err
		}
		if l, err = private.NewLog(k, now); err != nil {
			return err
		}
	}
	public, err := k.Commitment()
	if err != nil {
		return err
	}
	if err := keep(l, c.log()); err != nil {
		return err
	}
	if err := writeOut(c.Key, k.Write); err != nil {
		return err
	}
	if err := writeOut(c.Commitment, public.Write); err != nil {
		return err
	}
	return c.say(progress, "psi.key", k.ID, c.Commitment, k.Quota, c.Key)
}

// PSIOffer makes the asker's offer and keeps his state.
func PSIOffer(ctx context.Context, c PSIConfig, progress io.Writer) error {
	if err := absent(c.State); err != nil {
		return err
	}
	var keys []linkage.EqualKey
	for _, s := range c.Keys {
		k, ok := linkage.ParseEqualKey(s)
		if !ok {
			var all []string
			for k := range linkage.EqualKeys {
				all = append(all, k.String())
			}
			return fault.Invalid("psi.keys", s, strings.Join(all, ", "))
		}
		keys = append(keys, k)
	}
	commitment, err := readPSI(c.Commitment, false, private.ReadCommitment)
	if err != nil {
		return err
	}
	staff, relatives, reports, err := registers.Left(ctx, c.Staff, c.Relatives)
	if err != nil {
		return linkError(err)
	}
	if err := linkReport(reports, linkage.NewIndex(linkage.NewSet(registers.Rules()), nil), c.link(), progress); err != nil {
		return err
	}
	var st *private.State
	if err := writeOut(c.Offer, func(w io.Writer) (err error) {
		st, err = private.MakeOffer(ctx, commitment, []*linkage.Set{staff, relatives}, private.OfferOptions{Keys: keys}, w)
		return err
	}); err != nil {
		return ofFile(err, c.Staff+", "+c.Relatives)
	}
	if err := writeOut(c.State, st.Write); err != nil {
		return err
	}
	n := 0
	for _, k := range st.Keys {
		n += k.Count
	}
	return c.say(progress, "psi.offer", c.Offer, n, commitment.Holder, commitment.ID, c.State)
}

// PSIAnswer evaluates an offer under the holder's key and writes the answer.
func PSIAnswer(ctx context.Context, c PSIConfig, progress io.Writer) error {
	unlock, err := c.lock()
	if err != nil {
		return err
	}
	defer unlock()
	k, err := readPSI(c.Key, true, private.ReadKey)
	if err != nil {
		return err
	}
	l, err := c.readLog(k)
	if err != nil {
		return err
	}
	offer, file, err := openPSI(c.Offer, private.ReadOffer)
	if err != nil {
		return err
	}
	defer file.Close()
	lawyers, reports, err := registers.ReadFile(ctx, c.Lawyers, registers.PrivateLawyerColumns, nil, nil)
	if err != nil {
		return linkError(err)
	}
	if err := linkReport(reports, linkage.NewIndex(linkage.NewSet(registers.Rules()), nil), c.link(), progress); err != nil {
		return err
	}
	admitted, err := k.Admit(offer, l, time.Now().In(clock.Beijing))
	if err != nil {
		return psiError(err)
	}
	if err := keep(l, c.log()); err != nil {
		return err
	}
	var done *private.Answered
	if err := writeOut(c.Answer, func(w io.Writer) (err error) {
		done, err = admitted.Answer(ctx, lawyers, w)
		return err
	}); err != nil {
		var e *private.Error
		if errors.As(err, &e) && e.File == private.Register {
			return ofFile(err, c.Lawyers)
		}
		return psiError(err)
	}
	if done.Crowded > 0 {
		if err := c.say(progress, "psi.crowded", done.Crowded); err != nil {
			return err
		}
	}
	last := l.Entries[len(l.Entries)-1]
	return c.say(progress, "psi.answer", c.Answer, done.Evaluated, done.Records, last.Today, last.Quota, c.log())
}

// PSIOpen verifies an answer, opens what both sides have, scores it and writes the links.
func PSIOpen(ctx context.Context, c PSIConfig, progress io.Writer) error {
	r, found, reports, err := psiOpen(ctx, c)
	if err != nil {
		return err
	}
	if err := linkReport(reports, r.Index, c.link(), progress); err != nil {
		return err
	}
	if err := writeOut(c.Out, func(w io.Writer) error { return r.Write(w, c.link().language()) }); err != nil {
		return err
	}
	return c.say(progress, "psi.open", len(found.Hits), found.Records.Len(), found.Size, len(r.Links[0])+len(r.Links[1]), c.Out)
}

func psiOpen(ctx context.Context, c PSIConfig) (*registers.Result, *private.Found, []*linkage.Report, error) {
	fail := func(err error) (*registers.Result, *private.Found, []*linkage.Report, error) {
		return nil, nil, nil, psiError(err)
	}
	st, err := readPSI(c.State, true, private.ReadState)
	if err != nil {
		return fail(err)
	}
	offer, file, err := openPSI(c.Offer, private.ReadOffer)
	if err != nil {
		return fail(err)
	}
	defer file.Close()
	answer, file, err := openPSI(c.Answer, private.ReadAnswer)
	if err != nil {
		return fail(err)
	}
	defer file.Close()
	m, err := loadModel(c.Model)
	if err != nil {
		return fail(err)
	}
	staff, relatives, reports, err := registers.Left(ctx, c.Staff, c.Relatives)
	if err != nil {
		return fail(err)
	}
	found, err := st.Open(ctx, offer, answer, registers.Rules(), []*linkage.Set{staff, relatives})
	if err != nil {
		if e, ok := errors.AsType[*private.Error](err); ok && e.File == private.Register {
			e.File = c.Staff + ", " + c.Relatives
		}
		return fail(err)
	}
	r, err := psiRescore(ctx, staff, relatives, found, m)
	if err != nil {
		return fail(err)
	}
	return r, found, reports, nil
}

func psiRescore(ctx context.Context, staff, relatives *linkage.Set, found *private.Found, m *linkage.Model) (*registers.Result, error) {
	pairs := make([]registers.Pair, len(found.Hits))
	for i, h := range found.Hits {
		pairs[i] = registers.Pair{Source: h.Set, Left: h.Row, Right: h.Found}
	}
	return registers.Rescore(ctx, staff, relatives, found.Records, pairs, found.Size, m)
}

// PSILog checks the holder's log with the public side of the key and prints it.
func PSILog(c PSIConfig, out io.Writer) error {
	commitment, err := readPSI(c.Commitment, false, private.ReadCommitment)
	if err != nil {
		return err
	}
	l, err := readPSI(c.Log, false, func(path string, r io.Reader) (*private.Log, error) {
		return private.ReadLog(path, r, commitment.Verifier())
	})
	if err != nil {
		return err
	}
	for _, e := range l.Entries {
		if err := c.say(out, "psi.log."+e.Event, e.N, e.Time.Format(time.RFC3339), e.Key, e.Offer, e.Today, e.Quota); err != nil {
			return err
		}
	}
	return nil
}
