package qemu

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMain lets the test binary be a brink that starts a child and is killed; its standard error is the child's log.
func TestMain(m *testing.M) {
	if os.Getenv("BRINK_TEST_PARENT") == "1" {
		if _, err := startProcess("sleep", []string{"1000"}, os.Stderr); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		runtime.GC() // threads that are not locked may end
		fmt.Println("started")
		select {}
	}
	os.Exit(m.Run())
}

func devNull(t *testing.T) *os.File {
	t.Helper()
	f, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

func TestChildIsReaped(t *testing.T) {
	p, err := startProcess("sh", []string{"-c", "exit 7"}, devNull(t))
	require.NoError(t, err)
	<-p.done
	assert.Equal(t, 7, p.cmd.ProcessState.ExitCode())
	var exit *exec.ExitError
	require.ErrorAs(t, p.err, &exit)
	assert.ErrorIs(t, syscall.Kill(p.cmd.Process.Pid, 0), syscall.ESRCH, "no zombie is left")
	p.kill() // of one that is gone already
}

func TestKill(t *testing.T) {
	dir := t.TempDir()
	log, err := os.Create(filepath.Join(dir, "qemu.log"))
	require.NoError(t, err)
	defer log.Close()
	p, err := startProcess("sleep", []string{"1000"}, log)
	require.NoError(t, err)
	vm := &VM{process: p, listeners: &listeners{}, dir: dir}
	assert.Zero(t, vm.CPU(), "not over yet")
	vm.Close()
	vm.Close()
	select {
	case <-vm.Died():
	default:
		t.Error("Close returned before the child was reaped")
	}
	signal, text := vm.Exit()
	assert.Equal(t, syscall.SIGKILL, signal)
	assert.Contains(t, text, "killed by signal 9")
	assert.Positive(t, vm.CPU())
}

func TestExitQuotesQEMU(t *testing.T) {
	dir := t.TempDir()
	log, err := os.Create(filepath.Join(dir, "qemu.log"))
	require.NoError(t, err)
	defer log.Close()
	p, err := startProcess("sh", []string{"-c", "echo 'qemu: no memory' >&2; echo again; exit 1"}, log)
	require.NoError(t, err)
	<-p.done
	signal, text := (&VM{process: p, dir: dir}).Exit()
	assert.Zero(t, signal)
	assert.Equal(t, "QEMU exited with status 1: qemu: no memory; again", text)
}

func TestMissingBinary(t *testing.T) {
	_, err := startProcess("/no/such/qemu", nil, devNull(t))
	require.ErrorIs(t, err, os.ErrNotExist)
	assert.ErrorContains(t, err, "brink doctor")
}

func TestChildDiesWithParent(t *testing.T) {
	read, write, err := os.Pipe()
	require.NoError(t, err)
	defer read.Close()
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), "BRINK_TEST_PARENT=1")
	parent.Stderr = write
	out, err := parent.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, parent.Start())
	write.Close()
	line := make([]byte, len("started"))
	_, err = io.ReadFull(out, line)
	require.NoError(t, err)
	require.Equal(t, "started", string(line))

	require.NoError(t, read.SetReadDeadline(time.Now().Add(20*time.Millisecond)))
	_, err = read.Read(make([]byte, 1))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded, "parent and child live")
	require.NoError(t, parent.Process.Kill())
	_ = parent.Wait()
	require.NoError(t, read.SetReadDeadline(time.Now().Add(20*time.Second)))
	_, err = read.Read(make([]byte, 1))
	assert.True(t, errors.Is(err, io.EOF), "the child still holds its log open: %v", err)
}

func TestProbeKVMReturns(t *testing.T) {
	done := make(chan error, 1)
	go func() { done <- ProbeKVM() }()
	select {
	case err := <-done:
		if err != nil { // whatever this machine has, the sentence says which device
			assert.ErrorContains(t, err, "/dev/kvm")
		}
	case <-time.After(time.Minute):
		t.Fatal("ProbeKVM hangs")
	}
}
