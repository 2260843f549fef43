package soak

import "fmt"

// Report is what the results say.
type Report struct {
	Verdict Verdict `json:"verdict"`
	// Why is the verdict for a person, with numbers. Arms are called A and B.
	Why  string  `json:"why"`
	Arms []Tally `json:"arms"`
	// Versus compares the two arms, nil for one.
	Versus *Versus `json:"versus,omitempty"`
	// Longer says how much longer it takes until the question is answered; nil when it is, or none was asked.
	Longer *Longer `json:"longer,omitempty"`
}

// Judge reads the results, in any order. It is a function of them alone: a record gives the same report again.
func Judge(q Question, results []Result) Report {
	results = latest(results)
	r := Report{Verdict: None}
	for arm := range q.arms() {
		r.Arms = append(r.Arms, newTally(arm, results))
	}
	rate := r.Arms[0].Rate
	switch {
	case q.arms() == 2:
		r.versus(results)
	case q.Below > 0:
		r.below(q, results)
	case q.Within > 0:
		r.within(q)
	default:
		r.Why = rate.String()
	}
	return r
}

// Exact says whether the exact intervals hold: not where the soak could stop because of what it saw.
func (q Question) Exact() bool { return q.arms() == 1 && q.Below == 0 }

// below asks whether the rate is below a number. Failures that came late do not take an answer back.
func (r *Report) below(q Question, results []Result) {
	rate, n := r.Arms[0].Rate, 0
	for _, x := range results {
		if x.Arm == 0 && x.Failure != nil && x.counts() && !x.Late {
			n++
		}
	}
	r.Verdict = Undecided
	any := NewRate(n, rate.Hours).Anytime
	switch {
	case rate.Hours > 0 && any.Bound < q.Below:
		r.Verdict = Below
		r.Why = fmt.Sprintf("the rate is below %s per VM-hour: %s", figure(q.Below), rate.looked())
	case any.Floor > q.Below:
		r.Verdict = Above
		r.Why = fmt.Sprintf("the rate is above %s per VM-hour: %s", figure(q.Below), rate.looked())
	default:
		r.Why = fmt.Sprintf("it is not known yet whether the rate is below %s per VM-hour: %s", figure(q.Below), rate.looked())
		r.Longer = longerBelow(q, n, rate)
	}
}

// within waits for so many failures that the interval is narrow.
func (r *Report) within(q Question) {
	rate := r.Arms[0].Rate
	r.Verdict, r.Why = Narrow, rate.String()
	if rate.Failures < q.needed() {
		r.Verdict, r.Longer = Undecided, longerWithin(q, rate)
		r.Why = fmt.Sprintf("the rate is not known to a factor of %s yet: %s", figure(q.Within), rate)
	}
}

// versus asks whether B is better than A.
func (r *Report) versus(results []Result) {
	a, b := r.Arms[0].Rate, r.Arms[1].Rate
	v := newVersus(results)
	r.Verdict, r.Versus = v.Verdict, &v
	says := map[Verdict]string{Better: "B is better than A", Worse: "B is worse than A",
		Undecided: "it is not known yet which is better"}
	r.Why = fmt.Sprintf("%s: %s", says[v.Verdict], v)
	if v.Verdict == Undecided {
		r.Longer = longerVersus(v, a, b)
	}
}
