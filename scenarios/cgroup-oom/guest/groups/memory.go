//go:build linux

package groups

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
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

// Usage returns how many bytes are charged to the cgroup and those below it. The kernel charges in batches of up to 64
// pages a CPU, so the last 256 KiB a CPU are uncertain.
func (c *Group) Usage() (int64, error) {
	text, err := c.read(usageFile[c.g.Version])
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(strings.TrimSpace(text), 10, 64)
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
