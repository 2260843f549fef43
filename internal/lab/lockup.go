package lab

import (
	"context"
	"fmt"
	"time"

	"brink/internal/qemu"
	"brink/internal/trial"
)

// maskedLooks is how many looks in a row, one every settle, must find a CPU in the kernel with interrupts disabled
// before it counts as locked up. A healthy kernel disables them for microseconds: even if it did so half of the time,
// one in 2^30 late guests would be misjudged. It is 9 s of host time.
const maskedLooks = 30

// maskedTime is how much CPU time the VM must have had meanwhile: on a busy host a guest may get no farther than one long
// section with interrupts disabled, as the kernel has them when it reclaims memory from thousands of cgroups.
const maskedTime = 5 * time.Second

// masked is a CPU that was found with interrupts disabled at each of the last looks.
type masked struct {
	looks int
	busy  time.Duration // CPU time that the VM had used at the first of them
}

type maskedCPUs map[int]masked

// lockedUp looks at the CPUs of a guest that is late. With one CPU and interrupts disabled no detector of the kernel's
// can run, and the host must notice.
func (w *watch) lockedUp(ctx context.Context) *trial.Outcome {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	text, err := w.vm.Registers(ctx)
	if err != nil {
		return nil // a QEMU that is going says so itself
	}
	if w.cpus == nil {
		w.cpus = maskedCPUs{}
	}
	busy := w.vm.BusyTime()
	for _, s := range qemu.ParseRegisters(text) {
		if !s.Masked() {
			delete(w.cpus, s.CPU)
			continue
		}
		m, again := w.cpus[s.CPU]
		if !again {
			m.busy = busy
		}
		m.looks++
		w.cpus[s.CPU] = m
		if m.looks >= maskedLooks && busy-m.busy >= maskedTime {
			return w.outcome(trial.Outcome{Kind: trial.HardLockup, Size: w.at.Size, Op: w.at.Op,
				Text: fmt.Sprintf("CPU %d runs with interrupts disabled and does not come back", s.CPU)})
		}
	}
	return nil
}
