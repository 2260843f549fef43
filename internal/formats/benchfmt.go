package formats

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"brink/internal/summary"
	"brink/internal/trial"
)

// Benchfmt writes the samples of runs in Go's benchmark format (golang.org/design/14313-benchmark-format), a line each,
// for benchstat. Units: ns/op and cpu-ns/op of the sample, on and off the CPU and on it; where one handles several
// units of the axis also ns/peer, or whatever the unit is called.
//
// Configuration lines hold what makes samples incomparable (scenario, options, clock, machine), as benchstat puts runs
// that differ there into tables of their own, and the kernel: compare kernels with `benchstat -col kernel FILE`. What
// differs in each run, such as its ID, stands in comments. Signals are left out: they are no samples of an op, and
// benchstat would take more of them for worse.
func Benchfmt(w io.Writer, runs ...summary.Summary) error {
	out := bufio.NewWriter(w) // keeps its first error
	for i, s := range runs {
		if i > 0 {
			fmt.Fprintln(out)
		}
		benchHead(out, s)
		for _, op := range s.Ops {
			for _, p := range op.Points {
				benchPoint(out, s, op, p)
			}
		}
	}
	return out.Flush()
}

// benchLine is how much of a text a line holds: readers of the format stop at lines of 64 KiB.
const benchLine = 1000

// benchHead writes the configuration. A reader keeps a key until it is written again: each run writes all of them.
func benchHead(w io.Writer, s summary.Summary) {
	comments := [][2]string{{"run", s.Run}, {"verdict", verdict(s)}, {"seed", strconv.FormatUint(s.Scenario.Seed, 10)}}
	for _, c := range comments {
		fmt.Fprintf(w, "# %s: %s\n", c[0], first(line(c[1]), benchLine))
	}
	config := [][2]string{{"scenario", s.Scenario.Name}, {"options", options(s)},
		{"seeded", strconv.FormatBool(s.Seeded)}, {"kernel", s.Kernel.Name}, {"clock", string(s.Machine.Clock)},
		{"machine", machine(s)}}
	for _, c := range config {
		fmt.Fprintf(w, "%s: %s\n", c[0], first(line(c[1]), benchLine))
	}
}

func benchPoint(w io.Writer, s summary.Summary, op summary.Op, p summary.Point) {
	name := fmt.Sprintf("Benchmark%s/op=%s/%s=%d", camel(word(s.Scenario.Name)), word(op.Name), word(s.Scenario.Axis),
		p.Size)
	if p.State != summary.OK {
		fmt.Fprintf(w, "# %s: %s\n", name, first(line(p.State+" "+p.Text), benchLine))
	}
	for _, sample := range p.Samples {
		fmt.Fprintf(w, "%s 1 %d ns/op %d cpu-ns/op%s\n", name, sample.WallNS, sample.CPUNS, benchEach(s, sample))
	}
}

// benchEach is the sample divided by the units it handled.
func benchEach(s summary.Summary, sample trial.Sample) string {
	if sample.Count <= 1 {
		return ""
	}
	return fmt.Sprintf(" %s ns/%s", strconv.FormatFloat(float64(sample.WallNS)/float64(sample.Count), 'g', 8, 64),
		word(s.Scenario.Unit))
}

// camel makes a benchmark's name of a scenario's: Benchmark is followed by a capital.
func camel(name string) string { return strings.ToUpper(name[:1]) + name[1:] }
