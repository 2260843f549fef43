package minimise

import (
	"math"
)

// Tally counts what the trials of one candidate showed.
type Tally struct {
	Shown   int // the target
	Missed  int // no target: everything passed, or another failure came first
	Harness int // nothing: brink could not do it
	// Last says what came instead the last time that the target did not show.
	Last string
	// Confirmed and Confirming count those of the trials, shown and all, that were asked for only to confirm.
	Confirmed, Confirming int
}

// trials counts those that said something.
func (t Tally) trials() int { return t.Shown + t.Missed }

// verdict says what is known of a candidate.
type verdict uint8

const (
	open verdict = iota + 1 // another trial is needed
	good                    // the target shows
	bad                     // it does not, or not often enough, or it cannot be told
)

const (
	confirmations = 2  // fresh VMs with other seeds that the result must show the target in
	wholeTrials   = 2  // of the whole reproduction, if both show the target: it then always comes
	rareTrials    = 10 // of the whole reproduction, if they do not
	maxTrials     = 60 // of one candidate, however rare the failure
	faults        = 2  // harness faults in excess of shown targets after which a candidate counts as bad
)

// enough is the probability with which a failure that is as frequent as before is seen often enough.
const enough = 0.95

// odds says what is asked of a candidate.
type odds struct {
	// rate is how often the whole reproduction shows the target; 1 stands for always.
	rate float64
	// doubt counts results that did not stand when they were confirmed, though the failure always came: the seed was what
	// showed it. Each one makes every candidate show it with one seed more.
	doubt int
}

// budget returns how often the target must show, and in how many trials at most.
func (o odds) budget() (shown, trials int) {
	if o.rate >= 1 {
		return 1 + o.doubt, 1 + o.doubt
	}
	rate := o.rate
	for n := 2; n < maxTrials; n++ {
		never := math.Pow(1-rate, float64(n))
		once := float64(n) * rate * math.Pow(1-rate, float64(n-1))
		if 1-never-once >= enough {
			return 2, n
		}
	}
	return 2, maxTrials
}

// judge says what a tally means. Of a failure that always comes, a single miss is enough.
func (t Tally) judge(o odds) verdict {
	shown, trials := o.budget()
	switch {
	case o.rate >= 1 && t.Missed > 0:
		return bad
	case t.Shown >= shown:
		return good
	case t.trials() >= trials, t.Harness >= faults+t.Shown:
		return bad
	}
	return open
}

// rate is how often the whole reproduction shows the target, if that is known by now; 0 says that it does not come back.
// One that the search for the threshold knows to be rare is given as known.
func (t Tally) rate(known float64, doubt int) (rate float64, ok bool) {
	rare := known > 0 && known < 1
	most := rareTrials
	switch {
	case !rare && t.Missed == 0:
		return 1, t.Shown >= wholeTrials*(1+doubt)
	case rare && t.Shown >= 2:
		return known, true
	case rare:
		_, most = odds{rate: known}.budget()
	}
	if t.Shown < 2 && t.trials() < most {
		return 0, false
	}
	return float64(t.Shown) / float64(t.trials()), true
}

// doubts counts the candidates whose confirmation failed.
func doubts(known map[string]Tally) (n int) {
	for _, t := range known {
		if t.Confirmed < t.Confirming {
			n++
		}
	}
	return n
}
