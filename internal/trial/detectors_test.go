package trial

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"brink/internal/scenario"
)

func TestDetectorsAreOrdered(t *testing.T) {
	for _, m := range []Machine{{Accel: "kvm", Clock: ClockWall}, {Accel: "tcg", Clock: ClockICount}, {Accel: "tcg", Clock: ClockWall}, {Accel: "kvm", Clock: ClockWall, Crowd: 6}, {Accel: "tcg", Clock: ClockWall, Crowd: 100}} {
		d := m.Detectors()
		assert.Less(t, d.RCUStall+time.Second, d.SoftLockup, "%+v", m)
		assert.Less(t, d.SoftLockup+time.Second, d.HungTask, "%+v", m)
		assert.Less(t, d.HungTask+HungTaskCheck, d.StuckTask, "%+v", m)
		assert.LessOrEqual(t, d.SoftLockup, maxSoftLockup, "%+v", m)
		assert.Less(t, d.StuckTask, scenario.MinDeadline*time.Duration(m.Slowdown()), "%+v", m)
		if m.Crowd == 0 {
			assert.Less(t, d.StuckTask, time.Minute, "a hang is named within a minute")
		}
	}
}
