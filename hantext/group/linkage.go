package group

import "slices"

// agglomerate groups seeds. Each gets a group, if only its own.
func (g *grouper) agglomerate(seeds []*variant, link float64) {
	number := map[int]int32{}
	for i, r := range average(len(seeds), link, allFeatures(seeds), func(i int) float32 { return float32(len(seeds[i].members)) }) {
		if _, ok := number[r]; !ok {
			number[r] = g.clusters
			g.clusters++
		}
		seeds[i].cluster = number[r]
	}
}

// average joins n things by average linkage down to a likeness and gives for each the first of its group. A thing counts
// with its weight, so that a wording between two others, rarely used, does not pull them together.
func average(n int, link float64, of sparse, weight func(i int) float32) []int {
	sim := make([]float32, n*n)
	index := postings(n, of)
	parallel(n, func(i int) {
		row := sim[i*n : (i+1)*n]
		feats, weights := of(i)
		for k, f := range feats {
			for _, p := range index[f] {
				row[p.at] += weights[k] * p.weight
			}
		}
	})
	size := make([]float32, n)
	alive := make([]int, n)
	into := make([]int, n)
	best := make([]int, n)
	for i := range n {
		size[i], alive[i], into[i] = weight(i), i, i
		sim[i*n+i] = -1
	}
	nearest := func(i int) {
		b, row := -1, sim[i*n:(i+1)*n]
		for _, j := range alive {
			if j != i && (b < 0 || row[j] > row[b]) {
				b = j
			}
		}
		best[i] = b
	}
	for i := range n {
		nearest(i)
	}
	for len(alive) > 1 {
		a := -1
		for _, i := range alive {
			if a < 0 || sim[i*n+best[i]] > sim[a*n+best[a]] {
				a = i
			}
		}
		b := best[a]
		if float64(sim[a*n+b]) < link {
			break
		}
		if b < a {
			a, b = b, a
		}
		sum := size[a] + size[b]
		alive = slices.DeleteFunc(alive, func(x int) bool { return x == b })
		for _, j := range alive {
			if j != a {
				v := (size[a]*sim[a*n+j] + size[b]*sim[b*n+j]) / sum
				sim[a*n+j], sim[j*n+a] = v, v
			}
		}
		size[a], into[b] = sum, a
		for _, j := range alive {
			switch {
			case j == a || best[j] == a || best[j] == b:
				if len(alive) > 1 {
					nearest(j)
				}
			case sim[j*n+a] > sim[j*n+best[j]]:
				best[j] = a
			}
		}
	}
	for i := range into {
		for into[i] != into[into[i]] {
			into[i] = into[into[i]]
		}
	}
	return into
}
