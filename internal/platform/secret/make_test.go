package secret_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"huikan/internal/kernel/fault"
	"huikan/internal/platform/secret"
)

// Replicas that start at once on an empty folder get the same keys.
func TestKeysMadeAtOnce(t *testing.T) {
	for range 20 {
		dir := t.TempDir()
		var mu sync.Mutex
		seen := map[string]int{}
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				k, err := secret.Open(dir)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				seen[k.VerifierKey()+k.Ref("x")]++
				mu.Unlock()
			})
		}
		wg.Wait()
		if len(seen) != 1 {
			t.Fatalf("%d different sets of keys", len(seen))
		}
		files, err := os.ReadDir(filepath.Join(dir, "keys"))
		if err != nil || len(files) != 3 {
			t.Fatalf("%v %v", files, err)
		}
		for _, f := range files {
			if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o600 {
				t.Fatalf("%s: %v %v", f.Name(), info.Mode(), err)
			}
		}
	}
}

// A public key that is not the half of ours would make others trust a stranger.
func TestExchangedPublicKeyIsRefused(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	for _, dir := range []string{a, b} {
		if _, err := secret.Open(dir); err != nil {
			t.Fatal(err)
		}
	}
	other, err := os.ReadFile(filepath.Join(b, "keys", "log.pub"))
	if err == nil {
		err = os.WriteFile(filepath.Join(a, "keys", "log.pub"), other, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := secret.Open(a); !fault.Is(err, fault.KindUnavailable) {
		t.Fatalf("got %v", err)
	}
}
