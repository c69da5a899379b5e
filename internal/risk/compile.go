package risk

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"huikan/internal/kernel/fault"
)

// Bounds of an expression. There is no loop in the language that is left, so its
// size bounds its cost.
const (
	maxExpression = 1000 // characters
	maxNodes      = 120
	maxDepth      = 24
	maxCost       = 500 // units of CEL, estimated before it runs
)

// allowed are the operators that a rule may use. Everything else of the language
// (calls, regular expressions, maps, loops, time, type tests) is refused.
var allowed = []string{operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot, operators.Equals, operators.NotEquals, operators.Less, operators.LessEquals,
	operators.Greater, operators.GreaterEquals, operators.Add, operators.Subtract, operators.Multiply, operators.In}

// loops are the words by which CEL walks over lists.
var loops = regexp.MustCompile(`\.\s*(all|exists|exists_one|existsOne|map|filter|transformList|transformMap|transformMapEntry)\s*\(`)

// Program is a compiled rule.
type Program struct {
	Subject string
	Source  string
	root    ast.Expr
	run     cel.Program
	gates   []gate // comparisons that all must hold: judged before the program runs
	cat     *Catalogue
}

// gate is `indicator op number`, a conjunct of the whole rule.
type gate struct {
	slot int
	op   string
	than float64
}

func (g gate) open(v *values) bool { return compare(v.num[g.slot], g.op, g.than) }

func compare(a float64, op string, b float64) bool {
	switch op {
	case operators.Less:
		return a < b
	case operators.LessEquals:
		return a <= b
	case operators.Greater:
		return a > b
	case operators.GreaterEquals:
		return a >= b
	case operators.Equals:
		return a == b
	}
	return a != b
}

func refuse(key string, args ...any) error {
	var f fault.Fields
	f.Add("expression", key, args...)
	return f.Err()
}

// Compile checks an expression over the indicators of a subject and makes it
// ready to run. The refusal says in the user's language what is wrong.
func (c *Catalogue) Compile(subject, text string) (*Program, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return nil, refuse("error.required")
	case len([]rune(text)) > maxExpression:
		return nil, refuse("error.too_long", maxExpression, len([]rune(text)))
	case c.by[subject] == nil:
		return nil, fault.Invalid("risk.bad.choice", subject)
	case loops.MatchString(text):
		return nil, refuse("risk.rule.bad.loop", strings.Trim(loops.FindString(text), ".( "))
	}
	env, err := c.env(subject)
	if err != nil {
		return nil, err
	}
	tree, issues := env.Compile(text)
	if issues.Err() != nil {
		return nil, c.explain(subject, text, issues)
	}
	if tree.OutputType() != cel.BoolType {
		return nil, refuse("risk.rule.bad.bool")
	}
	p := &Program{Subject: subject, Source: text, root: tree.NativeRep().Expr(), cat: c}
	n, used := 0, 0
	if err := p.judge(p.root, 0, &n, &used); err != nil {
		return nil, err
	}
	if used == 0 {
		return nil, refuse("risk.rule.bad.constant")
	}
	price, err := env.EstimateCost(tree, sizes{})
	if err != nil || price.Max > maxCost {
		return nil, refuse("risk.rule.bad.cost", maxCost)
	}
	if p.run, err = env.Program(tree, cel.EvalOptions(cel.OptOptimize)); err != nil {
		return nil, refuse("risk.rule.bad.other", err.Error())
	}
	p.gates = c.gatesOf(subject, p.root)
	return p, nil
}

// sizes tells the estimator that texts are short.
type sizes struct{}

// EstimateSize bounds every text and list.
func (sizes) EstimateSize(cost.AstNode) *cost.SizeEstimate {
	return &cost.SizeEstimate{Min: 0, Max: 60}
}

// EstimateCallCost leaves the cost of operators to the language.
func (sizes) EstimateCallCost(string, string, *cost.AstNode, []cost.AstNode) *cost.CallEstimate {
	return nil
}

func (c *Catalogue) env(subject string) (*cel.Env, error) {
	opts := []cel.EnvOption{cel.StdLib(), cel.ClearMacros(), cel.CrossTypeNumericComparisons(true), cel.ParserRecursionLimit(maxDepth * 4), cel.ParserExpressionSizeLimit(maxExpression)}
	for _, x := range c.by[subject] {
		opts = append(opts, cel.Variable(x.Key, map[string]*cel.Type{typeInt: cel.IntType, typeNum: cel.DoubleType, typeBool: cel.BoolType, typeText: cel.StringType}[x.Type]))
	}
	env, err := cel.NewCustomEnv(opts...)
	if err != nil {
		return nil, fmt.Errorf("language of rules: %w", err)
	}
	return env, nil
}

var undeclared = regexp.MustCompile(`undeclared reference to '([^']*)'`)

func (c *Catalogue) explain(subject, text string, issues *cel.Issues) error {
	for _, e := range issues.Errors() {
		col := e.Location.Column() + 1
		if m := undeclared.FindStringSubmatch(e.Message); m != nil {
			for _, s := range Subjects() {
				if x, ok := c.indicator(s, m[1]); ok && s != subject {
					return refuse("risk.rule.bad.subject", x.Zh, x.Key)
				}
			}
			return refuse("risk.rule.bad.word", m[1])
		}
		if strings.Contains(e.Message, "no matching overload") {
			return refuse("risk.rule.bad.types", col)
		}
		if strings.Contains(e.Message, "recursion") {
			return refuse("risk.rule.bad.deep", maxDepth)
		}
		return refuse("risk.rule.bad.syntax", col, firstLine(e.Message))
	}
	return refuse("risk.rule.bad.syntax", 1, firstLine(text))
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	if r := []rune(s); len(r) > 120 {
		s = string(r[:120])
	}
	return s
}

// judge walks the expression: only allowed operators, literals and indicators.
func (p *Program) judge(e ast.Expr, depth int, n, used *int) error {
	*n++
	if *n > maxNodes {
		return refuse("risk.rule.bad.large", maxNodes)
	}
	if depth > maxDepth {
		return refuse("risk.rule.bad.deep", maxDepth)
	}
	switch e.Kind() {
	case ast.IdentKind:
		if _, ok := p.cat.indicator(p.Subject, e.AsIdent()); !ok {
			return refuse("risk.rule.bad.word", e.AsIdent())
		}
		*used++
		return nil
	case ast.LiteralKind:
		switch v := e.AsLiteral().(type) {
		case types.Int, types.String, types.Bool:
			return nil
		case types.Double:
			if !math.IsInf(float64(v), 0) {
				return nil
			}
		}
		return refuse("risk.rule.bad.literal")
	case ast.ListKind:
		for _, x := range e.AsList().Elements() {
			if err := p.judge(x, depth+1, n, used); err != nil {
				return err
			}
		}
		return nil
	case ast.CallKind:
		call := e.AsCall()
		if call.IsMemberFunction() || !slices.Contains(allowed, call.FunctionName()) {
			return refuse("risk.rule.bad.call", strings.Trim(call.FunctionName(), "_@"))
		}
		if call.FunctionName() == operators.In && call.Args()[1].Kind() != ast.ListKind {
			return refuse("risk.rule.bad.call", "in")
		}
		for _, x := range call.Args() {
			if err := p.judge(x, depth+1, n, used); err != nil {
				return err
			}
		}
		return nil
	case ast.ComprehensionKind:
		return refuse("risk.rule.bad.loop", "…")
	}
	return refuse("risk.rule.bad.form")
}

// gatesOf finds comparisons with a number that the whole rule depends on.
func (c *Catalogue) gatesOf(subject string, e ast.Expr) (out []gate) {
	switch e.Kind() {
	case ast.IdentKind:
		if x, ok := c.indicator(subject, e.AsIdent()); ok && x.Type == typeBool {
			out = append(out, gate{x.slot, operators.Equals, 1})
		}
	case ast.CallKind:
		call := e.AsCall()
		args := call.Args()
		switch call.FunctionName() {
		case operators.LogicalAnd:
			return append(c.gatesOf(subject, args[0]), c.gatesOf(subject, args[1])...)
		case operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals, operators.Equals:
			if args[0].Kind() != ast.IdentKind || args[1].Kind() != ast.LiteralKind {
				return nil
			}
			x, ok := c.indicator(subject, args[0].AsIdent())
			than, num := number(args[1].AsLiteral())
			if ok && num && (x.Type == typeInt || x.Type == typeNum) {
				out = append(out, gate{x.slot, call.FunctionName(), than})
			}
		}
	}
	return out
}

func number(v ref.Val) (float64, bool) {
	switch n := v.(type) {
	case types.Int:
		if n > 1<<52 || n < -(1<<52) {
			return 0, false
		}
		return float64(n), true
	case types.Double:
		return float64(n), true
	}
	return 0, false
}

// activation gives the program its values.
type activation struct {
	cat *Catalogue
	of  map[string]*Indicator
	v   *values
}

// ResolveName gives the value of an indicator.
func (a *activation) ResolveName(name string) (any, bool) {
	x, ok := a.of[name]
	if !ok {
		return nil, false
	}
	switch x.Type {
	case typeInt:
		return types.Int(int64(a.v.num[x.slot])), true
	case typeNum:
		return types.Double(a.v.num[x.slot]), true
	case typeBool:
		return types.Bool(a.v.num[x.slot] != 0), true
	}
	return types.String(a.v.text), true
}

// Parent is nil: rules see indicators and nothing else.
func (a *activation) Parent() interpreter.Activation { return nil }

// holds tells whether the rule is true of the values.
func (p *Program) holds(v *values, a *activation) (bool, error) {
	for _, g := range p.gates {
		if !g.open(v) {
			return false, nil
		}
	}
	return p.ask(v, a)
}

// ask runs the whole program.
func (p *Program) ask(v *values, a *activation) (bool, error) {
	a.cat, a.of, a.v = p.cat, p.cat.by[p.Subject], v
	out, _, err := p.run.Eval(a)
	if err != nil {
		return false, fmt.Errorf("rule %q: %w", p.Source, err)
	}
	b, ok := out.(types.Bool)
	if !ok {
		return false, errors.New("rule gave no yes or no")
	}
	return bool(b), nil
}
