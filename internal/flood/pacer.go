package flood

import "time"

// Late is how long after its time a frame counts as late.
const Late = 10 * time.Millisecond

// catchUp is how much faster than asked for a sender that was held up goes on: the average stays exact, and yet no burst
// stands for the gap.
const catchUp = 2

// Pacer says when frames are due: frame k at k/rate after the start, whoever asks and however late. A sender that was held
// up gets at most one burst at once, and then twice the rate until it is where it should be.
// Note: golang.org/x/time/rate forgets what a full bucket cannot hold, so its average falls short on a busy host.
type Pacer struct {
	rate    float64 // frames a second
	depth   float64 // frames of a burst
	credit  float64 // frames that may go out now
	clock   time.Duration
	allowed int64
}

// NewPacer makes a pacer for frames a second; a burst is as long as that many frames take by the rate, and one frame at least.
// The rate must be above 0.
func NewPacer(rate float64, burst time.Duration) *Pacer {
	depth := max(1, rate*burst.Seconds())
	return &Pacer{rate: rate, depth: depth, credit: depth}
}

// Due returns how many frames are to be sent at a moment after the start, and takes them as sent. Moments do not run
// backwards.
func (p *Pacer) Due(now time.Duration) int64 {
	p.credit = min(p.depth, p.credit+catchUp*p.rate*(now-p.clock).Seconds())
	p.clock = now
	n := min(p.scheduled(now)-p.allowed, int64(p.credit))
	if n <= 0 {
		return 0
	}
	p.allowed += n
	p.credit -= float64(n)
	return n
}

// Wait returns how long after the latest moment the next frame is due.
func (p *Pacer) Wait() time.Duration {
	wait := max(p.At(p.allowed)-p.clock, 0)
	if p.credit < 1 {
		wait = max(wait, seconds((1-p.credit)/(catchUp*p.rate)))
	}
	return wait
}

// At returns when frame number seq, from 0 on, is due.
func (p *Pacer) At(seq int64) time.Duration { return seconds(float64(seq) / p.rate) }

// scheduled is how many frames are due until a moment.
func (p *Pacer) scheduled(now time.Duration) int64 { return int64(now.Seconds()*p.rate) + 1 }

// seconds rounds up, so that what is waited for is there afterwards.
func seconds(s float64) time.Duration { return time.Duration(s*1e9) + 1 }
