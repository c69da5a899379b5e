package secret_test

import (
	"testing"

	"huikan/internal/kernel/fault"
	"huikan/internal/platform/secret"
)

func TestEnvelopeOpensForItsReadersOnly(t *testing.T) {
	v := open(t, t.TempDir())
	e, err := secret.NewEnvelope()
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := e.Seal("row/1", []byte("谁问了哪件案子"))
	if err != nil {
		t.Fatal(err)
	}
	wrap := v.Wrap(e, "office/henan", "row/1")
	got, err := v.Unwrap(wrap, "office/henan", "row/1")
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := got.Open("row/1", sealed); err != nil || string(plain) != "谁问了哪件案子" {
		t.Fatalf("%q %v", plain, err)
	}
	if _, err := v.Unwrap(wrap, "office/hebei", "row/1"); !fault.Is(err, fault.KindUnavailable) {
		t.Error("another office opened the wrap")
	}
	if _, err := v.Unwrap(wrap, "office/henan", "row/2"); !fault.Is(err, fault.KindUnavailable) {
		t.Error("a moved wrap opened")
	}
	if _, err := got.Open("row/2", sealed); !fault.Is(err, fault.KindUnavailable) {
		t.Error("a moved seal opened")
	}
	other, err := secret.NewEnvelope()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Open("row/1", sealed); !fault.Is(err, fault.KindUnavailable) {
		t.Error("a seal opened under another key")
	}
}
