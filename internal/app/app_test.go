package app_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"huikan/internal/app"
	"huikan/internal/contact"
	"huikan/internal/kernel/fault"
	"huikan/internal/platform/db/dbtest"
)

func TestKeysThatAreGoneAreNotMadeAgain(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			c := app.Config{Data: t.TempDir()}
			if engine == "postgres" {
				c.Database = dbtest.Postgres(t)
			}
			a, err := app.Open(ctx, c)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := a.FirstStart(ctx); err != nil {
				t.Fatal(err)
			}
			if err := a.Close(); err != nil {
				t.Fatal(err)
			}
			if err := os.RemoveAll(filepath.Join(c.Data, "keys")); err != nil {
				t.Fatal(err)
			}
			if _, err := app.Open(ctx, c); !fault.Is(err, fault.KindUnavailable) {
				t.Fatalf("got %v", err)
			}
			if _, err := os.Stat(filepath.Join(c.Data, "keys", "master")); err == nil {
				t.Fatal("new keys were made")
			}
		})
	}
}

func TestOneProcessForOneEmbeddedDatabase(t *testing.T) {
	c := app.Config{Data: t.TempDir()}
	a, err := app.Open(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := app.Open(ctx, c); !fault.Is(err, fault.KindUnavailable) {
		t.Fatalf("a second process got in: %v", err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := app.Open(ctx, c)
	if err != nil {
		t.Fatalf("after the first has ended: %v", err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestServeRefusesToSpeakInTheClear(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":8080", "192.168.1.1:80", "nonsense"} {
		if err := app.Serve(ctx, app.Config{Data: t.TempDir(), Addr: addr}, func(string) {}); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("%s: %v", addr, err)
		}
	}
}

func TestErrorsAreToldInBothLanguages(t *testing.T) {
	_, err := app.ReadArticle("/no/such/report.txt", strings.NewReader(""))
	for lang, want := range map[string]string{"zh": "没有这个文件", "en": "There is no file"} {
		if got := app.Explain(err, lang); !strings.Contains(got, want) || !strings.Contains(got, "/no/such/report.txt") {
			t.Errorf("%s: %q", lang, got)
		}
	}
	_, refused := contact.TakeoverFlow.Next(contact.TakeoverWithdrawn, "withdraw")
	for lang, want := range map[string]string{"zh": "已撤回", "en": "Withdrawn"} {
		if got := app.Explain(refused, lang); !strings.Contains(got, want) || strings.Contains(got, "takeover.") {
			t.Errorf("%s: %q", lang, got)
		}
	}
	if app.ExitCode(err) != 2 || app.ExitCode(io.ErrUnexpectedEOF) != 1 {
		t.Error("exit codes")
	}
}
