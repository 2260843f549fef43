//go:build linux

package guest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"brink/internal/guest"
	"brink/internal/trial"
	cgroupoom "brink/scenarios/cgroup-oom"
)

// stuckError says what is left of a service after so long: its port, and the task that keeps it.
func (l *life) stuckError(after time.Duration, what string) *guest.StuckError {
	task := l.culprit()
	text := fmt.Sprintf("port %d is still bound", cgroupoom.Port)
	if free, err := portFree(); err == nil && free {
		text = fmt.Sprintf("port %d is free, but the service is not gone", cgroupoom.Port)
	}
	text += fmt.Sprintf(" %v after %s", after.Round(time.Second), what)
	if task.PID != 0 {
		text += fmt.Sprintf(": process %d (%s) is in state %s", task.PID, task.Comm, task.State)
		if function := whereabouts(task); function != "" {
			text += " in " + function
		}
	}
	return &guest.StuckError{Task: task, Text: text}
}

// culprit returns the task that keeps the service: one in D state or traced before one that runs, and that before one that
// sleeps; the service's own before the others. Only a zombie is none.
func (l *life) culprit() trial.Task {
	pids, _ := l.at.service.Procs()
	best, rank := readTask(l.pid, fmt.Sprintf("/proc/%d", l.pid)), 0
	for _, pid := range append([]int{l.pid}, pids...) {
		threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
		for _, dir := range threads {
			task := readTask(pid, dir)
			if r := strings.Index(" SRtD", task.State); task.State != "" && r > rank {
				best, rank = task, r
			}
		}
	}
	if best.State == "" {
		return trial.Task{}
	}
	return best
}

func readTask(pid int, dir string) trial.Task {
	return trial.Task{PID: pid, Comm: readText(dir + "/comm"), State: stateOf(readText(dir + "/stat")),
		Wchan: readText(dir + "/wchan"), Stack: readText(dir + "/stack")}
}

// stateOf returns the state of /proc/PID/stat, which follows the name in parentheses.
func stateOf(stat string) string {
	i := strings.LastIndex(stat, ") ")
	if i < 0 || i+2 >= len(stat) {
		return ""
	}
	return stat[i+2 : i+3]
}

func readText(path string) string {
	text, _ := os.ReadFile(path)
	return strings.TrimSpace(string(text))
}

// whereabouts is the kernel function that a task sleeps in. 5.10 shows no wchan; its stack begins "[<0>] function+0x1/0x2".
func whereabouts(task trial.Task) string {
	if task.Wchan != "" && task.Wchan != "0" {
		return task.Wchan
	}
	_, function, _ := strings.Cut(task.Stack, "] ")
	function, _, _ = strings.Cut(function, "+")
	return function
}

// portFree tries once to bind the service's port. An error is the kernel's, and says nothing of the port.
func portFree() (bool, error) {
	err := guest.WaitPort(cgroupoom.Port, 0)
	var stuck *guest.StuckError
	if errors.As(err, &stuck) {
		return false, nil
	}
	return err == nil, err
}
