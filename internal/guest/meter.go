//go:build linux

package guest

import "brink/internal/trial"

// Meter takes the samples of one step.
type Meter struct {
	Reps    int // samples the plan asks for
	samples []trial.Sample
	text    string // what a script printed
	page    *page
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
