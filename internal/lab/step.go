package lab

import (
	"regexp"
	"strconv"

	"brink/internal/trial"
)

// keptSteps is how many begins are remembered: a report is complete some steps after the line it began with.
const keptSteps = 256

// stampSlack allows for the stamps of the kernel log being cut to microseconds. Between the end of a step and the begin
// of the next the agent spends far longer.
const stampSlack = 2000 // ns

// begins are the latest begin events, in order.
type begins struct {
	events []trial.Event
	offset int64 // of the kernel log's stamps to the events' clock, ns; 0 when it is not known
}

func (b *begins) add(e trial.Event) {
	b.events = append(b.events, e)
	if len(b.events) > keptSteps {
		b.events = b.events[1:]
	}
}

// at returns the step that ran when the kernel printed a text, going by the stamp of its first line. ok is false when
// stamps do not tell.
func (b *begins) at(text string) (trial.Event, bool) {
	stamp, ok := firstStamp(text)
	if !ok || b.offset == 0 {
		return trial.Event{}, false
	}
	for i := len(b.events) - 1; i >= 0; i-- {
		if b.events[i].GuestNS <= stamp-b.offset+stampSlack {
			return b.events[i], true
		}
	}
	return trial.Event{}, false
}

var stampLine = regexp.MustCompile(`^\[ *(\d+)\.(\d{6})\]`)

// firstStamp reads the time of a text's first line, in nanoseconds since boot.
func firstStamp(text string) (int64, bool) {
	m := stampLine.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	s, err1 := strconv.ParseInt(m[1], 10, 64)
	us, err2 := strconv.ParseInt(m[2], 10, 64)
	return s*1e9 + us*1e3, err1 == nil && err2 == nil
}
