// Package summary is what a run showed as one document: what ran on what, the verdict, findings with their evidence, ramps
// with their models, signals with their limits, the rest of the guest, how each trial ended. Reports of every format are made of it and of nothing
// else, and as JSON it is the format for other programs
// (internal/formats/summary.schema.json). It is pure: it draws no conclusions of its
// own, reads no files, and knows no format but its own.
package summary

import (
	"encoding/json"
	"io"
	"time"

	"brink/internal/explain"
	"brink/internal/judge"
	"brink/internal/trial"
)

// Version is the version of the document. It goes up when a field goes or changes its meaning, not when one is added.
const Version = 1

// Format names the document for who finds one.
const Format = "brink.summary"

// Summary is a run's result. Sizes are in units of the axis, times in nanoseconds of the guest's clock (Machine.Clock says
// which) where their names end in NS. Texts that come from the guest are as the guest wrote them: escape them.
type Summary struct {
	Format   string        `json:"format"` // Format
	V        int           `json:"v"`
	Run      string        `json:"run"`            // ID of the run
	Build    string        `json:"build"`          // of the brink that made it
	Args     []string      `json:"args"`           // brink's command line
	Start    time.Time     `json:"start,omitzero"` // host time of the first event
	End      time.Time     `json:"end,omitzero"`   // and of the last one
	Seeded   bool          `json:"seeded"`         // the failures are planted
	Finished bool          `json:"finished"`       // nothing is left to measure
	Scenario Scenario      `json:"scenario"`
	Kernel   trial.Kernel  `json:"kernel"`
	Machine  trial.Machine `json:"machine"`
	Guest    *trial.Hello  `json:"guest,omitempty"` // the first trial's
	// Facts is what the guests said they are like, by name: versions, implementations in use, CPU features.
	Facts    map[string]string `json:"facts,omitempty"`
	Verdict  Verdict           `json:"verdict"`
	Findings []Finding         `json:"findings"`
	Ops      []Op              `json:"ops"`
	Signals  []Signal          `json:"signals"` // those that were recorded
	Rests    []Rest            `json:"rests"`
	Trials   []Trial           `json:"trials"`

	Explanation *explain.Explanation `json:"explanation,omitempty"`
}

// Scenario is what was ramped.
type Scenario struct {
	Name     string            `json:"name"`
	Title    string            `json:"title"`
	Incident string            `json:"incident"`
	Axis     string            `json:"axis"`
	Unit     string            `json:"unit"`
	Sizes    []int64           `json:"sizes"`
	Seed     uint64            `json:"seed"`
	Settings map[string]string `json:"settings,omitempty"` // all options
	Changed  map[string]string `json:"changed,omitempty"`  // those that are not at their defaults
}

// Verdict is the run in a few words.
type Verdict struct {
	Failed bool  `json:"failed"`
	Safe   int64 `json:"safe"`   // largest size at which everything was measured and nothing failed; 0 for none
	Broken int64 `json:"broken"` // smallest size at which something failed; 0 for none
	// Class says what the failure depends on: scale, load, version, environment, rare, or "not explained"; empty before
	// `brink explain`. Proven: at 95%.
	Class  string `json:"class,omitempty"`
	Proven bool   `json:"proven,omitempty"`
	// Trials is how many said something of the kernel; Harness how many were lost by brink or its host.
	Trials  int    `json:"trials"`
	Harness int    `json:"harness"`
	Text    string `json:"text"` // one sentence
}

// Finding is one thing that breaks, and the evidence.
type Finding struct {
	judge.Finding
	Title     string          `json:"title"` // one line: what happens at which size
	Subsystem string          `json:"subsystem,omitempty"`
	Console   []Line          `json:"console,omitempty"`  // the report as the kernel printed it
	Log       string          `json:"log,omitempty"`      // the console it is from, in the run folder
	Captures  []trial.Capture `json:"captures,omitempty"` // what was saved of the guest, in the trial's folder
}

// Line is a line of a console.
type Line struct {
	Text   string `json:"text"`
	Guilty bool   `json:"guilty,omitempty"` // names the failure or its function
}

// Op is one timed operation and its ramp.
type Op struct {
	Name       string  `json:"name"`
	Title      string  `json:"title"`
	Expected   string  `json:"expected"`           // growth, as O(n)
	BudgetNS   int64   `json:"budget_ns"`          // of a sample of no units
	PerUnitNS  int64   `json:"budget_per_unit_ns"` // added for each unit that a sample handles
	DeadlineNS int64   `json:"deadline_ns"`        // of one step
	Points     []Point `json:"points"`
	Model      *Model  `json:"model,omitempty"`      // of the median sample
	ModelText  string  `json:"model_text,omitempty"` // or why there is none
	Knee       *Knee   `json:"knee,omitempty"`
	Waits      bool    `json:"waits,omitempty"` // more than half of the time off the CPU
}

// Point is an op at one size.
type Point struct {
	Size     int64          `json:"size"`
	State    string         `json:"state"` // ok, over-budget, late, refused, skipped
	Text     string         `json:"text,omitempty"`
	BudgetNS int64          `json:"budget_ns,omitempty"` // of its samples
	MedianNS int64          `json:"median_ns,omitempty"`
	EachNS   int64          `json:"each_ns,omitempty"` // the median divided by the units it handled
	Trial    int            `json:"trial"`
	Samples  []trial.Sample `json:"samples,omitempty"`
}

// The states of a point.
const (
	OK         = "ok"
	OverBudget = "over-budget"
	Late       = "late"    // past its deadline
	Refused    = "refused" // the kernel returned an error
	Skipped    = "skipped" // not possible with these settings
)

// Model is a fitted growth, with its curve over the sizes that were measured and a little beyond.
type Model struct {
	Class        string  `json:"class"` // constant, log, linear …
	Exponent     float64 `json:"exponent"`
	ExponentLow  float64 `json:"exponent_low"` // 95%
	ExponentHigh float64 `json:"exponent_high"`
	Curve        []Dot   `json:"curve"`
}

// Dot is a point of a curve with its interval, in ns: two standard deviations of predicted sizes.
type Dot struct {
	Size float64 `json:"size"`
	NS   float64 `json:"ns"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Knee is where the growth changes.
type Knee struct {
	Kind string  `json:"kind"`
	At   float64 `json:"at"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Rest is a look at the guest beside the state that grows.
type Rest struct {
	Trial    int            `json:"trial"`
	Size     int64          `json:"size"`
	When     string         `json:"when"` // boot, before or after the ops of that size
	Canaries []trial.Canary `json:"canaries"`
	Health   trial.Health   `json:"health"`
}

// Trial is one VM.
type Trial struct {
	Number   int             `json:"number"`
	Start    trial.Start     `json:"start"` // boot or clone
	Began    time.Time       `json:"began,omitzero"`
	HostNS   int64           `json:"host_ns"`         // from its first event to its last
	Probe    *trial.Probe    `json:"probe,omitempty"` // a fresh VM of the search for the threshold
	Shown    bool            `json:"shown,omitempty"` // it showed what was looked for, in whatever outcome
	Outcome  trial.Outcome   `json:"outcome"`
	Captures []trial.Capture `json:"captures,omitempty"`
	Folder   string          `json:"folder"` // in the run folder
}

// Write writes the document as JSON, indented.
func Write(w io.Writer, s Summary) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(s)
}
