package qemu

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/trial"
)

var update = flag.Bool("update", false, "write the golden files")

func config(accel Accel, clock trial.Clock) Config {
	return Config{Binary: "qemu-system-x86_64", Accel: accel, Clock: clock, MemoryMB: 512, CPUs: 1, Kernel: "/k/vmlinux", Initrd: "/t/initrd"}
}

func TestArgs(t *testing.T) {
	icount := config(TCG, trial.ClockICount)
	icount.Seed = 7
	save := config(KVM, trial.ClockWall)
	save.Snapshot = MemoryFile("/runs/a,b/snapshot")
	restore := config(KVM, trial.ClockWall)
	restore.Restore = "/runs/a,b/snapshot"
	custom := config(TCG, trial.ClockWall)
	custom.CPUs, custom.CPU, custom.Cmdline = 4, "max,-avx2", []string{"softlockup_panic=1"}
	for name, c := range map[string]Config{
		"kvm": config(KVM, trial.ClockWall), "tcg-icount": icount, "tcg-wall": config(TCG, trial.ClockWall),
		"snapshot": save, "restore": restore, "custom": custom,
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, c.Check())
			got := strings.Join(c.Args(Sockets{Console: "/s,x/console", Agent: "/s,x/agent", QMP: "/s,x/qmp"}, "/t"), "\n") + "\n"
			golden := filepath.Join("testdata", "args-"+name+".txt")
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), got)
		})
	}
}

// TestRestoreFitsSnapshot: the two sides of a migration need the same machine, or QEMU refuses the stream.
func TestRestoreFitsSnapshot(t *testing.T) {
	save, load := config(KVM, trial.ClockWall), config(KVM, trial.ClockWall)
	save.Snapshot, load.Restore = MemoryFile("/snap"), "/snap"
	a, b := save.Args(Sockets{}, ""), load.Args(Sockets{}, "")
	i := slices.Index(b, "-incoming")
	require.Positive(t, i)
	assert.Equal(t, []string{"-incoming", "defer"}, b[i:])
	memory := slices.Index(a, "-object") + 1
	assert.Equal(t, strings.Replace(a[memory], "share=on", "share=off", 1), b[memory], "clones never write to the snapshot")
	assert.Equal(t, slices.Delete(a, memory, memory+1), slices.Delete(b[:i], memory, memory+1))
}

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*Config)
		want  string
	}{
		"memory":       {func(c *Config) { c.MemoryMB = 127 }, "too small: give at least 128"},
		"no memory":    {func(c *Config) { c.MemoryMB = -1 }, "too small"},
		"no cpu":       {func(c *Config) { c.CPUs = 0 }, "0 vCPUs: choose 1 to 255"},
		"many cpus":    {func(c *Config) { c.CPUs = 256 }, "choose 1 to 255"},
		"icount kvm":   {func(c *Config) { c.Accel = KVM }, "needs TCG"},
		"icount smp":   {func(c *Config) { c.CPUs = 2 }, "runs one vCPU"},
		"accelerator":  {func(c *Config) { c.Accel = "xen" }, `unknown accelerator "xen"`},
		"no accel":     {func(c *Config) { c.Accel = "" }, `unknown accelerator ""`},
		"unknown time": {func(c *Config) { c.Clock = "" }, `unknown clock ""`},
	} {
		t.Run(name, func(t *testing.T) {
			config := config(TCG, trial.ClockICount)
			require.NoError(t, config.Check())
			c.spoil(&config)
			require.ErrorContains(t, config.Check(), c.want)
		})
	}
}

func TestStartRefusesWhatCannotRun(t *testing.T) {
	dir := t.TempDir()
	_, err := Start(t.Context(), Config{}, dir)
	require.ErrorContains(t, err, "unknown accelerator")
	assert.NoFileExists(t, filepath.Join(dir, "qemu.log"), "refused before anything is made")
}
