package lab

import (
	"io"
	"sync"
	"time"

	"brink/internal/trial"
)

// keptSights bounds what is remembered of a console's arrival.
const keptSights = 1 << 14

// sight is a moment at which something was seen of a VM.
type sight struct {
	at     time.Time // of the host
	frames int64     // that had been offered in the trial by then
}

// sights remember when each piece of a VM's console came: a report is only understood when it is complete, and that is
// too late to say which of two VMs failed first.
type sights struct {
	frames func() int64

	mu     sync.Mutex
	end    int64 // bytes of the console so far
	pieces []piece

	seen  map[string]sight // the first report of each signature; this and the next only in the watch's goroutine
	panic *sight           // QEMU was told of a panic
}

// piece is a part of a console that came at once.
type piece struct {
	end int64 // offset behind it
	sight
}

func newSights(frames func() int64) *sights { return &sights{frames: frames, seen: map[string]sight{}} }

func (s *sights) now() sight { return sight{time.Now(), s.frames()} }

// reader notes when what is read has come.
func (s *sights) reader(r io.Reader) io.Reader { return &sightedReader{r, s} }

type sightedReader struct {
	io.Reader
	s *sights
}

func (r *sightedReader) Read(b []byte) (int, error) {
	n, err := r.Reader.Read(b)
	if n > 0 {
		r.s.came(n)
	}
	return n, err
}

func (s *sights) came(n int) {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end += int64(n)
	s.pieces = append(s.pieces, piece{s.end, now})
	if len(s.pieces) > 2*keptSights {
		s.pieces = append([]piece(nil), s.pieces[keptSights:]...)
	}
}

// report notes a report of the console that began at an offset.
func (s *sights) report(signature string, offset int64) {
	if _, ok := s.seen[signature]; ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.pieces {
		if offset < p.end {
			s.seen[signature] = p.sight
			return
		}
	}
}

// panicked notes that QEMU was told of a panic.
func (s *sights) panicked() {
	if s.panic == nil {
		now := s.now()
		s.panic = &now
	}
}

// of returns when a failure was first seen: on the console, else by QEMU; what neither shows is seen when its trial ends.
func (s *sights) of(o trial.Outcome) sight {
	if o.Failure != nil {
		if seen, ok := s.seen[o.Failure.Signature]; ok {
			return seen
		}
	}
	if s.panic != nil {
		return *s.panic
	}
	return s.now()
}
