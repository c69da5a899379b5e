package export

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"huikan/internal/kernel/actor"
	"huikan/internal/kernel/clock"
	"huikan/internal/kernel/fault"
	"huikan/internal/kernel/id"
	"huikan/internal/platform/access"
	"huikan/internal/platform/audit"
	"huikan/internal/platform/db"
	"huikan/internal/platform/sheet"
	"huikan/internal/platform/vault"
)

// Schema has the table of the files.
//
//go:embed schema/*.sql
var Schema embed.FS

// Tables are those of this package, for the log.
var Tables = []string{"export_file"}

// Deps is what the service needs.
type Deps struct {
	Log    *audit.Log
	Policy *access.Policy
	Clock  clock.Clock
	Files  *vault.Store // of its own, not that of the evidence
}

// Service makes files and keeps them.
type Service struct {
	Deps
	ctx  context.Context // of the jobs
	stop context.CancelFunc
	all  sync.WaitGroup
	turn chan struct{}

	mu   sync.Mutex
	jobs map[id.ID]*job
}

// job is one that waits or runs in this process.
type job struct {
	cancel context.CancelFunc
	lines  atomic.Int64 // expected; 0 as long as they are not counted
	done   atomic.Int64
}

// New makes the service; Close ends its jobs.
func New(d Deps) *Service {
	s := &Service{Deps: d, turn: make(chan struct{}, atOnce), jobs: map[id.ID]*job{}}
	s.ctx, s.stop = context.WithCancel(context.Background())
	return s
}

// Close stops the jobs and waits until none uses the database any more.
func (s *Service) Close() {
	s.stop()
	s.all.Wait()
}

// write writes a table in a format.
func write(w io.Writer, format string, t sheet.Table) error {
	if format == "csv" {
		return sheet.WriteCSV(w, t)
	}
	return sheet.WriteXLSX(w, t)
}

// now makes a small file while the asker waits.
func now(ctx context.Context, a Ask) (*bytes.Buffer, error) {
	var b bytes.Buffer
	err := a.Make(ctx, func(t sheet.Table) error { return write(&b, a.Format, t) })
	return &b, err
}

// Ask starts a job, or gives the one that runs for the same address. explain says
// a fault in the asker's language.
func (s *Service) Ask(ctx context.Context, who actor.Actor, address string, a Ask, explain func(error) string) (f File, err error) {
	if who.Account == "" {
		return f, fault.Denied("page", "export: no account")
	}
	at := s.Clock.Now()
	f = File{ID: id.New(), Account: who.Account, Action: a.Action, Title: a.Title, Format: a.Format, Address: address, State: Running,
		Made: clock.Instant(at), Until: clock.Instant(at.Add(keep))}
	var old []File
	asked, same := f, false
	err = s.Log.Write(ctx, who, "export.ask", func(tx *audit.Tx) error {
		old, f, same = nil, asked, false // it may run more than once
		list, err := filesOf(ctx, tx, who.Account)
		if err != nil {
			return err
		}
		open := 0
		for _, x := range list {
			if s.told(x).State == Running {
				if open++; x.Address == address {
					f, same = x, true
				}
			}
		}
		if same {
			tx.Note("again", string(f.ID))
			return nil
		}
		if open >= pending {
			return fault.Limit("export.many", pending)
		}
		for _, x := range list[min(len(list), kept-1):] {
			if s.told(x).State != Running {
				old = append(old, x)
			}
		}
		for _, x := range old {
			if err := deleteFile(ctx, tx, x.ID); err != nil {
				return err
			}
		}
		if f.Footing, err = access.Footing(ctx, tx, who); err != nil {
			return err
		}
		return insertFile(ctx, tx, f)
	})
	if err != nil || same {
		return f, err
	}
	if err := s.forget(ctx, old); err != nil {
		slog.Error("old exports were not removed", "err", err)
	}
	s.start(who, f, a, explain)
	return f, nil
}

func (s *Service) start(who actor.Actor, f File, a Ask, explain func(error) string) {
	ctx, cancel := context.WithTimeout(s.ctx, longest)
	j := &job{cancel: cancel}
	s.mu.Lock()
	s.jobs[f.ID] = j
	s.mu.Unlock()
	s.all.Go(func() {
		defer func() {
			cancel()
			s.mu.Lock()
			delete(s.jobs, f.ID)
			s.mu.Unlock()
		}()
		select {
		case s.turn <- struct{}{}:
			defer func() { <-s.turn }()
		case <-ctx.Done():
			return
		}
		made, err := s.make(ctx, j, f, a)
		if s.ctx.Err() != nil {
			return // the program ends: the file is told as cut off
		}
		if f = made; err != nil {
			f.State, f.Trouble = Failed, explain(err)
			if _, ok := fault.Of(err); !ok && ctx.Err() == nil {
				slog.Error("an export failed", "export", f.ID, "err", err)
			}
		}
		if err := s.end(who, f); err != nil {
			slog.Error("the end of an export was not noted", "export", f.ID, "err", err)
		}
	})
}

// make writes the file into the vault as it grows.
func (s *Service) make(ctx context.Context, j *job, f File, a Ask) (_ File, err error) {
	n, err := a.Count(ctx, 1<<20)
	if err != nil {
		return f, err
	}
	j.lines.Store(int64(n))
	pr, pw := io.Pipe()
	go func() {
		defer func() {
			if p := recover(); p != nil {
				slog.Error("panic in an export", "panic", p, "stack", string(debug.Stack()))
				pw.CloseWithError(errors.New("panic in an export"))
			}
		}()
		pw.CloseWithError(a.Make(ctx, func(t sheet.Table) error {
			if rows := t.Rows; rows != nil {
				t.Rows = func(yield func([]string) bool) {
					for r := range rows {
						if ctx.Err() != nil || !yield(r) {
							return
						}
						j.done.Add(1)
					}
				}
			}
			if err := write(pw, a.Format, t); err != nil {
				return err
			}
			return ctx.Err()
		}))
	}()
	stored, err := s.Files.Keep(ctx, f.name(), pr)
	_ = pr.CloseWithError(io.ErrClosedPipe) // a writer that is still at it ends
	if err != nil {
		return f, err
	}
	f.State, f.Hash, f.Size, f.Lines = Ready, stored.Hash, stored.Size, int(j.done.Load())
	return f, nil
}

// end notes the end; a file that its owner removed meanwhile is thrown away.
func (s *Service) end(who actor.Actor, f File) error {
	ctx := context.WithoutCancel(s.ctx)
	there := false
	err := s.Log.Write(ctx, who, "export.made", func(tx *audit.Tx) (err error) {
		if there, err = endFile(ctx, tx, f); err == nil {
			tx.Note("export", string(f.ID))
			tx.Note("state", f.State)
			tx.Note("lines", f.Lines)
		}
		return err
	})
	if err != nil || there {
		return err
	}
	return s.forget(ctx, []File{f})
}

// told says what is known of a file besides its row: how far its job is, and that
// a job is cut off.
func (s *Service) told(f File) File {
	if f.State != Running {
		return f
	}
	s.mu.Lock()
	j := s.jobs[f.ID]
	s.mu.Unlock()
	if j != nil {
		f.Done, f.Lines = int(j.done.Load()), int(j.lines.Load())
		return f
	}
	// Another replica may be at it, if there can be one.
	made, err := clock.ParseInstant(f.Made)
	if age := s.Clock.Now().Sub(made); err != nil || age > longest+time.Minute || s.Log.DB().Engine == db.SQLite && age > time.Minute {
		f.State = Failed
	}
	return f
}

// List gives the actor's own files, newest first.
func (s *Service) List(ctx context.Context, who actor.Actor) (out []File, err error) {
	if who.Account == "" {
		return nil, nil
	}
	err = s.Log.DB().Read(ctx, func(q db.Q) (err error) { out, err = filesOf(ctx, q, who.Account); return err })
	at := clock.Instant(s.Clock.Now())
	out = slices.DeleteFunc(out, func(f File) bool { return f.Until < at })
	for i, f := range out {
		out[i] = s.told(f)
	}
	return out, err
}

// Get gives one file of the actor's own.
func (s *Service) Get(ctx context.Context, who actor.Actor, n id.ID) (f File, err error) {
	err = s.Log.DB().Read(ctx, func(q db.Q) (err error) { f, err = s.own(ctx, q, who, n); return err })
	return s.told(f), err
}

func (s *Service) own(ctx context.Context, q db.Q, who actor.Actor, n id.ID) (File, error) {
	list, err := filesWhere(ctx, q, "id = $1", string(n))
	if err != nil {
		return File{}, err
	}
	if len(list) == 0 || who.Account == "" || list[0].Account != who.Account || list[0].Until < clock.Instant(s.Clock.Now()) {
		return File{}, fault.NotFound("export")
	}
	return list[0], nil
}

// Fetch gives the content to its owner, if he still may see what is in it.
func (s *Service) Fetch(ctx context.Context, who actor.Actor, n id.ID) (f File, body io.ReadCloser, err error) {
	f, err = s.Get(ctx, who, n)
	if err != nil {
		return f, nil, err
	}
	if f.State != Ready {
		return f, nil, fault.State("export.not_ready")
	}
	footing := ""
	if err = s.Log.DB().Read(ctx, func(q db.Q) (err error) { footing, err = access.Footing(ctx, q, who); return err }); err != nil {
		return f, nil, err
	}
	if !s.Policy.Ever(who, f.Action) || footing != f.Footing {
		if err := s.Remove(ctx, who, n); err != nil {
			return f, nil, err
		}
		return f, nil, fault.State("export.stale")
	}
	if body, err = s.Files.Open(f.Hash); err != nil {
		return f, nil, err
	}
	err = s.Log.Write(ctx, who, "export.fetch", func(tx *audit.Tx) error {
		tx.Note("export", string(f.ID))
		tx.Note("sha256", f.Hash)
		tx.Note("lines", f.Lines)
		return fetchedFile(ctx, tx, f.ID)
	})
	if err != nil {
		return f, nil, errors.Join(err, body.Close())
	}
	return f, body, nil
}

// Remove takes a file away, and stops its job.
func (s *Service) Remove(ctx context.Context, who actor.Actor, n id.ID) error {
	var f File
	err := s.Log.Write(ctx, who, "export.remove", func(tx *audit.Tx) (err error) {
		if f, err = s.own(ctx, tx, who, n); err != nil {
			return err
		}
		return deleteFile(ctx, tx, n)
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	if j := s.jobs[n]; j != nil {
		j.cancel()
	}
	s.mu.Unlock()
	return s.forget(ctx, []File{f})
}

// forget removes the content of files whose rows are gone, unless another row
// names the same content.
func (s *Service) forget(ctx context.Context, list []File) error {
	var failed error
	for _, f := range list {
		if f.Hash == "" {
			continue
		}
		var others []File
		err := s.Log.DB().Read(ctx, func(q db.Q) (err error) { others, err = filesWhere(ctx, q, "hash = $1 LIMIT 1", f.Hash); return err })
		if err == nil && len(others) == 0 {
			err = s.Files.Remove(f.Hash)
		}
		failed = errors.Join(failed, err)
	}
	return failed
}

// sweepAtOnce bounds the rows of one entry of the log.
const sweepAtOnce = 500

// Sweep removes files whose time is over, and content that no row names (a stop
// between the two leaves some).
func (s *Service) Sweep(ctx context.Context) error {
	at := s.Clock.Now()
	for {
		var over []File
		err := s.Log.DB().Read(ctx, func(q db.Q) (err error) {
			over, err = filesWhere(ctx, q, "until_at < $1 ORDER BY until_at LIMIT $2", clock.Instant(at), sweepAtOnce)
			return err
		})
		if err != nil || len(over) == 0 {
			return errors.Join(err, s.strays(ctx, at))
		}
		err = s.Log.Write(ctx, actor.Program("exports"), "export.over", func(tx *audit.Tx) error {
			for _, f := range over {
				if err := deleteFile(ctx, tx, f.ID); err != nil {
					return err
				}
			}
			return nil
		})
		if err = errors.Join(err, s.forget(ctx, over)); err != nil {
			return err
		}
	}
}

func (s *Service) strays(ctx context.Context, at time.Time) error {
	return s.Files.Each(func(hash string) error {
		info, err := os.Stat(s.Files.Path(hash))
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || at.Sub(info.ModTime()) < keep {
			return err
		}
		return s.forget(ctx, []File{{Hash: hash}})
	})
}
