package tree

import "testing"

func BenchmarkBuild(b *testing.B) {
	for b.Loop() {
		if _, err := build(divisionTable, factsTable); err != nil {
			b.Fatal(err)
		}
	}
}
