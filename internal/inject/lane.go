package inject

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"brink/internal/flood"
	"brink/internal/trial"
)

// settle is how long QEMU has, after the last frame, to take what it was sent.
const settle = 300 * time.Millisecond

// short is the share of the asked rate below which the counts say that it could not be offered.
const short = 0.95

// lane is the way of a stream to one card.
type lane struct {
	vm, card int
	fd       int
	leave    atomic.Bool   // the VM wants no more
	over     bool          // no more frames go here
	why      string        // if that was not asked for
	took     time.Duration // from the start to its end
	sent     atomic.Int64
	late     atomic.Int64
}

// push sends frames of a batch until all are sent, the lane is over or stop says so. Only the stream's goroutine calls it.
func (l *lane) push(b *batch, n int, s *Stream) {
	blocked := time.Time{}
	for at := 0; at < n && !l.over; {
		if l.leave.Load() {
			l.end(s, "")
			return
		}
		sent, err := b.send(l.fd, at, n)
		switch {
		case err == nil:
			at += sent
			blocked = time.Time{}
			l.note(sent, s)
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.ENOBUFS):
			if s.stopping() {
				return
			}
			if blocked.IsZero() {
				blocked = time.Now()
			}
			if waited := time.Since(blocked); s.others(l.vm) && waited > s.patience {
				l.end(s, fmt.Sprintf("took no frame for %v and was left behind", s.patience))
			}
		default:
			l.end(s, "QEMU is gone: "+err.Error())
		}
	}
}

// note counts frames that were sent just now.
func (l *lane) note(sent int, s *Stream) {
	now, first := time.Since(s.start), l.sent.Load()
	for i := range int64(sent) {
		if now > s.pacer.At(first+i)+flood.Late {
			l.late.Add(1)
		}
	}
	l.sent.Add(int64(sent))
}

func (l *lane) end(s *Stream, why string) { l.over, l.why, l.took = true, why, time.Since(s.start) }

// finish closes the lane and says what became of the flood here.
func (l *lane) finish(s *Stream) trial.Offered {
	here := !l.over
	if here {
		l.end(s, "")
	}
	o := l.count(s, l.took, here)
	o.Err = l.why
	unix.Close(l.fd)
	if o.Err == "" && o.Offered+1 < int64(short*o.Asked*l.took.Seconds()) {
		o.Err = fmt.Sprintf("%.0f frames/s could not be offered, QEMU took %.0f", o.Asked, o.Rate)
	}
	return o
}

// count says what has become of the flood here so far. Where QEMU is there to take what it was sent, it gets a moment for it.
func (l *lane) count(s *Stream, took time.Duration, here bool) trial.Offered {
	o := trial.Offered{ID: s.flood.ID, Card: l.card, Asked: s.flood.Rate, Offered: l.sent.Load(), NS: took.Nanoseconds(),
		Late: l.late.Load()}
	if seconds := took.Seconds(); seconds > 0 {
		o.Rate = float64(o.Offered) / seconds
	}
	o.Accepted = o.Offered - l.waiting(s, here)
	return o
}

// waiting returns how many frames QEMU has not read, after a moment if it is there. What a QEMU that is gone had not read is
// not known any more, at most what its socket held (net.unix.max_dgram_qlen): it counts as read.
func (l *lane) waiting(s *Stream, here bool) int64 {
	for until := time.Now().Add(settle); ; time.Sleep(time.Millisecond) {
		n, err := queued(l.fd)
		if err != nil || n <= 0 {
			return 0
		}
		if !here || l.leave.Load() || time.Now().After(until) {
			return int64((n + s.footprint - 1) / s.footprint)
		}
	}
}
