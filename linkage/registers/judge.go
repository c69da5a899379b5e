package registers

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	"huikan/linkage"
)

// Judgement holds links against the truth.
type Judgement struct {
	True, Links           int
	Precision, Recall, F1 float64 // at probability 0.5
	Reach                 float64 // recall of everything reported
	Auto, Review          int
	AutoPrecision         float64
	Calibration           float64                           // expected calibration error of pairs from 0.02
	Hard                  map[string]HardCount              // planted people who are not the same
	Bins                  [10]struct{ N, Sum, Hit float64 } // by tenth of probability
	Missed, Wrong         []string                          // some pairs, to look at
}

// HardCount counts planted pairs of one kind.
type HardCount struct{ All, Auto, Half int }

type pairKey struct {
	source      string
	left, right string
}

// Judge reads truth.csv and hard_negatives.csv of a folder and judges a result by them.
func Judge(dir string, r *Result) (*Judgement, error) {
	truth, err := readPairs(filepath.Join(dir, "truth.csv"))
	if err != nil {
		return nil, err
	}
	hard, err := readPairs(filepath.Join(dir, "hard_negatives.csv"))
	if err != nil {
		return nil, err
	}
	j := &Judgement{True: len(truth), Hard: map[string]HardCount{}}
	for _, kind := range hard {
		h := j.Hard[kind]
		h.All++
		j.Hard[kind] = h
	}
	hits, half, reach, autoHits := 0, 0, 0, 0
	found := map[pairKey]bool{}
	for i, s := range []*linkage.Set{r.Staff, r.Relatives} {
		for _, l := range r.Links[i] {
			k := pairKey{Sources[i], s.ID(l.Left), r.Index.ID(l.Right)}
			_, right := truth[k]
			j.Links++
			b := &j.Bins[min(9, int(l.Probability*10))]
			b.N++
			b.Sum += l.Probability
			if right {
				b.Hit++
				reach++
			}
			if l.Probability >= 0.5 {
				half++
				if right {
					hits++
					found[k] = true
				} else if len(j.Wrong) < 40 {
					j.Wrong = append(j.Wrong, fmt.Sprint(k, hard[k]))
				}
			}
			if l.Band == linkage.Auto {
				j.Auto++
				if right {
					autoHits++
				}
			} else {
				j.Review++
			}
			if kind, ok := hard[k]; ok {
				h := j.Hard[kind]
				if l.Band == linkage.Auto {
					h.Auto++
				}
				if l.Probability >= 0.5 {
					h.Half++
				}
				j.Hard[kind] = h
			}
		}
	}
	for k, tags := range truth {
		if !found[k] && len(j.Missed) < 40 {
			j.Missed = append(j.Missed, fmt.Sprint(k, tags))
		}
	}
	j.Precision, j.Recall = float64(hits)/math.Max(1, float64(half)), float64(hits)/math.Max(1, float64(len(truth)))
	if hits > 0 {
		j.F1 = 2 * j.Precision * j.Recall / (j.Precision + j.Recall)
	}
	j.Reach = float64(reach) / math.Max(1, float64(len(truth)))
	j.AutoPrecision = float64(autoHits) / math.Max(1, float64(j.Auto))
	n := 0.0
	for _, b := range j.Bins {
		j.Calibration += math.Abs(b.Sum - b.Hit)
		n += b.N
	}
	j.Calibration /= math.Max(1, n)
	return j, nil
}

// readPairs reads source, source_id, lawyer_id and the last column.
func readPairs(path string) (map[pairKey]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("registers: %w", err)
	}
	defer f.Close()
	out := map[pairKey]string{}
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		p := strings.Split(strings.TrimRight(sc.Text(), "\r"), ",")
		if len(p) >= 4 && p[0] != "source" {
			out[pairKey{p[0], p[1], p[2]}] = p[len(p)-1]
		}
	}
	return out, sc.Err()
}
