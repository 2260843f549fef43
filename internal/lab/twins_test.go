package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/qemu"
	"brink/internal/trial"
)

// pairEnd is what two watches concluded that follow a pair of VMs.
type pairEnd struct {
	outcomes [2]trial.Outcome
	seats    [2]*seat
	took     [2]time.Duration // until each was over
}

// followPair lets two watches follow VMs in which play happens. Nobody feeds them.
func followPair(t *testing.T, play func(vms [2]*fakeVM)) (end pairEnd) {
	t.Helper()
	dirs := [2]string{t.TempDir(), t.TempDir()}
	synctest.Test(t, func(t *testing.T) {
		d := newFeed(2)
		var vms [2]*fakeVM
		var watches [2]*watch
		var closers []io.Closer
		for i := range vms {
			agent, guestAgent := net.Pipe()
			console, guestConsole := net.Pipe()
			vms[i] = &fakeVM{t: t, agent: guestAgent, console: guestConsole, events: make(chan qemu.QMPEvent, 2), died: make(chan struct{})}
			w, err := newWatch(vms[i], dirs[i], limits, "6.1.0", func(trial.Event) error { return nil })
			require.NoError(t, err)
			end.seats[i] = newSeat(d, i)
			w.seat = end.seats[i]
			w.follow(agent, w.seat.sights.reader(console))
			watches[i] = w
			closers = append(closers, agent, console, guestAgent, guestConsole)
		}
		end.seats[1].beside = end.seats[0]
		start := time.Now()
		done := make(chan struct{}, 2)
		for i, w := range watches {
			go func() {
				var err error
				end.outcomes[i], err = w.run(t.Context(), 7)
				assert.NoError(t, err)
				end.took[i] = time.Since(start)
				done <- struct{}{}
			}()
		}
		play(vms)
		<-done
		<-done
		for _, c := range closers {
			c.Close()
		}
		for _, w := range watches {
			w.close()
		}
		require.NoError(t, d.close())
	})
	return end
}

// TestTwinsThatFailTogether: what counts is when the console began to tell, not when the report was understood.
func TestTwinsThatFailTogether(t *testing.T) {
	end := followPair(t, func(vms [2]*fakeVM) {
		vms[0].begin()
		vms[1].begin()
		lines := strings.SplitAfter(panics, "\n")
		vms[0].says(lines[0])
		time.Sleep(3 * time.Millisecond)
		vms[1].says(panics)
		vms[1].shutdown()
		time.Sleep(100 * time.Millisecond)
		vms[0].says(strings.Join(lines[1:], ""))
		vms[0].shutdown()
	})
	twin := compare(*end.seats[0].over.Load(), *end.seats[1].over.Load())
	assert.True(t, twin.Together)
	assert.Equal(t, trial.Oops, twin.Outcome.Kind)
	assert.Equal(t, 3*time.Millisecond, time.Duration(twin.NS))
}

// TestTwinThatSurvives ends with the step in which the other one failed.
func TestTwinThatSurvives(t *testing.T) {
	end := followPair(t, func(vms [2]*fakeVM) {
		vms[0].begin()
		vms[1].begin()
		vms[0].says(panics)
		vms[0].shutdown()
		time.Sleep(time.Second)
		vms[1].send(trial.Event{Type: trial.EventEnd, Step: 0, Size: 512, Op: "load"}) // it is behind
		time.Sleep(time.Second)
		vms[1].send(trial.Event{Type: trial.EventEnd, Step: 1, Size: 1024, Op: "load"})
	})
	twin := compare(*end.seats[0].over.Load(), *end.seats[1].over.Load())
	assert.False(t, twin.Together)
	assert.Equal(t, trial.Completed, twin.Outcome.Kind)
	assert.Equal(t, "did the step in which the VM beside it failed", twin.Outcome.Text)
	assert.Zero(t, twin.NS)
	assert.Greater(t, end.took[1], 2*time.Second)
}

// TestFirstVMGoesOnWithoutItsTwin: its events are the record.
func TestFirstVMGoesOnWithoutItsTwin(t *testing.T) {
	end := followPair(t, func(vms [2]*fakeVM) {
		vms[0].begin()
		vms[1].begin()
		vms[1].says(panics)
		vms[1].shutdown()
		time.Sleep(time.Second)
		vms[0].send(trial.Event{Type: trial.EventEnd, Step: 1, Size: 1024, Op: "load"})
		time.Sleep(time.Second)
		vms[0].send(trial.Event{Type: trial.EventDone, Step: -1})
	})
	twin := compare(*end.seats[0].over.Load(), *end.seats[1].over.Load())
	assert.Equal(t, trial.Completed, end.outcomes[0].Kind)
	assert.Empty(t, end.outcomes[0].Text)
	assert.False(t, twin.Together)
	assert.Equal(t, trial.Oops, twin.Outcome.Kind)
}

// TestTwinIsNotWaitedForForEver: it still talks, and does not end.
func TestTwinIsNotWaitedForForEver(t *testing.T) {
	end := followPair(t, func(vms [2]*fakeVM) {
		vms[0].begin()
		vms[1].begin()
		vms[0].send(trial.Event{Type: trial.EventDone, Step: -1})
		for range 153 {
			time.Sleep(3900 * time.Millisecond)
			vms[1].send(trial.Event{Type: trial.EventProgress, Step: 1})
		}
	})
	assert.Equal(t, "was stopped 10m0s after the VM beside it had ended", end.outcomes[1].Text)
	assert.InDelta(t, longGrace, end.took[1], float64(5*time.Second))
}

func TestPanicWithoutAWordIsSeenByQEMU(t *testing.T) {
	end := followPair(t, func(vms [2]*fakeVM) {
		for i, vm := range vms {
			vm.begin()
			time.Sleep(time.Duration(i) * 40 * time.Millisecond)
			vm.panics()
			synctest.Wait()
			time.Sleep(time.Second)
			vm.shutdown()
		}
	})
	twin := compare(*end.seats[0].over.Load(), *end.seats[1].over.Load())
	assert.True(t, twin.Together, "%v", end.outcomes)
	assert.Equal(t, 1040*time.Millisecond, time.Duration(twin.NS))
}

// TestGuestThatHaltedIsNotWaitedFor: the other one gets the next frame before it is clear how the first one ended.
func TestGuestThatHaltedIsNotWaitedFor(t *testing.T) {
	for name, e := range map[string]qemu.QMPEvent{"panic": {Name: "GUEST_PANICKED"}, "shutdown": {Name: "SHUTDOWN", Data: []byte(`{"guest": true}`)}} {
		d, guests := plugged(t, 2)
		events := make(chan qemu.QMPEvent, 1)
		w, _ := fedWatch(t, d)
		w.vm = &fakeVM{events: events}
		require.NoError(t, d.ask(0, frames(1)), name)
		require.NoError(t, d.ask(1, frames(1)), name)
		guests[1].gets(t, 10)
		events <- e
		_, err := w.next(t.Context(), nil)
		require.NoError(t, err, name)
		taken := guests[0].frames.Load()
		guests[1].gets(t, 1000)
		assert.Less(t, guests[0].frames.Load()-taken, int64(600), "%s: what its socket held", name)
	}
}

func TestAlike(t *testing.T) {
	oops := func(signature string) *trial.Failure { return &trial.Failure{Kind: trial.Oops, Signature: signature} }
	for name, c := range map[string]struct {
		a, b trial.Outcome
		want bool
	}{
		"same":           {trial.Outcome{Kind: trial.Oops, Size: 1, Failure: oops("a")}, trial.Outcome{Kind: trial.Oops, Size: 2, Failure: oops("a")}, true},
		"another place":  {trial.Outcome{Kind: trial.Oops, Failure: oops("a")}, trial.Outcome{Kind: trial.Oops, Failure: oops("b")}, false},
		"another way":    {trial.Outcome{Kind: trial.Oops, Failure: oops("a")}, trial.Outcome{Kind: trial.Panic, Failure: oops("a")}, false},
		"without a word": {trial.Outcome{Kind: trial.VMDied, Op: "load"}, trial.Outcome{Kind: trial.VMDied, Op: "load"}, true},
		"another op":     {trial.Outcome{Kind: trial.OpRefused, Op: "load"}, trial.Outcome{Kind: trial.OpRefused, Op: "get"}, false},
		"one is silent":  {trial.Outcome{Kind: trial.Panic, Failure: oops("a")}, trial.Outcome{Kind: trial.Panic}, false},
	} {
		assert.Equal(t, c.want, alike(c.a, c.b), name)
	}
}

// TestHarnessFaultOfEither is the trial's; that the other VM was given up for it is not.
func TestHarnessFaultOfEither(t *testing.T) {
	fine := result{outcome: trial.Outcome{Kind: trial.Completed}}
	ours := result{outcome: trial.Outcome{Kind: trial.Harness, Text: "no memory"}}
	broken := result{err: errors.New("disk full")}
	given := result{err: fmt.Errorf("wait: %w", context.Canceled)}
	for name, c := range map[string]struct {
		results   [2]result
		text, err string
	}{
		"first":         {[2]result{ours, given}, "no memory", ""},
		"second":        {[2]result{given, ours}, "twin: no memory", ""},
		"first, late":   {[2]result{ours, fine}, "no memory", ""},
		"first error":   {[2]result{broken, given}, "", "disk full"},
		"second error":  {[2]result{given, broken}, "", "twin: disk full"},
		"both":          {[2]result{ours, ours}, "no memory", ""},
		"by the caller": {[2]result{given, given}, "", "wait: context canceled"},
	} {
		t.Run(name, func(t *testing.T) {
			r := fault(c.results)
			require.NotNil(t, r)
			assert.Equal(t, c.text, r.outcome.Text)
			if c.err == "" {
				assert.NoError(t, r.err)
			} else {
				assert.EqualError(t, r.err, c.err)
			}
		})
	}
	assert.Nil(t, fault([2]result{fine, fine}))
}

// TestSightsOfALongConsole: what came long ago is forgotten, and what is asked for then is as late as what is left.
func TestSightsOfALongConsole(t *testing.T) {
	frames := int64(0)
	s := newSights(func() int64 { frames++; return frames })
	for range 3 * keptSights {
		s.came(10)
	}
	assert.LessOrEqual(t, len(s.pieces), 2*keptSights)
	s.report("late", 10*(3*keptSights-1)+5)
	s.report("late", 10*3*keptSights-25) // the first report counts
	assert.Equal(t, int64(3*keptSights), s.seen["late"].frames)
	s.report("never came", 1<<40)
	assert.NotContains(t, s.seen, "never came")
}
