//go:build linux

package guest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"brink/internal/trial"
)

// readTask says where a process is: the thread that is in uninterruptible sleep if there is one, else one that runs, else
// one that sleeps in a system call of the op's, else the first (proc(5): /proc/PID/task/TID/{stat,wchan,stack}).
func readTask(pid int) trial.Task {
	best, rank := trial.Task{PID: pid}, -2 // below a state that is none of the three
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
	for _, dir := range threads {
		state := parseStatState(read(dir + "/stat"))
		r := strings.Index("SsRD", state) // s stands for a sleep in a system call of the op's
		if state == "S" && !runtimeWait(read(dir+"/syscall")) {
			r = 1
		}
		if state != "" && r > rank {
			best, rank = trial.Task{PID: pid, Comm: read(dir + "/comm"), State: state, Wchan: read(dir + "/wchan"),
				Stack: read(dir + "/stack")}, r
		}
	}
	return best
}

// runtimeWait reports whether a thread waits as those of the Go runtime do that have nothing to do: in futex, epoll or
// nanosleep. The text is that of /proc/PID/task/TID/syscall, which begins with the number.
func runtimeWait(syscall string) bool {
	number, _, _ := strings.Cut(syscall, " ")
	n, err := strconv.Atoi(number)
	if err != nil {
		return true
	}
	return slices.Contains([]int{unix.SYS_FUTEX, unix.SYS_EPOLL_PWAIT, unix.SYS_EPOLL_WAIT, unix.SYS_NANOSLEEP,
		unix.SYS_CLOCK_NANOSLEEP}, n)
}

func read(path string) string {
	text, _ := os.ReadFile(path)
	return strings.TrimSpace(string(text))
}

// parseStatState returns the state letter of /proc/PID/stat, which follows the command in parentheses; the command
// itself may hold parentheses.
func parseStatState(stat string) string {
	i := strings.LastIndex(stat, ") ")
	if i < 0 || i+2 >= len(stat) {
		return ""
	}
	return stat[i+2 : i+3]
}

// readStuckThread says where the one thread hangs that keeps a killed process: any that is not a zombie itself.
func readStuckThread(pid int) trial.Task {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
	for _, dir := range threads {
		if state := parseStatState(read(dir + "/stat")); state != "Z" && state != "X" && state != "" {
			return trial.Task{PID: pid, Comm: read(dir + "/comm"), State: state, Wchan: read(dir + "/wchan"), Stack: read(dir + "/stack")}
		}
	}
	return readTask(pid)
}
