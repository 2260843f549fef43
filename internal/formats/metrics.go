package formats

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// metrics are families of samples, in the order in which they came first. The text format wants each family in one
// piece. All of them are gauges: the textfile collector and promtool read Prometheus' older text format, in which units
// and the end are comments, but a type it does not know is an error.
//
// Note: prometheus/common/expfmt encodes OpenMetrics too, but brings protobuf into the program.
type metrics struct{ families []*family }

// family is one metric with its samples.
type family struct {
	name, unit, help string
	samples          []sample
	seen             map[string]bool // labels that have a sample
}

type sample struct {
	labels string // as they are written
	value  float64
}

// series adds samples that share labels.
type series struct {
	m      *metrics
	labels []string // name, value, …
}

// gauge adds a sample of a number without a unit.
func (s series) gauge(name, help string, value float64, labels ...string) {
	s.m.add(family{name: name, help: help}, value, slices.Concat(s.labels, labels))
}

// unit adds a sample of a number whose unit is the last word of its name.
func (s series) unit(name, help string, value float64, labels ...string) {
	unit := name[strings.LastIndexByte(name, '_')+1:]
	s.m.add(family{name: name, unit: unit, help: help}, value, slices.Concat(s.labels, labels))
}

// add takes a sample; a series that is there already keeps its first one, as it may have no more.
func (m *metrics) add(f family, value float64, labels []string) {
	i := slices.IndexFunc(m.families, func(o *family) bool { return o.name == f.name })
	if i < 0 {
		f.seen = map[string]bool{}
		i, m.families = len(m.families), append(m.families, &f)
	}
	text, known := labelText(labels), m.families[i]
	if !known.seen[text] {
		known.seen[text], known.samples = true, append(known.samples, sample{text, value})
	}
}

func (m *metrics) write(w io.Writer) {
	for _, f := range m.families {
		fmt.Fprintf(w, "# TYPE %s gauge\n", f.name)
		if f.unit != "" {
			fmt.Fprintf(w, "# UNIT %s %s\n", f.name, f.unit)
		}
		fmt.Fprintf(w, "# HELP %s %s\n", f.name, f.help)
		for _, s := range f.samples {
			fmt.Fprintf(w, "%s{%s} %s\n", f.name, s.labels, strconv.FormatFloat(s.value, 'f', -1, 64))
		}
	}
	io.WriteString(w, "# EOF\n")
}

// labelText writes labels; values may hold anything.
func labelText(labels []string) string {
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)
	var all []string
	for i := 0; i < len(labels); i += 2 {
		all = append(all, labels[i]+`="`+escape.Replace(line(labels[i+1]))+`"`)
	}
	return strings.Join(all, ",")
}
