package soak

import (
	"math"
	"math/rand/v2"
	"time"
)

// plant is a fleet whose kernels fail at known rates.
type plant struct {
	rates []float64 // per VM-hour, one for each arm
	vms   int       // of all arms together
	boot  time.Duration
	hours float64 // of the host
	rng   *rand.Rand
	// uneven says that B takes three times as long to boot.
	uneven bool
	// lives draws the time to failure in hours at a rate; nil: exponential.
	lives func(*rand.Rand, float64) float64
}

// run simulates the fleet for its time. Nothing stops it early: Judge finds where it would have been stopped.
func (p plant) run() (results []Result) {
	arms := len(p.rates)
	for place := range p.vms / arms {
		for at := 0.0; at < p.hours; {
			race, over := p.round(at)
			for arm, r := range race {
				r.Ordinal, r.Slot, r.Arm = len(results)+1, place*arms+arm, arm
				if arms > 1 {
					r.Race = 1 + len(results)/arms
				}
				results = append(results, r)
			}
			at = over
		}
	}
	return results
}

// round is a VM of each arm, until the younger has failed and the older has come to that age, or the time is up.
func (p plant) round(at float64) (vms []Result, over float64) {
	first, last := math.Inf(1), 0.0
	var fails, loaded []float64
	for arm := range p.rates {
		boot := p.boot.Hours()
		if p.uneven {
			boot *= float64(2*arm + 1)
		}
		loaded = append(loaded, at+boot)
		fails = append(fails, p.live(arm))
		first, last = min(first, fails[arm]), max(last, loaded[arm])
	}
	if len(p.rates) > 1 {
		first *= 1 + 2*tie // to be surely older
	}
	over = min(last+first, p.hours)
	for arm := range p.rates {
		left := (over - loaded[arm]) * (1 + 1e-12) // against rounding
		life := max(0, min(fails[arm], left))
		r := Result{Loaded: toTime(loaded[arm]), End: toTime(loaded[arm] + life), Time: toTime(life)}
		if fails[arm] <= left {
			r.Failure = &Failure{Signature: "planted"}
		}
		vms = append(vms, r)
	}
	return vms, over
}

func (p plant) live(arm int) float64 {
	if p.lives != nil {
		return p.lives(p.rng, p.rates[arm])
	}
	return p.rng.ExpFloat64() / p.rates[arm]
}

func toTime(hours float64) time.Duration {
	return time.Duration(math.Round(hours * float64(time.Hour)))
}

// spent is the VM time of all until a time of the host, in hours.
func spent(results []Result, until time.Duration) (hours float64) {
	for _, r := range results {
		if r.Loaded < until {
			hours += (min(r.End, until) - r.Loaded).Hours()
		}
	}
	return hours
}

// score counts what became of simulated soaks.
type score struct {
	n, hits, better, worse, undecided int
	hours                             []float64
}

func share(n, of int) float64 { return 100 * float64(n) / float64(of) }

// intervals counts in how many soaks the exact interval of the rate holds the truth.
func intervals(n int, seed uint64, rate float64, vms int, boot time.Duration, hours float64) (s score) {
	for i := range n {
		p := plant{rates: []float64{rate}, vms: vms, boot: boot, hours: hours, rng: seeded(seed, i)}
		r := Judge(Question{}, p.run()).Arms[0].Rate
		s.n++
		s.hours = append(s.hours, r.Hours)
		if r.Low <= rate && rate <= r.High {
			s.hits++
		}
	}
	return s
}

// duels counts verdicts on two arms, of which B's rate is that of A divided by ratio.
func duels(n int, seed uint64, ratio float64, set func(*plant)) (s score) {
	for i := range n {
		p := plant{rates: []float64{1, 1 / ratio}, vms: 6, hours: 200, rng: seeded(seed, i)}
		set(&p)
		results := latest(p.run())
		v := newVersus(results)
		s.n++
		if v.Low <= 1/ratio && (v.High == 0 || 1/ratio <= v.High) {
			s.hits++
		}
		switch v.Verdict {
		case Better:
			s.better++
		case Worse:
			s.worse++
		default:
			s.undecided++
			continue
		}
		s.hours = append(s.hours, decidedAt(results, v))
	}
	return s
}

// decidedAt is the VM time until the race that decided.
func decidedAt(results []Result, v Versus) float64 {
	n := v.A + v.B
	for _, r := range races(results) {
		if o := r.outcome(); o == lostByA || o == lostByB {
			if n--; n == 0 {
				return spent(results, r.over())
			}
		}
	}
	return math.NaN()
}

// bounds asks whether rates are below 1, looking all the time.
func bounds(n int, seed uint64, rate, hours float64) (s score) {
	for i := range n {
		rng := seeded(seed, i)
		s.n++
		at, k := 0.0, 0.0
		for {
			next := at + rng.ExpFloat64()/rate
			// Between failures the evidence for "below" grows, at a failure that for "above" does.
			if end := min(next, hours); end > k+shape && below(k, end) >= enough {
				t := root(max(at, k+shape), end, func(x float64) bool { return below(k, x) >= enough })
				s.hours, s.better = append(s.hours, t), s.better+1
				break
			}
			if next > hours {
				s.undecided++
				break
			}
			at, k = next, k+1
			if at < k-shape && above(k, at) >= enough {
				s.hours, s.worse = append(s.hours, at), s.worse+1
				break
			}
		}
	}
	return s
}

func seeded(stream uint64, i int) *rand.Rand { return rand.New(rand.NewPCG(stream, uint64(i))) }

func average(x []float64) (sum float64) {
	for _, v := range x {
		sum += v / float64(len(x))
	}
	return sum
}

// shapes counts what is said of lives that follow a Weibull law, whose mean is an hour.
func shapes(n int, k, hours float64) map[Shape]int {
	counts := map[Shape]int{}
	for i := range n {
		p := plant{rates: []float64{1}, vms: 6, hours: hours, rng: seeded(4, i)}
		p.lives = weibull(k)
		counts[Judge(Question{}, p.run()).Arms[0].Life.Shape]++
	}
	return counts
}

// forecasts are what was said after a fifth of the time that a verdict took, divided by what it then took.
func forecasts(n int, ratio float64) (off []float64) {
	for i := range n {
		p := plant{rates: []float64{1, 1 / ratio}, vms: 6, hours: 200, rng: seeded(5, i)}
		results := latest(p.run())
		v := newVersus(results)
		if v.Verdict == Undecided {
			continue
		}
		all := decidedAt(results, v)
		until := time.Duration(0)
		for spent(results, until) < all/5 {
			until += time.Minute
		}
		if l := Judge(Question{Arms: 2}, cut(results, until)).Longer; l != nil && l.Hours > 0 {
			off = append(off, l.Hours/(all-spent(results, until)))
		}
	}
	return off
}

// cut is what was known at a time of the host.
func cut(results []Result, until time.Duration) (known []Result) {
	for _, r := range results {
		if r.Loaded >= until {
			continue
		}
		if r.End > until {
			r.End, r.Time, r.Failure = until, until-r.Loaded, nil
		}
		known = append(known, r)
	}
	return known
}

// misuses are kernels that are alike, with lives and boots that are not those of the textbook.
func misuses() map[string]func(*plant) {
	all := func(p *plant) { p.boot, p.uneven, p.hours = 20*time.Minute, true, 60 }
	return map[string]func(*plant){
		"uneven boots": all,
		"early":        func(p *plant) { all(p); p.lives = weibull(0.5) },
		"aging":        func(p *plant) { all(p); p.lives = weibull(4) },
		"all alike":    func(p *plant) { all(p); p.lives = func(*rand.Rand, float64) float64 { return 1 } },
		"almost alike": func(p *plant) {
			all(p)
			p.lives = func(rng *rand.Rand, _ float64) float64 { return 1 + 0.1*rng.Float64() }
		},
	}
}

// weibull draws lives whose mean is 1/rate.
func weibull(k float64) func(*rand.Rand, float64) float64 {
	return func(rng *rand.Rand, rate float64) float64 {
		return math.Pow(rng.ExpFloat64(), 1/k) / rate / math.Gamma(1+1/k)
	}
}
