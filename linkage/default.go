package linkage

// Default is a model of starting values for registers too small to learn from: the shares of package linkage, names judged
// by the small people that is built in and by the records of the given sets.
func Default(rules Rules, rate float64, sets ...*Set) *Model {
	m := newModel(rules)
	if rate > 0 {
		m.Rate = rate
	}
	n := 0
	for _, s := range sets {
		n += s.Len()
	}
	c := newCounter(n + 1)
	for _, s := range sets {
		for i := range s.facts {
			c.add(s.facts[i].name)
		}
	}
	m.takeNames(c)
	m.seal()
	return m
}
