//go:build linux

package traffic

import (
	"errors"
	"fmt"
	"time"

	"brink/internal/guest"
)

// shortfall is the share of the asked rate that may be missing before it is an error.
const shortfall = 0.05

// RateError says that a rate could not be offered. It wraps guest.ErrUnsupported: it is no fault of the kernel's, whose
// livelock the signals show.
type RateError struct {
	Asked, Offered float64 // frames a second of the guest's time
}

func (e *RateError) Error() string {
	return fmt.Sprintf("asked for %.0f frames/s, could offer %.0f", e.Asked, e.Offered)
}

// Unwrap makes a step that ends with it one that is skipped.
func (e *RateError) Unwrap() error { return guest.ErrUnsupported }

// checkRate compares what was offered with what was asked for.
func checkRate(asked float64, offered int64, d time.Duration) error {
	if got := float64(offered) / d.Seconds(); got < asked*(1-shortfall) && asked*d.Seconds()-float64(offered) > 1 {
		return &RateError{Asked: asked, Offered: got}
	}
	return nil
}

// missing is the share of the expected copies that may be unaccounted for before it is an error.
const missing = 0.01

// AccountError says that copies of frames are missing which no counter of the kernel's shows. It wraps guest.ErrUnsupported
// as well: what was measured cannot be told from what went astray.
type AccountError struct{ Flow Flow }

func (e *AccountError) Error() string {
	return fmt.Sprintf("%d of %d copies of frames do not add up: %s", e.Flow.Unaccounted, e.Flow.Expected, e.Flow.Why)
}

// Unwrap makes a step that ends with it one that is skipped.
func (e *AccountError) Unwrap() error { return guest.ErrUnsupported }

// checkAccounts looks for copies that are missing. Where the number of containers has changed by so many, how many copies should
// have been made is known to a second only: all of those of these containers may be missing.
func checkAccounts(f Flow, changed int) error {
	if float64(f.Unaccounted) <= missing*float64(f.Expected)+float64(f.Received)*float64(changed) {
		return nil
	}
	return &AccountError{Flow: f}
}

var errNotQuiet = errors.New("frames go on to arrive after the flood ended")
