package formats

import (
	"strconv"

	"brink/internal/judge"
	"brink/internal/summary"
)

// limitChecks are the limits on the signals that were recorded.
func limitChecks(s summary.Summary) (all []check) {
	for _, sig := range s.Signals {
		for _, l := range sig.Limits {
			all = append(all, limitCheck(s, l))
		}
	}
	return all
}

func limitCheck(s summary.Summary, l summary.Limit) check {
	c := check{group: ofLimit, name: line(l.Name), title: "whether there is no " + line(l.Title), result: passed}
	if len(l.At) == 0 {
		c.result, c.why = skipped, "there was nothing to compare it with"
	}
	for _, f := range s.Findings {
		if f.Kind == judge.OverLimit && f.What == l.Name {
			c.findings = append(c.findings, f)
			c.result, c.why = failed, told(c.findings)
		}
	}
	return c
}

// owns reports whether a finding is the check's own.
func (c check) owns(f summary.Finding) bool {
	if f.Kind == judge.OverLimit {
		return c.group == ofLimit && line(f.What) == c.name
	}
	return c.group != ofLimit && line(f.What) == c.label()
}

// signalMetrics gives the levels of the signals, and whether a limit was passed.
func signalMetrics(s summary.Summary, run series) {
	for _, sig := range s.Signals {
		for _, p := range sig.Points {
			at := []string{"signal", sig.Name, "unit", sig.Unit, "size", strconv.FormatInt(p.Size, 10)}
			run.gauge("brink_signal_median", "Median of a signal, one value a second of guest time, in its unit.", p.Median, at...)
			run.gauge("brink_signal_max", "Largest value of a signal in a second, in its unit.", p.Max, at...)
		}
	}
	for _, c := range checks(s) {
		if c.group == ofLimit && c.result != skipped {
			run.gauge("brink_limit_exceeded", "1 if a signal went beyond its limit, which is a failure.", bit(c.result == failed), "limit", c.name)
		}
	}
}
