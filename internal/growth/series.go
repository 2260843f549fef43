package growth

import (
	"math"
	"slices"
)

const (
	// floor is the smallest relative standard error that a size can have. Under the instruction clock repetitions agree
	// to the nanosecond, but no law of growth is that exact.
	floor = 0.001
	// outlier is the distance from the median, in robust standard deviations, at which a sample is set aside
	// (Hampel's rule; Davies, Gather: The identification of multiple outliers, JASA 1993).
	outlier = 3.5
	// prior is how many degrees of freedom the pooled spread is worth at a size with few samples of its own
	// (shrinkage of variances as in Smyth: Linear models and empirical Bayes methods, 2004).
	prior = 10
)

// series is what the fits work on: one line a size.
type series struct {
	n       []float64 // size
	z       []float64 // log of the cost in ns, mean over the samples kept
	y       []float64 // exp(z)
	v       []float64 // variance of z, from the spread of the samples
	reps    int       // degrees of freedom behind v: samples kept less sizes
	spread  float64   // relative standard deviation of one sample, pooled; 0 if no size has two samples
	asides  int       // samples set aside as outliers
	dropped int       // samples that were no cost
	total   int       // samples given
}

func newSeries(points []Point) *series {
	sizes, samples, dropped := gather(points)
	s := &series{dropped: dropped, total: dropped}
	logs := make([][]float64, len(sizes))
	for i := range samples {
		s.total += len(samples[i])
		for _, x := range samples[i] {
			logs[i] = append(logs[i], math.Log(x))
		}
	}
	pooled := deviation(logs...)
	sum, own := 0.0, make([]float64, len(sizes))
	for i, l := range logs {
		kept := keep(l, max(floor, pooled, deviation(l)))
		s.asides += len(l) - len(kept)
		s.reps += len(kept) - 1
		m := mean(kept)
		for _, x := range kept {
			own[i] += (x - m) * (x - m)
		}
		sum += own[i]
		logs[i] = kept
		s.n, s.z, s.y = append(s.n, float64(sizes[i])), append(s.z, m), append(s.y, math.Exp(m))
	}
	if s.reps > 0 {
		s.spread = math.Sqrt(sum / float64(s.reps))
	}
	for i, l := range logs {
		m := float64(len(l))
		one := (prior*s.spread*s.spread + own[i]) / (prior + m - 1)
		s.v = append(s.v, one/m+floor*floor)
	}
	return s
}

// deviation is a robust standard deviation within groups: 1.4826 times the median distance from the group's median. The
// sample that is the median itself tells nothing and is left out.
func deviation(groups ...[]float64) float64 {
	var d []float64
	for _, g := range groups {
		m := median(g)
		skip := len(g)%2 == 1
		for _, x := range g {
			if skip && x == m {
				skip = false
				continue
			}
			d = append(d, math.Abs(x-m))
		}
	}
	return 1.4826 * median(d)
}

// keep returns the values within the outlier distance of the median; of two values no one can say which is wrong.
func keep(x []float64, sd float64) []float64 {
	if len(x) < 3 {
		return x
	}
	m := median(x)
	return slices.DeleteFunc(slices.Clone(x), func(v float64) bool { return math.Abs(v-m) > outlier*sd })
}

func mean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

// median of no values is 0.
func median(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(x))
	k := len(s) / 2
	if len(s)%2 == 1 {
		return s[k]
	}
	return (s[k-1] + s[k]) / 2
}

// span is the largest size divided by the smallest.
func (s *series) span() float64 { return s.n[len(s.n)-1] / s.n[0] }
