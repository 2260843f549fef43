//go:build linux

package guest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"brink/internal/trial"
)

// readTask says where a process is: the thread that is in uninterruptible sleep if there is one, else one that runs,
// else the first (proc(5): /proc/PID/task/TID/{stat,wchan,stack}).
func readTask(pid int) trial.Task {
	best, rank := trial.Task{PID: pid}, -2 // below a state that is none of the three
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
	for _, dir := range threads {
		text, _ := os.ReadFile(dir + "/stat")
		state := parseStatState(string(text))
		if r := strings.Index("SRD", state); state != "" && r > rank {
			best, rank = trial.Task{PID: pid, Comm: read(dir + "/comm"), State: state, Wchan: read(dir + "/wchan"), Stack: read(dir + "/stack")}, r
		}
	}
	return best
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
