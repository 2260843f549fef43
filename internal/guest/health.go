//go:build linux

package guest

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"brink/internal/trial"
)

// maxKernelLines bounds how many error lines one health record carries.
const maxKernelLines = 20

// readHealth looks at the guest beside the state that grows.
func readHealth(log *kernelLog) *trial.Health {
	h := &trial.Health{}
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		h.Threads, h.LastPID = parseLoadavg(string(text))
	}
	if f, err := os.Open("/proc/meminfo"); err == nil {
		mem := parseMeminfo(f)
		f.Close()
		h.MemFreeKB, h.MemAvailKB, h.SlabKB = mem["MemFree"], mem["MemAvailable"], mem["Slab"]
		h.PercpuKB, h.StackKB = mem["Percpu"], mem["KernelStack"]
	}
	if text, err := os.ReadFile("/proc/sys/kernel/tainted"); err == nil {
		h.Taint, _ = strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	}
	h.KernelLines, h.KernelCount = log.errors()
	return h
}

// parseLoadavg reads the number of threads and the last pid from /proc/loadavg (proc(5)): "0.1 0.2 0.3 1/123 456".
func parseLoadavg(text string) (threads, lastPID int64) {
	fields := strings.Fields(text)
	if len(fields) < 5 {
		return 0, 0
	}
	if _, all, ok := strings.Cut(fields[3], "/"); ok {
		threads, _ = strconv.ParseInt(all, 10, 64)
	}
	lastPID, _ = strconv.ParseInt(fields[4], 10, 64)
	return threads, lastPID
}

// parseMeminfo reads /proc/meminfo (proc(5)), values in KiB.
func parseMeminfo(r io.Reader) map[string]int64 {
	mem := map[string]int64{}
	for s := bufio.NewScanner(r); s.Scan(); {
		name, rest, ok := strings.Cut(s.Text(), ":")
		fields := strings.Fields(rest)
		if ok && len(fields) > 0 {
			mem[name], _ = strconv.ParseInt(fields[0], 10, 64)
		}
	}
	return mem
}

// kernelLog follows /dev/kmsg from now on.
type kernelLog struct{ fd int }

func openKernelLog() *kernelLog {
	fd, err := unix.Open("/dev/kmsg", unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return &kernelLog{-1}
	}
	unix.Seek(fd, 0, io.SeekEnd)
	return &kernelLog{fd}
}

// errors returns the new kernel messages at error level or worse: the first few, and how many there were. Messages that
// the ring buffer lost are not counted.
func (l *kernelLog) errors() (lines []string, count int) {
	record := make([]byte, 8192) // one read returns one record, Documentation/ABI/testing/dev-kmsg
	for {
		n, err := unix.Read(l.fd, record)
		if err == unix.EPIPE || err == unix.EINTR {
			continue // overwritten meanwhile: the next read goes on with the oldest there is
		}
		if err != nil || n <= 0 {
			return lines, count
		}
		if text, ok := parseKmsg(record[:n]); ok {
			if count++; len(lines) < maxKernelLines {
				lines = append(lines, text)
			}
		}
	}
}

// parseKmsg returns the text of a record if the kernel itself wrote it at level 3 (error) or worse.
func parseKmsg(record []byte) (string, bool) {
	head, text, ok := bytes.Cut(record, []byte(";"))
	priority, _, _ := bytes.Cut(head, []byte(","))
	p, err := strconv.Atoi(string(priority))
	if !ok || err != nil || p < 0 || p > 3 { // facility 0 (kernel): the priority is the level
		return "", false
	}
	text, _, _ = bytes.Cut(text, []byte("\n"))
	return string(text), true
}

// oomKills returns how many tasks the OOM killer has killed since boot (/proc/vmstat).
func oomKills() int64 {
	text, _ := os.ReadFile("/proc/vmstat")
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "oom_kill "); ok {
			n, _ := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
			return n
		}
	}
	return 0
}
