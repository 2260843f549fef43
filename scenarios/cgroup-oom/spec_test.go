package cgroupoom

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/scenario"
)

func settings(t *testing.T, set map[string]string) scenario.Settings {
	t.Helper()
	s, err := Spec().Settings(set)
	require.NoError(t, err)
	return s
}

func TestSpec(t *testing.T) {
	spec := Spec()
	require.NoError(t, spec.Check())
	for _, a := range spec.Axes {
		require.NotEmpty(t, a.Steps, a.Name)
		assert.True(t, slices.IsSorted(a.Steps), a.Name)
		assert.Equal(t, a.From, a.Steps[0], a.Name)
		assert.Equal(t, a.To, a.Steps[len(a.Steps)-1], a.Name)
		_, err := a.Sizes([]int64{0})
		assert.ErrorContains(t, err, "choose sizes from 1", "%s 0", a.Name)
		assert.True(t, slices.ContainsFunc(spec.Options, func(o scenario.Option) bool { return o.Name == a.Name }),
			"%s has an option to hold it", a.Name)
	}
	cgroups, err := spec.Axis(Cgroups)
	require.NoError(t, err)
	_, err = cgroups.Sizes([]int64{MaxCgroups + 1})
	assert.ErrorContains(t, err, "ids for 65,533 memory cgroups")
}

func TestRefuse(t *testing.T) {
	has := func(options ...string) map[string]string {
		config := map[string]string{}
		for _, o := range options {
			config[o] = "y"
		}
		return config
	}
	for name, c := range map[string]struct {
		set   map[string]string
		setup scenario.Setup
		want  string // empty: it can be done
	}{
		"as it is":              {nil, scenario.Setup{MemoryMB: 512}, ""},
		"limit above the guest": {map[string]string{"limit": "512"}, scenario.Setup{MemoryMB: 512}, "--set limit=352 or less, or --memory 672M or more"},
		"limit that fits":       {map[string]string{"limit": "352"}, scenario.Setup{MemoryMB: 512}, ""},
		"limit that is lowered too late": {map[string]string{"limit": "128", "variant": LowerLimit},
			scenario.Setup{Axis: Ratio, Sizes: []int64{100, 1000}, MemoryMB: 1024}, "--memory 1440M or more"},
		"memory not known":           {map[string]string{"limit": "512"}, scenario.Setup{}, ""},
		"oom-disable with version 2": {map[string]string{"variant": OOMDisable}, scenario.Setup{MemoryMB: 512}, "add --set cgroup=1"},
		"version 1, kernel unknown":  {map[string]string{"cgroup": "1"}, scenario.Setup{}, ""},
		"version 1 on 6.1":           {map[string]string{"cgroup": "1"}, scenario.Setup{Release: "6.1.0-56-cloud-amd64", Config: has("MEMCG")}, ""},
		"version 1 on 5.10":          {map[string]string{"cgroup": "1"}, scenario.Setup{Release: "5.10.0-46-cloud-amd64", Config: has("MEMCG")}, ""},
		"version 1 gone": {map[string]string{"cgroup": "1"}, scenario.Setup{Release: "6.12.117+deb13-cloud-amd64", Config: has("MEMCG")},
			"no memory controller of version 1 (CONFIG_MEMCG_V1 is off): take --set cgroup=2"},
		"version 1 asked for": {map[string]string{"cgroup": "1"}, scenario.Setup{Release: "6.12.1", Config: has("MEMCG", "MEMCG_V1")}, ""},
		"version 1 without memcg": {map[string]string{"cgroup": "1"}, scenario.Setup{Release: "6.1.0", Config: has("SWAP")},
			"no memory controller of version 1"},
		"a variant that never fires": {map[string]string{"variant": Tracer, "ratio": "80"}, scenario.Setup{Axis: Tasks}, "never meets the limit"},
		"a variant on the ratio":     {map[string]string{"variant": Tracer, "ratio": "80"}, scenario.Setup{Axis: Ratio}, ""},
		"no room for tmpfs":          {map[string]string{"tmpfs": "60", "mlock": "40"}, scenario.Setup{}, "leave no room"},
		"more cgroups than ids": {map[string]string{"dying": "10000"}, scenario.Setup{Axis: Cgroups, Sizes: []int64{1, 60_000}},
			"70000 cgroups and dying cgroups together"},
	} {
		t.Run(name, func(t *testing.T) {
			c.setup.Settings = settings(t, c.set)
			err := Spec().Refuse(c.setup)
			if c.want == "" {
				assert.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, c.want)
		})
	}
}

func TestNeeds(t *testing.T) {
	modules := func(axis string, set map[string]string) []string { return Spec().On(axis, settings(t, set)).Modules }
	assert.Empty(t, modules(Ratio, nil))
	assert.Equal(t, []string{"null_blk"}, modules(Dying, nil), "for reclaim")
	assert.Equal(t, []string{"null_blk"}, modules(Cgroups, nil), "for reclaim")
	assert.Equal(t, []string{"null_blk"}, modules(Ratio, map[string]string{"dirty": "10"}))
	assert.Equal(t, []string{"fuse"}, modules(Ratio, map[string]string{"variant": VFork}))
	assert.Equal(t, []string{"null_blk", "nbd"}, modules(Cache, map[string]string{"variant": HungDevice}))

	memory := func(set map[string]string) int64 {
		a, err := Spec().On(Ratio, settings(t, set)).Axis(Ratio)
		require.NoError(t, err)
		return a.Memory(100)
	}
	assert.Equal(t, int64(1<<30), memory(nil), "enough for transparent huge pages")
	lowered := needs(Ratio, settings(t, map[string]string{"variant": LowerLimit, "limit": "100", "tasks": "1"}))
	other := needs(Ratio, settings(t, map[string]string{"limit": "100", "tasks": "1"}))
	assert.Equal(t, int64(20<<20), lowered.Memory-other.Memory, "the limit is lowered when all is there")
	assert.Greater(t, memory(map[string]string{"cgroups": "60000"}), int64(1<<30), "what stands still needs memory, too")
}
