//go:build linux

package traffic

import (
	"fmt"
	"strings"
)

// Flow is what became of the frames of one flood.
type Flow struct {
	Offered  int64 // frames that the source tried to send
	Accepted int64 // frames that the sending card took; the rest was refused
	Received int64 // frames that the port received
	Lost     int64 // Accepted - Received; below 0 where others send to the port as well

	Expected    int64 // copies that the bridge should have made: each frame received, for each container
	Delivered   int64 // copies that reached the containers
	Dropped     int64 // copies that found the backlog of a CPU full
	Unaccounted int64 // Expected - Delivered - Dropped
	Why         string
}

// tally adds a flood up, piece by piece: the number of containers may change meanwhile.
type tally struct {
	first, last counters
	expected    int64
	fewest      int
	most        int
}

func newTally(first counters, copies int) *tally {
	return &tally{first: first, last: first, fewest: copies, most: copies}
}

// add takes what was counted until now, with so many containers.
func (t *tally) add(now counters, copies int) (expected int64) {
	expected = (now.received - t.last.received) * int64(copies)
	t.expected += expected
	t.last = now
	t.fewest, t.most = min(t.fewest, copies), max(t.most, copies)
	return expected
}

// flow closes the books.
func (t *tally) flow(offered, accepted int64) Flow {
	f := Flow{Offered: offered, Accepted: accepted, Received: t.last.received - t.first.received, Expected: t.expected,
		Delivered: t.last.delivered - t.first.delivered, Dropped: t.last.softnet.minus(t.first.softnet).dropped}
	f.Lost = f.Accepted - f.Received
	f.Unaccounted = f.Expected - f.Delivered - f.Dropped
	f.Why = t.why(f)
	return f
}

// why says what is known of the frames that went astray.
func (t *tally) why(f Flow) string {
	var parts []string
	say := func(n int64, format string, args ...any) {
		if n != 0 {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	say(f.Offered-f.Accepted, "the sending card refused %d frames: its queue was full", f.Offered-f.Accepted)
	say(max(f.Lost, 0), "%d frames were lost before the port (QEMU drops what its queue of 10000 frames cannot hold); "+
		"the port's card says that it dropped %d", f.Lost, t.last.nicDrops-t.first.nicDrops)
	say(max(-f.Lost, 0), "the port received %d frames more than were sent to it: others use it as well", -f.Lost)
	say(f.Dropped, "%d copies found a CPU's backlog full (net.core.netdev_max_backlog)", f.Dropped)
	switch {
	case f.Unaccounted != 0 && t.fewest != t.most:
		say(1, "%d copies are unaccounted for: there were %d to %d containers", f.Unaccounted, t.fewest, t.most)
	case f.Unaccounted > 0:
		say(1, "%d copies were neither delivered nor counted as dropped", f.Unaccounted)
	case f.Unaccounted < 0:
		say(1, "%d frames more than expected were delivered: others send to the containers as well", -f.Unaccounted)
	}
	return strings.Join(parts, "; ")
}
