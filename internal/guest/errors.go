//go:build linux

package guest

import (
	"errors"

	"golang.org/x/sys/unix"

	"brink/internal/trial"
)

// ErrUnsupported is returned by a scenario for an op that its settings rule out; the op is skipped, not failed.
var ErrUnsupported = errors.New("not possible with these settings")

// ErrScenario marks a fault of the scenario's own code: a harness error, never the kernel's.
var ErrScenario = errors.New("scenario fault")

// ErrSettings marks what cannot be done in this guest with the user's settings, and only the guest could know: an implementation that
// its CPU does not offer. brink ends with it as with other wrong usage, so it says what to choose instead.
var ErrSettings = errors.New("these settings do not fit this guest")

// opError turns an error into a record, with the errno if it carries one.
func opError(err error) *trial.OpError {
	e := &trial.OpError{Message: err.Error()}
	var errno unix.Errno
	if errors.As(err, &errno) {
		e.Errno, e.Name = int(errno), unix.ErrnoName(errno)
	}
	return e
}

// FaultError is a misbehaviour of the kernel that the scenario saw itself. It ends the trial as a report on the console would.
type FaultError struct{ Failure trial.Failure }

func (e *FaultError) Error() string { return e.Failure.Title }
