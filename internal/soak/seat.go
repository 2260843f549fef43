package soak

import "time"

// seat is a VM that runs, and what it tells. The crew's lock guards it.
type seat struct {
	crew   *crew
	result Result
	cancel func()
	over   bool // it said that it failed
	done   bool // its function has returned
	frozen bool // the question was answered with the time it has
}

// Passed implements Told.
func (s *seat) Passed(vm time.Duration) {
	s.crew.mu.Lock()
	defer s.crew.mu.Unlock()
	if s.over || s.frozen {
		return
	}
	if s.result.Loaded == 0 {
		s.result.Loaded = max(s.crew.now(), 1)
	}
	s.result.Time = max(s.result.Time, vm)
}

// Failed implements Told.
func (s *seat) Failed(f Failure) {
	s.crew.mu.Lock()
	defer s.crew.mu.Unlock()
	s.fail(f)
}

func (s *seat) fail(f Failure) {
	if s.over {
		s.result.Failure = &f
		return
	}
	s.over, s.result.End = true, s.crew.now()
	s.result.Failure = &f
	if s.result.Race == 0 {
		s.result.Late = s.crew.halted // with races, the crew says so when it stops
	}
}

// now is the result if the VM were stopped now, or the one it came to. A failure before the load is left to the end.
func (s *seat) now() Result {
	r := s.result
	if s.done {
		return r
	}
	r.Partial = true
	if !s.over {
		r.End = s.crew.now()
	}
	if r.Loaded == 0 {
		r.Failure = nil
	}
	return r
}

// ended makes the result of a VM that has ended; stopped says that it was told to.
func (s *seat) ended(end End, err error, stopped bool) {
	r := &s.result
	switch {
	case end.Failure != nil:
		s.fail(*end.Failure)
		if end.Time > 0 && !s.frozen {
			r.Time = end.Time
		}
	default:
		if s.over { // Failed was wrong
			s.over, r.Failure = false, nil
		}
		if !s.frozen {
			r.Time = max(r.Time, end.Time)
		}
	}
	if !s.over {
		r.End = s.crew.now()
	}
	switch {
	case err != nil && !stopped:
		r.Harness = err.Error()
	case r.Failure != nil && r.Loaded == 0:
		r.Harness = "it failed before its load: " + r.Failure.Title
	case r.Loaded == 0 && !stopped:
		r.Harness = "it ended before its load"
	}
	if r.Loaded == 0 || r.Harness != "" {
		r.Time = 0
	}
	s.done = true
}
