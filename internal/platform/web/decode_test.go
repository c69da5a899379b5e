package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"huikan/internal/platform/platformtest"
)

// The same struct is filled from forms and JSON, and nothing else ever is.
func TestDecode(t *testing.T) {
	serve(t, func(t *testing.T, s *platformtest.Site) {
		for _, c := range []struct {
			name, kind, body string
			status           int
			want             string // part of the answer
		}{
			{"text is trimmed", formType, "title=%20a%0D%0Ab%20", 200, `"title":"a\nb"`},
			{"number", formType, "count=12&small=-128", 200, `"count":12,"small":-128`},
			{"no number", formType, "count=12x", 422, `"count":`},
			{"too large a number", formType, "small=128", 422, `"small":`},
			{"empty number", formType, "count=", 200, `"count":0`},
			{"tick", formType, "yes=on", 200, `"yes":true`},
			{"no tick", formType, "yes=off", 200, `"yes":false`},
			{"date as written", formType, url.Values{"due": {"2026年3月1日"}}.Encode(), 200, `"due":"2026-03-01"`},
			{"no date", formType, "due=2026-02-30", 422, `"due":`},
			{"several at once", formType, "due=x&count=y", 422, `"count":`},
			{"a list", formType, "units=a&units=&units=b", 200, `"units":["a","b"]`},
			{"fields without a tag", formType, "Plain=x&plain=x&-=x&Secret=x&secret=x", 200, `"Plain":""`},
			{"unknown fields", formType, "admin=1&rev=9", 200, `"title":""`},
			{"json", jsonType, `{"title":"a","count":3,"due":"2026-03-01","units":["x"]}`, 200, `"title":"a","count":3`},
			{"json with an unknown field", jsonType, `{"title":"a","admin":true}`, 422, "admin"},
			{"json for a hidden field", jsonType, `{"Secret":"x"}`, 422, "Secret"},
			{"json of another type", jsonType, `{"count":"three"}`, 422, "count"},
			{"json cut off", jsonType, `{"title":"a`, 422, ""},
			{"no json", jsonType, `title=a`, 422, ""},
			{"json with a charset", jsonType + "; charset=utf-8", `{"title":"b"}`, 200, `"title":"b"`},
			{"broken form", formType, "title=%zz", 422, ""},
			{"broken parts", "multipart/form-data; boundary=x", "--x\r\nnothing", 422, ""},
			{"parts", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\n整改\r\n--x--\r\n", 200, `"title":"整改"`},
			{"another type is no form", "text/plain", "title=a", 200, `"title":""`},
			{"no type", "", "title=a", 200, `"title":""`},
		} {
			w := do(s, post("/api/v1/things", c.kind, c.body))
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) {
				t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
			}
			if strings.Contains(w.Body.String(), "⟦") {
				t.Errorf("%s: a word is missing: %s", c.name, w.Body)
			}
		}
	})
}

func TestBodyLimit(t *testing.T) {
	serve(t, func(t *testing.T, s *platformtest.Site) {
		long := strings.Repeat("a", 101)
		for kind, body := range map[string]string{formType: "title=" + long, jsonType: `{"title":"` + long + `"}`,
			"multipart/form-data; boundary=x": "--x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\n" + long + "\r\n--x--\r\n"} {
			if w := do(s, post("/small", kind, body)); w.Code != http.StatusRequestEntityTooLarge {
				t.Errorf("%s: %d %s", kind, w.Code, w.Body)
			}
		}
		big := strings.Repeat("a", 1<<20)
		if w := do(s, post("/api/v1/things", formType, "title="+big)); w.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("one MiB and more: %d", w.Code)
		}
		if w := do(s, post("/api/v1/things", formType, "title="+big[:1<<19])); w.Code != http.StatusOK {
			t.Errorf("half a MiB: %d", w.Code)
		}
		if w := do(s, post("/prefs", formType, "lang="+big)); w.Code < 400 || len(w.Result().Cookies()) > 0 {
			t.Errorf("preferences of a MiB: %d", w.Code)
		}
	})
}

var schemaRef = regexp.MustCompile(`"\$ref":"#/components/schemas/([^"]+)"`)

// The description is read from the routes: it lists them, and every reference
// in it leads somewhere.
func TestDescription(t *testing.T) {
	serve(t, func(t *testing.T, s *platformtest.Site) {
		w := do(s, get("/api/v1/openapi.json"))
		var doc struct {
			OpenAPI string
			Info    struct{ Title, Version string }
			Paths   map[string]map[string]struct {
				OperationID string
				Description string
				Parameters  []struct {
					Name, In string
					Required bool
				}
				RequestBody struct {
					Content map[string]struct {
						Schema struct {
							Properties map[string]json.RawMessage
						}
					}
				}
				Responses map[string]struct{ Description string }
			}
			Components struct {
				Schemas map[string]json.RawMessage
			}
		}
		if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
			t.Fatal(err)
		}
		if doc.OpenAPI != "3.1.0" || doc.Info.Title == "" || doc.Info.Version == "" {
			t.Errorf("head: %+v %+v", doc.OpenAPI, doc.Info)
		}
		var ids []string
		listed := 0
		for _, rt := range s.Routes() {
			op, ok := doc.Paths[rt.Path][strings.ToLower(rt.Method)]
			if ok == rt.NoAPI {
				t.Errorf("%s %s: listed = %v", rt.Method, rt.Path, ok)
			}
			if !ok {
				continue
			}
			listed++
			ids = append(ids, op.OperationID)
			if op.Responses["200"].Description == "" || op.Responses["default"].Description == "" {
				t.Errorf("%s %s: answers %v", rt.Method, rt.Path, op.Responses)
			}
			if strings.Contains(rt.Path, "{id}") && (len(op.Parameters) != 1 || op.Parameters[0].Name != "id" || op.Parameters[0].In != "path" || !op.Parameters[0].Required) {
				t.Errorf("%s: parameters %v", rt.Path, op.Parameters)
			}
			if rt.Action != "" && !strings.Contains(op.Description, rt.Action) {
				t.Errorf("%s %s does not say that it needs %s", rt.Method, rt.Path, rt.Action)
			}
			if rt.In != nil {
				fields := op.RequestBody.Content["application/json"].Schema.Properties
				if fields["title"] == nil || fields["due"] == nil || fields["Secret"] != nil {
					t.Errorf("%s takes %v", rt.Path, fields)
				}
			}
		}
		if listed < 4 {
			t.Errorf("only %d routes are listed", listed)
		}
		slices.Sort(ids)
		if n := len(slices.Compact(slices.Clone(ids))); n != len(ids) || ids[0] == "" {
			t.Errorf("names of operations: %v", ids)
		}
		for _, ref := range schemaRef.FindAllStringSubmatch(w.Body.String(), -1) {
			if doc.Components.Schemas[ref[1]] == nil {
				t.Errorf("a reference to %q leads nowhere", ref[1])
			}
		}
	})
}
