//go:build linux

package traffic

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"brink/internal/guest"
)

// counters is what the kernel has counted until one moment.
type counters struct {
	at        time.Duration // CLOCK_MONOTONIC
	received  int64
	nicDrops  int64
	delivered int64
	softnet   softnet
	netRX     int64
	ksoftirqd time.Duration
}

// reader reads the counters. It keeps the files open: opening one costs more than reading it.
type reader struct {
	delivered func() (uint64, error)
	rx        *os.File
	drops     []*os.File
	softnet   *os.File
	softirqs  *os.File
	daemons   []*os.File // schedstat of the ksoftirqd threads
	buffer    []byte
}

// newReader opens the counters of a port (Documentation/ABI/testing/sysfs-class-net-statistics) and of the CPUs.
func newReader(port string, delivered func() (uint64, error)) (*reader, error) {
	r := &reader{delivered: delivered, buffer: make([]byte, 64<<10)}
	var err error
	open := func(path string) *os.File {
		var f *os.File
		if err == nil {
			if f, err = os.Open(path); err != nil {
				err = fmt.Errorf("open counters: %w", err)
			}
		}
		return f
	}
	statistics := "/sys/class/net/" + port + "/statistics/"
	r.rx = open(statistics + "rx_packets")
	r.drops = []*os.File{open(statistics + "rx_dropped"), open(statistics + "rx_missed_errors")}
	r.softnet, r.softirqs = open("/proc/net/softnet_stat"), open("/proc/softirqs")
	for _, path := range daemons() {
		r.daemons = append(r.daemons, open(path))
	}
	return r, err
}

// daemons returns the schedstat files of the ksoftirqd threads. They are children of kthreadd, made at boot.
func daemons() (paths []string) {
	names, _ := filepath.Glob("/proc/[0-9]*/comm")
	for _, name := range names {
		if text, _ := os.ReadFile(name); strings.HasPrefix(string(text), "ksoftirqd/") {
			paths = append(paths, filepath.Join(filepath.Dir(name), "schedstat"))
		}
	}
	return paths
}

// all reads every counter. What cannot be read, or is not as it is expected, is no fault of the kernel's.
func (r *reader) all() (counters, error) {
	c, err := r.each()
	if err != nil {
		err = fmt.Errorf("%w: %w", guest.ErrScenario, err)
	}
	return c, err
}

func (r *reader) each() (c counters, err error) {
	// Received first, then what follows from it: a copy is never counted before its frame.
	if c.received, err = r.number(r.rx); err != nil {
		return c, err
	}
	c.at = clock()
	for _, f := range r.drops {
		n, err := r.number(f)
		if err != nil {
			return c, err
		}
		c.nicDrops += n
	}
	delivered, err := r.delivered()
	if err != nil {
		return c, fmt.Errorf("count delivered frames: %w", err)
	}
	c.delivered = int64(delivered)
	if c.softnet, err = parseSoftnet(r.text(r.softnet)); err != nil {
		return c, err
	}
	if c.netRX, err = parseSoftirqs(r.text(r.softirqs), "NET_RX"); err != nil {
		return c, err
	}
	for _, f := range r.daemons {
		d, err := parseSchedstat(r.text(f))
		if err != nil {
			return c, err
		}
		c.ksoftirqd += d
	}
	return c, nil
}

// frames returns the frames that the port has received, which costs least to ask for.
func (r *reader) frames() (int64, error) { return r.number(r.rx) }

func (r *reader) number(f *os.File) (int64, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(r.text(f)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", f.Name(), err)
	}
	return n, nil
}

// text reads a file from its beginning. What cannot be read is empty, which no parser takes.
func (r *reader) text(f *os.File) string {
	size := 0
	for size < len(r.buffer) {
		n, err := unix.Pread(int(f.Fd()), r.buffer[size:], int64(size))
		if err != nil || n <= 0 {
			break
		}
		size += n
	}
	return string(r.buffer[:size])
}

// clock returns CLOCK_MONOTONIC.
func clock() time.Duration {
	var ts unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts) // it does not fail with this clock
	return time.Duration(ts.Nano())
}

// sleep sleeps in the kernel, without the Go runtime's timers.
func sleep(d time.Duration) {
	ts := unix.NsecToTimespec(int64(d))
	for unix.Nanosleep(&ts, &ts) == unix.EINTR {
	}
}
