// Package vmtest is the gate and the helpers of tests that boot real VMs.
//
// BRINK_VMTEST=require runs them, and a machine that cannot fails them. Without it they are skipped: a plain `go test
// ./...` takes seconds and needs nothing installed.
package vmtest

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"brink/vmimages"
)

// Env is the variable that opens the gate.
const Env = "BRINK_VMTEST"

// Require skips the test unless the gate is open.
func Require(t testing.TB) {
	t.Helper()
	switch v := os.Getenv(Env); v {
	case "require":
	case "":
		t.Skipf("boots real VMs, fetches kernels or drives a browser; set %s=require", Env)
	default:
		t.Fatalf("%s=%q: set it to require, or not at all", Env, v)
	}
}

// Kernel returns a real kernel, fetched if it is not in the cache.
func Kernel(t testing.TB, ref string) vmimages.Kernel {
	t.Helper()
	cache, err := vmimages.OpenCache("")
	if err != nil {
		t.Fatal(err)
	}
	k, err := vmimages.NewResolver(cache, slog.Default()).Resolve(context.Background(), ref)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// Builds tests that a module of brink's own compiles for one kernel of each series that brink is tried with.
func Builds(t *testing.T, source vmimages.ModuleSource) {
	t.Helper()
	Require(t)
	cache, err := vmimages.OpenCache("")
	if err != nil {
		t.Fatal(err)
	}
	r := vmimages.NewResolver(cache, slog.Default())
	for _, ref := range []string{"debian:5.10", "debian:6.1", "debian:6.12", "debian:newest"} {
		t.Run(ref, func(t *testing.T) {
			m, err := r.BuildModule(t.Context(), Kernel(t, ref), source)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(m.Path); err != nil {
				t.Error(err)
			}
		})
	}
}

var agentOnce = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "brink-agent-test-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "brink-agent")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, "brink/cmd/brink-agent")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	return path, cmd.Run()
})

// Agent builds the agent, once a test binary, and returns its path. It lies in the system's folder for temporary files.
func Agent(t testing.TB) string {
	t.Helper()
	path, err := agentOnce()
	if err != nil {
		t.Fatalf("build the agent: %v", err)
	}
	return path
}
