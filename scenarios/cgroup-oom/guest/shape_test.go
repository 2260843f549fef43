//go:build linux

package guest

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/trial"
	cgroupoom "brink/scenarios/cgroup-oom"
)

func TestShapeAt(t *testing.T) {
	settings, err := cgroupoom.Spec().Settings(map[string]string{"limit": "100", "tasks": "9", "split": "25", "cache": "30", "tmpfs": "5",
		"mlock": "7", "dirty": "3", "cgroups": "11", "dying": "13", "ratio": "110", "variant": "vfork"})
	require.NoError(t, err)
	same := shape{Limit: 100 * mib, Heap: 110 * mib, Ratio: 110, Threads: 6, Processes: 2, Cgroups: 11, Dying: 13,
		Cache: 30 * mib, Dirty: 3 * mib, Tmpfs: 5 * mib, Mlock: 7 * mib, Variant: "vfork"}
	for axis, c := range map[string]struct {
		size   int64
		change func(*shape)
		units  int64
	}{
		cgroupoom.Ratio:   {80, func(s *shape) { s.Ratio, s.Heap = 80, 80*mib }, 1},
		cgroupoom.Tasks:   {1, func(s *shape) { s.Threads, s.Processes = 0, 0 }, 1},
		cgroupoom.Cgroups: {4096, func(s *shape) { s.Cgroups = 4096 }, 4096},
		cgroupoom.Dying:   {77, func(s *shape) { s.Dying = 77 }, 77},
		cgroupoom.Cache:   {100, func(s *shape) { s.Cache = 100 * mib }, 1},
	} {
		want := same
		c.change(&want)
		assert.Equal(t, want, shapeAt(trial.Plan{Axis: axis, Settings: settings}, c.size), axis)
		assert.Equal(t, c.units, units(axis, c.size), axis)
	}
	assert.Equal(t, int64(122*mib), same.wanted())
}

func TestKept(t *testing.T) {
	k := kept{samples: map[string][]trial.Sample{}}
	k.add(death{pushed: 100, hit: 900, killed: 1000, gone: 1500, reaped: 1600, free: 1450}, 4)
	for op, ns := range map[string]int64{"fill": 900, "hit-to-kill": 100, "kill-to-gone": 500, "gone-to-reaped": 100, "kill-to-port": 450} {
		assert.Equal(t, []trial.Sample{{Count: 4, WallNS: ns}}, k.samples[op], op)
	}
	assert.Len(t, k.samples, len(parts))
	assert.False(t, k.fits)

	k = kept{samples: map[string][]trial.Sample{}}
	k.add(death{pushed: 100, full: 700}, 1)
	assert.True(t, k.fits)
	assert.Equal(t, map[string][]trial.Sample{"fill": {{Count: 1, WallNS: 600}}}, k.samples)
}

func TestPartsAreOps(t *testing.T) {
	for _, name := range parts {
		_, ok := cgroupoom.Spec().Op(name)
		assert.True(t, ok, name)
	}
}

func TestVariants(t *testing.T) {
	for _, v := range cgroupoom.Variants {
		want := map[string]bool{"none": false, "shared-mm": false, "lower-limit": false}
		_, without := want[v]
		assert.Equal(t, !without, hasTrap(v), v)
	}
	assert.Equal(t, "/run/hung/hang", hangPath("vfork"))
	assert.Equal(t, "/dev/nbd0", hangPath("hung-device"))
	assert.Empty(t, hangPath("tracer"))
}

func TestStateOf(t *testing.T) {
	for stat, want := range map[string]string{"12 (brink-service) t 1 2": "t", "12 (a) b) Z 1": "Z", "": "", "12 (x) ": "", "12 (x)": ""} {
		assert.Equal(t, want, stateOf(stat), stat)
	}
}

func TestWhereabouts(t *testing.T) {
	stack := "[<0>] request_wait_answer+0x12e/0x210\n[<0>] fuse_simple_request+0x1a/0x2"
	assert.Equal(t, "do_exit", whereabouts(trial.Task{Wchan: "do_exit", Stack: stack}))
	assert.Equal(t, "request_wait_answer", whereabouts(trial.Task{Wchan: "0", Stack: stack}))
	assert.Empty(t, whereabouts(trial.Task{Wchan: "0"}))
}
