// Package formats writes runs in the formats that other programs read: test reports for CI servers, records for
// KernelCI, benchmarks for benchstat, metrics for Prometheus. They say what the summary says and conclude nothing of
// their own. Texts in a summary come from guests that may be broken, and are cleaned or escaped before they are
// written.
//
// Formats that tell good from bad agree on four results (see check): a fault of brink or its host is never a failure,
// and an op that was not measured has never passed.
package formats

import (
	"fmt"
	"io"
	"strings"

	"brink/internal/summary"
)

// Format is a way to write runs down.
type Format struct {
	Name  string // as it is asked for on the command line
	File  string // what a file with it is usually called
	Title string // what it is for, in a line
	// Write writes the runs, in the given order. Its errors are those of the writer.
	Write func(w io.Writer, runs ...summary.Summary) error
}

// All returns the formats, the most general first.
func All() []Format {
	return []Format{
		{"json", "summary.json", "the summary itself, see the schema; several runs are one document a line", JSON},
		{"junit", "junit.xml", "JUnit XML: Jenkins, GitLab, GitHub actions; a run is a test suite", JUnit},
		{"ktap", "results.ktap", "KTAP version 1: the kernel's own test format; a run is a test with subtests", KTAP},
		{"kcidb", "kcidb.json", "KCIDB 5.3: KernelCI's database; a run is tests of a build of a checkout", KCIDB},
		{"benchfmt", "bench.txt", "Go benchmark format: compare samples with benchstat; a sample is a line", Benchfmt},
		{"openmetrics", "metrics.prom", "OpenMetrics 1.0: Prometheus, by textfile collector or push gateway", OpenMetrics},
	}
}

// Find returns the format of that name.
func Find(name string) (Format, error) {
	var names []string
	for _, f := range All() {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return Format{}, fmt.Errorf("no format %q: choose of %s", name, strings.Join(names, ", "))
}
