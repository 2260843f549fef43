package zfscrypt

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
	assert.Len(t, spec.Disks, Disks)
	for _, a := range spec.Axes {
		assert.True(t, slices.ContainsFunc(spec.Options, func(o scenario.Option) bool { return o.Name == a.Name }), "%s has an option to hold it", a.Name)
		ladder, err := a.Ladder(0, 0)
		require.NoError(t, err)
		assert.NoError(t, refuse(scenario.Setup{Axis: a.Name, Sizes: ladder, Settings: settings(t, nil)}), "%s: its own ladder can be done", a.Name)
		on := spec.On(a.Name, settings(t, nil))
		assert.True(t, slices.ContainsFunc(on.Ops, func(o scenario.Op) bool { return o.From == scenario.Full && o.To == scenario.Empty }),
			"%s: it can be left", a.Name)
		assert.Equal(t, slices.Contains(onData, a.Name), len(on.Limits) > 0, "%s: the ratio is of what is written", a.Name)
	}
}

func TestRefuse(t *testing.T) {
	for name, c := range map[string]struct {
		axis  string
		sizes []int64
		set   map[string]string
		want  string
	}{
		"no power of two":         {RecordSize, []int64{4, 100}, nil, "100 KiB is no power of two"},
		"powers of two":           {RecordSize, []int64{8, 1024}, nil, ""},
		"files below 4 KiB":       {Files, []int64{5000}, nil, "take --set mib=20 or more"},
		"held files":              {MiB, []int64{32, 4}, map[string]string{"files": "2000"}, "2000 files of 4 KiB are more than 4 MiB: take sizes of 8 MiB or more"},
		"a file for each writer":  {Writers, []int64{1, 512}, map[string]string{"mib": "1"}, "512 files of 4 KiB are more than 1 MiB: take --set mib=2 or more, or fewer files and writers"},
		"files that fit":          {Files, []int64{4096}, nil, ""},
		"files where none is":     {Snapshots, []int64{5}, map[string]string{"files": "16384"}, ""},
		"code for another cipher": {MiB, []int64{4}, map[string]string{"impl": "avx", "cipher": CCM}, "impl=avx is code for GCM"},
		"code without a cipher":   {MiB, []int64{4}, map[string]string{"impl": "avx", "cipher": Off}, "the cipher is off"},
		"code for the right one":  {MiB, []int64{4}, map[string]string{"impl": "generic"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := refuse(scenario.Setup{Axis: c.axis, Sizes: c.sizes, Settings: settings(t, c.set)})
			if c.want == "" {
				assert.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, c.want)
		})
	}
	_, err := Spec().Settings(map[string]string{"recordsize": "12"})
	assert.ErrorContains(t, err, "choose one of 4, 8, 16, 32, 64, 128, 256, 512, 1024")
}

func TestNeeds(t *testing.T) {
	plain := Spec().On(MiB, settings(t, nil))
	assert.False(t, plain.Seeded)
	assert.Empty(t, plain.Built)
	hidden := Spec().On(MiB, settings(t, map[string]string{"hide": Hidden}))
	assert.True(t, hidden.Seeded)
	assert.Equal(t, []string{"seededosxsave"}, hidden.Built, "it is loaded before those of the recipe")
	assert.Equal(t, []string{"zfs"}, hidden.Recipes)

	a, err := Spec().On(MiB, settings(t, map[string]string{"datasets": "4000"})).Axis(MiB)
	require.NoError(t, err)
	assert.Greater(t, a.Memory(4), int64(2<<30), "what stands still needs memory, too")

	usual, err := plain.Axis(MiB)
	require.NoError(t, err)
	assert.EqualValues(t, memory, usual.Memory(4))
	a, err = Spec().On(MiB, settings(t, map[string]string{"dirty": "1024"})).Axis(MiB)
	require.NoError(t, err)
	assert.EqualValues(t, 4<<30, a.Memory(4), "what waits to be written must fit")
}
