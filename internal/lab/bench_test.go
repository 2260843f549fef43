package lab_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brink/internal/lab"
	"brink/internal/qemu"
	"brink/internal/trial"
	"brink/internal/vmtest"
	"brink/vmimages"
)

const benchKernel = "debian:6.12"

// newLocal makes an executor as `brink run` does, on TCG with the instruction clock.
func newLocal(b *testing.B, memory int64, tools ...string) *lab.Local {
	b.Helper()
	vmtest.Require(b)
	k := vmtest.Kernel(b, benchKernel)
	cache, err := vmimages.OpenCache("")
	require.NoError(b, err)
	initramfs, err := cache.Initramfs(k, vmimages.InitramfsSpec{Agent: vmtest.Agent(b), Tools: tools,
		Boot: []string{"virtio_pci", "virtio_console"}, Modules: []string{"wireguard"}})
	require.NoError(b, err)
	dir := b.TempDir()
	return &lab.Local{Initramfs: initramfs, Release: k.Release, Snapshot: filepath.Join(dir, "snapshot"),
		TrialDir: func(n int) (string, error) { d := filepath.Join(dir, fmt.Sprint(n)); return d, os.MkdirAll(d, 0o755) },
		Limits:   lab.DefaultLimits(qemu.Config{Accel: qemu.TCG}),
		VM: qemu.Config{Binary: "qemu-system-x86_64", Accel: qemu.TCG, Clock: trial.ClockICount, MemoryMB: memory, CPUs: 1,
			Seed: 1, Kernel: k.VMLinux}}
}

func plan(steps ...trial.Step) trial.Plan {
	for i := range steps {
		steps[i].Kind, steps[i].Reps, steps[i].Deadline = trial.StepOp, 1, time.Hour
	}
	return trial.Plan{V: trial.Version, Run: "bench", Trial: 1, Scenario: "wireguard", Axis: "peers", Seed: 1, Clock: trial.ClockICount,
		Heartbeat: 5 * time.Second, Settings: map[string]string{"allowed-ips": "1", "ipv6": "0", "private-key": "true", "devices": "1", "hot": "8"},
		Steps: steps}
}

// runPlan runs one trial and returns its events; hello is how long after the call the agent answered.
func runPlan(b *testing.B, l *lab.Local, p trial.Plan, start trial.Start) (events []trial.Event, hello time.Duration) {
	b.Helper()
	begin := time.Now()
	outcome, err := l.Trial(context.Background(), p, start, func(e trial.Event) error {
		if e.Type == trial.EventHello && hello == 0 {
			hello = time.Since(begin)
		}
		events = append(events, e)
		return nil
	})
	require.NoError(b, err)
	require.Equal(b, trial.Completed, outcome.Kind, outcome.Text)
	return events, hello
}

// bareInit prints a line, as the least an /init can do.
const bareInit = `package main

import "time"

func main() { println("bare"); time.Sleep(time.Hour) }
`

// bareCmdline is what makes a boot fast, without what brink needs besides.
const bareCmdline = "console=ttyS0 quiet panic=-1 cryptomgr.notests nokaslr random.trust_cpu=on no_timer_check mitigations=off tsc_early_khz=1000000"

// bareBoot measures how long the fastest machine takes to the first line of a trivial /init: the same kernel and clock,
// nothing but a serial line.
func bareBoot(b *testing.B, l *lab.Local) time.Duration {
	b.Helper()
	dir := b.TempDir()
	require.NoError(b, os.WriteFile(filepath.Join(dir, "main.go"), []byte(bareInit), 0o644))
	build := exec.Command("go", "build", "-ldflags", "-s -w", "-o", filepath.Join(dir, "init"), filepath.Join(dir, "main.go"))
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	require.NoError(b, build.Run())
	cache, err := vmimages.OpenCache("")
	require.NoError(b, err)
	initramfs, err := cache.Initramfs(vmtest.Kernel(b, benchKernel), vmimages.InitramfsSpec{Agent: filepath.Join(dir, "init")})
	require.NoError(b, err)
	c := l.VM
	c.Initrd = initramfs
	cmd := exec.Command(c.Binary, "-nodefaults", "-no-user-config", "-display", "none", "-M", "microvm,acpi=off", "-m", fmt.Sprint(c.MemoryMB),
		"-cpu", "max", "-accel", "tcg,thread=single", "-icount", "shift=0,sleep=off", "-seed", "1", "-rtc", "base=2024-01-01T00:00:00,clock=vm",
		"-kernel", c.Kernel, "-initrd", c.Initrd, "-append", bareCmdline, "-serial", "file:/dev/stdout") // stdio would make QEMU poll an idle stdin
	out, err := cmd.StdoutPipe()
	require.NoError(b, err)
	begin := time.Now()
	require.NoError(b, cmd.Start())
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	for s := bufio.NewScanner(out); s.Scan(); {
		if s.Text() == "bare" {
			return time.Since(begin)
		}
	}
	b.Fatal("the bare guest printed nothing")
	return 0
}

func median(d []time.Duration) float64 {
	slices.Sort(d)
	return d[len(d)/2].Seconds()
}

// BenchmarkBootToHello compares the time to the agent's hello with a bare boot (at most 1.25 x), and gives that of a clone
// (under 0.5 s).
func BenchmarkBootToHello(b *testing.B) {
	l := newLocal(b, 512)
	step := plan(trial.Step{Op: "load", Size: 1})
	var bare, boot, clone []time.Duration
	runPlan(b, l, step, trial.StartClone) // makes the snapshot
	for range 5 {
		bare = append(bare, bareBoot(b, l))
		_, hello := runPlan(b, l, step, trial.StartBoot)
		boot = append(boot, hello)
		_, hello = runPlan(b, l, step, trial.StartClone)
		clone = append(clone, hello)
	}
	b.ReportMetric(median(bare), "bare-s")
	b.ReportMetric(median(boot), "boot-s")
	b.ReportMetric(median(boot)/median(bare), "boot/bare")
	b.ReportMetric(median(clone), "clone-s")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkLoadAgainstSyncconf gives the speed of the agent's bulk load as a multiple of wg syncconf's, in the same VM (at
// least 0.9 x).
func BenchmarkLoadAgainstSyncconf(b *testing.B) {
	const n = 8192
	l := newLocal(b, 512, "wg")
	var steps []trial.Step
	for range 3 {
		steps = append(steps, trial.Step{Op: "load", Size: n}, trial.Step{Op: "delete", Size: n},
			trial.Step{Op: "syncconf", Size: n}, trial.Step{Op: "delete", Size: n})
	}
	events, _ := runPlan(b, l, plan(steps...), trial.StartBoot)
	times := map[string][]time.Duration{}
	for _, e := range events {
		if e.Type == trial.EventEnd {
			times[e.Op] = append(times[e.Op], e.Samples[0].Wall())
		}
	}
	b.ReportMetric(median(times["syncconf"])/median(times["load"]), "speed-ratio")
	b.ReportMetric(median(times["load"])*1e6/n, "load-µs/peer")
	b.ReportMetric(median(times["syncconf"])*1e6/n, "syncconf-µs/peer")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkOwnCPU gives brink's own CPU time as a share of QEMU's over a trial (at most 5%).
func BenchmarkOwnCPU(b *testing.B) {
	l := newLocal(b, 512)
	before := ownCPU()
	runPlan(b, l, plan(trial.Step{Op: "load", Size: 8192}, trial.Step{Op: "dump", Size: 8192}, trial.Step{Op: "delete", Size: 8192}), trial.StartBoot)
	own := ownCPU() - before
	b.ReportMetric(100*own.Seconds()/l.CPU.Seconds(), "%-of-QEMU")
	b.ReportMetric(own.Seconds(), "brink-s")
	b.ReportMetric(l.CPU.Seconds(), "qemu-s")
	b.ReportMetric(0, "ns/op")
}

func ownCPU() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
