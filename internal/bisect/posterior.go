package bisect

import "math"

// What is thought of the two ends before any run. The rest is that they are what they were said to be.
const (
	priorBoth    = 0.05 // both have the failure
	priorNeither = 0.02
	priorSwapped = 0.01
)

// class holds candidates that the record does not tell apart: the same ones of those that were tried descend from each.
// It is empty for "none introduced it".
type class struct {
	members   set
	size      int
	from      int // words of members before it are empty
	bad, good int // answers of candidates that descend from them
	weight    rates
	belief
}

// belief sums up the weight of a class.
type belief struct {
	mass   float64 // probability that one of them introduced it
	fails  float64 // probability of that and that a run of a bad candidate shows it
	unsure float64 // mass times the entropy of such a run's answer, in nats
}

func (w *rates) belief() belief {
	mass, fails := w.sum()
	if mass == 0 {
		return belief{}
	}
	return belief{mass, fails, mass * entropy(fails/mass)}
}

// each is the probability of one member.
func (c *class) each() float64 { return c.mass / float64(c.size) }

// posterior is the joint distribution of what introduced the failure and of the rate.
type posterior struct {
	classes []*class
	none    *class // one of them
}

// classes starts from the ends: that the good one has the failure is a class of its own, whose prior differs.
func (s Search) classes() []*class {
	n := s.Graph.Len()
	first, rest := newSet(1), newSet(n)
	first.add(0)
	for c := 1; c < n; c++ {
		rest.add(c)
	}
	return []*class{{members: first, size: 1}, {members: rest, size: n - 1}, {size: 1}}
}

// posterior weighs every candidate and every rate by the record.
func (s Search) posterior(h *history) *posterior {
	post := &posterior{classes: s.classes()}
	post.none = post.classes[2]
	priors := map[*class]float64{post.classes[0]: priorBoth, post.none: priorNeither}
	for _, t := range h.counts {
		if t.Answers() == 0 {
			continue
		}
		post.split(s.Graph.above[t.Candidate], func(in *class) { in.bad += t.Bad; in.good += t.Good })
	}
	top := math.Inf(-1)
	for _, c := range post.classes {
		p, special := priors[c]
		if !special {
			p = (1 - priorBoth - priorNeither) * float64(c.size) / float64(s.Graph.Bad())
		}
		base := math.Log(p) + s.stray(h.bad-c.bad, h.good-c.good)
		c.weight = logs(c.bad, c.good)
		for r := range c.weight {
			c.weight[r] += base
			top = max(top, c.weight[r])
		}
	}
	post.normalize(top)
	return post
}

// stray is the logarithm of the probability of so many bad and good answers of good candidates.
func (s Search) stray(bad, good int) float64 {
	return times(bad, math.Log(s.Stray)) + times(good, math.Log1p(-s.Stray))
}

// split parts every class by whether its members are in a set, and marks the parts that are. A class stays itself
// when it lies on one side.
func (post *posterior) split(by set, mark func(in *class)) {
	var all []*class
	for _, c := range post.classes {
		n := c.members.shared(by, c.from)
		if n == 0 || n == c.size {
			all = append(all, c)
			if n > 0 {
				mark(c)
			}
			continue
		}
		in, out := c.members.split(by)
		a, b := *c, *c
		a.members, a.size, a.from = in.trim(), n, in.first()
		b.members, b.size, b.from = out.trim(), c.size-n, out.first()
		mark(&a)
		all = append(all, &a, &b)
	}
	post.classes = all
}

func (post *posterior) normalize(top float64) {
	sum := 0.0
	for _, c := range post.classes {
		for r := range c.weight {
			c.weight[r] = math.Exp(c.weight[r] - top)
			sum += c.weight[r]
		}
	}
	for _, c := range post.classes {
		for r := range c.weight {
			c.weight[r] /= sum
		}
		c.belief = c.weight.belief()
	}
}

// rate is the distribution of the failure probability, given that something introduced it.
func (post *posterior) rate() *rates {
	var sum rates
	for _, c := range post.classes {
		if c == post.none {
			continue
		}
		for r, w := range c.weight {
			sum[r] += w
		}
	}
	return &sum
}

// of is the probability that a candidate introduced it.
func (post *posterior) of(candidate int) float64 {
	for _, c := range post.classes {
		if c.members.has(candidate) {
			return c.each()
		}
	}
	return 0
}

func entropy(p float64) float64 {
	if p <= 0 || p >= 1 {
		return 0
	}
	return -p*math.Log(p) - (1-p)*math.Log1p(-p)
}
