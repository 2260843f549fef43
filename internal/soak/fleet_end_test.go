package soak

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFleetSaysThatItsEndWasNotRecorded: when the time is up, all VMs are written down, and all of them may fail to be.
func TestFleetSaysThatItsEndWasNotRecorded(t *testing.T) {
	full := func(r Result) error {
		if r.Partial {
			return nil
		}
		return errors.New("no space left")
	}
	synctest.Test(t, func(t *testing.T) {
		b := newBench(2, 0.5)
		b.Record = full
		s, err := b.Run(t.Context())
		assert.ErrorContains(t, err, "no space left")
		assert.Equal(t, Broken, s.Stop)

		b = newBench(2, 0.5)
		b.Record = full
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		s, err = b.Run(ctx)
		assert.ErrorContains(t, err, "no space left")
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, Interrupted, s.Stop)
	})
}

// TestFleetIsOverWhenEvidenceWasSaved: the last failure came before the end, what was saved of it after that.
func TestFleetIsOverWhenEvidenceWasSaved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(1, 0.5)
		b.lives = func(Job) time.Duration { return 28*time.Minute + 50*time.Second }
		s, err := b.Run(t.Context())
		require.NoError(t, err)
		assert.Equal(t, TimeUp, s.Stop)
		require.Len(t, b.whole(), 1)
		assert.Equal(t, 29*time.Minute+50*time.Second, b.whole()[0].End)

		b.Done, b.jobs = b.lines, nil
		s, err = b.Run(t.Context())
		require.NoError(t, err)
		assert.Empty(t, b.jobs, "there is nothing to go on with")
		assert.GreaterOrEqual(t, s.Elapsed, 30*time.Minute)
	})
}

// TestFleetStandsByAbove: VMs that take their time to stop do not take the answer back.
func TestFleetStandsByAbove(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(4, 2)
		b.Question = Question{Below: 1}
		b.lives = func(j Job) time.Duration {
			if j.Slot == 0 {
				return 30 * time.Second
			}
			return 0
		}
		b.VM = func(ctx context.Context, j Job, told Told) (End, error) {
			end, err := b.vm(ctx, j, told)
			if end.Failure == nil {
				end.Time += 10 * time.Hour
				told.Passed(end.Time)
			}
			return end, err
		}
		s, err := b.Run(t.Context())
		require.NoError(t, err)
		assert.Equal(t, Answered, s.Stop)
		assert.Equal(t, Above, s.Report.Verdict, s.Report.Why)
		assert.Equal(t, s.Report, Judge(b.Question, b.lines))
	})
}
