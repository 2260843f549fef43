//go:build linux

package guest

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	base "brink/internal/scenario"
	"brink/internal/trial"
	zfscrypt "brink/scenarios/zfs-crypt"
)

func plan(t *testing.T, axis string, set map[string]string) trial.Plan {
	t.Helper()
	s, err := zfscrypt.Spec().Settings(set)
	require.NoError(t, err)
	return trial.Plan{Axis: axis, Settings: base.Settings(s)}
}

func TestShapeAt(t *testing.T) {
	s := shapeAt(plan(t, zfscrypt.Writers, map[string]string{"mib": "64", "datasets": "9"}), 5)
	assert.Equal(t, shape{MiB: 64, Record: 128, Writers: 5, Files: 1, Datasets: 9}, s)
	assert.Equal(t, shape{MiB: 7, Record: 128, Writers: 1, Files: 1}, shapeAt(plan(t, zfscrypt.MiB, nil), 7))
}

// TestSizesShareTheMiB: whatever the numbers, all is written once, each writer has a file, and none is more than a byte larger.
func TestSizesShareTheMiB(t *testing.T) {
	for _, s := range []shape{{MiB: 1, Writers: 1, Files: 1}, {MiB: 16, Writers: 3, Files: 7}, {MiB: 1, Writers: 8, Files: 1}, {MiB: 2, Writers: 1, Files: 512},
		{MiB: 1, Writers: 1, Files: 3}} {
		total, files := 0, 0
		for _, sizes := range s.sizes() {
			assert.NotEmpty(t, sizes, "%+v", s)
			for _, n := range sizes {
				total, files = total+n, files+1
				assert.InDelta(t, s.MiB*mib/max(s.Files, s.Writers), n, 1, "%+v", s)
			}
		}
		assert.EqualValues(t, s.MiB*mib, total, "%+v", s)
		assert.EqualValues(t, max(s.Files, s.Writers), files, "%+v", s)
		assert.Len(t, s.sizes(), int(s.Writers), "%+v", s)
	}
}

func TestRandomnessIsTheSeeds(t *testing.T) {
	data, key := randomness(7)
	again, same := randomness(7)
	assert.Equal(t, data, again)
	assert.Equal(t, key, same)
	other, _ := randomness(8)
	assert.NotEqual(t, data, other)
}

func TestParseOffer(t *testing.T) {
	for text, want := range map[string]struct{ chosen, used string }{
		"cycle [fastest] avx generic pclmulqdq \n":           {"fastest", "avx"},
		"cycle [fastest] generic pclmulqdq ":                 {"fastest", "pclmulqdq"},
		"cycle [fastest] generic ":                           {"fastest", "generic"},
		"cycle fastest avx [generic] pclmulqdq ":             {"generic", "generic"},
		"cycle [fastest] generic x86_64 aesni ":              {"fastest", "aesni"},
		"cycle [fastest] generic x86_64 ":                    {"fastest", "x86_64"},
		"cycle [fastest] avx avx2-vaes generic pclmulqdq \n": {"fastest", "avx2-vaes"},
		"[cycle] fastest generic":                            {"cycle", "cycle"},
		"":                                                   {"", ""},
	} {
		o := parseOffer(text)
		assert.Equal(t, want.chosen, o.chosen, text)
		assert.Equal(t, want.used, o.used(), text)
		for _, name := range o.all {
			assert.NotContains(t, name, "[")
		}
	}
}

func TestOfferOfCode(t *testing.T) {
	assert.Equal(t, []string{"generic", "pclmulqdq"}, parseOffer("cycle [fastest] generic pclmulqdq").code(), "what --set impl takes")
}

// TestSpentSince: a thread that ended takes its past with it, and nothing off what the others did.
func TestSpentSince(t *testing.T) {
	before := spent{"/proc/7": 1000, "/proc/8": 5_000_000, "/proc/9": 300}
	after := spent{"/proc/7": 1500, "/proc/9": 20, "/proc/10": 40}
	assert.EqualValues(t, 500+20+40, after.since(before), "8 ended; 9 is the number of another thread by now; 10 is new")
	assert.Zero(t, before.since(before))
}

func TestPourSize(t *testing.T) {
	assert.EqualValues(t, 32, pourSize(1, 8), "several times as much as may wait")
	assert.EqualValues(t, 8, pourSize(4, 8))
	assert.EqualValues(t, 1, pourSize(1024, 8))
	for _, writers := range []int64{1, 3, 1024} {
		assert.LessOrEqual(t, writers*pourSize(writers, 4096), int64(1024), "MiB of a pool of 3 GiB")
	}
}

func TestParseSchedstat(t *testing.T) {
	ns, err := parseSchedstat("123456789 42 7\n")
	require.NoError(t, err)
	assert.EqualValues(t, 123456789, ns)
	for _, bad := range []string{"", "x 1 2", "-1 1 2"} {
		_, err := parseSchedstat(bad)
		assert.ErrorContains(t, err, "schedstat", bad)
	}
}

func TestCPUFlags(t *testing.T) {
	const text = "processor\t: 0\nvmx flags\t: avx\nflags\t\t: fpu avx aes xsave\nflags\t\t: pclmulqdq\n"
	assert.Equal(t, "avx -avx2 aes -pclmulqdq -movbe xsave", cpuFlags(text), "of the first CPU, and of no other line")
	assert.Equal(t, "-avx -avx2 -aes -pclmulqdq -movbe -xsave", cpuFlags(""))
}

func TestMiddleAndPercentile(t *testing.T) {
	assert.EqualValues(t, 5, middle([]cost{{cpu: 9}, {cpu: 1}, {cpu: 5}}))
	assert.EqualValues(t, 3, middle([]cost{{cpu: 1}, {cpu: 5}}))
	values := []int64{10, 1, 9, 2, 8, 3, 7, 4, 6, 5}
	assert.EqualValues(t, 9, percentile(values, 90))
	assert.EqualValues(t, 1, percentile(values, 0))
	assert.EqualValues(t, 10, percentile(values, 100))
	assert.EqualValues(t, 4, percentile([]int64{4}, 90))
}

func TestEachDoesAllOnceAndStops(t *testing.T) {
	done := make([]int32, 100)
	require.NoError(t, each(100, nil, func(i int64) error { done[i]++; return nil })) // each index is one goroutine's
	for i, n := range done {
		assert.EqualValues(t, 1, n, i)
	}
	require.NoError(t, each(0, nil, func(int64) error { return assert.AnError }))
	assert.ErrorIs(t, each(100, nil, func(i int64) error { return assert.AnError }), assert.AnError)
}
