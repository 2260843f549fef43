//go:build linux

package guest

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"brink/scenarios/promisc"
	"brink/scenarios/promisc/guest/traffic"
)

// TestSignalsAreThoseOfTheSpec: a name that only one side knows would never be judged.
func TestSignalsAreThoseOfTheSpec(t *testing.T) {
	var told []string
	for _, s := range promisc.Spec().Signals {
		told = append(told, s.Name)
	}
	assert.ElementsMatch(t, told, []string{goneSignal, traffic.SignalOffered, traffic.SignalAccepted, traffic.SignalReceived,
		traffic.SignalLost, traffic.SignalDelivered, traffic.SignalProcessed, traffic.SignalDrops, traffic.SignalSqueezed,
		traffic.SignalSoftirqs, traffic.SignalKsoftirqd, traffic.SignalNICDrops, traffic.SignalControl,
		traffic.SignalControlIdle, traffic.SignalHeartbeat, traffic.SignalUnaccounted})
}
