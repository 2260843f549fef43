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
// one in 2^30 late guests would be misjudged. It is 9 s of host time, in which the guest would have got far.
const maskedLooks = 30

// maskedCPUs counts, for each CPU, how many looks in a row found it masked.
type maskedCPUs map[int]int

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
	for _, s := range qemu.ParseRegisters(text) {
		w.cpus[s.CPU]++
		if !s.Masked() {
			w.cpus[s.CPU] = 0
		}
		if w.cpus[s.CPU] >= maskedLooks {
			return w.outcome(trial.Outcome{Kind: trial.HardLockup, Size: w.at.Size, Op: w.at.Op,
				Text: fmt.Sprintf("CPU %d runs with interrupts disabled and does not come back", s.CPU)})
		}
	}
	return nil
}
