package formats

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/perf/benchfmt"

	"brink/internal/summary"
)

// readBench reads with the reader of benchstat.
func readBench(t testing.TB, text string) (all []*benchfmt.Result) {
	t.Helper()
	r := benchfmt.NewReader(strings.NewReader(text), "test")
	for r.Scan() {
		one, ok := r.Result().(*benchfmt.Result)
		require.True(t, ok, "%v", r.Result())
		all = append(all, one.Clone())
	}
	require.NoError(t, r.Err())
	return all
}

// samplesOf counts the samples of runs.
func samplesOf(runs ...summary.Summary) (n int) {
	for _, s := range runs {
		for _, op := range s.Ops {
			for _, p := range op.Points {
				n += len(p.Samples)
			}
		}
	}
	return n
}

func TestBenchfmt(t *testing.T) {
	text := written(t, Benchfmt, runs()...)
	all := readBench(t, text)
	require.Len(t, all, samplesOf(runs()...), "a line a sample")
	load := all[0]
	assert.Equal(t, "Fake/op=load/peers=1000", load.Name.String())
	assert.Equal(t, 1, load.Iters)
	for unit, want := range map[string]float64{"sec/op": 0.12, "cpu-sec/op": 0.06, "sec/peer": 0.00012} {
		got, ok := load.Value(unit)
		assert.True(t, ok, unit)
		assert.InDelta(t, want, got, 1e-12, unit)
	}
	for key, want := range map[string]string{"scenario": "fake", "options": "hot=128", "seeded": "false",
		"kernel": "debian:6.12.1/cloud-amd64",
		"clock":  "icount", "machine": "tcg, clock icount, 1 vCPU (max), 1024 MiB, pc", "run": ""} {
		assert.Equal(t, want, load.GetConfig(key), key)
	}
	_, each := all[2].Value("sec/peer")
	assert.False(t, each, "of a sample of one unit")
	assert.Contains(t, text, "# BenchmarkFake/op=talk/peers=2000: late not done after 60.0 s\n")
	marked := 0
	for _, one := range all {
		if one.GetConfig("seeded") == "true" {
			marked++
		}
	}
	assert.Equal(t, samplesOf(seeded()), marked, "a run's configuration ends with it")
}

func TestBenchfmtOfNothing(t *testing.T) {
	assert.Empty(t, written(t, Benchfmt))
	assert.Empty(t, readBench(t, written(t, Benchfmt, harness(), empty())))
	assert.Contains(t, written(t, Benchfmt, harness()), "# verdict: not finished; so far: nothing was measured")
}

// TestBenchfmtCutsTexts: the reader gives up at a line of 64 KiB.
func TestBenchfmtCutsTexts(t *testing.T) {
	s := broken()
	s.Verdict.Text = strings.Repeat("long ", 20_000)
	for i := range s.Ops[1].Points {
		s.Ops[1].Points[i].State, s.Ops[1].Points[i].Text = summary.Refused, s.Verdict.Text
	}
	assert.Len(t, readBench(t, written(t, Benchfmt, s)), samplesOf(s))
}

func FuzzBenchfmt(f *testing.F) {
	hostile(f)
	f.Fuzz(func(t *testing.T, text string, number int64) {
		s := filled(text, number)
		assert.Len(t, readBench(t, written(t, Benchfmt, s, s)), 2*samplesOf(s))
	})
}
