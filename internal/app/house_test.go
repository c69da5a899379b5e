package app_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "huikan"

// floors is the written import graph: a package may import only packages of
// lower number. Rooms on one number do not know each other.
var floors = []struct {
	prefix string
	floor  int
}{
	{"cmd", 100}, {"test", 100}, {"tools", 100}, {"internal/app", 90}, {"internal/insight", 80},
	{"internal/conduct", 76}, {"internal/lookback", 74},
	{"internal/rectification", 73}, {"internal/fieldwork", 73}, {"internal/meeting", 73},
	{"internal/inspection", 72}, {"internal/directive", 72}, {"internal/notice", 72},
	{"internal/contact", 71}, {"internal/risk", 71}, {"internal/screening", 71}, {"internal/duty", 71}, {"internal/tip", 71},
	{"internal/account", 62}, {"internal/person", 61}, {"internal/org", 60}, {"internal/org/tree", 55},
	{"internal/platform/platformtest", 49}, {"internal/platform/export", 46}, {"internal/platform/web", 45}, {"internal/platform/search", 44}, {"internal/platform/access", 43},
	{"internal/platform/audit", 42}, {"internal/platform/archive", 42}, {"internal/platform/sheet", 42}, {"internal/platform/vault", 42},
	{"internal/platform/document", 41}, {"internal/platform/fact", 41},
	{"internal/platform/secret", 40}, {"internal/platform/db", 40}, {"internal/platform/ui", 40},
	{"internal/contact/pair", 20},
	{"internal/kernel/flow", 12}, {"internal/kernel/actor", 11}, {"internal/kernel/id", 10}, {"internal/kernel/clock", 10}, {"internal/kernel/page", 10}, {"internal/kernel/fault", 9}, {"internal/kernel/lot", 8}, {"internal/kernel/lazy", 8}, {"internal/kernel/stat", 8},
	{"hantext", 0}, {"translog", 0}, {"linkage", 0},
}

// instruments import nothing of ours.
var instruments = []string{"hantext", "translog", "linkage"}

func floorOf(pkg string) (floor int, home string) {
	best := -1
	for i, f := range floors {
		if (pkg == f.prefix || strings.HasPrefix(pkg, f.prefix+"/")) && (best < 0 || len(f.prefix) > len(floors[best].prefix)) {
			best = i
		}
	}
	if best < 0 {
		return -1, ""
	}
	return floors[best].floor, floors[best].prefix
}

type source struct {
	path string // from the root
	pkg  string // folder
	file *ast.File
	fset *token.FileSet
	text string
}

func (s source) test() bool {
	return strings.HasSuffix(s.path, "_test.go") || strings.Contains(s.path, "test/") && !strings.HasPrefix(s.path, "test/")
}

func (s source) imports() []string {
	var out []string
	for _, i := range s.file.Imports {
		p, err := strconv.Unquote(i.Path.Value)
		if err == nil {
			out = append(out, p)
		}
	}
	return out
}

func sources(t *testing.T) []source {
	t.Helper()
	root := "../.."
	var out []source
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git" || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(p, ".go") {
			return nil
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, rel, text, parser.ParseComments)
		if err != nil {
			return err
		}
		out = append(out, source{path: rel, pkg: filepath.Dir(rel), file: f, fset: fset, text: string(text)})
		return nil
	})
	if err != nil || len(out) < 50 {
		t.Fatalf("%d files: %v", len(out), err)
	}
	return out
}

func TestImportsNeverGoUp(t *testing.T) {
	for _, s := range sources(t) {
		from, home := floorOf(s.pkg)
		if from < 0 {
			t.Errorf("%s stands on no floor: name its folder in the table", s.path)
			continue
		}
		for _, imp := range s.imports() {
			if !strings.HasPrefix(imp, module+"/") {
				continue
			}
			imp = strings.TrimPrefix(imp, module+"/")
			to, target := floorOf(imp)
			switch {
			case target == home:
			case slices.Contains(instruments, home):
				t.Errorf("%s: an instrument imports %s", s.path, imp)
			case s.test() && to < 60: // tests may use the test kits of the platform
			case to >= from:
				t.Errorf("%s (floor %d) imports %s (floor %d)", s.path, from, imp, to)
			}
		}
	}
}

// There is one way to write: the log. Nothing else opens a write transaction.
func TestOnlyTheLogWrites(t *testing.T) {
	write := regexp.MustCompile(`\b(DB\(\)|db|d)\.Write\(`)
	for _, s := range sources(t) {
		if s.test() || strings.HasPrefix(s.pkg, "internal/platform/db") || s.pkg == "internal/platform/audit" || s.pkg == "internal/platform/search" {
			continue
		}
		if write.MatchString(s.text) && slices.Contains(s.imports(), module+"/internal/platform/db") {
			for i, line := range strings.Split(s.text, "\n") {
				if write.MatchString(line) {
					t.Errorf("%s:%d writes beside the log: %s", s.path, i+1, strings.TrimSpace(line))
				}
			}
		}
		if strings.Contains(s.text, ".Raw()") && !strings.HasPrefix(s.pkg, "internal/app") {
			t.Errorf("%s reaches for the raw connection", s.path)
		}
	}
}

// Technical writes are those that would drown the log; each is listed here with
// its reason.
func TestTechnicalWritesAreListed(t *testing.T) {
	allowed := map[string]int{"internal/account/signin.go": 2}
	found := map[string]int{}
	for _, s := range sources(t) {
		if s.test() || s.pkg == "internal/platform/audit" {
			continue
		}
		if n := strings.Count(s.text, ".Technical("); n > 0 {
			found[s.path] = n
		}
	}
	for p, n := range found {
		if allowed[p] != n {
			t.Errorf("%s has %d technical writes, %d are listed", p, n, allowed[p])
		}
	}
}

var sqlText = regexp.MustCompile("[`\"](SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH) [A-Za-z(*]")

func TestSQLStandsInStores(t *testing.T) {
	for _, s := range sources(t) {
		if s.test() || strings.HasPrefix(s.pkg, "internal/platform") || strings.HasPrefix(s.pkg, "internal/app") || strings.HasPrefix(s.pkg, "tools") {
			continue
		}
		if base := filepath.Base(s.path); strings.HasPrefix(base, "store") {
			continue
		}
		if m := sqlText.FindString(s.text); m != "" {
			t.Errorf("%s has SQL outside store*.go: %s…", s.path, m)
		}
	}
}

func TestRoomsKeepTheirFiles(t *testing.T) {
	rooms := []string{
		"org", "person", "account",
		"directive",
		"meeting",
		"inspection",
		"fieldwork",
		"rectification",
		"lookback",
		"notice",
		"duty",
		"conduct",
		"contact",
		"risk",
	}
	for _, room := range rooms {
		for _, f := range []string{"doc.go", "service.go", "store.go", "http.go", "policy.go", "words.zh.json", "words.en.json", "pages", "schema"} {
			if _, err := os.Stat(filepath.Join("..", room, f)); err != nil {
				t.Errorf("room %s has no %s", room, f)
			}
		}
	}
	for _, s := range sources(t) {
		if s.test() || !slices.Contains(rooms, strings.TrimPrefix(s.pkg, "internal/")) {
			continue
		}
		base := filepath.Base(s.path)
		for _, imp := range s.imports() {
			switch {
			case imp == "net/http" && !strings.HasPrefix(base, "http") && s.path != "internal/account/signin.go":
				t.Errorf("%s speaks HTTP outside http*.go", s.path)
			case imp == "database/sql" && !strings.HasPrefix(base, "store"):
				t.Errorf("%s speaks SQL outside store*.go", s.path)
			case imp == "time" && strings.Contains(s.text, "time.Now("):
				t.Errorf("%s reads the machine's clock; time is an argument", s.path)
			}
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	doc := map[string]bool{}
	for _, s := range sources(t) {
		if s.test() {
			continue
		}
		doc[s.pkg] = doc[s.pkg] || s.file.Doc != nil
	}
	for pkg, ok := range doc {
		if !ok {
			t.Errorf("package %s has no doc comment", pkg)
		}
	}
}

func TestFilesStayReadable(t *testing.T) {
	for _, s := range sources(t) {
		if n := strings.Count(s.text, "\n"); n > 600 && !s.test() {
			t.Errorf("%s has %d lines; split it by action", s.path, n)
		}
	}
}
