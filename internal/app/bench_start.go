package app

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Goals of a start: an installation and a made-up demonstration to their first
// page, and what lies in memory afterwards.
const (
	startGoal = 300 * time.Millisecond
	demoGoal  = 5 * time.Second
	idleGoal  = 150 << 20
	idleAfter = 3 * time.Second // until what is got ready beside the first page is ready
)

// BenchStart starts this program again and again, on an installation without
// content and with the small demonstration, until the page of signing in is there.
func BenchStart(ctx context.Context, runs int, out io.Writer) error {
	dir, err := os.MkdirTemp("", "huikan-bench-")
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	defer os.RemoveAll(dir)
	t := newBenchTable(out, io.Discard, benchFigures...)
	data := filepath.Join(dir, "data")
	first, err := benchStarted(ctx, 0, "serve", "--data", data)
	if err != nil {
		return err
	}
	t.note("first start, which makes the database and the units", "", ms(first.took))
	var took []time.Duration
	for range max(1, runs) {
		s, err := benchStarted(ctx, 0, "serve", "--data", data)
		if err != nil {
			return err
		}
		took = append(took, s.took)
	}
	slices.Sort(took)
	size := fmt.Sprintf("%d starts", len(took))
	t.row("start to the first page, half of them", size, ms(took[len(took)/2]), "≤ "+ms(startGoal), took[len(took)/2] <= startGoal)
	t.note("the same, slowest", size, ms(took[len(took)-1]))
	s, err := benchStarted(ctx, idleAfter, "serve", "--data", data)
	if err != nil {
		return err
	}
	t.row("resident, idle", "", fmt.Sprintf("%d MB", s.memory>>20), fmt.Sprintf("≤ %d MB", idleGoal>>20), s.memory <= idleGoal)
	if s, err = benchStarted(ctx, idleAfter, "demo", "--json", "--data", filepath.Join(dir, "demo")); err != nil {
		return err
	}
	t.row("demonstration made up and started, to the first page", "small", seconds(s.took), "≤ "+seconds(demoGoal), s.took <= demoGoal)
	t.note("its resident memory, idle", "small", fmt.Sprintf("%d MB", s.memory>>20))
	return t.done()
}

type benchStart struct {
	took   time.Duration // from the start of the process to the last byte of the page
	memory int64         // resident after the time to settle
}

// benchStarted runs a command that serves, takes its first page, and ends it.
func benchStarted(ctx context.Context, settle time.Duration, args ...string) (s benchStart, err error) {
	self, err := os.Executable()
	if err != nil {
		return s, fmt.Errorf("bench: %w", err)
	}
	said, says := io.Pipe()
	cmd := exec.CommandContext(ctx, self, append(args, "--addr", "127.0.0.1:0")...)
	cmd.Stdout, cmd.Stderr = says, says // serve speaks on one, demo --json on the other
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return s, fmt.Errorf("bench: %w", err)
	}
	ended := make(chan error, 1)
	go func() {
		err := cmd.Wait()
		ended <- errors.Join(err, says.Close())
	}()
	lines := bufio.NewScanner(said)
	address := ""
	var last string
	for address == "" && lines.Scan() {
		last = lines.Text()
		address = addressOf(last)
	}
	go func() { _, _ = io.Copy(io.Discard, said) }() // the program must not wait for a reader
	if address == "" {
		return s, fmt.Errorf("bench: %s ended: %w: %s", args[0], <-ended, last)
	}
	if _, _, _, err = benchGet(ctx, http.DefaultClient, address+"/sign-in", 0); err == nil {
		s.took = time.Since(start)
		select {
		case <-ctx.Done():
		case <-time.After(settle):
		}
		s.memory = residentOf(cmd.Process.Pid)
	}
	if e := cmd.Process.Signal(syscall.SIGTERM); e != nil {
		return s, errors.Join(err, fmt.Errorf("bench: %w", e))
	}
	return s, errors.Join(err, <-ended)
}

// addressOf is the address in a line that says it: on its own, or as demo --json does.
func addressOf(line string) string {
	if strings.HasPrefix(line, "http") {
		return line
	}
	var r struct {
		Address string `json:"address"`
	}
	if json.Unmarshal([]byte(line), &r) != nil {
		return ""
	}
	return r.Address
}
