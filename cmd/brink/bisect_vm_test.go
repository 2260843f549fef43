package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/vmtest"
)

// TestVMBisectVersions: 5.10 deletes a device with its peers at once, 6.1 and 6.12 wait 12 ms for each.
func TestVMBisectVersions(t *testing.T) {
	besideAnother(t)
	dir := t.TempDir()
	code, out, _ := brink(t, dir, "bisect", "wireguard", "--good", "debian:5.10", "--kernels", "debian:6.1", "--bad", "debian:6.12",
		"--expect", "cost:delete@64>2x", "--accel", "tcg", "--keep")
	require.Equal(t, exitFound, code)
	assert.Contains(t, out, "first bad: debian:6.1, last good: debian:5.10\n")
	assert.Contains(t, out, "upstream range v5.10..v6.1 ")
	code, replayed, _ := brink(t, dir, "bisect", "--replay", filepath.Join(onlyFolder(t, dir), "bisect.log"))
	assert.Equal(t, exitFound, code)
	assert.Contains(t, replayed, "first bad: debian:6.1, last good: debian:5.10\n")
}

func onlyFolder(t *testing.T, dir string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	require.Len(t, found, 1)
	return found[0]
}

// The commit planted refuses a walk of 1,000 entries: always, or in 8.5% of the walks, which are four in each VM: in 30% of
// the VMs.
const (
	plantedCommit = 37
	refusal       = ") {\n\t\tmutex_unlock(&seeded_lock);\n\t\treturn -ENOBUFS;\n\t}\n"
	alwaysRefuses = "\tif (seeded_entries >= 1000" + refusal
	rarelyRefuses = "\tif (seeded_entries >= 1000 && get_random_u32() % 1000 < 85" + refusal
	refused       = "signature:op-error:walk:ENOBUFS@1000"
)

// TestVMBisectCommits finds one of 64 commits; one that fails in 30% of the VMs takes about 65 of them, and is among the
// controls (BRINK_CONTROLS=all).
func TestVMBisectCommits(t *testing.T) {
	besideAnother(t)
	planted := map[string]string{"always": alwaysRefuses}
	if os.Getenv("BRINK_CONTROLS") == "all" {
		planted["in 30% of the VMs"] = rarelyRefuses
	}
	for name, line := range planted {
		t.Run(name, func(t *testing.T) {
			repo, ids, _ := moduleRepository(t, 64, plantedCommit, line)
			code, out, _ := brink(t, t.TempDir(), "bisect", "seeded", "--git", repo, "--good", ids[0], "--bad", "main", "--kernel", "debian:6.12",
				"--set", "mode=none", "--expect", refused, "--accel", "tcg", "--keep", "--max-boots", "150")
			require.Equal(t, exitFound, code)
			assert.Contains(t, out, "first bad: "+ids[plantedCommit-1]+", last good: "+ids[plantedCommit-2]+"\n")
			assert.Contains(t, out, "Fixes: "+ids[plantedCommit-1][:12]+` ("seeded: change 37")`)
		})
	}
}

// TestVMGitBisectRun: git drives, brink check answers. One commit does not compile.
func TestVMGitBisectRun(t *testing.T) {
	vmtest.Require(t)
	repo, ids, git := moduleRepository(t, 8, 6, alwaysRefuses)
	git("checkout", "--quiet", "-b", "broken", ids[1])
	for i := 2; i < 8; i++ { // the same history with a fourth commit that does not build
		git("checkout", "--quiet", ids[i], "--", ".")
		if i == 3 {
			require.NoError(t, os.WriteFile(filepath.Join(repo, "seeded.c"), []byte("int x = nothing;\n"), 0o644))
		}
		ids[i] = commitFiles(t, repo, git, "again", nil)
	}
	t.Setenv("BRINK_AGENT", vmtest.Agent(t))
	t.Setenv("BRINK_TEST_MAIN", "1")
	git("bisect", "start", "broken", ids[0])
	cmd := exec.Command("git", "-C", repo, "bisect", "run", os.Args[0], "check", "seeded", "--kernel", "debian:6.12", "--module", ".",
		"--set", "mode=none", "--expect", refused, "--accel", "tcg")
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	require.NoError(t, err)
	assert.Contains(t, string(out), ids[5]+" is the first bad commit")
	assert.Contains(t, string(out), "skip: does not build: ")
	assert.Contains(t, string(out), "error: ")
	log := git("bisect", "log")
	assert.Equal(t, 1, strings.Count(log, "\ngit bisect skip "), log)

	git("bisect", "reset")
	git("bisect", "start", "broken", ids[0])
	cmd = exec.Command("git", "-C", repo, "bisect", "run", os.Args[0], "check", "seeded", "--expect", "nonsense")
	out, err = cmd.CombinedOutput()
	require.Error(t, err, "%s", out)
	assert.NotContains(t, string(out), "is the first bad commit", "git stops where the command line is wrong")
}
