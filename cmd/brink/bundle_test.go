package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// untar unpacks an archive as its reader will, with nothing of brink's, and returns the bundle's folder.
func untar(t *testing.T, path string) string {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	z, err := zstd.NewReader(f)
	require.NoError(t, err)
	defer z.Close()
	to, top := t.TempDir(), ""
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return filepath.Join(to, top)
		}
		require.NoError(t, err)
		top, _, _ = strings.Cut(h.Name, "/")
		name := filepath.Join(to, h.Name)
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		text, err := io.ReadAll(r)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(name, text, os.FileMode(h.Mode)))
	}
}

// onlyQEMU is a PATH with QEMU and nothing else.
func onlyQEMU(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath(qemuName)
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.Symlink(path, filepath.Join(dir, qemuName)))
	return dir
}

// runScript runs a bundle's run.sh with nothing but QEMU.
func runScript(t *testing.T, dir string, env ...string) (string, int) {
	t.Helper()
	cmd := exec.Command("/bin/sh", filepath.Join(dir, "run.sh"))
	cmd.Env, cmd.Dir = append([]string{"PATH=" + onlyQEMU(t)}, env...), t.TempDir()
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	t.Logf("run.sh: exit %d\n%s", cmd.ProcessState.ExitCode(), out)
	return string(out), cmd.ProcessState.ExitCode()
}

// TestWhatMayBePacked: a recipe leaves the kernel's own modules to packages, but holds what was built here.
func TestWhatMayBePacked(t *testing.T) {
	for _, c := range []struct {
		license           string
		builtHere, recipe bool
		want              string
	}{
		{"GPL v2", true, false, ""}, {"GPL v2", false, true, ""}, {"Proprietary", false, true, ""},
		{"Proprietary", false, false, "make a recipe (--recipe)"}, {"CDDL", true, false, "has no bundle"}, {"CDDL", true, true, "has no bundle"},
	} {
		err := mayBePacked("zfs", c.license, c.builtHere, c.recipe)
		if c.want == "" {
			assert.NoError(t, err, c)
			continue
		}
		assert.ErrorAs(t, err, new(usageError), c)
		assert.ErrorContains(t, err, c.want, c)
	}
}

func TestVMBundleReproducesAPanic(t *testing.T) {
	besideAnother(t)
	dir := t.TempDir()
	archive := filepath.Join(dir, "b.tar.zst")
	code, _, _ := brink(t, dir, "run", "seeded", "--set", "mode=panic", "--set", "at=600", "--sizes", "500,700", "--accel", "tcg", "--max-boots", "4")
	require.Equal(t, exitFound, code)
	code, out, errs := brink(t, dir, "bundle", "last", "-o", archive)
	require.Equal(t, exitGood, code)
	assert.Contains(t, errs, "run.sh: REPRODUCED")
	assert.Contains(t, out, "b.tar.zst")

	out, code = runScript(t, untar(t, archive), "ACCEL=tcg")
	assert.Equal(t, 0, code)
	assert.Contains(t, out, "\nREPRODUCED\n")

	code, out, _ = brink(t, t.TempDir(), "replay", archive)
	assert.Equal(t, 0, code)
	assert.Contains(t, out, "REPRODUCED in 1 of 1 VMs")

	t.Run("without the failure", func(t *testing.T) { // the same bundle with a guest that does not get so far
		b := untar(t, archive)
		script, err := os.ReadFile(filepath.Join(b, "run.sh"))
		require.NoError(t, err)
		require.Contains(t, string(script), "seeded_panic")
		require.NoError(t, os.WriteFile(filepath.Join(b, "run.sh"), bytes.ReplaceAll(script, []byte("seeded_panic"), []byte("other")), 0o755))
		out, code := runScript(t, b, "ACCEL=tcg")
		assert.Equal(t, 1, code)
		assert.Contains(t, out, "NOT REPRODUCED")
	})
	t.Run("cut short", func(t *testing.T) {
		text, err := os.ReadFile(archive)
		require.NoError(t, err)
		cut := filepath.Join(t.TempDir(), "cut")
		require.NoError(t, os.WriteFile(cut, text[:len(text)/2], 0o644))
		code, _, errs := brink(t, t.TempDir(), "replay", cut)
		assert.Equal(t, exitUsage, code)
		assert.Contains(t, errs, "broken bundle")
	})
}

func TestVMBundleOfARecipe(t *testing.T) {
	besideAnother(t)
	dir := t.TempDir()
	archive := filepath.Join(dir, "b.tar.zst")
	code, _, _ := brink(t, dir, "run", "wireguard", "--sizes", "64,128", "--accel", "tcg")
	require.Equal(t, exitFound, code, "deleting 128 peers is over its budget on 6.12")
	code, _, _ = brink(t, dir, "bundle", "last", "--recipe", "-o", archive)
	require.Equal(t, exitGood, code)
	b := untar(t, archive)
	assert.NoFileExists(t, filepath.Join(b, "vm", "kernel"))
	_, code = runScript(t, b)
	assert.Equal(t, 2, code, "nothing to boot yet")
	code, out, _ := brink(t, t.TempDir(), "replay", archive)
	assert.Equal(t, 0, code)
	assert.Contains(t, out, "REPRODUCED")
}

func TestVMNothingToBundle(t *testing.T) {
	besideAnother(t)
	dir := t.TempDir()
	code, _, _ := brink(t, dir, "run", "seeded", "--set", "mode=none", "--sizes", "100,200", "--accel", "tcg")
	require.Equal(t, exitGood, code)
	code, _, errs := brink(t, dir, "bundle", "last")
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, errs, "has no failure to reproduce: no failure up to 200 entries (1 of 1 trials)")
}

// TestVMSeededBundles packs every planted failure; `brink bundle` itself tries run.sh. BRINK_CONTROLS=all takes all of them, else one
// that the console tells of and one that only the agent knows.
func TestVMSeededBundles(t *testing.T) {
	besideAnother(t)
	modes := []string{"warn", "errno"}
	if os.Getenv("BRINK_CONTROLS") == "all" {
		modes = nil
		for mode, p := range plantedKinds {
			if p.kind != "" {
				modes = append(modes, mode)
			}
		}
		slices.Sort(modes)
	}
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			dir := t.TempDir()
			code, _, _ := brink(t, dir, "run", "seeded", "--set", "mode="+mode, "--set", fmt.Sprintf("at=%d", plantedAt), "--sizes", ladderOf(mode), "--accel", "tcg")
			require.Equal(t, exitFound, code)
			code, _, errs := brink(t, dir, "bundle", "last", "-o", filepath.Join(dir, "b.tar.zst"))
			assert.Equal(t, exitGood, code)
			assert.Contains(t, errs, "run.sh: REPRODUCED")
		})
	}
}
