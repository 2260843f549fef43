package vmimages

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// errToolDiskFull marks the failure of a host tool that ran out of disk space.
var errToolDiskFull = errors.New("no space left on device")

// toolGrace is how long a host tool may take to clean up after its context ended.
const toolGrace = 5 * time.Second

// hostTool finds a program of the host, also where an ordinary user's PATH does not look.
func hostTool(name, debianPackage string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	for _, dir := range []string{"/usr/sbin", "/sbin", "/usr/lib/apt"} {
		if path, err := exec.LookPath(dir + "/" + name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("find %s: not installed; install the package %s", name, debianPackage)
}

// runTool runs a host program in the C locale and returns what it wrote to stdout and stderr together. An error ends in
// the most telling line of that output.
func runTool(ctx context.Context, path string, args ...string) (string, error) {
	var out bytes.Buffer
	err := pipeTool(ctx, nil, &out, &out, path, args...)
	return out.String(), err
}

// pipeTool runs a host program between stdin and stdout. Its stderr goes to all, which may be nil.
func pipeTool(
	ctx context.Context, stdin io.Reader, stdout io.Writer, all *bytes.Buffer, path string, args ...string,
) error {
	return pipeToolEnv(ctx, os.Environ(), stdin, stdout, all, path, args...)
}

// pipeToolEnv is pipeTool with another environment.
func pipeToolEnv(
	ctx context.Context, env []string, stdin io.Reader, stdout io.Writer, all *bytes.Buffer, path string, args ...string,
) error {
	return pipeToolHolding(ctx, nil, env, stdin, stdout, all, path, args...)
}

// pipeToolHolding is pipeToolEnv for a program that works on what lock keeps for it. The program and all that it starts
// hold the lock too: if brink is killed, nobody else gets it before the last of them has ended. lock may be nil.
func pipeToolHolding(
	ctx context.Context, lock *os.File, env []string, stdin io.Reader, stdout io.Writer, all *bytes.Buffer, path string,
	args ...string,
) error {
	if all == nil {
		all = new(bytes.Buffer)
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append(env, "LC_ALL=C", "LANGUAGE=C")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, stdout, all
	if lock != nil {
		cmd.ExtraFiles = []*os.File{lock}
	}
	err := runGroup(ctx, cmd)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case strings.Contains(all.String(), "No space left on device"):
		return errToolDiskFull
	}
	if line := tellingLine(all.String()); line != "" {
		return fmt.Errorf("%s (%w)", line, err)
	}
	return err
}

// runGroup runs a program in a process group of its own, all of which ends with ctx: by SIGTERM, and what is left after
// the grace period by SIGKILL. The program gets SIGTERM also when brink dies.
func runGroup(ctx context.Context, cmd *exec.Cmd) error {
	runtime.LockOSThread() // the kernel takes the end of the thread that started the program for brink's
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	cmd.Cancel = func() error { return signalGroup(cmd, syscall.SIGTERM) }
	cmd.WaitDelay = toolGrace
	err := cmd.Run()
	if ctx.Err() != nil && cmd.Process != nil {
		_ = signalGroup(cmd, syscall.SIGKILL)
	}
	return err
}

func signalGroup(cmd *exec.Cmd, signal syscall.Signal) error {
	err := syscall.Kill(-cmd.Process.Pid, signal)
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}

// tellingLine picks the line of a tool's output that says what went wrong: the first that starts like an error, else
// the last that is not empty.
func tellingLine(output string) string {
	last := ""
	for _, line := range strings.Split(output, "\n") {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "E: ") || strings.HasPrefix(line, "dpkg-deb: error: ") {
			return line
		}
		if line != "" {
			last = line
		}
	}
	return last
}
