package seedednic_test

import (
	_ "embed"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/lab"
	"brink/internal/qemu"
	"brink/internal/scenario"
	"brink/internal/trial"
	"brink/internal/vmtest"
	"brink/vmimages"
	"brink/vmimages/seedednic"
)

//go:embed testdata/driver.sh
var driverScript string

// planted is the rate in the script.
const planted = 5000

// TestDriver tries what README.md says of the device, and of the rate: two percent below the planted one nothing happens,
// two percent above it the driver panics.
func TestDriver(t *testing.T) {
	vmtest.Require(t)
	for _, kernel := range []struct{ ref, function string }{{"debian:5.10", "net_rx_action"}, {"debian:6.1", "__napi_poll"},
		{"debian:6.12", "__napi_poll"}, {"debian:newest", "__napi_poll"}} {
		t.Run(kernel.ref, func(t *testing.T) {
			l := local(t, kernel.ref)
			end, said := try(t, l, planted*98/100)
			require.Equal(t, trial.Completed, end.Kind, "%s\n%s", end.Text, said)
			t.Log(said)
			end, said = try(t, l, planted*102/100)
			require.NotNil(t, end.Failure, "%s\n%s", end.Text, said)
			assert.Equal(t, "oops:"+kernel.function+":net", end.Failure.Signature, end.Text)
			t.Log(end.Text)
		})
	}
}

// local is an executor of trials on TCG with the instruction clock, with the module and what the script needs.
func local(t *testing.T, ref string) *lab.Local {
	t.Helper()
	binary, err := exec.LookPath("qemu-system-x86_64")
	require.NoError(t, err)
	cache, err := vmimages.OpenCache("")
	require.NoError(t, err)
	k := vmtest.Kernel(t, ref)
	m, err := vmimages.NewResolver(cache, slog.Default()).BuildModule(t.Context(), k, seedednic.Source())
	require.NoError(t, err)
	initramfs, err := cache.Initramfs(k, vmimages.InitramfsSpec{Agent: vmtest.Agent(t), Extra: []vmimages.Module{m},
		Boot: []string{"virtio_pci", "virtio_console"}, Modules: []string{"veth", "bridge", "pktgen"},
		Tools: []string{"sh", "ip", "insmod", "rmmod"}})
	require.NoError(t, err)
	dir := t.TempDir()
	return &lab.Local{Initramfs: initramfs, Release: k.Release, Limits: lab.DefaultLimits(qemu.Config{Accel: qemu.TCG}),
		TrialDir: func(n int) (string, error) { d := filepath.Join(dir, fmt.Sprint(n)); return d, os.MkdirAll(d, 0o755) },
		VM: qemu.Config{Binary: binary, Accel: qemu.TCG, Clock: trial.ClockICount, MemoryMB: 512, CPUs: 1, Seed: 1,
			Kernel: k.VMLinux, Cmdline: qemu.ReleaseArgs(k.Release)}}
}

// try runs the script at a rate in a fresh VM, and returns how that ended and what the script said.
func try(t *testing.T, l *lab.Local, rate int64) (trial.Outcome, string) {
	t.Helper()
	settings := scenario.Settings{scenario.PlainScript: driverScript, scenario.PlainDeadline: time.Minute.String()}
	plan := trial.Plan{V: trial.Version, Run: "driver", Trial: int(rate), Scenario: scenario.PlainScenario, Axis: "pps", Seed: 1,
		Settings: settings, Clock: trial.ClockICount, Heartbeat: 5 * time.Second,
		Steps: []trial.Step{{Kind: trial.StepOp, Op: scenario.PlainOp, Size: rate, Reps: 1, Deadline: time.Hour}}}
	said := ""
	end, err := l.Trial(t.Context(), plan, trial.StartBoot, func(e trial.Event) error { said += e.Text; return nil })
	require.NoError(t, err)
	return end, said
}
