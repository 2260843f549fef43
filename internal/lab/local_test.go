package lab

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/qemu"
	"brink/internal/trial"
	"brink/internal/wire"
)

func TestQuoteAll(t *testing.T) {
	args := []string{"qemu", "", "a b", "it's", "$x", "path=/s,q", `"`, "a;b", "*"}
	quoted := quoteAll(args)
	assert.Equal(t, "path=/s,q", quoted[5], "what needs no quotes has none")
	line := ""
	for _, q := range quoted {
		line += " " + q
	}
	out, err := exec.Command("sh", "-c", `printf '%s\n'`+line).Output()
	require.NoError(t, err)
	want := ""
	for _, a := range args {
		want += a + "\n"
	}
	assert.Equal(t, want, string(out))
}

func TestWithPlan(t *testing.T) {
	dir := t.TempDir()
	base, out := filepath.Join(dir, "initramfs"), filepath.Join(dir, "initrd")
	require.NoError(t, os.WriteFile(base, []byte("archive"), 0o644))
	require.NoError(t, WithPlan(out, base, trial.Plan{V: trial.Version, Scenario: "fake"}))
	text, err := os.ReadFile(out)
	require.NoError(t, err)
	assert.True(t, bytes.HasPrefix(text, []byte("archive")))
	assert.Contains(t, string(text), wire.PlanPath[1:])
	assert.Contains(t, string(text), `"scenario":"fake"`)
	again, err := os.ReadFile(base)
	require.NoError(t, err)
	assert.Equal(t, "archive", string(again), "the cached initramfs is shared")
	require.ErrorContains(t, WithPlan(out, filepath.Join(dir, "missing"), trial.Plan{}), "open initramfs")
	require.ErrorContains(t, WithPlan(filepath.Join(dir, "no", "initrd"), base, trial.Plan{}), "write initrd")
}

func TestSlowerMachinesGetMoreTime(t *testing.T) {
	kvm, tcg := DefaultLimits(qemu.Config{Accel: qemu.KVM}), DefaultLimits(qemu.Config{Accel: qemu.TCG})
	assert.Equal(t, 3*tcg.Hello, DefaultLimits(qemu.Config{Accel: qemu.TCG, Crowd: 3}).Hello, "guests that wait for each other")
	assert.Greater(t, tcg.Hello, kvm.Hello)
	assert.Greater(t, tcg.Silence, kvm.Silence)
	assert.Positive(t, kvm.Hello)
}

func TestCloseRemovesTheSnapshot(t *testing.T) {
	l := &Local{Snapshot: filepath.Join(t.TempDir(), "snapshot")}
	require.NoError(t, l.Close(), "none was made")
	require.NoError(t, os.MkdirAll(l.Snapshot, 0o700))
	require.NoError(t, l.Close())
	assert.NoDirExists(t, l.Snapshot)
}
