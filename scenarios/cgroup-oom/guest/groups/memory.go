//go:build linux

package groups

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Unlimited is the limit of a cgroup that has none.
const Unlimited = math.MaxInt64

// names of a file in version 1 and version 2.
var (
	limitFile = [...]string{V1: "memory.limit_in_bytes", V2: "memory.max"}
	usageFile = [...]string{V1: "memory.usage_in_bytes", V2: "memory.current"}
)

// SetLimit sets how many bytes the cgroup may hold, rounded down to pages by the kernel; Unlimited takes the limit
// away. A limit below the usage makes the kernel reclaim before it returns. If that is not enough version 1 refuses
// (EBUSY), and version 2 sets the limit and kills processes until it holds.
//
// A cgroup of version 2 also pays for the kernel's own memory of those below it (an empty one 5 KiB on 6.1, 10 KiB on
// 7.3): leave room for them.
func (c *Group) SetLimit(bytes int64) error {
	value := strconv.FormatInt(bytes, 10)
	if bytes == Unlimited {
		value = map[Version]string{V1: "-1", V2: "max"}[c.g.Version]
	}
	return c.write(limitFile[c.g.Version], value)
}

// Limit returns the limit in bytes, or Unlimited.
func (c *Group) Limit() (int64, error) {
	text, err := c.read(limitFile[c.g.Version])
	if err != nil {
		return 0, err
	}
	return parseLimit(text)
}

// Usage returns how many bytes are charged to the cgroup and those below it. The kernel charges in batches of up to 64
// pages a CPU, so the last 256 KiB a CPU are uncertain.
func (c *Group) Usage() (int64, error) {
	text, err := c.read(usageFile[c.g.Version])
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(strings.TrimSpace(text), 10, 64)
}

// Stat returns memory.stat: names and bytes, or counts, as the kernel gives them. They differ between versions and
// kernels; in version 1 those that begin with total_ include the cgroups below.
func (c *Group) Stat() (map[string]uint64, error) {
	text, err := c.read("memory.stat")
	if err != nil {
		return nil, err
	}
	return parseFlat(text)
}

// Events counts what happened at the cgroup's limit.
type Events struct {
	Max   int64 // how often a charge met the limit (version 2: max; version 1: memory.failcnt)
	OOM   int64 // how often reclaim could not help and the OOM killer was asked (version 2 only)
	Kills int64 // how many processes the OOM killer ended here
	// Under reports that tasks wait for memory or for a handler of user space (version 1 only: under_oom).
	Under bool
}

// Events reads memory.events, or memory.failcnt and memory.oom_control. In version 2 it counts those of the cgroups
// below too; in version 1 it does not.
func (c *Group) Events() (Events, error) {
	if c.g.Version == V2 {
		text, err := c.read("memory.events")
		if err != nil {
			return Events{}, err
		}
		return parseEvents(text)
	}
	count, err := c.read("memory.failcnt")
	if err != nil {
		return Events{}, err
	}
	control, err := c.read("memory.oom_control")
	if err != nil {
		return Events{}, err
	}
	return parseEventsV1(count, control)
}

func parseEvents(text string) (Events, error) {
	v, err := parseFlat(text)
	return Events{Max: int64(v["max"]), OOM: int64(v["oom"]), Kills: int64(v["oom_kill"])}, err
}

func parseEventsV1(failcnt, control string) (Events, error) {
	count, err := strconv.ParseInt(strings.TrimSpace(failcnt), 10, 64)
	if err != nil {
		return Events{}, fmt.Errorf("read memory.failcnt: %w", err)
	}
	v, err := parseFlat(control)
	return Events{Max: count, Kills: int64(v["oom_kill"]), Under: v["under_oom"] != 0}, err
}

// parseLimit reads "max" (version 2) or a number; version 1 shows the largest multiple of a page for no limit.
func parseLimit(text string) (int64, error) {
	text = strings.TrimSpace(text)
	if text == "max" {
		return Unlimited, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read memory limit: %w", err)
	}
	if n >= math.MaxInt64-int64(unix.Getpagesize()) {
		return Unlimited, nil
	}
	return n, nil
}

// parseFlat reads a flat keyed file: "name value" a line.
func parseFlat(text string) (map[string]uint64, error) {
	values := map[string]uint64{}
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), " ")
		n, err := strconv.ParseUint(value, 10, 64)
		if !ok || err != nil {
			return nil, errors.Join(fmt.Errorf("line %q is not a name and a number", strings.TrimSpace(line)), err)
		}
		values[name] = n
	}
	return values, nil
}
