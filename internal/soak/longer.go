package soak

import (
	"fmt"
	"math"
	"time"
)

// Longer is an estimate of the VM time, of all arms together, until a question is answered at the rates seen so far.
type Longer struct {
	Hours float64 `json:"hours,omitempty"` // VM-hours beyond those spent; 0 when it cannot be told
	Why   string  `json:"why"`             // for a person: the same in words, or why it cannot be told
}

// Wait is the host time that takes with so many VMs loaded, 0 when it cannot be told.
func (l Longer) Wait(vms int) time.Duration {
	ns := l.Hours / float64(max(vms, 1)) * float64(time.Hour)
	if !(ns < math.MaxInt64) {
		return 0
	}
	return time.Duration(ns)
}

// farthest is how many times the VM time that was spent one looks ahead.
const farthest = 1000

// ahead is the least time after which something holds, by doubling and halving; 0 if it does not before the horizon.
func ahead(horizon float64, holds func(hours float64) bool) float64 {
	high := horizon / (1 << 20)
	for !holds(high) {
		if high *= 2; high > horizon {
			return 0
		}
	}
	return root(0, high, holds)
}

func about(hours_ float64) Longer {
	return Longer{hours_, fmt.Sprintf("about %s more at the rates seen so far", hours(hours_))}
}

func untold(why string, args ...any) *Longer {
	return &Longer{Why: "how much longer cannot be told: " + fmt.Sprintf(why, args...)}
}

// longerBelow looks ahead for a bound: failures go on to come as they did.
func longerBelow(q Question, n int, r Rate) *Longer {
	if r.Hours == 0 {
		return untold("there is no VM time yet")
	}
	rate := float64(n) / r.Hours
	h := ahead(farthest*r.Hours, func(more float64) bool {
		k, x := float64(n)+rate*more, q.Below*(r.Hours+more)
		return x > k+shape && below(k, x) >= enough || k >= 1 && x <= k-shape && above(k, x) >= enough
	})
	// With no failure yet, the time without any that it takes.
	if h == 0 && n == 0 {
		h = highest(0, 1-level)/q.Below - r.Hours
	}
	if h <= 0 {
		return untold("the rate seen so far, %s per VM-hour, is too near to %s", figure(rate), figure(q.Below))
	}
	l := about(h)
	if n == 0 {
		l.Why = fmt.Sprintf("about %s more if no failure comes", hours(h))
	}
	return &l
}

// longerWithin counts the failures that are missing.
func longerWithin(q Question, r Rate) *Longer {
	missing := q.needed() - r.Failures
	switch {
	case r.Hours == 0:
		return untold("there is no VM time yet")
	case r.Failures == 0:
		return untold("there is no failure yet, and it takes %d", missing)
	}
	l := about(float64(missing) / r.PerHour)
	l.Why += fmt.Sprintf(" (%s more)", failures(missing))
	return &l
}

// longerVersus looks ahead with races going on to be lost as they were. Half a race is added for each arm, as one
// that has lost none may yet.
func longerVersus(v Versus, a, b Rate) *Longer {
	spent, n := a.Hours+b.Hours, float64(v.A+v.B)
	switch {
	case a.Hours == 0 || b.Hours == 0:
		return untold("not both have VM time yet")
	case a.Failures+b.Failures == 0:
		return untold("there is no failure yet, in %s of A (below %s per VM-hour with 95%% confidence) and %s of B (below %s)",
			hours(a.Hours), figure(a.Bound), hours(b.Hours), figure(b.Bound))
	case n == 0:
		return untold("no race was decided yet%s", v.draws())
	}
	share := (float64(v.B) + 0.5) / (n + 1)
	h := ahead(farthest*spent, func(more float64) bool {
		m := more * n / spent
		return evidence(float64(v.A)+m*(1-share), float64(v.B)+m*share, 0.5) >= enough
	})
	if h == 0 {
		return untold("they are too much alike, it takes more than %s", hours(farthest*spent))
	}
	l := about(h)
	return &l
}
