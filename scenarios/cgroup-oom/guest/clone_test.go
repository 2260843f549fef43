//go:build linux

package guest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// children returns the child processes of this one.
func children(t *testing.T) (pids []int) {
	lists, err := filepath.Glob("/proc/self/task/*/children")
	require.NoError(t, err)
	for _, list := range lists {
		text, err := os.ReadFile(list)
		require.NoError(t, err)
		for field := range strings.FieldsSeq(string(text)) {
			pid, err := strconv.Atoi(field)
			require.NoError(t, err)
			pids = append(pids, pid)
		}
	}
	return pids
}

func threads(t *testing.T) int {
	dirs, err := os.ReadDir("/proc/self/task")
	require.NoError(t, err)
	return len(dirs)
}

func TestSpawnProcesses(t *testing.T) {
	for name, flags := range map[string]uintptr{"with memory of their own": asProcess, "sharing memory": sharingMM} {
		t.Run(name, func(t *testing.T) {
			require.Empty(t, children(t))
			require.NoError(t, spawn(3, flags))
			pids := children(t)
			assert.Len(t, pids, 3)
			for _, pid := range pids {
				status := readText(fmt.Sprintf("/proc/%d/status", pid))
				assert.Contains(t, status, "Threads:\t1\n")
				assert.Contains(t, status, "SigBlk:\tfffffffffffbfeff", "all but SIGKILL and SIGSTOP")
				require.NoError(t, unix.Kill(pid, unix.SIGKILL))
				var ended unix.WaitStatus
				_, err := unix.Wait4(pid, &ended, 0, nil)
				require.NoError(t, err)
				assert.Equal(t, unix.SIGKILL, ended.Signal())
			}
		})
	}
}

// TestSpawnThreads leaves its threads to the end of the process.
func TestSpawnThreads(t *testing.T) {
	before := threads(t)
	require.NoError(t, spawn(50, asThread))
	assert.GreaterOrEqual(t, threads(t), before+50)
}

func TestSpawnFails(t *testing.T) {
	err := spawn(1, unix.CLONE_THREAD) // not without CLONE_SIGHAND
	assert.ErrorIs(t, err, unix.EINVAL)
	assert.ErrorContains(t, err, "clone task 0")
}
