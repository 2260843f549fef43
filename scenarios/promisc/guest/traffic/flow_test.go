//go:build linux

package traffic

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/guest"
)

// at makes counters: frames received, copies delivered, copies dropped.
func at(received, delivered, dropped int64) counters {
	return counters{received: received, delivered: delivered, softnet: softnet{dropped: dropped}}
}

func TestFlow(t *testing.T) {
	for name, c := range map[string]struct {
		offered, accepted int64
		first, last       counters
		want              Flow
		why               []string
	}{
		"all there": {offered: 100, accepted: 100, first: at(50, 7, 3), last: at(150, 307, 3),
			want: Flow{Offered: 100, Accepted: 100, Received: 100, Expected: 300, Delivered: 300}},
		"refused, lost and dropped": {offered: 200, accepted: 150, first: at(0, 0, 0), last: at(100, 260, 40),
			want: Flow{Offered: 200, Accepted: 150, Received: 100, Lost: 50, Expected: 300, Delivered: 260, Dropped: 40},
			why:  []string{"refused 50 frames", "50 frames were lost", "40 copies found a CPU's backlog full"}},
		"missing": {offered: 100, accepted: 100, last: at(100, 290, 0),
			want: Flow{Offered: 100, Accepted: 100, Received: 100, Expected: 300, Delivered: 290, Unaccounted: 10},
			why:  []string{"10 copies were neither delivered nor counted"}},
		"others send as well": {offered: 100, accepted: 100, last: at(101, 310, 0),
			want: Flow{Offered: 100, Accepted: 100, Received: 101, Lost: -1, Expected: 303, Delivered: 310, Unaccounted: -7},
			why:  []string{"1 frames more than were sent", "7 frames more than expected"}},
	} {
		t.Run(name, func(t *testing.T) {
			books := newTally(c.first, 3)
			books.add(c.last, 3)
			f := books.flow(c.offered, c.accepted)
			for _, part := range c.why {
				assert.Contains(t, f.Why, part)
			}
			if len(c.why) == 0 {
				assert.Empty(t, f.Why)
			}
			f.Why = ""
			assert.Equal(t, c.want, f)
			assert.Equal(t, f.Accepted, f.Received+f.Lost)
			assert.Equal(t, f.Expected, f.Delivered+f.Dropped+f.Unaccounted)
		})
	}
}

func TestFlowWithContainersThatComeAndGo(t *testing.T) {
	books := newTally(at(0, 0, 0), 2)
	assert.Equal(t, int64(20), books.add(at(10, 20, 0), 2))
	assert.Equal(t, int64(30), books.add(at(20, 45, 0), 3))
	f := books.flow(20, 20)
	assert.Equal(t, int64(50), f.Expected)
	assert.Equal(t, int64(5), f.Unaccounted)
	assert.Contains(t, f.Why, "there were 2 to 3 containers")
	assert.NoError(t, checkAccounts(f, 1))
}

func TestAccountsThatDoNotAddUp(t *testing.T) {
	assert.NoError(t, checkAccounts(Flow{Expected: 1000, Delivered: 990, Unaccounted: 10}, 0))
	assert.NoError(t, checkAccounts(Flow{Expected: 0, Delivered: 100, Unaccounted: -100}, 0), "others may send")
	f := Flow{Expected: 1000, Delivered: 900, Unaccounted: 100, Why: "nobody knows"}
	err := checkAccounts(f, 0)
	var account *AccountError
	require.True(t, errors.As(err, &account))
	assert.Equal(t, f, account.Flow)
	assert.ErrorIs(t, err, guest.ErrUnsupported)
	f.Received = 100
	assert.NoError(t, checkAccounts(f, 1), "one container of ten came and went")
	f.Received = 50
	assert.Error(t, checkAccounts(f, 1), "more is missing than it should have had")
	assert.EqualError(t, err, "100 of 1000 copies of frames do not add up: nobody knows")
}

func TestRateThatCannotBeOffered(t *testing.T) {
	assert.NoError(t, checkRate(50_000, 97_000, 2*time.Second), "3% less")
	assert.NoError(t, checkRate(1, 1, 1900*time.Millisecond), "the next one was not due")
	err := checkRate(50_000, 62_400, 2*time.Second)
	assert.EqualError(t, err, "asked for 50000 frames/s, could offer 31200")
	assert.ErrorIs(t, err, guest.ErrUnsupported)
	assert.NotErrorIs(t, err, guest.ErrScenario)
}

func TestRates(t *testing.T) {
	then := counters{at: 10 * time.Second, received: 100, nicDrops: 1, delivered: 1000, netRX: 1<<32 - 50,
		ksoftirqd: time.Second, softnet: softnet{processed: 1 << 31, dropped: 10, squeezed: 1}}
	now := counters{at: 12 * time.Second, received: 500, nicDrops: 5, delivered: 1600, netRX: 150,
		ksoftirqd: 2500 * time.Millisecond, softnet: softnet{processed: 1<<31 + 1000, dropped: 110, squeezed: 21}}
	assert.Equal(t, map[string]float64{
		SignalReceived: 200, SignalDelivered: 300, SignalProcessed: 500, SignalDrops: 50, SignalSqueezed: 10, SignalSoftirqs: 100,
		SignalKsoftirqd: 75, SignalNICDrops: 2, SignalUnaccounted: 50,
	}, map[string]float64(rates(then, now, 800)), "a second that took two")
}
