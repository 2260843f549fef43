package formats

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/summary"
)

// metricsRead are samples by their series, as Prometheus writes them.
type metricsRead map[string]float64

// readMetrics reads with Prometheus' parser, and holds the text to what the parser lets pass: each family in one piece
// with TYPE and HELP before it, units in the names, no series twice.
func readMetrics(t testing.TB, text string) metricsRead {
	t.Helper()
	p := textparse.NewOpenMetricsParser([]byte(text), labels.NewSymbolTable())
	all, family, known := metricsRead{}, "", map[string]bool{}
	for {
		entry, err := p.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		switch entry {
		case textparse.EntryType:
			name, kind := p.Type()
			require.Equal(t, model.MetricTypeGauge, kind)
			require.False(t, known[string(name)], "%s comes twice", name)
			family, known[string(name)] = string(name), true
		case textparse.EntryUnit:
			name, unit := p.Unit()
			require.Equal(t, family, string(name))
			require.True(t, strings.HasSuffix(family, "_"+string(unit)), family)
		case textparse.EntryHelp:
			name, help := p.Help()
			require.Equal(t, family, string(name))
			require.True(t, strings.HasSuffix(string(help), "."), help)
		case textparse.EntrySeries:
			_, stamp, value := p.Series()
			var l labels.Labels
			p.Labels(&l)
			require.Equal(t, family, l.Get("__name__"))
			require.Nil(t, stamp)
			require.NotContains(t, all, l.String())
			all[l.String()] = value
		default:
			require.Fail(t, "an entry that brink does not write", "%v", entry)
		}
	}
	old := expfmt.NewTextParser(model.LegacyValidation) // the textfile collector's
	families, err := old.TextToMetricFamilies(strings.NewReader(text))
	require.NoError(t, err)
	require.Len(t, families, len(known))
	return all
}

// of returns the values whose series hold all of the texts.
func (m metricsRead) of(texts ...string) (values []float64) {
	for series, v := range m {
		hits := 0
		for _, text := range texts {
			if strings.Contains(series, text) {
				hits++
			}
		}
		if hits == len(texts) {
			values = append(values, v)
		}
	}
	return values
}

func TestOpenMetrics(t *testing.T) {
	m := readMetrics(t, written(t, OpenMetrics, broken()))
	for _, c := range []struct {
		want  float64
		texts []string
	}{
		{1000, []string{"brink_safe_size", `axis="peers"`, `kernel="debian:6.12.1/cloud-amd64"`,
			`options="hot=128"`, `scenario="fake"`}},
		{2000, []string{"brink_broken_size"}},
		{1, []string{"brink_run_failed"}},
		{1, []string{"brink_run_finished"}},
		{1, []string{"brink_run_info", `clock="icount"`, `run="20260102-030405-fake-6.12.1"`, `seeded="false"`}},
		{float64(began.Unix()), []string{"brink_run_start_timestamp_seconds"}},
		{2, []string{"brink_findings", `kind="op-error"`}},
		{1, []string{"brink_trials", `outcome="harness"`}},
		{2.5, []string{"brink_op_median_seconds", `op="load"`, `size="2000"`}},
		{2, []string{"brink_op_budget_seconds", `op="load"`, `size="2000"`}},
		{0, []string{"brink_op_held", `op="load"`, `size="2000"`}},
		{1, []string{"brink_canary_failed", `canary="fork"`}},
		{0.0015, []string{"brink_canary_max_seconds", `canary="fork"`}},
	} {
		assert.Equal(t, []float64{c.want}, m.of(c.texts...), "%v", c.texts)
	}
	assert.Empty(t, m.of("brink_op_held", `op="talk"`, `size="1000"`), "it was not possible")
}

func TestOpenMetricsExponent(t *testing.T) {
	s := broken()
	s.Ops[0].Model = &summary.Model{Class: "linear", Exponent: 1, ExponentLow: 0.9, ExponentHigh: 1.1}
	m := readMetrics(t, written(t, OpenMetrics, s))
	for bound, want := range map[string]float64{"estimate": 1, "low": 0.9, "high": 1.1} {
		assert.Equal(t, []float64{want}, m.of("brink_op_growth_exponent", `op="load"`, `bound="`+bound+`"`))
	}
}

// TestOpenMetricsOfANight: runs of different kernels stand side by side, of one and the same the newest counts.
func TestOpenMetricsOfANight(t *testing.T) {
	old, again, other := healthy(head("old"), 1), healthy(head("new"), 2), head("other")
	again.Start = old.Start.Add(time.Hour)
	other.Kernel.Name = "debian:6.1"
	for _, order := range [][]summary.Summary{{old, healthy(other, 3), again}, {again, old, healthy(other, 3)}} {
		m := readMetrics(t, written(t, OpenMetrics, order...))
		assert.Equal(t, []float64{0.002}, m.of("brink_op_median_seconds", `op="get"`, `size="1000"`, "6.12"))
		assert.Equal(t, []float64{0.003}, m.of("brink_op_median_seconds", `op="get"`, `size="1000"`, `"debian:6.1"`))
		assert.Len(t, m.of("brink_run_info"), 2)
	}
}

// TestOpenMetricsOfNothing: what was not measured has no sample, least of all a good one.
func TestOpenMetricsOfNothing(t *testing.T) {
	assert.Equal(t, "# EOF\n", written(t, OpenMetrics))
	for _, s := range []summary.Summary{harness(), empty(), {}} {
		m := readMetrics(t, written(t, OpenMetrics, s))
		assert.Empty(t, m.of("brink_safe_size"), s.Run)
		assert.Empty(t, m.of("brink_op_"), s.Run)
		assert.Equal(t, []float64{0}, m.of("brink_run_finished"), s.Run)
	}
	assert.Equal(t, []float64{3},
		readMetrics(t, written(t, OpenMetrics, harness())).of("brink_trials", `outcome="harness"`))
	readMetrics(t, written(t, OpenMetrics, runs()...))
}

func FuzzOpenMetrics(f *testing.F) {
	hostile(f)
	f.Fuzz(func(t *testing.T, text string, number int64) {
		readMetrics(t, written(t, OpenMetrics, filled(text, number), summary.Summary{}))
	})
}
