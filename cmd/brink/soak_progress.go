package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"brink/internal/soak"
	"brink/internal/trial"
)

// soakPause is how long it is silent between two lines that only say how things stand.
const soakPause = 30 * time.Second

// soakProgress says how a soak stands: a bar on a terminal, lines elsewhere, and a line for each VM that fails.
type soakProgress struct {
	mu   sync.Mutex
	w    io.Writer
	head trial.Soak
	bar  *progressbar.ProgressBar // nil without a terminal
	told time.Time                // when the last line was written
}

func newSoakProgress(w io.Writer, head trial.Soak) *soakProgress {
	p := &soakProgress{w: w, head: head, told: time.Now()}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.bar = progressbar.NewOptions64(int64(head.For/time.Second), progressbar.OptionSetWriter(w), progressbar.OptionSetPredictTime(false),
			progressbar.OptionSetWidth(30), progressbar.OptionFullWidth(), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond))
	}
	return p
}

// state tells how things stand (soak.Fleet.Progress).
func (p *soakProgress) state(s soak.State) {
	p.mu.Lock()
	defer p.mu.Unlock()
	working := 0
	for _, l := range s.Live {
		if l.Loaded > 0 {
			working++
		}
	}
	text := fmt.Sprintf("%v of %v, %d of %d VMs at work: %s", s.Elapsed.Round(time.Second), p.head.For, working, p.head.VMs, s.Report.Why)
	switch {
	case p.bar != nil:
		p.bar.Describe(text)
		_ = p.bar.Set64(min(int64(s.Elapsed/time.Second), p.bar.GetMax64()-1))
	case time.Since(p.told) >= soakPause:
		p.told = time.Now()
		if l := s.Report.Longer; l != nil {
			text += "; " + l.Why
		}
		fmt.Fprintln(p.w, text)
	}
}

// ended tells of a VM that failed, or was lost.
func (p *soakProgress) ended(r soak.Result) {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := ""
	switch seeded := p.head.Arms[r.Arm].Seeded; {
	case r.Harness != "":
		text = fmt.Sprintf("trial %d: harness fault, which counts as nothing: %s", r.Ordinal, oneLine(r.Harness))
	case r.Failure != nil:
		planted := ""
		if seeded {
			planted = "seeded "
		}
		text = fmt.Sprintf("trial %d (%s, seed %d) failed after %v: %s%s, %s", r.Ordinal, armName(p.head, r.Arm), r.Seed, soakTime(r.Time), planted,
			r.Failure.Signature, r.Failure.Title)
	default:
		return
	}
	if p.bar != nil {
		_ = p.bar.Clear()
	}
	fmt.Fprintln(p.w, text)
}

func (p *soakProgress) close() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
