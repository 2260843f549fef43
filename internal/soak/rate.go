package soak

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// level is the confidence of everything that is said, and of the verdicts.
const level = 0.95

// Rate is a number of failures per VM-hour with what is known about it, all at 95% confidence. Where there was no VM
// time everything but Failures is 0.
type Rate struct {
	Failures int     `json:"failures"`
	Hours    float64 `json:"vm_hours"`
	PerHour  float64 `json:"per_vm_hour"`
	// Low and High are the exact Poisson interval. It holds when the end of the soak was fixed in advance: by time, by
	// a number of failures (Question.Within), or by whichever comes first.
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	// Bound is the one-sided form of it: the rate is below Bound. Without a failure it is 3.0 / Hours.
	Bound float64 `json:"bound"`
	// Anytime holds whenever one looks and for whatever reason one stopped. It is wider.
	Anytime Anytime `json:"anytime"`
}

// Anytime is an interval and a bound of a confidence sequence.
type Anytime struct {
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	Bound float64 `json:"bound"` // one-sided: the rate is below it
	Floor float64 `json:"floor"` // one-sided: the rate is above it
}

// NewRate is the rate for so many failures in so many VM-hours.
func NewRate(failures int, hours float64) Rate {
	r := Rate{Failures: failures}
	if hours <= 0 {
		return r
	}
	r.Hours, r.PerHour = hours, float64(failures)/hours
	low, high := garwood(failures)
	r.Low, r.High = low/hours, high/hours
	r.Bound = quantile(failures+1, level) / hours
	r.Anytime = anytime(failures, hours)
	return r
}

// garwood is the exact interval for the number that is expected: the ends are those at which so many failures or
// more, and so few or fewer, have a probability of 2.5%.
func garwood(failures int) (low, high float64) {
	const tail = (1 - level) / 2
	if failures > 0 {
		low = quantile(failures, tail)
	}
	return low, quantile(failures+1, 1-tail)
}

// quantile is that of the gamma distribution of this shape and scale 1: of the time to the so-manieth event at rate 1.
func quantile(events int, p float64) float64 {
	return distuv.Gamma{Alpha: float64(events), Beta: 1}.Quantile(p)
}

// String is "0.21 per VM-hour (0.057 to 0.54), 4 failures in 19 VM-hours", or for no failure "below 0.16 per VM-hour
// with 95% confidence, no failure in 19 VM-hours".
func (r Rate) String() string {
	count := fmt.Sprintf("%s in %s", failures(r.Failures), hours(r.Hours))
	switch {
	case r.Hours == 0:
		return count
	case r.Failures == 0:
		return fmt.Sprintf("below %s per VM-hour with 95%% confidence, %s", figure(r.Bound), count)
	}
	return fmt.Sprintf("%s per VM-hour (%s to %s), %s", figure(r.PerHour), figure(r.Low), figure(r.High), count)
}

// looked is the same where the soak could stop because of what it saw.
func (r Rate) looked() string {
	count := fmt.Sprintf("%s in %s", failures(r.Failures), hours(r.Hours))
	switch {
	case r.Hours == 0:
		return count
	case r.Failures == 0:
		return fmt.Sprintf("%s, which is below %s per VM-hour with 95%% confidence whenever one looks", count,
			figure(r.Anytime.Bound))
	}
	return fmt.Sprintf("%s per VM-hour (%s to %s with 95%% confidence, whenever one looks), %s",
		figure(r.PerHour), figure(r.Anytime.Low), figure(r.Anytime.High), count)
}

func failures(n int) string {
	switch n {
	case 0:
		return "no failure"
	case 1:
		return "1 failure"
	}
	return fmt.Sprintf("%d failures", n)
}

func hours(h float64) string {
	if h > 0 && h < 0.1 {
		return figure(h*60) + " VM-minutes"
	}
	return figure(h) + " VM-hours"
}

// figure writes a number with the two or three digits that mean something.
func figure(x float64) string {
	if math.Abs(x) >= 100 {
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.3g", x)
}
