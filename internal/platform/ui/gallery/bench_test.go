package gallery

import (
	"io"
	"testing"
)

func BenchmarkLedgerPage(b *testing.B) {
	set, err := New()
	if err != nil {
		b.Fatal(err)
	}
	v := View(set, "zh", "full", "/list", PageData(set, "zh", "full")["gallery/list"])
	for b.Loop() {
		if err := set.Render(io.Discard, "zh", "gallery/list", v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		if _, err := New(); err != nil {
			b.Fatal(err)
		}
	}
}
