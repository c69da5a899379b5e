package risk

import (
	"strconv"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// Atom is one comparison of a rule that was true: the explanation of an alert is
// made of them.
type Atom struct {
	Indicator string `json:"indicator"`
	Op        string `json:"op"`
	Than      string `json:"than"`
	Value     string `json:"value"`
}

// result is what a part of an expression gives: a number, a text or a yes or no.
type result struct {
	num  float64
	text string
	yes  bool
	kind string
}

// value computes a part of an expression by own means. It is used to explain, and
// to hold the language against something in tests.
func (p *Program) value(e ast.Expr, v *values) result {
	switch e.Kind() {
	case ast.IdentKind:
		x, _ := p.cat.indicator(p.Subject, e.AsIdent())
		switch x.Type {
		case typeText:
			return result{text: v.text, kind: typeText}
		case typeBool:
			return result{yes: v.num[x.slot] != 0, kind: typeBool}
		}
		return result{num: v.num[x.slot], kind: typeNum}
	case ast.LiteralKind:
		switch n := e.AsLiteral().(type) {
		case types.Int:
			return result{num: float64(n), kind: typeNum}
		case types.Double:
			return result{num: float64(n), kind: typeNum}
		case types.Bool:
			return result{yes: bool(n), kind: typeBool}
		case types.String:
			return result{text: string(n), kind: typeText}
		}
	case ast.CallKind:
		call := e.AsCall()
		args := call.Args()
		a := p.value(args[0], v)
		switch op := call.FunctionName(); op {
		case operators.LogicalNot:
			return result{yes: !a.yes, kind: typeBool}
		case operators.LogicalAnd:
			return result{yes: a.yes && p.value(args[1], v).yes, kind: typeBool}
		case operators.LogicalOr:
			return result{yes: a.yes || p.value(args[1], v).yes, kind: typeBool}
		case operators.In:
			for _, x := range args[1].AsList().Elements() {
				if same(a, p.value(x, v)) {
					return result{yes: true, kind: typeBool}
				}
			}
			return result{kind: typeBool}
		case operators.Add, operators.Subtract, operators.Multiply:
			if len(args) < 2 {
				return result{num: -a.num, kind: typeNum}
			}
			b := p.value(args[1], v)
			switch op {
			case operators.Add:
				return result{num: a.num + b.num, text: a.text + b.text, kind: a.kind}
			case operators.Subtract:
				return result{num: a.num - b.num, kind: typeNum}
			}
			return result{num: a.num * b.num, kind: typeNum}
		default:
			b := p.value(args[1], v)
			if a.kind != typeNum {
				return result{yes: same(a, b) == (op == operators.Equals), kind: typeBool}
			}
			return result{yes: compare(a.num, op, b.num), kind: typeBool}
		}
	}
	return result{}
}

func same(a, b result) bool { return a.num == b.num && a.text == b.text && a.yes == b.yes }

// atoms lists the comparisons that made the rule true, in the order of the rule.
func (p *Program) atoms(v *values) []Atom { return p.trueAtoms(p.root, v, true, nil) }

func (p *Program) trueAtoms(e ast.Expr, v *values, want bool, out []Atom) []Atom {
	if p.value(e, v).yes != want {
		return out
	}
	if e.Kind() == ast.CallKind {
		call := e.AsCall()
		args := call.Args()
		switch call.FunctionName() {
		case operators.LogicalAnd, operators.LogicalOr:
			return p.trueAtoms(args[1], v, want, p.trueAtoms(args[0], v, want, out))
		case operators.LogicalNot:
			return p.trueAtoms(args[0], v, !want, out)
		}
		for _, name := range idents(e, nil) {
			x, _ := p.cat.indicator(p.Subject, name)
			a := Atom{Indicator: name, Op: call.FunctionName(), Value: show(x, v)}
			if len(args) == 2 && args[0].Kind() == ast.IdentKind && args[1].Kind() == ast.LiteralKind {
				a.Than = showLiteral(p.value(args[1], v))
			}
			out = append(out, a)
		}
		return out
	}
	if e.Kind() == ast.IdentKind {
		x, _ := p.cat.indicator(p.Subject, e.AsIdent())
		out = append(out, Atom{Indicator: x.Key, Op: operators.Equals, Than: strconv.FormatBool(want), Value: show(x, v)})
	}
	return out
}

func idents(e ast.Expr, out []string) []string {
	switch e.Kind() {
	case ast.IdentKind:
		return append(out, e.AsIdent())
	case ast.CallKind:
		for _, a := range e.AsCall().Args() {
			out = idents(a, out)
		}
	}
	return out
}

func show(x Indicator, v *values) string {
	switch x.Type {
	case typeText:
		return v.text
	case typeBool:
		return strconv.FormatBool(v.num[x.slot] != 0)
	case typeInt:
		return strconv.FormatInt(int64(v.num[x.slot]), 10)
	}
	return strconv.FormatFloat(v.num[x.slot], 'g', 3, 64)
}

func showLiteral(r result) string {
	switch r.kind {
	case typeText:
		return r.text
	case typeBool:
		return strconv.FormatBool(r.yes)
	}
	return strconv.FormatFloat(r.num, 'f', -1, 64)
}
