package grid

import (
	"encoding/json"
	"io"
	"slices"

	"brink/internal/growth"
	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// Format names the document for who finds one.
const Format = "brink.grid"

// Part is one run of a grid as it stands.
type Part struct {
	ID       string       // empty: not begun
	Table    *judge.Table // nil: not begun
	Finished bool
}

// Grid is what the runs of a grid showed, as one document. Sizes are in units of their axis, times in ns of the guest's clock.
type Grid struct {
	Format   string   `json:"format"` // Format
	V        int      `json:"v"`
	ID       string   `json:"id"`
	Build    string   `json:"build"`
	Args     []string `json:"args"`
	Scenario string   `json:"scenario"`
	Title    string   `json:"title"` // of the scenario
	// Settings are the options of all runs that are not at their defaults.
	Settings map[string]string `json:"settings,omitempty"`
	Seeded   bool              `json:"seeded"`
	Finished bool              `json:"finished"` // all runs are
	Kernel   trial.Kernel      `json:"kernel"`
	Machine  trial.Machine     `json:"machine"`
	Axis     string            `json:"axis,omitempty"` // that is ramped; in a series each run has its own
	Unit     string            `json:"unit,omitempty"`
	Second   string            `json:"second,omitempty"` // that stands still
	Runs     []Run             `json:"runs"`
	Sizes    []int64           `json:"sizes,omitempty"` // of the ramped axis: the ladder

	// Quantities are the ops and signals, each over sizes and runs; none in a series.
	Quantities []Quantity `json:"quantities,omitempty"`
	// Shown is the quantity that says most: what most findings are about, else the op that grows most steeply.
	Shown      string      `json:"shown,omitempty"`
	Thresholds []Threshold `json:"thresholds,omitempty"` // of each failure, none in a series
}

// Run is one run of the grid.
type Run struct {
	Name     string          `json:"name"` // containers=100
	ID       string          `json:"id,omitempty"`
	State    State           `json:"state"`
	Axis     string          `json:"axis"`
	Value    int64           `json:"value,omitempty"` // of the axis that stands still
	Sizes    []int64         `json:"sizes"`
	Safe     int64           `json:"safe"` // up to which all was measured and nothing failed
	Findings []judge.Finding `json:"findings"`
	Growths  []Growth        `json:"growths"` // of its ops
}

// State is how far a run is.
type State string

// The states of a run.
const (
	Waiting  State = "not begun"
	Begun    State = "begun"
	Finished State = "finished"
)

// Growth is how the cost of an op grows with the size in one run.
type Growth struct {
	Op       string           `json:"op"`
	Told     bool             `json:"told"`
	Text     string           `json:"text"`
	Exponent *growth.Exponent `json:"exponent,omitempty"`
}

// New puts the runs of a grid together. The spec is the scenario's own, without settings; parts are in the order of the head's
// runs.
func New(h Head, spec scenario.Spec, parts []Part) Grid {
	g := Grid{Format: Format, V: Version, ID: h.ID, Build: h.Build, Args: h.Args, Scenario: h.Scenario, Title: spec.Title, Finished: true,
		Kernel: h.Runs[0].Kernel, Machine: h.Runs[0].Machine, Axis: h.Axis, Second: h.Second}
	g.Settings = changed(h, spec)
	for i, p := range parts {
		run := runOf(h, i, p)
		g.Seeded, g.Finished = g.Seeded || h.Runs[i].Seeded, g.Finished && p.Finished
		g.Runs = append(g.Runs, run)
	}
	if h.Series() {
		return g
	}
	axis, _ := spec.Axis(h.Axis)
	g.Unit = axis.Unit
	for _, r := range h.Runs {
		g.Sizes = append(g.Sizes, r.Sizes...)
	}
	slices.Sort(g.Sizes)
	g.Sizes = slices.Compact(g.Sizes)
	spec = spec.On(h.Axis, h.Runs[0].Settings)
	g.Quantities = quantities(spec, g, parts)
	g.Shown = choose(spec, g)
	g.Thresholds = thresholds(axis, g, parts)
	return g
}

// changed returns the options that differ from their defaults, and are the same in all runs.
func changed(h Head, spec scenario.Spec) map[string]string {
	set := map[string]string{}
	for _, o := range spec.Options {
		v, ok := h.Runs[0].Settings[o.Name]
		differs := slices.ContainsFunc(h.Runs, func(r trial.Run) bool { return r.Settings[o.Name] != v })
		if ok && v != o.Default && !differs {
			set[o.Name] = v
		}
	}
	return set
}

func runOf(h Head, i int, p Part) Run {
	run := Run{Name: h.Name(i), ID: p.ID, State: Waiting, Axis: h.Runs[i].Axis, Value: h.Value(i), Sizes: h.Runs[i].Sizes,
		Findings: []judge.Finding{}, Growths: []Growth{}}
	if p.Table == nil {
		return run
	}
	if run.State = Begun; p.Finished {
		run.State = Finished
	}
	run.Findings = append(run.Findings, p.Table.Findings()...)
	run.Safe = p.Table.Safe(run.Findings)
	for _, op := range p.Table.Spec.Ops {
		fit, ok := p.Table.Fit(op)
		if !ok {
			continue
		}
		g := Growth{Op: op.Name, Text: "cannot tell", Told: fit.Verdict == growth.Told, Exponent: fit.Exponent}
		if g.Told {
			g.Text = judge.Model(fit)
		}
		run.Growths = append(run.Growths, g)
	}
	return run
}

// Broken reports whether any run found something.
func (g Grid) Broken() bool {
	return slices.ContainsFunc(g.Runs, func(r Run) bool { return len(r.Findings) > 0 })
}

// Quantity returns the op or signal of that name.
func (g Grid) Quantity(name string) (Quantity, bool) {
	i := slices.IndexFunc(g.Quantities, func(q Quantity) bool { return q.Name == name })
	if i < 0 {
		return Quantity{}, false
	}
	return g.Quantities[i], true
}

// Write writes the document as JSON.
func Write(w io.Writer, g Grid) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(g)
}
