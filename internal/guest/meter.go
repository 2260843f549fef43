//go:build linux

package guest

import (
	"maps"
	"math"

	"brink/internal/trial"
)

// Meter takes the samples of one step.
type Meter struct {
	Reps    int // samples the plan asks for
	Round   int // how often what is repeated has been done before (trial.Repeat, trial.Step.For); for what is random
	samples []trial.Sample
	text    string // remarks on the step
	page    *page
	event   trial.Event // the step
	send    func(trial.Event) error
}

// Time runs f and records it as one sample of count units. A failed f leaves no sample.
func (m *Meter) Time(count int64, f func() error) error {
	wall, cpu, sys := now(), cpuTime(), systemTime()
	if err := f(); err != nil {
		return err
	}
	m.samples = append(m.samples, trial.Sample{Rep: len(m.samples), Count: count,
		WallNS: now() - wall, CPUNS: cpuTime() - cpu, SysNS: systemTime() - sys})
	return nil
}

// Progress tells the supervisor how far a long step is, without a message.
func (m *Meter) Progress(done, total int64) {
	if m.page != nil {
		m.page.total.Store(total)
		m.page.done.Store(done)
	}
}

// Note records a sample that the scenario has measured itself.
func (m *Meter) Note(s trial.Sample) {
	s.Rep = len(m.samples)
	m.samples = append(m.samples, s)
}

// Remark adds a line to the step's end event: what the numbers do not say.
func (m *Meter) Remark(line string) {
	if m.text != "" {
		m.text += "\n"
	}
	m.text += line
}

// Signal records the values of one second. It may be called from any goroutine while the step runs. What is no number, as a share
// of nothing, has no place in a record and is left out.
func (m *Meter) Signal(s trial.Signals) error {
	s = maps.Clone(s)
	maps.DeleteFunc(s, func(_ string, v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) })
	return m.say(trial.Event{Type: trial.EventSignals, Signals: s})
}

// Fact says once what the guest is like where results depend on it: the version of a module, the implementation that it chose, a
// feature of the CPU. A later value replaces an earlier one of the same name.
func (m *Meter) Fact(name, value string) error {
	return m.say(trial.Event{Type: trial.EventFact, Name: name, Text: value})
}

// Flood asks the host for frames.
func (m *Meter) Flood(f trial.Flood) error {
	return m.say(trial.Event{Type: trial.EventFlood, Flood: &f})
}

// say sends an event of the step that runs.
func (m *Meter) say(e trial.Event) error {
	if m.send == nil {
		return nil
	}
	e.Step, e.Kind, e.Size, e.Op, e.Untimed = m.event.Step, m.event.Kind, m.event.Size, m.event.Op, m.event.Untimed
	return m.send(e)
}
