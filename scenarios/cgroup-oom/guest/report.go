//go:build linux

package guest

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// report is what the kernel logs when the OOM killer acts (mm/oom_kill.c: dump_header, dump_oom_summary,
// __oom_kill_process; mm/memcontrol.c: mem_cgroup_print_oom_meminfo).
type report struct {
	At     int64            // CLOCK_MONOTONIC in ns, cut to µs: when the victim had been sent SIGKILL
	PID    int              // of the victim
	Comm   string           // of the victim
	Group  string           // cgroup whose limit was met; empty where the kernel does not say
	Task   string           // cgroup of the victim
	Memcg  bool             // it was a cgroup's limit and not the machine's
	Usage  int64            // bytes charged
	Memory map[string]int64 // memory.stat of that cgroup, bytes; empty where the kernel does not say
}

// Note: "X invoked oom-killer" and what follows is rate limited by the kernel (10 in 5 s), the line "Killed process" is
// not. See paceKills.

// take adds one record of the kernel log. done says that it was the last one of a report.
func (r *report) take(text string) (done bool) {
	for line := range strings.SplitSeq(text, "\n") {
		switch {
		case strings.HasPrefix(line, "oom-kill:"):
			r.summary(line)
		case strings.HasPrefix(line, "memory: usage "):
			_, _ = fmt.Sscanf(line, "memory: usage %dkB", &r.Usage)
			r.Usage *= 1024
		case strings.Contains(line, "ut of memory: Killed process "):
			r.Memcg = strings.HasPrefix(line, "Memory cgroup ")
			_, rest, _ := strings.Cut(line, "Killed process ")
			number, rest, _ := strings.Cut(rest, " (")
			r.PID, _ = strconv.Atoi(number)
			r.Comm, _, _ = strings.Cut(rest, ")")
			return true
		default:
			r.stat(line)
		}
	}
	return false
}

// summary reads "oom-kill:constraint=CONSTRAINT_MEMCG,…,oom_memcg=/a,task_memcg=/a/b,task=x,pid=1,uid=0".
func (r *report) summary(line string) {
	for field := range strings.SplitSeq(line, ",") {
		switch name, value, _ := strings.Cut(field, "="); name {
		case "oom_memcg":
			r.Group = value
		case "task_memcg":
			r.Task = value
		}
	}
}

// stat reads a line of memory.stat: "file 4096".
func (r *report) stat(line string) {
	name, value, ok := strings.Cut(line, " ")
	if n, err := strconv.ParseInt(value, 10, 64); ok && err == nil {
		if r.Memory == nil {
			r.Memory = map[string]int64{}
		}
		r.Memory[name] = n
	}
}

// kernelLog follows /dev/kmsg.
type kernelLog struct {
	fd     int
	offset int64 // of the log's stamps to CLOCK_MONOTONIC, ns
	open   report
}

// openLog follows the log from now on. It writes a line at debug level, which no console shows, and reads its stamp: the
// log's clock and the monotonic one run alike and start apart.
func openLog() (*kernelLog, error) {
	fd, err := unix.Open("/dev/kmsg", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open kernel log: %w", err)
	}
	l := &kernelLog{fd: fd}
	if _, err := unix.Seek(fd, 0, io.SeekEnd); err != nil {
		return nil, fmt.Errorf("seek kernel log: %w", err)
	}
	before := now()
	if _, err := unix.Write(fd, []byte("<7>brink: clock\n")); err != nil {
		return nil, fmt.Errorf("write kernel log: %w", err)
	}
	after := now()
	record := make([]byte, 8192)
	n, err := unix.Read(fd, record)
	if err != nil {
		return nil, fmt.Errorf("read kernel log: %w", err)
	}
	stamp, _, ok := parseRecord(record[:n])
	if !ok {
		return nil, fmt.Errorf("read kernel log: record %q has no time", record[:n])
	}
	l.offset = stamp - (before+after)/2
	return l, nil
}

// kills returns the reports that are complete by now.
func (l *kernelLog) kills() (reports []report) {
	record := make([]byte, 8192)
	for {
		n, err := unix.Read(l.fd, record) // one read returns one record
		if err == unix.EPIPE || err == unix.EINTR {
			continue // overwritten meanwhile: the next read goes on with the oldest there is
		}
		if err != nil || n <= 0 {
			return reports
		}
		stamp, text, ok := parseRecord(record[:n])
		if ok && l.open.take(text) {
			l.open.At = stamp - l.offset
			reports, l.open = append(reports, l.open), report{}
		}
	}
}

func (l *kernelLog) close() { unix.Close(l.fd) }

// parseRecord reads a record, "prefix,sequence,µs,flags;text" (Documentation/ABI/testing/dev-kmsg). Line breaks inside of
// the text are escaped.
func parseRecord(record []byte) (stamp int64, text string, ok bool) {
	head, body, found := bytes.Cut(record, []byte(";"))
	fields := bytes.Split(head, []byte(","))
	if !found || len(fields) < 3 {
		return 0, "", false
	}
	us, err := strconv.ParseInt(string(fields[2]), 10, 64)
	body, _, _ = bytes.Cut(body, []byte("\n")) // what follows are its tags
	return us * 1000, strings.ReplaceAll(string(body), `\x0a`, "\n"), err == nil
}
