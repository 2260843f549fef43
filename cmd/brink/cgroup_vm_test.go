package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/trial"
)

// TestVMCgroupPortStaysBound: a service whose exit a tracer holds up is killed for its memory and keeps its port.
func TestVMCgroupPortStaysBound(t *testing.T) {
	besideAnother(t)
	dir := t.TempDir()
	code, out, errs := brink(t, dir, "run", "cgroup-oom", "-k", "debian:6.1", "--sizes", "120", "--set", "variant=tracer")
	require.Equal(t, exitFound, code, errs)
	found := tableOn(t, dir).Findings()
	require.NotEmpty(t, found)
	assert.Equal(t, trial.StuckTask, found[0].Kind, out)
	assert.Contains(t, found[0].Text, "port")
}

// TestVMCgroupBelowTheLimit: a service that stays below its limit is not killed, on both versions of the cgroups.
func TestVMCgroupBelowTheLimit(t *testing.T) {
	besideAnother(t)
	for _, version := range []string{"1", "2"} {
		dir := t.TempDir()
		code, out, errs := brink(t, dir, "run", "cgroup-oom", "-k", "debian:6.1", "--sizes", "80", "--set", "cgroup="+version)
		assert.Equal(t, exitGood, code, "%s%s", out, errs)
	}
}

// TestVMCgroupOverTheLimit: the kill of a service that goes over its own limit is no failure, and each step of it is timed.
func TestVMCgroupOverTheLimit(t *testing.T) {
	besideAnother(t)
	dir := t.TempDir()
	code, _, errs := brink(t, dir, "run", "cgroup-oom", "-k", "debian:newest", "--sizes", "120")
	require.Equal(t, exitGood, code, errs)
	tab := tableOn(t, dir)
	for _, op := range []string{"hit-to-kill", "kill-to-gone", "gone-to-reaped", "kill-to-port"} {
		s, ok := tab.Cell(120, op).Median()
		require.True(t, ok, op)
		assert.Positive(t, s.WallNS, op)
	}
}
