//go:build linux

package traffic

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// softnet is what the receive path has counted on all CPUs.
type softnet struct{ processed, dropped, squeezed int64 }

// parseSoftnet adds up the lines of /proc/net/softnet_stat, one a CPU, in hexadecimal numbers of 32 bits
// (softnet_seq_show in net/core/net-procfs.c).
func parseSoftnet(text string) (s softnet, err error) {
	lines := 0
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 3 {
			return s, fmt.Errorf("read softnet_stat: a line with %d columns", len(fields))
		}
		for i, sum := range []*int64{&s.processed, &s.dropped, &s.squeezed} {
			n, err := strconv.ParseUint(fields[i], 16, 32)
			if err != nil {
				return s, fmt.Errorf("read softnet_stat: %w", err)
			}
			*sum += int64(n)
		}
		lines++
	}
	if lines == 0 {
		return s, fmt.Errorf("read softnet_stat: it is empty")
	}
	return s, nil
}

// minus returns what was counted since then. The kernel's columns have 32 bits a CPU and begin again.
func (s softnet) minus(then softnet) softnet {
	return softnet{
		processed: wrapped(s.processed - then.processed),
		dropped:   wrapped(s.dropped - then.dropped),
		squeezed:  wrapped(s.squeezed - then.squeezed),
	}
}

func wrapped(n int64) int64 {
	for n < 0 {
		n += 1 << 32
	}
	return n
}

// parseSoftirqs returns how often a softirq has run on all CPUs, from /proc/softirqs (proc(5)).
func parseSoftirqs(text, name string) (sum int64, err error) {
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0] != name+":" {
			continue
		}
		for _, field := range fields[1:] {
			n, err := strconv.ParseUint(field, 10, 32)
			if err != nil {
				return 0, fmt.Errorf("read softirqs: %w", err)
			}
			sum += int64(n)
		}
		return sum, nil
	}
	return 0, fmt.Errorf("read softirqs: there is no %s", name)
}

// parseSchedstat returns the time a thread has run, from /proc/PID/schedstat (Documentation/scheduler/sched-stats.rst).
func parseSchedstat(text string) (time.Duration, error) {
	first, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	n, err := strconv.ParseInt(first, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read schedstat: %w", err)
	}
	return time.Duration(n), nil
}
