//go:build linux

package guest

import (
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// zombie returns the pid of a child that has ended and is not reaped before the test ends.
func zombie(t *testing.T) int {
	t.Helper()
	child := exec.Command("true")
	require.NoError(t, child.Start())
	require.NoError(t, unix.Waitid(unix.P_PID, child.Process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil))
	t.Cleanup(func() { _ = child.Wait() })
	return child.Process.Pid
}

func TestStuckTasks(t *testing.T) {
	pid := zombie(t)
	s := stuckTasks{limit: 25 * time.Second}
	look := func(at time.Duration, worker int) string {
		task, text := s.look(int64(at), []int{1, pid}, worker)
		if task != nil {
			assert.Equal(t, pid, task.PID)
		}
		return text
	}
	assert.Empty(t, look(10*time.Second, 0))
	assert.Empty(t, look(34*time.Second, 0), "not for long enough")
	assert.Empty(t, look(60*time.Second, pid), "the worker has a deadline of its own")
	assert.Empty(t, look(70*time.Second, 0), "it was not seen in between")
	assert.Contains(t, look(95*time.Second, 0), "has been in state Z for 25s")
	assert.Empty(t, look(200*time.Second, 0), "once")
}

func TestStuckTasksWithoutALimit(t *testing.T) {
	s := stuckTasks{}
	for _, at := range []time.Duration{0, time.Hour} {
		task, _ := s.look(int64(at), []int{zombie(t)}, 0)
		assert.Nil(t, task)
	}
}

func TestDescendants(t *testing.T) {
	sleep := exec.Command("sh", "-c", "sleep 100 & wait")
	require.NoError(t, sleep.Start())
	t.Cleanup(func() {
		_ = exec.Command("pkill", "-P", strconv.Itoa(sleep.Process.Pid)).Run()
		_ = sleep.Process.Kill()
		_ = sleep.Wait()
	})
	require.Eventually(t, func() bool { return len(descendants(sleep.Process.Pid)) == 1 }, 10*time.Second, time.Millisecond)
	assert.Contains(t, descendants(unix.Getpid()), sleep.Process.Pid)
	assert.Contains(t, descendants(unix.Getpid()), descendants(sleep.Process.Pid)[0], "grandchildren count")
	assert.NotContains(t, descendants(unix.Getpid()), unix.Getpid())
}

func TestRuntimeWait(t *testing.T) {
	for text, want := range map[string]bool{
		"202 0xc000 0x80 0x0": true, "281 0x4": true, "": true, "running": true, "-1 0x7ffc 0x40": false, "1 0x6 0xc0000": false,
	} {
		assert.Equal(t, want, runtimeWait(text), text)
	}
}

func TestBindOnce(t *testing.T) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	require.NoError(t, err)
	defer unix.Close(fd)
	require.NoError(t, unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	require.NoError(t, unix.Listen(fd, 1))
	name, err := unix.Getsockname(fd)
	require.NoError(t, err)
	port := name.(*unix.SockaddrInet4).Port
	var stuck *StuckError
	require.ErrorAs(t, WaitPort(port, 3*time.Millisecond), &stuck)
	assert.Contains(t, stuck.Text, "is still bound 3ms after its owner was killed")
	unix.Close(fd)
	assert.NoError(t, WaitPort(port, time.Second))
}

func TestOrphansAreReaped(t *testing.T) {
	p, err := os.StartProcess("/bin/true", []string{"true"}, &os.ProcAttr{})
	require.NoError(t, err)
	defer p.Release()
	require.Eventually(t, func() bool {
		reapOrphans(0)
		return unix.Kill(p.Pid, 0) == unix.ESRCH
	}, 10*time.Second, 10*time.Millisecond)
}
