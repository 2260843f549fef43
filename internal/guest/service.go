//go:build linux

package guest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"golang.org/x/sys/unix"

	"brink/internal/trial"
)

// ServiceArg makes the agent a service: a process of its own that a scenario lets live and die.
const ServiceArg = "service"

// ServiceMain is the life of a service: it calls ready once, and then lives until it is killed. An error is the
// scenario's fault.
type ServiceMain func(args []string, ready func()) error

// EnsureService refuses to be a service outside a brink guest.
func EnsureService() error { return marked() }

// RunService is the service's process. It returns the exit code.
func RunService(name string, args []string, services map[string]ServiceMain) int {
	run, ok := services[name]
	if !ok {
		fmt.Fprintf(os.Stderr, "brink-agent: no service %q\n", name)
		return 2
	}
	if err := run(args, func() { fmt.Println("ready") }); err != nil {
		fmt.Fprintf(os.Stderr, "brink-agent: service %s: %v\n", name, err)
		return 1
	}
	return 0
}

// Service is a running service.
type Service struct {
	Name string
	cmd  *exec.Cmd
	out  io.ReadCloser
}

// StartService starts the agent as the named service and waits until it is ready.
func StartService(name string, args ...string) (*Service, error) {
	s := &Service{Name: name, cmd: exec.Command("/init", append([]string{ServiceArg, name}, args...)...)}
	s.cmd.Stderr = os.Stderr
	pipe, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start service %s: %w", name, err)
	}
	s.out = pipe
	if _, err := bufio.NewReader(pipe).ReadString('\n'); err != nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
		return nil, fmt.Errorf("%w: service %s did not say that it is ready: %w", ErrScenario, name, err)
	}
	return s, nil
}

// PID returns the service's process id.
func (s *Service) PID() int { return s.cmd.Process.Pid }

// Kill sends SIGKILL and waits for the end, up to limit of guest time. A service that does not end is a *StuckError.
func (s *Service) Kill(limit time.Duration) error {
	pid := s.PID()
	defer s.out.Close()
	if err := unix.Kill(pid, unix.SIGKILL); err != nil {
		return fmt.Errorf("kill service %s: %w", s.Name, err)
	}
	for start := now(); ; sleep(time.Millisecond) {
		var status unix.WaitStatus
		got, err := unix.Wait4(pid, &status, unix.WNOHANG, nil)
		switch {
		case got == pid:
			_ = s.cmd.Process.Release()
			return nil
		case err != nil && !errors.Is(err, unix.EINTR):
			return fmt.Errorf("%w: wait for service %s: %w", ErrScenario, s.Name, err)
		case now()-start > int64(limit):
			state := parseStatState(read(fmt.Sprintf("/proc/%d/stat", pid)))
			task := readStuckThread(pid)
			return &StuckError{Task: task, Text: fmt.Sprintf(
				"service %s is not gone %v after SIGKILL: it is in state %s, a thread in state %s", s.Name, limit, state, task.State)}
		}
	}
}

// WaitPort waits until a TCP port of the loopback device can be bound, up to limit of guest time. One that stays bound is
// a *StuckError.
func WaitPort(port int, limit time.Duration) error {
	for start := now(); ; sleep(time.Millisecond) {
		err := bindOnce(port)
		switch {
		case err == nil:
			return nil
		case !errors.Is(err, unix.EADDRINUSE):
			return fmt.Errorf("bind port %d: %w", port, err)
		case now()-start > int64(limit):
			return &StuckError{Task: trial.Task{}, Text: fmt.Sprintf("port %d is still bound %v after its owner was killed", port, limit)}
		}
	}
}

func bindOnce(port int) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		return err
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return err
	}
	return unix.Listen(fd, 1)
}
