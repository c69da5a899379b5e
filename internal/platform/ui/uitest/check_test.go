package uitest

import (
	"strings"
	"testing"
)

func TestCheckFindsFaults(t *testing.T) {
	cases := []struct{ name, page, want string }{
		{"a clean fragment has no fault", `<p>x <a href="/a">b</a></p>`, ""},
		{"a labelled field is fine", `<label for="f">n</label><input id="f" name="n">`, ""},
		{"double id", `<p id="a"></p><p id="a"></p>`, "used twice"},
		{"style attribute", `<p style="color:red">x</p>`, "attribute style"},
		{"handler", `<p onclick="x()">x</p>`, "attribute onclick"},
		{"inline script", `<script>x</script>`, "inline <script>"},
		{"inline style", `<style>x</style>`, "inline <style>"},
		{"field without label", `<input id="f" name="n">`, "has no label"},
		{"label without field", `<label for="g">n</label>`, `missing id "g"`},
		{"link to nowhere on the page", `<a href="#x">x</a>`, `missing id "x"`},
		{"skipped heading", `<h1>a</h1><h3>b</h3>`, "h3 follows h1"},
		{"two h1 in a document", `<!doctype html><h1>a</h1><h1>b</h1>`, "2 h1"},
		{"nameless button", `<button></button>`, "has no name"},
		{"nested link", `<a href="/">x<button>y</button></a>`, "inside a link"},
		{"form in form", `<form><form></form></form>`, "form inside"},
		{"left open", `<div><p>x</p>`, "not closed"},
		{"crossed", `<b><i>x</b></i>`, "closes nothing"},
		{"missing word", `<p>⟦ui.x⟧</p>`, "broken text"},
		{"frame without sandbox", `<iframe title="x" src="/x"></iframe>`, "without sandbox"},
		{"picture without alt", `<img src="/x">`, "without alt"},
		{"unsafe address", `<a href="javascript:x">x</a>`, "unsafe address"},
		{"unquoted attribute", `<p class=x>x</p>`, "without quotes"},
		{"attribute twice", `<p class="x" class="y">x</p>`, "twice in"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := strings.Join(Check(c.page), "\n")
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("Check(%q) = %q, want %q", c.page, got, c.want)
			}
		})
	}
}
