package soak

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// bench is a fleet of fake VMs, whose time is that of the test's bubble.
type bench struct {
	Fleet
	boot  time.Duration
	lives func(Job) time.Duration // until it fails, 0: never
	mu    sync.Mutex
	jobs  []Job
	lines []Result
	most  int // VMs at a time
	busy  int
}

func newBench(vms int, hours float64) *bench {
	b := &bench{boot: time.Minute, lives: func(Job) time.Duration { return 0 }}
	b.Fleet = Fleet{VMs: vms, Seed: 100, For: toTime(hours), VM: b.vm, Record: b.record}
	return b
}

func (b *bench) record(r Result) error {
	b.lines = append(b.lines, r)
	return nil
}

// whole are the results that are no notes.
func (b *bench) whole() (list []Result) {
	for _, r := range b.lines {
		if !r.Partial {
			list = append(list, r)
		}
	}
	return list
}

func (b *bench) vm(ctx context.Context, job Job, told Told) (End, error) {
	b.mu.Lock()
	b.jobs = append(b.jobs, job)
	b.busy++
	b.most = max(b.most, b.busy)
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		b.busy--
		b.mu.Unlock()
	}()
	if !sleep(ctx, b.boot) {
		return End{}, ctx.Err()
	}
	told.Passed(0)
	start, life := time.Now(), b.lives(job)
	for life == 0 || time.Since(start) < life {
		wait := 10 * time.Second
		if life > 0 {
			wait = min(wait, life-time.Since(start))
		}
		if !sleep(ctx, wait) {
			return End{Time: time.Since(start)}, ctx.Err()
		}
		told.Passed(time.Since(start))
	}
	f := Failure{Signature: "panic:planted", Title: "planted"}
	told.Failed(f)
	time.Sleep(30 * time.Second) // the evidence
	return End{Time: life, Failure: &f}, nil
}

func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

func TestFleetIsBusyForItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(6, 0.25)
		ticks := 0
		b.Progress = func(s State) {
			ticks++
			assert.LessOrEqual(t, len(s.Live), 6)
		}
		start := time.Now()
		s, err := b.Run(t.Context())
		require.NoError(t, err)
		assert.Equal(t, TimeUp, s.Stop)
		assert.Equal(t, 15*time.Minute, time.Since(start))
		assert.Equal(t, 6, b.most, "side by side")
		assert.Greater(t, ticks, 890, "once a second")
		require.Len(t, b.whole(), 6)
		assert.InDelta(t, 6*(0.25-1./60), s.Report.Arms[0].Rate.Hours, 1e-6, "boot does not count")
		assert.Zero(t, s.Report.Arms[0].Rate.Failures)
		for i, r := range b.whole() {
			assert.Contains(t, []uint64{100, 101, 102, 103, 104, 105}, r.Seed, "VM %d", i)
			assert.Equal(t, time.Minute, r.Loaded)
		}
		assert.Empty(t, s.Live)
	})
}

func TestFleetReplacesWhatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(2, 1)
		b.lives = func(j Job) time.Duration { return time.Duration(j.Ordinal) * time.Minute }
		s, err := b.Run(t.Context())
		require.NoError(t, err)
		seen, seeds := map[int]bool{}, map[uint64]bool{}
		for _, j := range b.jobs {
			assert.False(t, seen[j.Ordinal] || seeds[j.Seed], "%+v is used twice", j)
			seen[j.Ordinal], seeds[j.Seed] = true, true
		}
		for _, r := range b.whole() {
			if r.Failure != nil {
				assert.Equal(t, r.Time, r.End-r.Loaded, "saving evidence is no VM time")
			}
		}
		n := s.Report.Arms[0].Rate.Failures
		assert.Greater(t, n, 10)
		assert.Equal(t, n, s.Report.Arms[0].Signatures[0].Rate.Failures)
		assert.Equal(t, time.Minute, s.Report.Arms[0].Life.First)
	})
}

func TestFleetComparesWithTheSameSeeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(6, 100)
		b.Question = Question{Arms: 2}
		b.lives = func(j Job) time.Duration {
			if j.Arm == 1 {
				return 0
			}
			return 3*time.Minute + time.Duration(j.Seed)*time.Second
		}
		s, err := b.Run(t.Context())
		require.NoError(t, err)
		assert.Equal(t, Answered, s.Stop)
		assert.Equal(t, Better, s.Report.Verdict)
		assert.Equal(t, 7, s.Report.Versus.A, "seven of seven")
		assert.Less(t, s.Elapsed, time.Hour)
		assert.Equal(t, s.Report, Judge(b.Question, b.lines), "the record says the same")

		seeds := map[uint64][]int{}
		for _, r := range b.whole() {
			seeds[r.Seed] = append(seeds[r.Seed], r.Arm)
			assert.Equal(t, r.Slot%2, r.Arm)
			assert.Equal(t, int(r.Seed)-99, r.Race)
		}
		for seed, arms := range seeds {
			assert.ElementsMatch(t, []int{0, 1}, arms, "seed %d", seed)
		}
		a, other := s.Report.Arms[0].Rate, s.Report.Arms[1].Rate
		assert.InDelta(t, a.Hours, other.Hours, 0.2*a.Hours, "as much time for each")
	})
}

// TestFleetIsNotFooled by kernels that fail at the same age, one of which boots faster.
func TestFleetIsNotFooled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(2, 1.5)
		b.Question = Question{Arms: 2}
		b.lives = func(Job) time.Duration { return 5 * time.Minute }
		b.VM = func(ctx context.Context, j Job, told Told) (End, error) {
			sleep(ctx, time.Duration(j.Arm)*3*time.Minute)
			return b.vm(ctx, j, told)
		}
		s, err := b.Run(t.Context())
		require.NoError(t, err)
		assert.Equal(t, TimeUp, s.Stop)
		assert.Equal(t, Undecided, s.Report.Verdict)
		assert.GreaterOrEqual(t, s.Report.Versus.Draws, 8)
	})
}

func TestFleetStopsWhenItIsBelow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(4, 100)
		b.Question = Question{Below: 4}
		s, err := b.Run(t.Context())
		require.NoError(t, err)
		assert.Equal(t, Answered, s.Stop)
		assert.Equal(t, Below, s.Report.Verdict)
		assert.InDelta(t, 3.4/4/4+1./60, s.Elapsed.Hours(), 0.01, "3.4 / 4 VM-hours, and a boot")
		assert.Equal(t, s.Report, Judge(b.Question, b.lines))
	})
}

// TestFleetLateFailure: a VM that fails while it is being stopped takes no answer back.
func TestFleetLateFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(2, 100)
		b.Question = Question{Below: 5}
		b.VM = func(ctx context.Context, j Job, told Told) (End, error) {
			end, err := b.vm(ctx, j, told)
			if ctx.Err() != nil && j.Slot == 0 {
				end.Failure, err = &Failure{Signature: "late"}, nil
			}
			return end, err
		}
		s, err := b.Run(t.Context())
		require.NoError(t, err)
		assert.Equal(t, Below, s.Report.Verdict)
		assert.Equal(t, 1, s.Report.Arms[0].Rate.Failures)
		assert.Equal(t, s.Report, Judge(b.Question, b.lines))
	})
}

func TestFleetGoesOnAfterInterruption(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(2, 0.5)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		s, err := b.Run(ctx)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, Interrupted, s.Stop)
		assert.InDelta(t, 2*9./60, s.Report.Arms[0].Rate.Hours, 1e-6, "what was soaked so far counts")

		b.Done, b.jobs = b.lines, nil
		s, err = b.Run(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 30*time.Minute, s.Elapsed, "the time goes on")
		assert.InDelta(t, 2*(0.5-2./60), s.Report.Arms[0].Rate.Hours, 1e-6)
		assert.ElementsMatch(t, []int{3, 4}, []int{b.jobs[0].Ordinal, b.jobs[1].Ordinal})
		assert.ElementsMatch(t, []uint64{102, 103}, []uint64{b.jobs[0].Seed, b.jobs[1].Seed})

		b.Done, b.jobs = b.lines, nil
		s, err = b.Run(t.Context())
		require.NoError(t, err)
		assert.Equal(t, TimeUp, s.Stop)
		assert.Empty(t, b.jobs, "nothing is left to do")
		assert.Equal(t, 30*time.Minute, s.Elapsed)
	})
}

// TestFleetSurvivesAKill: nothing ended, so there are only the notes of the last minute.
func TestFleetSurvivesAKill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(2, 0.5)
		ctx, cancel := context.WithTimeout(t.Context(), 11*time.Minute+time.Second)
		defer cancel()
		_, err := b.Run(ctx)
		require.Error(t, err)
		var notes []Result
		for _, r := range b.lines {
			if r.Partial {
				notes = append(notes, r)
			}
		}
		r := Judge(Question{}, notes)
		assert.InDelta(t, 20./60, r.Arms[0].Rate.Hours, 2./60)
		b.Done, b.jobs, b.Before = notes, nil, 7
		s, err := b.Run(t.Context())
		require.NoError(t, err)
		assert.InDelta(t, 1, s.Report.Arms[0].Rate.Hours, 0.1)
		assert.Equal(t, 8, min(b.jobs[0].Ordinal, b.jobs[1].Ordinal), "what was begun is not used again")
	})
}

func TestFleetAndOurOwnFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(2, 1)
		gone := errors.New("QEMU is gone")
		b.VM = func(ctx context.Context, j Job, told Told) (End, error) {
			if j.Ordinal%3 == 0 {
				told.Passed(time.Minute)
				return End{Time: time.Hour, Failure: &Failure{}}, gone
			}
			return b.vm(ctx, j, told)
		}
		b.lives = func(Job) time.Duration { return 5 * time.Minute }
		s, err := b.Run(t.Context())
		require.NoError(t, err, "now and then is no reason to stop")
		a := s.Report.Arms[0]
		assert.Positive(t, a.Harness)
		assert.Less(t, a.Rate.Hours, 2.0, "they count no time")
		assert.Equal(t, len(b.whole())-a.Harness-2, a.Rate.Failures, "and no failure; two VMs were stopped")

		b = newBench(2, 1)
		b.VM = func(context.Context, Job, Told) (End, error) { return End{}, gone }
		s, err = b.Run(t.Context())
		assert.ErrorIs(t, err, ErrHarness)
		assert.ErrorContains(t, err, "3 times in a row, the last time: QEMU is gone")
		assert.Equal(t, Broken, s.Stop)
		assert.LessOrEqual(t, len(b.whole()), 6)

		b = newBench(2, 1)
		b.VM = func(context.Context, Job, Told) (End, error) { return End{Failure: &Failure{Title: "boot panic"}}, nil }
		_, err = b.Run(t.Context())
		assert.ErrorContains(t, err, "it failed before its load: boot panic")
	})
}

func TestFleetStopsWhenItCannotRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(3, 10)
		b.lives = func(Job) time.Duration { return 20 * time.Minute }
		b.Record = func(r Result) error {
			if r.Partial {
				return nil
			}
			return fmt.Errorf("no space left")
		}
		s, err := b.Run(t.Context())
		assert.ErrorContains(t, err, "no space left")
		assert.Equal(t, Broken, s.Stop)
		assert.Less(t, s.Elapsed, time.Hour)
	})
}

func TestFleetsThatMakeNoSense(t *testing.T) {
	for name, f := range map[string]Fleet{
		"no VM":      {VMs: 0, For: time.Hour},
		"no time":    {VMs: 1},
		"odd":        {VMs: 3, For: time.Hour, Question: Question{Arms: 2}},
		"unanswered": {VMs: 1, For: time.Hour, Question: Question{Below: -1}},
	} {
		_, err := f.Run(t.Context())
		assert.Error(t, err, name)
	}
}
