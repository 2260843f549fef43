package bundle

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// play runs run.sh with a QEMU that prints a console, and returns what it says and its exit code. PATH holds nothing else,
// as the script promises to need.
func play(t *testing.T, m Manifest, console string, env ...string) (string, int) {
	t.Helper()
	dir := t.TempDir()
	m.Machine = trial.Machine{Accel: "tcg", Clock: trial.ClockICount, MemoryMB: 128, CPUs: 1, CPU: "max"}
	var script bytes.Buffer
	require.NoError(t, WriteRun(&script, m))
	text := regexp.MustCompile(`-ge 60 \]`).ReplaceAll(script.Bytes(), []byte("-ge 3 ]")) // a minute of silence is long
	bin := filepath.Join(dir, "bin")
	for name, text := range map[string]string{RunFile: string(text), KernelFile: "k", InitrdFile: "i", "console": console,
		"bin/qemu-system-x86_64": "#!/bin/sh\nwhile IFS= read -r l || [ -n \"$l\" ]; do printf '%s\\r\\n' \"$l\"; done <console\n"} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755))
	}
	for _, e := range env {
		if name, ok := strings.CutPrefix(e, "BLOCK="); ok {
			require.NoError(t, os.Mkdir(filepath.Join(dir, name), 0o755))
		}
		if tool, ok := strings.CutPrefix(e, "LINK="); ok {
			require.NoError(t, os.Symlink(tool, filepath.Join(bin, filepath.Base(tool))))
		}
	}
	cmd := exec.Command("/bin/sh", filepath.Join(dir, RunFile))
	cmd.Env, cmd.Dir, cmd.WaitDelay = append([]string{"PATH=" + bin, "ACCEL=tcg"}, env...), t.TempDir(), 5*time.Second
	out, err := cmd.CombinedOutput()
	if _, exited := err.(*exec.ExitError); err != nil && !exited {
		require.NoError(t, err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func TestRunSaysWhetherItSawTheFailure(t *testing.T) {
	const hello = "brink: hello 6.12\nbrink: begin walk 40\n"
	const done = "brink: done\n"
	panicked := Expect{Kind: trial.Panic, Op: "walk", Size: 40, Function: "seeded_panic", Headline: headlines[trial.Panic]}
	budget := Expect{Kind: judge.Budget, Op: "walk", Size: 40, BaseNS: 1000, UnitNS: 10, Clock: true}
	refused := Expect{Kind: trial.OpRefused, Op: "walk", Size: 40, Errno: "ENOMEM"}
	fork := Expect{Kind: trial.OpRefused, Size: 40, Canary: "fork", Errno: "EAGAIN"}
	late := Expect{Kind: trial.Deadline, Op: "walk", Size: 40, Function: "peer_remove_after_dead", Clock: true}
	grew := Expect{Kind: judge.Growth, Op: "walk", Small: 10, Size: 40, Factor: 8000, Clock: true}
	thread := Expect{Kind: trial.KernelError, Size: 40, Headline: []string{"*kthread_run failed with err -*"}}
	for name, c := range map[string]struct {
		e       Expect
		console string
		code    int
	}{
		"panic":                                {panicked, hello + "[ 1.0] RIP: 0010:seeded_panic+0x12/0x40 [seeded]\n[ 1.1] Kernel panic - not syncing: x\n", 0},
		"panic, trace behind":                  {panicked, hello + "[ 1.0] Kernel panic - not syncing: x\n[ 1.1]  seeded_panic.isra.0+0x12/0x40\n", 0},
		"another panic":                        {panicked, hello + "[ 1.0] Kernel panic - not syncing: x\n[ 1.1]  not_seeded_panic+0x12/0x40\n[ 1.1]  seeded_panic_too+0x1/0x2\n", 1},
		"no panic":                             {panicked, hello + done, 1},
		"panic before the hello":               {panicked, "seeded_panic+0x1/0x2 Kernel panic - not syncing: x\n", 2},
		"nothing":                              {panicked, "", 2},
		"over budget":                          {budget, hello + "brink: sample walk 40 40 1401\n" + done, 0},
		"just in its budget":                   {budget, hello + "brink: sample walk 40 40 1400\n" + done, 1},
		"over at another size":                 {budget, hello + "brink: sample walk 4 4 99999\nbrink: sample grow 40 40 99999\n" + done, 1},
		"refused":                              {refused, hello + "brink: refused walk 40 ENOMEM cannot allocate memory\n" + done, 0},
		"refused otherwise":                    {refused, hello + "brink: refused walk 40 EINVAL invalid argument\n" + done, 1},
		"canary":                               {fork, hello + "brink: canary fork 5\nbrink: canary-failed fork EAGAIN try again\n" + done, 0},
		"slow canary":                          {Expect{Kind: judge.Budget, Size: 40, Canary: "rtnl", BaseNS: 200}, hello + "brink: canary rtnl 201\n" + done, 0},
		"canary in time":                       {Expect{Kind: judge.Budget, Size: 40, Canary: "rtnl", BaseNS: 200}, hello + "brink: canary rtnl 200\n" + done, 1},
		"late":                                 {late, hello + "brink: at [<0>] peer_remove_after_dead+0x1/0x2\nbrink: late walk 40 D\n", 0},
		"late elsewhere":                       {late, hello + "brink: at [<0>] other+0x1/0x2\nbrink: late walk 40 D\n", 1},
		"grew":                                 {grew, hello + "brink: sample walk 10 1 100\nbrink: sample walk 40 1 801\n" + done, 0},
		"grew as expected":                     {grew, hello + "brink: sample walk 10 1 100\nbrink: sample walk 40 1 800\n" + done, 1},
		"kernel error":                         {thread, hello + "[ 3.1] wireguard: kthread_run failed with err -11\n" + done, 0},
		"stuck":                                {Expect{Kind: trial.StuckTask, Op: "walk", Size: 40}, hello + "brink: stuck walk 40 zombie\n" + done, 0},
		"killed":                               {Expect{Kind: trial.WorkerKilled, Op: "walk", Size: 40}, hello + "brink: died SIGKILL 0 x\n", 0},
		"VM died":                              {Expect{Kind: trial.VMDied, Op: "walk", Size: 40}, hello, 0},
		"VM died of something that it told of": {Expect{Kind: trial.VMDied, Op: "walk", Size: 40}, hello + "[ 1.1] Kernel panic - not syncing: x\n", 1},
		"VM died before the step":              {Expect{Kind: trial.VMDied, Op: "walk", Size: 40}, "brink: hello 6\nbrink: begin load 40\n", 1},
		"VM died after the step":               {Expect{Kind: trial.VMDied, Op: "walk", Size: 40}, hello + "brink: sample walk 40 1 1\n", 1},
		"canary at a smaller size":             {fork, "brink: hello 6\nbrink: begin canary 20\nbrink: canary-failed fork EAGAIN x\n" + hello + done, 1},
		"warning at a smaller size":            {Expect{Kind: trial.Warning, Size: 40, Headline: headlines[trial.Warning]}, "brink: hello 6\nbrink: begin walk 20\nWARNING: x\n" + hello + done, 1},
		"VM did not die":                       {Expect{Kind: trial.VMDied, Op: "walk", Size: 40}, hello + done, 1},
		"ended without a word":                 {panicked, hello, 1},
		"soft lockup":                          {Expect{Kind: trial.SoftLockup, Size: 40, Headline: headlines[trial.SoftLockup]}, hello + "watchdog: BUG: soft lockup - CPU#0 stuck for 11s! [init:5]\n", 0},
		"last line without newline":            {Expect{Kind: trial.OOM, Size: 40, Headline: headlines[trial.OOM]}, hello + "Out of memory: Killed process 5", 0},
	} {
		t.Run(name, func(t *testing.T) {
			out, code := play(t, Manifest{Failure: Failure{Kind: c.e.Kind, Op: c.e.Op, Size: c.e.Size, Expect: c.e}}, c.console)
			assert.Equal(t, c.code, code, out)
			assert.Equal(t, c.code == 0, strings.Contains("\n"+out, "\nREPRODUCED\n"), out)
			assert.Equal(t, c.code == 1, strings.Contains(out, "NOT REPRODUCED"), out)
		})
	}
}

func TestRunSaysWhatIsMissing(t *testing.T) {
	e := Expect{Kind: trial.Panic, Headline: headlines[trial.Panic]}
	m := Manifest{Failure: Failure{Kind: trial.Panic, Expect: e}}
	out, code := play(t, m, "", "QEMU=none")
	assert.Equal(t, 2, code)
	assert.Contains(t, out, "no none in PATH: install QEMU")
	out, code = play(t, m, "", "ACCEL=hvf")
	assert.Equal(t, 2, code)
	assert.Contains(t, out, "ACCEL=hvf is not possible: choose kvm tcg")
	m.Failure.Expect.Clock = true
	out, _ = play(t, m, "", "ACCEL=kvm")
	assert.Contains(t, out, "choose tcg", "times are only compared by the clock they were found with")
}

// slowQEMU prints a console and then what the shell code says; with a PID file, as QEMU.
func slowQEMU(t *testing.T, console, then string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "qemu")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\necho $$ >run.pid\nprintf '"+strings.ReplaceAll(console, "\n", "\\n")+"'\n"+then+"\n"), 0o755))
	return path
}

// TestSilentGuest: silence in the step that does it is the failure. A guest that goes on, or only takes long, is not.
func TestSilentGuest(t *testing.T) {
	e := Expect{Kind: trial.HardLockup, Op: "walk", Size: 40, Silent: true}
	const begun = "brink: hello 6\nbrink: begin walk 40\n"
	for name, c := range map[string]struct {
		console, then, limit string
		code                 int
	}{
		"in the step":               {begun, "exec /bin/sleep 60", "60", 0},
		"before it":                 {"brink: hello 6\n", "exec /bin/sleep 60", "3", 2},
		"after it":                  {begun + "brink: sample walk 40 1 1\n", "exec /bin/sleep 60", "5", 2},
		"it still says something":   {begun, "while /bin/sleep 1; do echo x; done", "5", 2},
		"given up before it is due": {begun, "exec /bin/sleep 60", "1", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			qemu := slowQEMU(t, c.console, c.then)
			out, code := play(t, Manifest{Failure: Failure{Kind: e.Kind, Op: e.Op, Size: e.Size, Expect: e}}, "", "QEMU="+qemu, "LIMIT="+c.limit)
			assert.Equal(t, c.code, code, out)
		})
	}
}

// TestNothingOfTheGuestIsRun: names and texts of the record are words, whatever is in them.
func TestNothingOfTheGuestIsRun(t *testing.T) {
	dir := t.TempDir()
	evil := "x`: >" + dir + "/a`$(: >" + dir + "/b)'$(: >" + dir + "/c)'\"$(: >" + dir + "/d)\"\n : >" + dir + "/e"
	for _, e := range []Expect{
		{Kind: trial.KernelError, Op: evil, Function: evil, Headline: []string{"*" + evil + "*"}}, {Kind: trial.OpRefused, Op: evil, Errno: evil},
		{Kind: trial.OpRefused, Canary: evil, Errno: evil}, {Kind: judge.Budget, Canary: evil, BaseNS: 1}, {Kind: judge.Budget, Op: evil, BaseNS: 1},
		{Kind: trial.Deadline, Op: evil, Function: evil}, {Kind: trial.StuckTask, Op: evil}, {Kind: judge.Growth, Op: evil, Small: 1, Size: 2, Factor: 3},
	} {
		out, code := play(t, Manifest{Seeded: true, Scenario: evil, Build: evil, Kernel: trial.Kernel{Name: evil, Release: evil},
			Failure: Failure{Kind: e.Kind, Title: evil, Op: evil, What: evil, Expect: e}}, "brink: hello "+evil+"\nbrink: sample "+evil+"\nbrink: done\n")
		assert.Equal(t, 1, code, out)
	}
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, left)
}

// TestNetworkCards: the machine of run.sh has the cards that the scenario looks for, whichever way it is run.
func TestNetworkCards(t *testing.T) {
	var script bytes.Buffer
	require.NoError(t, WriteRun(&script, Manifest{Machine: trial.Machine{Accel: "tcg", Clock: trial.ClockICount, CPUs: 1},
		NICs:    []scenario.NIC{{Model: "e1000", Link: scenario.Hub}, {Model: "virtio-net-pci", Link: scenario.Hub}},
		Failure: Failure{Kind: trial.Panic, Expect: Expect{Kind: trial.Panic, Headline: headlines[trial.Panic]}}}))
	for _, device := range []string{"-device e1000,", "-device virtio-net-pci,", ",netdev=net0,mac=52:54:00:00:00:01,", ",netdev=net1,mac=52:54:00:00:00:02,"} {
		assert.Equal(t, 2, strings.Count(script.String(), device), "%s for KVM and for TCG", device)
	}
	assert.Equal(t, 4, strings.Count(script.String(), "-netdev hubport,hubid=0,"))
	assert.NotContains(t, script.String(), "microvm")
}

// TestDisks: run.sh makes the disks that the scenario looks for, empty, and gives their room back.
func TestDisks(t *testing.T) {
	m := Manifest{Disks: []scenario.Disk{{Size: 1 << 30}}, Failure: Failure{Kind: trial.Panic, Expect: Expect{Kind: trial.Panic, Headline: headlines[trial.Panic]}}}
	truncate, err := exec.LookPath("truncate")
	require.NoError(t, err)
	text, code := play(t, m, "brink: hello x\nbrink: done\n", "LINK="+truncate)
	assert.Equal(t, 1, code, text)

	text, code = play(t, m, "")
	assert.Equal(t, 2, code, text)
	assert.Contains(t, text, "cannot make disk0.img of 1073741824 bytes: it takes truncate or dd")
}

// TestInterrupted: a run.sh that is told to end takes its QEMU and its clock with it.
func TestInterrupted(t *testing.T) {
	dir := t.TempDir()
	var script bytes.Buffer
	require.NoError(t, WriteRun(&script, Manifest{Machine: trial.Machine{Accel: "tcg", Clock: trial.ClockICount, CPUs: 1},
		Failure: Failure{Kind: trial.Panic, Expect: Expect{Kind: trial.Panic, Headline: headlines[trial.Panic]}}}))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "vm"), 0o755))
	for name, text := range map[string]string{RunFile: script.String(), KernelFile: "k", InitrdFile: "i"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755))
	}
	cmd := exec.Command("/bin/sh", filepath.Join(dir, RunFile))
	cmd.Env = []string{"PATH=/nowhere", "ACCEL=tcg", "QEMU=" + slowQEMU(t, "brink: hello 6\n", "exec /bin/sleep 60")}
	require.NoError(t, cmd.Start())
	pid := 0
	require.Eventually(t, func() bool {
		text, _ := os.ReadFile(filepath.Join(dir, runPID))
		pid, _ = strconv.Atoi(strings.TrimSpace(string(text)))
		return pid > 0
	}, 10*time.Second, 10*time.Millisecond)

	second := exec.Command("/bin/sh", filepath.Join(dir, RunFile))
	second.Env = cmd.Env
	out, _ := second.CombinedOutput()
	assert.Equal(t, 2, second.ProcessState.ExitCode())
	assert.Contains(t, string(out), "another run.sh works in this folder")

	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	assert.Error(t, cmd.Wait())
	assert.Equal(t, 2, cmd.ProcessState.ExitCode())
	require.Eventually(t, func() bool { return syscall.Kill(pid, 0) != nil }, 10*time.Second, 10*time.Millisecond, "QEMU is gone")
}

// TestFolderThatCannotBeWritten: root may write anywhere, so a folder is in the way.
func TestFolderThatCannotBeWritten(t *testing.T) {
	out, code := play(t, Manifest{Failure: Failure{Kind: trial.Panic, Expect: Expect{Kind: trial.Panic, Headline: headlines[trial.Panic]}}}, "", "BLOCK=run.console")
	assert.Equal(t, 2, code)
	assert.Contains(t, out, "cannot write in")
}
