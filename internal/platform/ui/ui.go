package ui

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"text/template/parse"
)

//go:embed templates/*.html templates/pages/*.html
var sharedFiles embed.FS

// Set holds the shared templates, the words and the assets; rooms add their pages to it.
//
// All pages of one language live in one template name space, so that the shared parts exist once and not
// once per page. Blocks of a page are renamed on the way in ("main" → "inspection/finding:main").
type Set struct {
	words  *Words
	assets *Assets
	strict bool
	known  map[string]any // the functions that a template may name

	mu      sync.RWMutex
	sources map[string]*template.Template // per language, never executed: a clone of it is
	ready   map[string]*template.Template // per language, made at the first rendering; nil when out of date
	pages   map[string]bool
}

// New reads the shared parts.
func New() (*Set, error) {
	words, err := newWords()
	if err != nil {
		return nil, err
	}
	assets, err := newAssets()
	if err != nil {
		return nil, err
	}
	s := &Set{
		words: words, assets: assets, pages: map[string]bool{},
		sources: map[string]*template.Template{}, ready: map[string]*template.Template{},
	}
	s.known = s.funcs(Languages[0])
	for _, name := range builtIn {
		s.known[name] = name // only whether there is one is asked
	}
	for _, lang := range Languages {
		set, err := template.New("ui").Funcs(s.funcs(lang)).Option("missingkey=error").ParseFS(sharedFiles, "templates/*.html")
		if err != nil {
			return nil, fmt.Errorf("parsing shared templates: %w", err)
		}
		for _, t := range set.Templates() {
			if err := s.checkKeys(t.Tree, t.Name()); err != nil {
				return nil, err
			}
		}
		s.sources[lang] = set
	}
	own, err := fs.Sub(sharedFiles, "templates/pages")
	if err != nil {
		return nil, fmt.Errorf("opening built-in pages: %w", err)
	}
	if err := s.AddRoom("ui", own, nil); err != nil {
		return nil, err
	}
	return s, nil
}

// Words returns the catalogue with the words of every room added so far.
func (s *Set) Words() *Words { return s.words }

// Assets returns the style sheet, script and pictures.
func (s *Set) Assets() *Assets { return s.assets }

// SetStrict makes an unknown word key at run time an error instead of ⟦key⟧, and has the rooms added
// from now on analysed as a whole; tests switch it on.
func (s *Set) SetStrict(on bool) { s.strict = on }

// Pages lists the names of all pages, so that a test can prove that it rendered each of them.
func (s *Set) Pages() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Sorted(maps.Keys(s.pages))
}

// AddRoom takes the pages and words of one room. Whatever can be known without data is checked here:
// syntax, functions, missing blocks, literal word keys, duplicate words and pages; in a strict set, which
// tests use, also that every place of every page can be escaped (a start of the program need not wait for it).
func (s *Set) AddRoom(name string, pages fs.FS, words map[string]map[string]string) error {
	if err := s.words.add(words); err != nil {
		return fmt.Errorf("adding the words of %s: %w", name, err)
	}
	files, err := fs.Glob(pages, "*.html")
	if err != nil {
		return fmt.Errorf("listing the pages of %s: %w", name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var added []string
	for _, file := range files {
		if page := name + "/" + strings.TrimSuffix(file, ".html"); !strings.HasPrefix(file, "_") {
			if s.pages[page] {
				return fmt.Errorf("page %s is defined twice", page)
			}
			added = append(added, page)
		}
	}
	if err := s.addPages(name, pages, files); err != nil {
		return err
	}
	clear(s.ready)
	if s.strict {
		if err := s.checkEscaping(added); err != nil {
			return fmt.Errorf("page of %s: %w", name, err)
		}
	}
	for _, page := range added {
		s.pages[page] = true
	}
	return nil
}

// addPages parses the files of a room: first the shared ones ("_"), then one name space per page.
func (s *Set) addPages(room string, pages fs.FS, files []string) error {
	shared := map[string]string{}
	for _, partsFirst := range []bool{true, false} {
		for _, file := range files {
			if strings.HasPrefix(file, "_") != partsFirst {
				continue
			}
			blocks, err := s.parseFile(pages, file)
			if err != nil {
				return fmt.Errorf("room %s: %w", room, err)
			}
			prefix := room + "/" + strings.TrimSuffix(file, ".html") + ":"
			names := maps.Clone(shared)
			for block := range blocks {
				names[block] = prefix + block
				if partsFirst {
					shared[block] = prefix + block
				}
			}
			if err := s.place(blocks, names); err != nil {
				return fmt.Errorf("room %s, %s: %w", room, file, err)
			}
			if !partsFirst {
				if err := s.wrap(strings.TrimSuffix(prefix, ":"), blocks); err != nil {
					return fmt.Errorf("room %s, %s: %w", room, file, err)
				}
			}
		}
	}
	return nil
}

// parseFile returns the blocks of one file by their own names.
func (s *Set) parseFile(pages fs.FS, file string) (map[string]*parse.Tree, error) {
	raw, err := fs.ReadFile(pages, file)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", file, err)
	}
	blocks, err := s.parse(path.Base(file), string(raw))
	if err != nil {
		return nil, fmt.Errorf("parsing: %w", err)
	}
	delete(blocks, path.Base(file)) // what stands between the blocks
	for name, tree := range blocks {
		if err := s.checkKeys(tree, file+" "+name); err != nil {
			return nil, err
		}
	}
	return blocks, nil
}

// builtIn names the functions that templates have without being given them.
var builtIn = []string{"and", "or", "not", "len", "index", "slice", "print", "printf", "println", "html", "js", "urlquery", "call", "eq", "ne", "lt", "le", "gt", "ge"}

// parse reads a text with its blocks. It does so once for all languages: functions are found by name
// when a page is executed.
func (s *Set) parse(name, text string) (map[string]*parse.Tree, error) {
	return parse.Parse(name, text, "", "", s.known)
}

// place adds blocks under their long names and redirects the calls among them. The languages share the
// parsed text: functions are found when a page is executed, and only clones are executed.
func (s *Set) place(blocks map[string]*parse.Tree, names map[string]string) error {
	for block, tree := range blocks {
		walk(tree.Root, func(n parse.Node) {
			if call, ok := n.(*parse.TemplateNode); ok && names[call.Name] != "" {
				call.Name = names[call.Name]
			}
		})
		for _, lang := range Languages {
			if _, err := s.sources[lang].AddParseTree(names[block], tree); err != nil {
				return fmt.Errorf("adding block %s: %w", block, err)
			}
		}
	}
	return nil
}

// wrap writes the small template that puts the blocks of a page into the layout.
func (s *Set) wrap(page string, blocks map[string]*parse.Tree) error {
	if blocks["main"] == nil {
		return errors.New(`block "main" is missing`)
	}
	call := func(block, otherwise string) string {
		if blocks[block] == nil {
			return otherwise
		}
		return `{{template "` + page + ":" + block + `" .}}`
	}
	title := call("title", "{{.Title}}")
	heading := `{{template "heading-open" .}}` + title + `{{template "heading-mid" .}}` + call("lead", "") +
		`{{template "heading-actions" .}}` + call("actions", "") + `{{template "heading-close" .}}`
	frame := "page"
	if blocks["blank"] != nil {
		frame = "blank"
	}
	text := `{{if .Partial}}{{template "drawer-open" .}}` + title + `{{template "drawer-mid" .}}` + call("lead", "") + call("actions", "") +
		`{{template "drawer-body" .}}` + call("main", "") + `{{template "drawer-close" .}}{{else}}` +
		`{{template "doc-open" .}}` + title + `{{template "doc-head" .}}` +
		`{{if .Blank}}{{template "blank-open" .}}{{else}}{{template "` + frame + `-open" .}}{{end}}` + heading + call("main", "") +
		`{{if .Blank}}{{template "blank-close" .}}{{else}}{{template "` + frame + `-close" .}}{{end}}{{template "doc-close" .}}{{end}}`
	trees, err := s.parse(page, text)
	if err != nil {
		return fmt.Errorf("wrapping: %w", err)
	}
	for _, lang := range Languages {
		if _, err := s.sources[lang].AddParseTree(page, trees[page]); err != nil {
			return fmt.Errorf("wrapping: %w", err)
		}
	}
	return nil
}

// CheckPages has every page of every room analysed, as a strict set does room by
// room; a test calls it on the whole program.
func (s *Set) CheckPages() error { return s.checkEscaping(s.Pages()) }

// checkEscaping makes html/template analyse pages now instead of at their first request. Executing
// without data fails afterwards, as expected; only errors of the analysis count. The languages differ in
// words only, so that one of them is enough.
func (s *Set) checkEscaping(pages []string) error {
	set, err := s.sources[Languages[0]].Clone()
	if err != nil {
		return fmt.Errorf("preparing: %w", err)
	}
	for _, page := range pages {
		err := set.ExecuteTemplate(io.Discard, page, nil)
		if bad := (*template.Error)(nil); errors.As(err, &bad) {
			return fmt.Errorf("%s: %w", page, err)
		}
	}
	return nil
}

// Render writes a page. The caller gives a buffer, so that an error leaves nothing half-sent.
func (s *Set) Render(w io.Writer, lang string, page string, v View) error {
	if !slices.Contains(Languages, lang) {
		lang = Languages[0]
	}
	set, err := s.set(lang, page)
	if err != nil {
		return err
	}
	v.Lang = lang
	if v.Theme == "" {
		v.Theme = "auto"
	}
	if v.Path == "" {
		v.Path = "/"
	}
	if err := set.ExecuteTemplate(w, page, v); err != nil {
		return fmt.Errorf("rendering %s: %w", page, err)
	}
	return nil
}

// set returns the executable templates of a language. They are a clone, because html/template takes no
// further pages once it has executed one.
func (s *Set) set(lang, page string) (*template.Template, error) {
	s.mu.RLock()
	set, known := s.ready[lang], s.pages[page]
	s.mu.RUnlock()
	if !known {
		return nil, fmt.Errorf("no page %q", page)
	}
	if set != nil {
		return set, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ready[lang] == nil {
		clone, err := s.sources[lang].Clone()
		if err != nil {
			return nil, fmt.Errorf("preparing the %s pages: %w", lang, err)
		}
		s.ready[lang] = clone
	}
	return s.ready[lang], nil
}

// checkKeys proves that every literal key given to the function t exists in all languages.
func (s *Set) checkKeys(tree *parse.Tree, place string) error {
	if tree == nil || tree.Root == nil {
		return nil
	}
	var err error
	walk(tree.Root, func(n parse.Node) {
		cmd, ok := n.(*parse.CommandNode)
		if !ok || len(cmd.Args) < 2 || err != nil {
			return
		}
		name, isName := cmd.Args[0].(*parse.IdentifierNode)
		key, isText := cmd.Args[1].(*parse.StringNode)
		if !isName || !isText || name.Ident != "t" {
			return
		}
		for _, lang := range Languages {
			if _, ok := s.words.Lookup(lang, key.Text); !ok {
				err = fmt.Errorf("%s: word %q is missing in %s", place, key.Text, lang)
			}
		}
	})
	return err
}

// walk visits every node of a template.
func walk(node parse.Node, visit func(parse.Node)) {
	visit(node)
	list := func(l *parse.ListNode) {
		if l != nil {
			walk(l, visit)
		}
	}
	branch := func(b *parse.BranchNode) {
		walk(b.Pipe, visit)
		list(b.List)
		list(b.ElseList)
	}
	switch n := node.(type) {
	case *parse.ListNode:
		for _, child := range n.Nodes {
			walk(child, visit)
		}
	case *parse.ActionNode:
		walk(n.Pipe, visit)
	case *parse.PipeNode:
		for _, cmd := range n.Cmds {
			walk(cmd, visit)
		}
	case *parse.CommandNode:
		for _, arg := range n.Args {
			walk(arg, visit)
		}
	case *parse.TemplateNode:
		if n.Pipe != nil {
			walk(n.Pipe, visit)
		}
	case *parse.IfNode:
		branch(&n.BranchNode)
	case *parse.RangeNode:
		branch(&n.BranchNode)
	case *parse.WithNode:
		branch(&n.BranchNode)
	}
}
