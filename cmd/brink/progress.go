package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// progress shows how far a ramp is: a bar on a terminal, lines elsewhere. An op's share of the work is its size if it
// grows with the size, else small: so the time that is left can be told before the large sizes are reached.
type progress struct {
	w       io.Writer
	bar     *progressbar.ProgressBar // nil without a terminal
	spec    scenario.Spec
	axis    string
	seeded  string // a mark for what is planted
	total   float64
	done    float64
	probing bool    // the trial belongs to a search
	begun   float64 // done when this process started
	start   time.Time
}

// smallOp is the weight of an op that does not grow with the size, in units.
const smallOp = 300

func newProgress(w io.Writer, spec scenario.Spec, head trial.Run, events []trial.Event) *progress {
	p := &progress{w: w, spec: spec, axis: head.Axis, start: time.Now()}
	if head.Seeded {
		p.seeded = "seeded "
	}
	for _, n := range head.Sizes {
		for _, op := range spec.Ops {
			p.total += weight(op, n)
		}
	}
	for _, e := range events {
		p.follow(e)
		p.done += p.share(e)
	}
	p.begun = p.done
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.bar = progressbar.NewOptions64(1000, progressbar.OptionSetWriter(w), progressbar.OptionSetPredictTime(false),
			progressbar.OptionSetWidth(30), progressbar.OptionFullWidth(), progressbar.OptionClearOnFinish(),
			progressbar.OptionThrottle(100*time.Millisecond))
	}
	return p
}

func weight(op scenario.Op, size int64) float64 {
	if op.Growth == scenario.Linear {
		return float64(size)
	}
	return smallOp
}

// follow notes whether the events are of a search, which is beyond the ramp.
func (p *progress) follow(e trial.Event) {
	if e.Type == trial.EventTrial && e.Plan != nil {
		p.probing = e.Plan.Probe != nil
	}
}

// share is the part of the work that an event finishes.
func (p *progress) share(e trial.Event) float64 {
	op, ok := p.spec.Op(e.Op)
	if !ok || p.probing || e.Untimed || e.Type != trial.EventEnd && e.Type != trial.EventSkip {
		return 0
	}
	return weight(op, e.Size)
}

// event takes in an event of the run.
func (p *progress) event(e trial.Event) {
	p.follow(e)
	p.done += p.share(e)
	part := 0.0
	if e.Type == trial.EventProgress && e.Progress != nil && e.Progress.Total > 0 {
		if op, ok := p.spec.Op(e.Op); ok && !e.Untimed {
			part = weight(op, e.Size) * float64(e.Progress.Done) / float64(e.Progress.Total)
		}
	}
	if p.bar != nil {
		p.draw(e, part)
		return
	}
	p.line(e)
}

func (p *progress) draw(e trial.Event, part float64) {
	if e.Op != "" {
		p.bar.Describe(fmt.Sprintf("%s %s: %-9s %s left", judge.Count(e.Size), p.axis, e.Op, p.left(part)))
	}
	_ = p.bar.Set64(int64(min(999, 1000*(p.done+part)/p.total)))
	if text := p.news(e); text != "" {
		_ = p.bar.Clear()
		fmt.Fprintln(p.w, text)
	}
}

func (p *progress) line(e trial.Event) {
	if text := p.news(e); text != "" {
		fmt.Fprintln(p.w, text)
	}
	op, ok := p.spec.Op(e.Op)
	timed := ok && e.Type == trial.EventEnd && !e.Untimed && len(e.Samples) > 0
	if timed && !p.probing && op.Growth == scenario.Linear {
		fmt.Fprintf(p.w, "%9s %s  %-8s %9s  (%.0f%% done, %s left)\n", judge.Count(e.Size), p.axis, e.Op,
			judge.Duration(e.Samples[0].Wall()), 100*p.done/p.total, p.left(0))
	}
}

// news is what should be said whatever the display.
func (p *progress) news(e trial.Event) string {
	switch {
	case e.Type == trial.EventTrial && e.Plan != nil && e.Plan.Probe != nil:
		return fmt.Sprintf("trial %d: a fresh VM with %s %s", e.Trial, judge.Count(e.Plan.Probe.Size), p.axis)
	case e.Type == trial.EventTrial:
		return fmt.Sprintf("trial %d: %s", e.Trial, e.Start)
	case e.Type == trial.EventOutcome && p.probing && e.Outcome.Kind == trial.Completed:
		return fmt.Sprintf("trial %d completed", e.Trial)
	case e.Type == trial.EventOutcome && e.Outcome.Kind != trial.Completed:
		return fmt.Sprintf("trial %d ended: %s%s %s", e.Trial, p.seeded, e.Outcome.Kind, e.Outcome.Text)
	}
	return ""
}

// left estimates the remaining time from the work done so far; the boot and the smallest sizes say too little.
func (p *progress) left(part float64) string {
	did := p.done + part - p.begun
	if elapsed := time.Since(p.start); did > p.total/50 {
		rest := time.Duration(float64(elapsed) * (p.total - p.done - part) / did)
		return rest.Round(time.Second).String()
	}
	return "?"
}

func (p *progress) close() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
