package qemu

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Sockets are the paths of a VM's three streams, in a private folder.
type Sockets struct {
	Dir, Console, Agent, QMP string
}

// listeners holds the host's ends until QEMU has connected.
type listeners struct {
	Sockets
	console, agent, qmp *net.UnixListener
}

// runtimeRoot is where the folders with sockets go: unix socket paths are limited to 108 bytes (unix(7)), so not the run
// folder.
func runtimeRoot() string {
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			return dir
		}
	}
	return os.TempDir()
}

// listen makes the folder (0700) and the sockets (0600).
func listen() (*listeners, error) {
	SweepSockets(runtimeRoot())
	dir, err := os.MkdirTemp(runtimeRoot(), fmt.Sprintf("brink-%d-", os.Getpid()))
	if err != nil {
		return nil, fmt.Errorf("make socket folder: %w", err)
	}
	l := &listeners{Sockets: Sockets{Dir: dir, Console: filepath.Join(dir, "console"),
		Agent: filepath.Join(dir, "agent"), QMP: filepath.Join(dir, "qmp")}}
	for path, to := range map[string]**net.UnixListener{l.Console: &l.console, l.Agent: &l.agent, l.QMP: &l.qmp} {
		if *to, err = net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"}); err == nil {
			err = os.Chmod(path, 0o600)
		}
		if err != nil {
			l.close()
			return nil, fmt.Errorf("make socket: %w", err)
		}
	}
	return l, nil
}

// close removes the folder; accepted connections live on.
func (l *listeners) close() {
	for _, s := range []*net.UnixListener{l.console, l.agent, l.qmp} {
		if s != nil {
			s.Close()
		}
	}
	os.RemoveAll(l.Dir)
}

// accept waits for QEMU to connect to one socket, or to die.
func accept(ctx context.Context, l *net.UnixListener, died <-chan struct{}) (net.Conn, error) {
	for {
		l.SetDeadline(time.Now().Add(100 * time.Millisecond))
		conn, err := l.Accept()
		if err == nil {
			return conn, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-died:
			return nil, errDied
		default:
		}
		if e, ok := err.(net.Error); !ok || !e.Timeout() {
			return nil, err
		}
	}
}

// SweepSockets removes the socket folders of brinks that were killed.
func SweepSockets(root string) {
	dirs, _ := filepath.Glob(filepath.Join(root, "brink-*-*"))
	for _, dir := range dirs {
		fields := strings.Split(filepath.Base(dir), "-")
		pid, err := strconv.Atoi(fields[1])
		if err == nil && len(fields) == 3 && syscall.Kill(pid, 0) == syscall.ESRCH {
			os.RemoveAll(dir)
		}
	}
}
