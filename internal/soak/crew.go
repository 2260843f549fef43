package soak

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

const (
	// looks is how often the question is asked of VMs that run.
	looks = time.Second
	// notes is how often a VM that runs is written down: what a kill costs.
	notes = time.Minute
	// mostFaults is how many VMs of a slot in a row may end through our own fault.
	mostFaults = 3
)

// crew is a fleet at work. Its own goroutine, that of Run, starts and judges; the VMs only say how far they are.
type crew struct {
	*Fleet
	begun   time.Time
	cancel  func()
	ends    chan ended
	places  [][]*seat // each with one VM of each arm
	busy    int       // VMs whose function has not returned
	results []Result
	plan    plan
	faults  map[int]int // of each slot, in a row
	stop    Stop
	err     error
	report  Report
	noted   time.Time

	mu     sync.Mutex // of the seats, which VMs change, and of halted
	halted bool       // VMs are being stopped
}

// ended is what a VM's function returned.
type ended struct {
	seat    *seat
	end     End
	err     error
	stopped bool
}

func newCrew(f *Fleet, cancel func()) *crew {
	c := &crew{Fleet: f, cancel: cancel, ends: make(chan ended), stop: Running, faults: map[int]int{}, noted: time.Now()}
	c.places, c.results = make([][]*seat, f.VMs/f.Question.arms()), slices.Clone(f.Done)
	c.plan = newPlan(f.Seed, f.Question.arms(), f.Before, c.results)
	var spent time.Duration
	for _, r := range c.results {
		spent = max(spent, r.End, r.Noted)
	}
	c.begun = time.Now().Add(-spent)
	return c
}

func (c *crew) now() time.Duration { return time.Since(c.begun) }

// start boots the next VMs of a place: one, or a pair that races.
func (c *crew) start(ctx context.Context, place int) {
	var seats []*seat
	for _, job := range c.plan.next(place) {
		own, cancel := context.WithCancel(ctx)
		s := &seat{crew: c, cancel: cancel, result: Result{Job: job, Start: c.now()}}
		seats = append(seats, s)
		c.busy++
		go func() {
			end, err := c.VM(own, job, s)
			c.ends <- ended{s, end, err, own.Err() != nil}
			cancel()
		}()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.places[place] = seats
}

// follow goes on until every VM has ended.
func (c *crew) follow(work, ctx context.Context) {
	tick, limit := time.NewTicker(looks), time.NewTimer(c.For-c.now())
	defer tick.Stop()
	defer limit.Stop()
	interrupted := ctx.Done()
	for c.busy > 0 {
		select {
		case e := <-c.ends:
			c.ended(e)
		case <-tick.C:
			c.note()
		case <-limit.C:
			c.halt(TimeUp, nil)
		case <-interrupted:
			interrupted = nil
		}
		if err := ctx.Err(); err != nil { // VMs may be heard of it first
			c.halt(Interrupted, err)
		}
		c.settled()
		c.fill(work)
		if c.Progress != nil {
			c.Progress(c.state())
		}
	}
}

// ended records what became of a VM.
func (c *crew) ended(e ended) {
	c.mu.Lock()
	e.seat.ended(e.end, e.err, e.stopped)
	e.seat.result.Noted = c.now()
	r := e.seat.result
	c.mu.Unlock()
	c.busy--
	c.results = append(c.results, r)
	if err := c.Record(r); err != nil {
		c.unrecorded(fmt.Errorf("record what became of VM %d: %w", r.Ordinal, err))
	}
	c.fault(r)
}

// unrecorded stops the fleet. One that is being stopped already has not done its work either: most lines are written then.
func (c *crew) unrecorded(err error) {
	switch c.halt(Broken, err); c.stop {
	case TimeUp, Answered:
		c.stop, c.err = Broken, err
	case Interrupted:
		c.err = errors.Join(c.err, err)
	}
}

// fault counts faults of our own in a row: one may be bad luck, a host that stood still, say.
func (c *crew) fault(r Result) {
	if r.counts() {
		c.faults[r.Slot] = 0
		return
	}
	if c.faults[r.Slot]++; c.faults[r.Slot] >= mostFaults {
		c.halt(Broken, fmt.Errorf("%w %d times in a row, the last time: %s", ErrHarness, mostFaults, r.Harness))
	}
}

// note writes down the VMs that run, once a minute.
func (c *crew) note() {
	if c.stop != Running || time.Since(c.noted) < notes {
		return
	}
	c.noted = time.Now()
	for _, r := range c.running() {
		if r.Loaded == 0 || r.Failure != nil {
			continue
		}
		if err := c.Record(r); err != nil {
			c.halt(Broken, fmt.Errorf("record how far VM %d is: %w", r.Ordinal, err))
			return
		}
	}
}

// fill ends races that are over, and starts new VMs where all have ended.
func (c *crew) fill(work context.Context) {
	for place := range c.places {
		done, over := c.look(place)
		switch {
		case c.stop != Running:
		case done:
			c.start(work, place)
		case over:
			for _, s := range c.places[place] {
				s.cancel()
			}
		}
	}
}

// look says whether all VMs of a place have ended, and whether those that have not are of no more use.
func (c *crew) look(place int) (done, over bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var r race
	done = true
	for _, s := range c.places[place] {
		done = done && s.done
		r.set(s.now())
		// Its own time was up, or it was our own fault: there is nothing to wait for.
		over = over || s.done && (s.result.Failure == nil || !s.result.counts())
	}
	return done, over || r.outcome() != open
}

// halt stops every VM, and starts no other one. Races that are open then are not decided any more.
func (c *crew) halt(why Stop, err error) {
	c.cancel()
	if c.stop != Running {
		return
	}
	c.stop, c.err = why, err
	c.mu.Lock()
	defer c.mu.Unlock()
	c.halted = true
	for _, seats := range c.places {
		var r race
		for _, s := range seats {
			r.set(s.now())
		}
		for _, s := range seats {
			if s.result.Race > 0 {
				s.result.Late = !s.done && r.outcome() == open
			}
		}
	}
}

// settled judges what is known, and stops the fleet when the question is answered or its time was spent before.
func (c *crew) settled() {
	running := c.running()
	c.report = Judge(c.Question, append(slices.Clone(c.results), running...))
	switch {
	case c.stop != Running:
	case c.report.Verdict != None && c.report.Verdict != Undecided:
		c.freeze(running)
		c.halt(Answered, nil)
	case c.now() >= c.For:
		c.halt(TimeUp, nil)
	}
}

// freeze keeps the VM time with which the question was answered: what passes until all VMs have stopped would take the answer
// back that the rate is above a number. A failure that came since is late.
func (c *crew) freeze(judged []Result) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, seats := range c.places {
		for _, s := range seats {
			i := slices.IndexFunc(judged, func(r Result) bool { return r.Ordinal == s.result.Ordinal })
			if i < 0 {
				continue // it had ended
			}
			s.frozen, s.result.Time = true, judged[i].Time
			if s.over && judged[i].Failure == nil && s.result.Race == 0 {
				s.result.Late = true
			}
		}
	}
}

// running are the VMs that run, as if they were stopped now.
func (c *crew) running() (list []Result) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, seats := range c.places {
		for _, s := range seats {
			if !s.done {
				list = append(list, s.now())
			}
		}
	}
	return list
}

// state is how things stand.
func (c *crew) state() State {
	s := State{Stop: c.stop, Elapsed: c.now(), Report: c.report}
	for _, r := range c.running() {
		s.Live = append(s.Live, Live{Job: r.Job, Start: r.Start, Loaded: r.Loaded, Time: r.Time, Failed: r.Failure != nil})
	}
	return s
}
