package trial

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"brink/internal/scenario"
)

func TestDetectorsAreOrdered(t *testing.T) {
	for _, m := range []Machine{{Accel: "kvm", Clock: ClockWall}, {Accel: "tcg", Clock: ClockICount}, {Accel: "tcg", Clock: ClockWall}} {
		d := m.Detectors()
		assert.Less(t, d.RCUStall+time.Second, d.SoftLockup, "%+v", m)
		assert.Less(t, d.SoftLockup+time.Second, d.HungTask, "%+v", m)
		assert.Less(t, d.HungTask+HungTaskCheck, d.StuckTask, "%+v", m)
		assert.Less(t, d.StuckTask, scenario.MinDeadline*time.Duration(m.Slowdown()), "%+v", m)
		assert.Less(t, d.StuckTask, time.Minute, "a hang is named within a minute")
	}
}
