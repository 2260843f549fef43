package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/lab"
	"brink/internal/qemu"
	"brink/internal/trial"
)

func TestTwinsImply(t *testing.T) {
	for name, c := range map[string]runCmd{
		"nothing given": {Scenario: "promisc", Twins: true, machineFlags: machineFlags{Clock: "auto"}},
		"given":         {Scenario: "promisc", Twins: true, Set: map[string]string{"source": "host"}, machineFlags: machineFlags{Clock: "wall"}},
	} {
		require.NoError(t, c.pair(), name)
		assert.Equal(t, "host", c.Set["source"], name)
		assert.Equal(t, "wall", c.Clock, name)
		_, head, err := c.head()
		require.NoError(t, err, name)
		assert.True(t, head.Twins, name)
	}
}

func TestTwinsAreNotForced(t *testing.T) {
	c := runCmd{Scenario: "promisc", machineFlags: machineFlags{Clock: "auto"}}
	require.NoError(t, c.pair())
	assert.Empty(t, c.Set)
	assert.Equal(t, "auto", c.Clock)
}

func TestTwinsThatCannotBe(t *testing.T) {
	for args, want := range map[string]string{
		"run wireguard --twins":                         "scenario wireguard gets no frames from the host",
		"run promisc --twins --set source=hub":          "leave --set source=hub out",
		"run promisc --twins --clock icount":            "leave --clock icount out",
		"run nonsense --twins":                          "`brink list` shows them",
		"run promisc --twins --cpus 1 --accel sideways": "kvm",
	} {
		code, stdout, stderr := cmdline(t, strings.Fields(args)...)
		assert.Equal(t, 2, code, args)
		assert.Empty(t, stdout, args)
		assert.Contains(t, stderr, want, args)
	}
}

func TestTwinsNeedMemoryTwice(t *testing.T) {
	most := memAvailable()
	require.Positive(t, most)
	g := guest{vm: qemu.Config{MemoryMB: most * 2 / 3}}
	require.NoError(t, enoughForTwins(trial.Run{}, g))
	require.ErrorContains(t, enoughForTwins(trial.Run{Twins: true}, g), "the two guests need")
}

func TestExecutor(t *testing.T) {
	local := &lab.Local{}
	assert.Equal(t, local, executor(local, trial.Run{}))
	assert.Equal(t, &lab.Twins{Local: local}, executor(local, trial.Run{Twins: true}))
}
