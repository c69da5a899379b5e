package ui

import (
	"bytes"
	"testing"
)

func TestErrorPageInBothLanguages(t *testing.T) {
	s, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range Languages {
		var b bytes.Buffer
		if err := s.Render(&b, lang, "ui/error", View{Data: ErrorPage{Code: 404, Title: "x"}}); err != nil {
			t.Fatal(err)
		}
	}
}
