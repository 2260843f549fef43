package pagecache

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
		assert.True(t, slices.ContainsFunc(spec.Options, func(o scenario.Option) bool { return o.Name == a.Name }),
			"%s has an option to hold it", a.Name)
		sizes, err := a.Ladder(0, 0)
		require.NoError(t, err)
		s := scenario.Setup{Axis: a.Name, Sizes: sizes, Settings: settings(t, nil)}
		on := spec.On(a.Name, s.Settings)
		axis, err := on.Axis(a.Name)
		require.NoError(t, err)
		s.MemoryMB = axis.Memory(sizes[len(sizes)-1]) >> 20
		assert.NoError(t, spec.Refuse(s), "the default ladder of %s can be climbed in the guest that it gets", a.Name)
		assert.Equal(t, int64(512), s.MemoryMB, a.Name)
	}
}

func TestNeeds(t *testing.T) {
	for _, fs := range []string{XFS, Ext4, Btrfs} {
		on := Spec().On(Threads, settings(t, map[string]string{"fs": fs, "disk": "1000"}))
		assert.Equal(t, []string{fs}, on.Modules)
		assert.Equal(t, []string{"mkfs." + fs}, on.Tools)
		assert.Equal(t, []scenario.Disk{{Size: 1000 << 20}}, on.Disks)
	}
	axis, err := Spec().On(Threads, settings(t, map[string]string{FileSize: "128", Ratio: "50"})).Axis("")
	require.NoError(t, err)
	assert.GreaterOrEqual(t, axis.Memory(2), int64(1<<30+reserve<<20), "what the limit allows, and the kernel's part")
}

func TestRefuse(t *testing.T) {
	memcg := map[string]string{"MEMCG": "y"}
	for name, c := range map[string]struct {
		set   map[string]string
		setup scenario.Setup
		want  string // empty: it can be done
	}{
		"as it is":       {nil, scenario.Setup{Axis: Threads, Sizes: []int64{2, 32}, MemoryMB: 512, Config: memcg}, ""},
		"without memcg":  {nil, scenario.Setup{Axis: Threads, Release: "6.1.0", Config: map[string]string{"SMP": "y"}}, "kernel 6.1.0 has no memory cgroups"},
		"full disk":      {map[string]string{FileSize: "400"}, scenario.Setup{Axis: Threads}, "4 files of 400 MiB and their clones do not fit on a disk of 2048 MiB: take --set disk=3520 or more"},
		"larger disk":    {map[string]string{FileSize: "400", "disk": "3520"}, scenario.Setup{Axis: Threads}, ""},
		"without clones": {map[string]string{FileSize: "400", "fs": Ext4}, scenario.Setup{Axis: Threads}, ""},
		"full at the end": {map[string]string{FileSize: "64"}, scenario.Setup{Axis: Files, Sizes: []int64{4, 1000}},
			"1000 files of 64 MiB and their clones do not fit"},
		"the axis and not its option": {map[string]string{Files: "10000"}, scenario.Setup{Axis: Files, Sizes: []int64{4, 8}}, ""},
		"small limit":                 {map[string]string{Ratio: "1000"}, scenario.Setup{Axis: Threads}, "give the cgroup 6553 KiB of memory, and it needs 16 MiB: take a smaller ratio"},
		"small limit at the start": {map[string]string{FileSize: "4"}, scenario.Setup{Axis: Files, Sizes: []int64{1, 64}},
			"1 files of 4 MiB at a ratio of 200 percent"},
		"large limit":            {map[string]string{Ratio: "10"}, scenario.Setup{Axis: Threads, MemoryMB: 512}, "does not fit in a guest of 512 MiB: take --memory 832M or more"},
		"shadow with one thread": {map[string]string{"mode": Shadow}, scenario.Setup{Axis: Threads, Sizes: []int64{1, 4}}, "2 threads, and has files of 16 MiB and 1 threads"},
		"shadow in small files":  {map[string]string{"mode": Shadow, FileSize: "1", Files: "64"}, scenario.Setup{Axis: Threads}, "needs files of 2 MiB"},
		"shadow":                 {map[string]string{"mode": Shadow}, scenario.Setup{Axis: Threads}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c.setup.Settings = settings(t, c.set)
			err := Spec().Refuse(c.setup)
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.want)
		})
	}
}
