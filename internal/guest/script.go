//go:build linux

package guest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"brink/internal/scenario"
	"brink/internal/trial"
)

// scriptFile is where the script lies in the guest.
const scriptFile = "/run/reproduce.sh"

// scriptLook is how often the script is looked at, in guest time.
const scriptLook = time.Second

// scriptGrace is how long the output is read on after the script's end, if something that it left behind holds it open.
const scriptGrace = 5 * time.Second

// script is the scenario that runs a plain reproducer, which the plan's settings carry, as its only op.
type script struct {
	path     string
	deadline time.Duration // of its op
}

// NewScript makes the scenario for a plan.
func NewScript(plan trial.Plan) (Scenario, error) {
	deadline, err := time.ParseDuration(plan.Settings[scenario.PlainDeadline])
	if err != nil {
		return nil, fmt.Errorf("read the script's deadline: %w", err)
	}
	return script{scriptFile, deadline}, os.WriteFile(scriptFile, []byte(plan.Settings[scenario.PlainScript]), 0o755)
}

// Do runs the script with the size as its argument. The kernel's error is what the script ended with.
func (s script) Do(op string, size int64, m *Meter) error {
	if op != scenario.PlainOp {
		return fmt.Errorf("%w: no op %q", ErrScenario, op)
	}
	out := &scriptOutput{console: os.Stdout}
	cmd := exec.Command("/bin/sh", s.path, strconv.FormatInt(size, 10))
	cmd.Env, cmd.Dir = []string{"PATH=/bin", "LC_ALL=C", "HOME=/tmp"}, "/tmp"
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = out, out, scriptGrace
	err := m.Time(size, func() error {
		if err := cmd.Start(); err != nil {
			return fmt.Errorf("%w: start script: %w", ErrScenario, err)
		}
		return s.wait(cmd, out)
	})
	m.text = out.String()
	return err
}

// wait waits for the end of the script, or until its op is past its deadline.
func (s script) wait(cmd *exec.Cmd, out *scriptOutput) error {
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	ticker := time.NewTicker(scriptLook)
	defer ticker.Stop()
	for {
		select {
		case err := <-ended:
			return scriptError(err, out)
		case <-ticker.C:
			if quiet := out.quiet(now()); quiet > s.deadline {
				task := waitingTask(cmd.Process.Pid)
				return &StuckError{Task: task, Text: fmt.Sprintf("script is silent for %v after %q: %s is in state %s",
					quiet.Round(time.Second), out.last(), task.Comm, task.State)}
			}
		}
	}
}

// scriptError says how a script ended: nil if well; its own FAILED line if it saw a failure; else its status, with its
// last line. Whatever it was, the kernel may have brought it about: a shell that cannot fork ends with a status, too.
func scriptError(err error, out *scriptOutput) error {
	var exit *exec.ExitError
	switch {
	case err == nil || errors.Is(err, exec.ErrWaitDelay): // it ended well, and left something behind
		return nil
	case !errors.As(err, &exit):
		return fmt.Errorf("%w: wait for script: %w", ErrScenario, err)
	case exit.ExitCode() == 1 && out.failed() != "":
		return errors.New(out.failed())
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return fmt.Errorf("script killed by %s after %q", unix.SignalName(status.Signal()), out.last())
	}
	return fmt.Errorf("script ended with %v: %s", exit, out.last())
}

// waitingTask says where a script hangs: in the program it waits for. Of a process and its descendants it is the one in
// uninterruptible sleep, else one that runs, else the youngest.
func waitingTask(pid int) trial.Task {
	best, rank := readTask(pid), -1
	for _, child := range descendants(pid) {
		task := readTask(child)
		r := map[string]int{"R": 1, "D": 2}[task.State]
		if r >= rank {
			best, rank = task, r
		}
	}
	return best
}
