package risk

import (
	"slices"
	"strconv"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// language is how a rule is written in words. Every word is one that the reader
// of sentences takes back, so that a rule can be edited as it is shown.
type language struct {
	and, or, not, open, shut, in, yes, no, gap string
	ops                                        map[string]string
	also                                       map[string]string // other ways of writing an operator
}

var languages = map[string]language{
	"zh": {and: "且", or: "或", not: "并非", open: "（", shut: "）", in: "属于", yes: "为是", no: "为否", gap: " ",
		ops: map[string]string{operators.Greater: "大于", operators.GreaterEquals: "不少于", operators.Less: "小于", operators.LessEquals: "不超过", operators.Equals: "等于", operators.NotEquals: "不等于",
			operators.Add: "＋", operators.Subtract: "－", operators.Multiply: "×"},
		also: map[string]string{"超过": operators.Greater, "多于": operators.Greater, "高于": operators.Greater, "至少": operators.GreaterEquals, "不低于": operators.GreaterEquals, "达到": operators.GreaterEquals, "少于": operators.Less, "低于": operators.Less,
			"至多": operators.LessEquals, "不多于": operators.LessEquals, "不高于": operators.LessEquals, "并且": "and", "而且": "and", "或者": "or", "是": operators.Equals}},
	"en": {and: "and", or: "or", not: "not", open: "(", shut: ")", in: "is one of", yes: "is true", no: "is false", gap: " ",
		ops: map[string]string{operators.Greater: "is more than", operators.GreaterEquals: "is at least", operators.Less: "is less than", operators.LessEquals: "is at most", operators.Equals: "equals", operators.NotEquals: "differs from",
			operators.Add: "+", operators.Subtract: "-", operators.Multiply: "×"},
		also: map[string]string{"is over": operators.Greater, "is under": operators.Less, "is": operators.Equals}},
}

// Words gives the word of a value that stands in a rule, such as a type of case.
type Words func(value string) string

// Sentence writes the rule in words.
func (p *Program) Sentence(lang string, words Words) string {
	l, ok := languages[lang]
	if !ok {
		l, lang = languages["zh"], "zh"
	}
	return p.say(p.root, 0, l, lang, words)
}

// rank orders operators by how tightly they bind.
func rank(op string) int {
	switch op {
	case operators.LogicalOr:
		return 1
	case operators.LogicalAnd:
		return 2
	case operators.LogicalNot:
		return 3
	case operators.Add, operators.Subtract:
		return 5
	case operators.Multiply:
		return 6
	}
	return 4
}

func (p *Program) say(e ast.Expr, above int, l language, lang string, words Words) string {
	switch e.Kind() {
	case ast.IdentKind:
		x, _ := p.cat.indicator(p.Subject, e.AsIdent())
		if x.Type == typeBool {
			return x.Word(lang) + l.gap + l.yes
		}
		return x.Word(lang)
	case ast.LiteralKind:
		switch v := e.AsLiteral().(type) {
		case types.String:
			return "“" + words(string(v)) + "”"
		case types.Bool:
			if v {
				return l.yes
			}
			return l.no
		case types.Int:
			return strconv.FormatInt(int64(v), 10)
		case types.Double:
			return decimal(float64(v))
		}
		return ""
	case ast.ListKind:
		var parts []string
		for _, x := range e.AsList().Elements() {
			parts = append(parts, p.say(x, 0, l, lang, words))
		}
		return l.open + strings.Join(parts, "、") + l.shut
	}
	call := e.AsCall()
	op, args := call.FunctionName(), call.Args()
	own := rank(op)
	text := ""
	switch op {
	case operators.LogicalNot:
		if x, ok := p.boolean(args[0]); ok {
			text = x.Word(lang) + l.gap + l.no
			break
		}
		text = l.not + l.open + p.say(args[0], 0, l, lang, words) + l.shut
	case operators.LogicalAnd, operators.LogicalOr:
		word := l.and
		if op == operators.LogicalOr {
			word = l.or
		}
		text = p.say(args[0], own, l, lang, words) + l.gap + word + l.gap + p.say(args[1], own+1, l, lang, words)
	case operators.In:
		text = p.say(args[0], own, l, lang, words) + l.gap + l.in + p.say(args[1], 0, l, lang, words)
	default:
		if x, ok := p.boolean(args[0]); ok && (op == operators.Equals || op == operators.NotEquals) {
			if b, isBool := literalBool(args[1]); isBool {
				text = x.Word(lang) + l.gap + l.no
				if b == (op == operators.Equals) {
					text = x.Word(lang) + l.gap + l.yes
				}
				break
			}
		}
		text = p.say(args[0], own, l, lang, words) + l.gap + l.ops[op] + l.gap + p.say(args[1], own+1, l, lang, words) + p.unitOf(args, lang, l)
	}
	if own < above {
		return l.open + text + l.shut
	}
	return text
}

func (p *Program) boolean(e ast.Expr) (Indicator, bool) {
	if e.Kind() != ast.IdentKind {
		return Indicator{}, false
	}
	x, ok := p.cat.indicator(p.Subject, e.AsIdent())
	return x, ok && x.Type == typeBool
}

func literalBool(e ast.Expr) (bool, bool) {
	if e.Kind() != ast.LiteralKind {
		return false, false
	}
	b, ok := e.AsLiteral().(types.Bool)
	return bool(b), ok
}

// unitOf is the word behind the number of a comparison.
func (p *Program) unitOf(args []ast.Expr, lang string, l language) string {
	if args[0].Kind() != ast.IdentKind || args[1].Kind() != ast.LiteralKind {
		return ""
	}
	x, _ := p.cat.indicator(p.Subject, args[0].AsIdent())
	if w := p.cat.UnitWord(x.Unit, lang); w != "" {
		return l.gap + w
	}
	return ""
}

func decimal(v float64) string {
	s := strconv.FormatFloat(v, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// token is a word of a sentence with what it stands for in an expression.
type token struct {
	text string // as written
	kind string // "name", "op", "and", "or", "not", "open", "shut", "in", "yes", "no", "value", "number", "unit", "comma"
	as   string
}

// ReadSentence turns a rule in words into an expression. Values are the words of
// values that may stand in a rule (what a type of case is called).
func (c *Catalogue) ReadSentence(subject, text, lang string, values map[string]string) (string, error) {
	l, ok := languages[lang]
	if !ok {
		l, lang = languages["zh"], "zh"
	}
	toks, err := c.tokens(subject, text, lang, l, values)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	put := func(s string) {
		if b.Len() > 0 && s != ")" && s != "," && !strings.HasSuffix(b.String(), "(") && !strings.HasSuffix(b.String(), "!") {
			b.WriteByte(' ')
		}
		b.WriteString(s)
	}
	lists := 0
	for i, t := range toks {
		switch t.kind {
		case "unit":
		case "and":
			put("&&")
		case "or":
			put("||")
		case "not":
			put("!")
		case "open":
			if i > 0 && toks[i-1].kind == "in" {
				lists++
				put("[")
				continue
			}
			put("(")
		case "shut":
			if lists > 0 && !strings.Contains(b.String()[strings.LastIndex(b.String(), "["):], "]") {
				lists--
				put("]")
				continue
			}
			put(")")
		case "comma":
			put(",")
		case "yes":
			put("== true")
		case "no":
			put("== false")
		case "value":
			put(strconv.Quote(t.as))
		default:
			put(t.as)
		}
	}
	return b.String(), nil
}

func (c *Catalogue) tokens(subject, text, lang string, l language, values map[string]string) ([]token, error) {
	var known []token
	add := func(kind, text, as string) {
		if text != "" {
			known = append(known, token{text, kind, as})
		}
	}
	for _, x := range c.by[subject] {
		add("name", x.Word(lang), x.Key)
	}
	for op, w := range l.ops {
		add("op", w, strings.Trim(op, "_"))
	}
	for w, op := range l.also {
		switch op {
		case "and", "or":
			add(op, w, "")
		default:
			add("op", w, strings.Trim(op, "_"))
		}
	}
	for code, w := range values {
		add("value", "“"+w+"”", code)
		add("value", "\""+w+"\"", code)
		add("value", w, code)
	}
	for _, u := range c.units {
		add("unit", u[lang], "")
	}
	add("and", l.and, "")
	add("or", l.or, "")
	add("not", l.not, "")
	add("in", l.in, "in")
	add("yes", l.yes, "")
	add("no", l.no, "")
	for _, w := range []string{"（", "("} {
		add("open", w, "")
	}
	for _, w := range []string{"）", ")"} {
		add("shut", w, "")
	}
	for _, w := range []string{"、", ","} {
		add("comma", w, "")
	}
	for w, op := range map[string]string{">": ">", ">=": ">=", "≥": ">=", "<": "<", "<=": "<=", "≤": "<=", "=": "==", "==": "==", "≠": "!=", "!=": "!=", "+": "+", "-": "-", "*": "*"} {
		add("op", w, op)
	}
	slices.SortStableFunc(known, func(a, b token) int { return len(b.text) - len(a.text) })
	var out []token
	rest := strings.TrimSpace(text)
	for rest != "" {
		t, size := scanNumber(rest)
		if size == 0 {
			if i := slices.IndexFunc(known, func(k token) bool { return startsWith(rest, k.text, lang) }); i >= 0 {
				t, size = known[i], len(known[i].text)
			}
		}
		if size == 0 {
			r := []rune(rest)
			var bad = refuse("risk.rule.bad.sentence", string(r[:min(12, len(r))]))
			return nil, bad
		}
		out = append(out, t)
		rest = strings.TrimLeft(rest[size:], " \t\r\n　，。；")
	}
	return out, nil
}

// startsWith finds a word; an English one must end where it ends.
func startsWith(s, word, lang string) bool {
	if !strings.HasPrefix(s, word) {
		return false
	}
	letter := func(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
	return lang != "en" || len(s) == len(word) || !letter(s[len(word)]) || !letter(word[len(word)-1])
}

func scanNumber(s string) (token, int) {
	n := 0
	for n < len(s) && (s[n] >= '0' && s[n] <= '9' || s[n] == '.' && n > 0) {
		n++
	}
	return token{text: s[:n], kind: "number", as: s[:n]}, n
}
