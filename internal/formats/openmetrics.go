package formats

import (
	"bufio"
	"io"
	"slices"
	"strconv"
	"time"

	"brink/internal/summary"
	"brink/internal/trial"
)

// OpenMetrics writes runs as OpenMetrics 1.0 text, which is Prometheus' older text format as well, for a textfile
// collector or a push gateway. A series is told by what was run on what (scenario, options, kernel, machine), not by
// the ID of the run, so that it goes on from night to night: of several runs of the same the newest is taken. The ID
// and times of the run are metrics; samples have no timestamps of their own, as they are scraped when they are scraped.
// What was not measured has no sample.
func OpenMetrics(w io.Writer, runs ...summary.Summary) error {
	m := &metrics{}
	for _, s := range newest(runs) {
		metricsOf(s, m)
	}
	out := bufio.NewWriter(w) // keeps its first error
	m.write(out)
	return out.Flush()
}

// circumstances are the labels that tell a series.
func circumstances(s summary.Summary) []string {
	return []string{"scenario", s.Scenario.Name, "options", options(s), "kernel", s.Kernel.Name, "machine", machine(s)}
}

// newest leaves of several runs under the same circumstances the one that started last, at the place of the first.
func newest(runs []summary.Summary) (left []summary.Summary) {
	for _, s := range runs {
		same := func(o summary.Summary) bool { return slices.Equal(circumstances(s), circumstances(o)) }
		switch i := slices.IndexFunc(left, same); {
		case i < 0:
			left = append(left, s)
		case !s.Start.Before(left[i].Start):
			left[i] = s
		}
	}
	return left
}

func metricsOf(s summary.Summary, m *metrics) {
	run := series{m, circumstances(s)}
	runMetrics(s, run)
	if s.Verdict.Trials > 0 {
		run.gauge("brink_safe_size", "Largest size at which everything was measured and nothing failed; 0 for none.",
			float64(s.Verdict.Safe), "axis", s.Scenario.Axis)
	}
	if s.Verdict.Broken > 0 {
		run.gauge("brink_broken_size", "Smallest size at which something failed.", float64(s.Verdict.Broken), "axis",
			s.Scenario.Axis)
	}
	kinds := map[trial.Kind]int{}
	for _, f := range s.Findings {
		kinds[f.Kind]++
	}
	count(run, "brink_findings", "Findings by how they show.", "kind", kinds)
	outcomes := map[trial.Kind]int{}
	for _, t := range s.Trials {
		outcomes[t.Outcome.Kind]++
	}
	count(run, "brink_trials", "Trials, a VM each, by how they ended; harness is brink's own fault.", "outcome", outcomes)
	for _, op := range s.Ops {
		opMetrics(op, run)
	}
	canaryMetrics(s, run)
	signalMetrics(s, run)
}

func runMetrics(s summary.Summary, run series) {
	run.gauge("brink_run_info", "What ran; always 1.", 1, "run", s.Run, "build", s.Build, "release", s.Kernel.Release,
		"accel", s.Machine.Accel, "clock", string(s.Machine.Clock), "seed", strconv.FormatUint(s.Scenario.Seed, 10), "seeded",
		strconv.FormatBool(s.Seeded))
	run.gauge("brink_run_failed", "1 if something broke, as far as was measured.", bit(s.Verdict.Failed))
	run.gauge("brink_run_finished", "1 if nothing is left to measure.", bit(s.Finished))
	if !s.Start.IsZero() {
		run.unit("brink_run_start_timestamp_seconds", "When the run started, seconds since 1970 of the host's clock.",
			unix(s.Start))
		run.unit("brink_run_end_timestamp_seconds",
			"When the run wrote its last event, seconds since 1970 of the host's clock.", unix(s.End))
	}
}

func opMetrics(op summary.Op, run series) {
	for _, p := range op.Points {
		at := []string{"op", op.Name, "size", strconv.FormatInt(p.Size, 10)}
		if p.State != summary.Skipped {
			run.gauge("brink_op_held", "1 if the op was done inside its budget, 0 if it was not.", bit(p.State == summary.OK),
				at...)
		}
		if len(p.Samples) > 0 {
			run.unit("brink_op_median_seconds", "Median sample of an op, in guest time.", inSeconds(p.MedianNS), at...)
			run.unit("brink_op_budget_seconds", "What a sample of an op may take, in guest time.", inSeconds(p.BudgetNS), at...)
		}
	}
	if m := op.Model; m != nil {
		for _, e := range []struct {
			bound string
			value float64
		}{{"estimate", m.Exponent}, {"low", m.ExponentLow}, {"high", m.ExponentHigh}} {
			run.gauge("brink_op_growth_exponent", "Exponent of the growth of an op's cost with the size, with its 95% interval.",
				e.value, "op", op.Name, "bound", e.bound)
		}
	}
}

// canaryMetrics gives the slowest look at each canary, and whether one failed.
func canaryMetrics(s summary.Summary, run series) {
	for _, c := range checks(s) {
		if c.group == ofCanary {
			run.unit("brink_canary_max_seconds", "Longest time a canary took, in guest time.", c.took.Seconds(), "canary",
				c.name)
			run.gauge("brink_canary_failed", "1 if a canary failed or was too slow.", bit(c.result == failed), "canary", c.name)
		}
	}
}

// count adds a sample for each kind.
func count(run series, name, help, label string, kinds map[trial.Kind]int) {
	var sorted []trial.Kind
	for k := range kinds {
		sorted = append(sorted, k)
	}
	slices.Sort(sorted)
	for _, k := range sorted {
		run.gauge(name, help, float64(kinds[k]), label, string(k))
	}
}

func bit(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

func unix(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
