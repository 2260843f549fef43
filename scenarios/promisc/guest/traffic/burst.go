//go:build linux

package traffic

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"brink/internal/guest"
)

const (
	// turn is how long the sender sleeps between two looks: longer than a frame takes from one card to the other, so that
	// as a rule there is one look a frame, whatever becomes of it.
	turn = 300 * time.Microsecond
	// turnsLimit is how many turns a frame may take, 0.3 s; then it is lost.
	turnsLimit = 1000
	// emptyTurns is how many turns without frames are measured, to know what a turn costs.
	emptyTurns = 64
	// learned bounds the source addresses that the bridge learns before anything is measured. Where there are more, each
	// frame of a burst is the first one of its source.
	learned = 4096
)

// Burst sends so many frames that belong to nobody, each one when the last one has arrived: so no copy finds a backlog
// full, and every frame is an interrupt and a poll of its own. It returns what the flood of one frame costs the guest: the
// CPU time, on all CPUs and in whatever context, that a frame which is copied to each container takes more than a frame which
// the bridge throws away because its address lies behind the port it came from. What it costs to send a frame, and to
// receive it up to the bridge, is in both and cancels out.
//
// With Host as the source it is guest.ErrUnsupported: the frames come when the host sends them, and what the host does to the
// guest's clock meanwhile is more than what a frame costs (on a busy host 1.5 to 3.7 ms a frame for 8 containers).
func (t *Traffic) Burst(frames int) (perFrame time.Duration, f Flow, err error) {
	if t.run != nil || frames < 1 {
		return 0, f, fmt.Errorf("%w: burst of %d frames, or while a flood runs", guest.ErrScenario, frames)
	}
	if t.c.Source == Host {
		return 0, f, fmt.Errorf("%w: the cost of one frame is measured with frames of the guest's own: --set source=%s",
			guest.ErrUnsupported, Hub)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	s := startSoak()
	defer func() { err = errors.Join(err, s.stop()) }()
	b := &bursts{t: t, soak: s}
	if err = b.empty(); err != nil {
		return 0, f, err
	}
	if _, _, err = b.measure(min(t.c.Sources, learned), itself); err != nil {
		return 0, f, err
	}
	own, f, err := b.measure(frames, itself)
	if err != nil {
		return 0, f, err
	}
	if f.Delivered > f.Expected/2 {
		return 0, f, fmt.Errorf("%w: compare with frames that the bridge throws away: it does not learn addresses on %s",
			guest.ErrUnsupported, t.c.Port)
	}
	all, f, err := b.measure(frames, nobody)
	return all - own, f, err
}

// bursts measures what frames cost the guest.
type bursts struct {
	t    *Traffic
	soak *soak
	turn time.Duration // CPU time of a turn in which nothing happens
}

// empty measures what a turn costs.
func (b *bursts) empty() error {
	took := make([]time.Duration, emptyTurns)
	for i := range took {
		begin := b.soak.busy()
		sleep(turn)
		if _, err := b.t.read.frames(); err != nil {
			return err
		}
		took[i] = b.soak.busy() - begin
	}
	b.turn = lowest(took)
	return nil
}

// measure sends frames, one after the other, and returns the CPU time of one, together with one turn of the sender: the one
// that a tenth of the frames stay below. Whatever else runs meanwhile, a timer, the Go runtime, only adds to it: half of the
// frames take 35 µs more, and from burst to burst the median moves by 20%, the lowest tenth by 0.3%.
func (b *bursts) measure(frames int, whom to) (cost time.Duration, f Flow, err error) {
	t := b.t
	first, err := t.read.all()
	if err != nil {
		return 0, f, err
	}
	copies, offered, accepted, lost := t.c.Copies(), 0, 0, 0
	var took samples
	for begin := b.soak.busy(); accepted < frames; {
		taken, err := t.send.take(1, whom)
		if err != nil {
			return 0, f, err
		}
		offered, accepted = offered+1, accepted+taken
		turns, err := t.arrive(first.received + int64(accepted-lost))
		if err != nil {
			return 0, f, err
		}
		end := b.soak.busy()
		if turns == turnsLimit {
			lost++
		} else if taken > 0 {
			took.add(end-begin-time.Duration(turns-1)*b.turn, turns)
		}
		if astray := offered - accepted + lost; astray > frames/10+1 {
			return 0, f, fmt.Errorf("%w: of %d frames sent one by one %d were refused or lost on the way to %s",
				guest.ErrUnsupported, offered, astray, t.c.Port)
		}
		begin = end
	}
	if f, err = t.settle(first, copies, int64(offered), int64(accepted)); err != nil {
		return 0, f, err
	}
	return took.cost(), f, nil
}

// samples are the costs of frames, apart for those that took one turn: what more turns cost is known to 12 µs only.
type samples struct{ one, more []time.Duration }

func (s *samples) add(cost time.Duration, turns int) {
	if turns == 1 {
		s.one = append(s.one, cost)
	} else {
		s.more = append(s.more, cost)
	}
}

// cost is that of the frames that took one turn, or of all if these are few: the host was too busy to carry frames over.
func (s *samples) cost() time.Duration {
	if len(s.one) > len(s.more)/10 {
		return lowest(s.one)
	}
	return lowest(slices.Concat(s.one, s.more))
}

// lowest returns what a tenth of them stay below, 0 without any.
func lowest(took []time.Duration) time.Duration {
	if len(took) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(took))
	return sorted[len(sorted)/10]
}

// arrive waits until the port has received so many frames and returns how many turns that took, turnsLimit at most.
func (t *Traffic) arrive(want int64) (turns int, err error) {
	for got := want - 1; got < want && turns < turnsLimit; turns++ {
		sleep(turn)
		if got, err = t.read.frames(); err != nil {
			return turns, err
		}
	}
	return turns, nil
}

// settle waits until the receiving side is quiet and closes the books of a burst.
func (t *Traffic) settle(first counters, copies int, offered, accepted int64) (Flow, error) {
	if err := t.waitQuiet(first.received + accepted); err != nil {
		return Flow{}, err
	}
	last, err := t.read.all()
	if err != nil {
		return Flow{}, err
	}
	books := newTally(first, copies)
	books.add(last, t.c.Copies())
	return books.flow(offered, accepted), nil
}
