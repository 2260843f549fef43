//go:build linux

package guest

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
)

// counters reads /proc/net/dev. It takes no RTNL lock, which an op may hold for seconds, and stays open: a thread that
// is just making a namespace would see another one.
type counters struct{ file *os.File }

func openCounters() (counters, error) {
	f, err := os.Open("/proc/net/dev")
	return counters{f}, err
}

// sentTo adds up the frames that the bridge has handed to the ports which want picks by name. The other end of a veth pair
// has received each of them.
func (c counters) sentTo(want func(name string) bool) (uint64, error) {
	text, err := io.ReadAll(io.NewSectionReader(c.file, 0, math.MaxInt64))
	if err != nil {
		return 0, fmt.Errorf("read /proc/net/dev: %w", err)
	}
	return parseSent(text, want)
}

// sentColumn is that of the packets sent, proc_pid_net(5): eight for receiving, then bytes, packets.
const sentColumn = 9

func parseSent(text []byte, want func(name string) bool) (sum uint64, err error) {
	for line := range bytes.Lines(text) {
		name, rest, ok := bytes.Cut(line, []byte(":"))
		if !ok || !want(string(bytes.TrimSpace(name))) {
			continue
		}
		fields := bytes.Fields(rest)
		if len(fields) <= sentColumn {
			return 0, fmt.Errorf("read /proc/net/dev: %q has %d columns", name, len(fields))
		}
		n, err := strconv.ParseUint(string(fields[sentColumn]), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read /proc/net/dev: %w", err)
		}
		sum += n
	}
	return sum, nil
}
