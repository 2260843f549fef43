package bisect

import (
	"cmp"
	"slices"
)

const (
	// worlds is how many outcomes of the runs that are under way are told apart.
	worlds = 16
	// negligible is the probability below which a class is left out of the choice.
	negligible = 1e-7
	// least is the expected information, in nats, below which a run is not worth it.
	least = 1e-9
)

// world is one way in which the runs under way can end.
type world struct {
	chance  float64
	weights []rates  // of the classes
	beliefs []belief // of the weights
}

// chooser picks candidates one after another, each given that those before it are running.
type chooser struct {
	Search
	post   *posterior
	worlds []world
	usable []float64 // probability that a run of the candidate answers at all
}

// choose picks up to k candidates, those in first included.
func (s Search) choose(h *history, post *posterior, first []int, k int) []int {
	c := &chooser{Search: s, post: &posterior{classes: slices.Clone(post.classes)}, usable: s.usable(h)}
	w := world{chance: 1}
	for _, class := range post.classes {
		w.weights = append(w.weights, class.weight)
		w.beliefs = append(w.beliefs, class.belief)
	}
	c.worlds = []world{w}
	for _, t := range append(slices.Clone(h.running), first...) {
		c.run(t)
	}
	picks := slices.Clone(first)
	for len(picks) < k {
		t, ok := c.best(h)
		if !ok {
			break
		}
		picks = append(picks, t)
		if len(picks) < k {
			c.run(t)
		}
	}
	return picks
}

// best is the candidate whose answer is expected to tell most about what introduced the failure.
func (c *chooser) best(h *history) (best int, ok bool) {
	gained := least
	classes := c.relevant()
	for t := range c.Graph.Len() {
		if h.deaf.has(t) {
			continue
		}
		if gain := c.gain(t, classes) * c.usable[t]; gain > gained+1e-12 {
			best, gained, ok = t, gain, true
		}
	}
	return best, ok
}

// gain is the mutual information of a run's answer and of what introduced the failure,
//
//	I(t) = H(bad at t) - E over c of H(bad at t | c introduced it)
//
// with the rate averaged out, and averaged over how the runs under way end.
func (c *chooser) gain(t int, classes []int) (sum float64) {
	states := make([]belief, len(c.worlds))
	above := c.Graph.above[t]
	for _, i := range classes {
		class := c.post.classes[i]
		n := class.members.shared(above, class.from)
		if n == 0 {
			continue
		}
		share := float64(n) / float64(class.size)
		for j := range c.worlds {
			b := &c.worlds[j].beliefs[i]
			states[j].mass += share * b.mass
			states[j].fails += share * b.fails
			states[j].unsure += share * b.unsure
		}
	}
	for j, st := range states {
		sum += c.worlds[j].chance * st.information(c.Stray)
	}
	return sum
}

// information is what a run is expected to tell. The belief is that of all candidates which would give it the failure.
func (st belief) information(stray float64) float64 {
	others := max(1-st.mass, 0)
	return entropy(st.fails+others*stray) - st.unsure - others*entropy(stray)
}

// relevant lists the classes that are worth counting.
func (c *chooser) relevant() (all []int) {
	for i := range c.post.classes {
		mass := 0.0
		for _, w := range c.worlds {
			mass += w.chance * w.beliefs[i].mass
		}
		if mass > negligible {
			all = append(all, i)
		}
	}
	return all
}

// run takes a candidate as running: every world becomes two. Those least likely are forgotten.
func (c *chooser) run(t int) {
	c.divide(c.Graph.above[t])
	inside := make([]bool, len(c.post.classes))
	for i, class := range c.post.classes {
		inside[i] = class.members.shared(c.Graph.above[t], class.from) > 0
	}
	var all []world
	for _, w := range c.worlds {
		all = append(all, w.after(inside, c.Stray, true), w.after(inside, c.Stray, false))
	}
	slices.SortStableFunc(all, func(a, b world) int { return cmp.Compare(b.chance, a.chance) })
	all = all[:min(len(all), worlds)]
	total := 0.0
	for _, w := range all {
		total += w.chance
	}
	for i := range all {
		all[i].chance /= total
	}
	c.worlds = all
}

// divide parts the classes, and their weights in every world.
func (c *chooser) divide(by set) {
	var classes []*class
	old := c.worlds
	c.worlds = make([]world, len(old))
	for j := range old {
		c.worlds[j].chance = old[j].chance
	}
	for i, whole := range c.post.classes {
		one := posterior{classes: []*class{whole}}
		one.split(by, func(*class) {})
		for _, part := range one.classes {
			classes = append(classes, part)
			share := float64(part.size) / float64(whole.size)
			for j := range old {
				c.worlds[j].weights = append(c.worlds[j].weights, old[j].weights[i].times(share))
			}
		}
	}
	c.post.classes = classes
}

func (w rates) times(x float64) rates {
	for i := range w {
		w[i] *= x
	}
	return w
}

// after is the world once a run that has the failure from the classes inside has answered.
func (w world) after(inside []bool, stray float64, bad bool) world {
	next := world{weights: slices.Clone(w.weights)}
	for i := range next.weights {
		for r := range next.weights[i] {
			p := stray
			if inside[i] {
				p = rate(r)
			}
			if !bad {
				p = 1 - p
			}
			next.weights[i][r] *= p
		}
		mass, _ := next.weights[i].sum()
		next.chance += mass
	}
	for i := range next.weights {
		if next.chance > 0 {
			next.weights[i] = next.weights[i].times(1 / next.chance)
		}
		next.beliefs = append(next.beliefs, next.weights[i].belief())
	}
	next.chance *= w.chance
	return next
}

// usable is the probability that a run of a candidate says good or bad. What did not build or boot is rarely alone, so
// that runs of others count too, the less the farther they are.
func (s Search) usable(h *history) []float64 {
	const answered, lost = 1.9, 0.1 // before any run
	all := make([]float64, s.Graph.Len())
	for i := range all {
		yes, runs := answered, answered+lost
		for _, c := range h.counts {
			if c.Runs() == c.Answers() && c.Candidate != i {
				continue
			}
			near := 1 / float64(1+max(c.Candidate-i, i-c.Candidate))
			yes += near * float64(c.Answers())
			runs += near * float64(c.Runs())
		}
		all[i] = yes / runs
	}
	return all
}
