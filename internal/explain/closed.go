package explain

import (
	"fmt"
	"math"
	"slices"
)

// Up to these sizes the closed test is affordable; larger experiments have power enough for Holm's correction.
const (
	closedArms   = 14
	closedTrials = 5
)

// closed returns, for each of the arms that were tried, the probability of the counts by luck in view of all arms, by
// closed testing (Marcus, Peritz, Gabriel: Biometrika 63, 1976): an arm is proven only if each set of arms that holds it
// is. A set is tested as a whole: if none of its changes matters, the passes lie anywhere among its trials and those of
// its controls; the statistic is the sum of the squares of the arms' passes, large when they lie together.
//
// A failure that always comes or never is so proven with three trials an arm, however many arms there are, while Holm's
// correction asks for five or more.
//
// Note: to compare an arm with all those that always failed, as their changes do not matter, is wrong. They are chosen
// by how they turned out, and with twenty arms one experiment in five then proves what is not there (TestLevel).
func closed(all []Comparison, tried []int) []float64 {
	worst, known := make([]float64, len(tried)), map[string]float64{}
	for set := 1; set < 1<<len(tried); set++ {
		inside := map[string]bool{}
		for i, at := range tried {
			if set>>i&1 == 1 {
				inside[all[at].Name] = true
			}
		}
		strata, key := stratify(all, inside)
		p, ok := known[key]
		if !ok {
			p = luck(strata)
			known[key] = p
		}
		for i := range tried {
			if set>>i&1 == 1 {
				worst[i] = max(worst[i], p)
			}
		}
	}
	return worst
}

// tally counts the trials of an arm.
type tally struct{ trials, passes int }

// stratum is a control, and the arms that are like it if their changes do not matter.
type stratum struct {
	control tally
	arms    []tally
}

// stratify gathers a set's arms around their controls: an arm whose control is in the set belongs to that one's control.
// The key is the same for sets that need no second calculation.
func stratify(all []Comparison, inside map[string]bool) ([]stratum, string) {
	at := func(name string) int { return slices.IndexFunc(all, func(c Comparison) bool { return c.Name == name }) }
	count := func(c Comparison) tally { return tally{c.usable(), c.Passed} }
	var strata []stratum
	var roots []string
	for _, c := range all {
		if !inside[c.Name] {
			continue
		}
		root := c.Base
		for inside[root] {
			root = all[at(root)].Base
		}
		i := slices.Index(roots, root)
		if i < 0 {
			i, roots, strata = len(roots), append(roots, root), append(strata, stratum{})
			if j := at(root); j >= 0 {
				strata[i].control = count(all[j])
			}
		}
		strata[i].arms = append(strata[i].arms, count(c))
	}
	for _, s := range strata {
		slices.SortFunc(s.arms, func(a, b tally) int { return (a.trials-b.trials)<<16 + a.passes - b.passes })
	}
	return strata, fmt.Sprint(strata)
}

// luck is the probability that the passes lie together as closely as they do, or more.
func luck(strata []stratum) float64 {
	seen, total := 0, []float64{1} // probability of each value of the statistic
	for _, s := range strata {
		for _, a := range s.arms {
			seen += a.passes * a.passes
		}
		one := s.distribution()
		sum := make([]float64, len(total)+len(one)-1)
		for i, p := range total {
			for j, q := range one {
				sum[i+j] += p * q
			}
		}
		total = sum
	}
	p := 0.0
	for _, q := range total[seen:] {
		p += q
	}
	return min(1, p)
}

// distribution is that of the statistic, if the stratum's passes lie anywhere among its trials.
func (s stratum) distribution() []float64 {
	trials, passes, most := s.control.trials, s.control.passes, 0
	for _, a := range s.arms {
		trials, passes, most = trials+a.trials, passes+a.passes, most+a.trials*a.trials
	}
	ways := make([][]float64, passes+1) // by passes given out and value of the statistic
	for i := range ways {
		ways[i] = make([]float64, most+1)
	}
	ways[0][0] = 1
	top := 0
	for _, a := range s.arms {
		pick := make([]float64, a.trials+1)
		for k := range pick {
			pick[k] = math.Exp(choose(a.trials, k))
		}
		for given := passes; given >= 0; given-- { // downwards, in place: what is read has not been changed yet
			for value := top; value >= 0; value-- {
				w := ways[given][value]
				for k := 1; w > 0 && k <= min(a.trials, passes-given); k++ {
					ways[given+k][value+k*k] += w * pick[k]
				}
			}
		}
		top += a.trials * a.trials
	}
	p := make([]float64, most+1)
	for given := range ways {
		rest := math.Exp(choose(s.control.trials, passes-given) - choose(trials, passes))
		for value, w := range ways[given] {
			p[value] += w * rest
		}
	}
	return p
}
