package lab

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"brink/internal/qemu"
	"brink/internal/trial"
)

// patience is how many times longer than Limits.Silence a guest is waited for that hardly gets the CPU.
const patience = 10

// haltedLooks is how many looks in a row, one every settle, must find all CPUs halted. A guest that waits is halted between two ticks
// of its clock, and on a busy host it may stay there for long.
const haltedLooks = 30

// silent judges a guest that has not been heard of for too long. QEMU must answer, or it is not the guest that hangs. A
// guest whose CPUs are halted waits for something that does not come; one that runs must have had the CPU for half of
// the time, so that the kernel's own detectors, by the guest's clock, come first on a busy host.
func (w *watch) silent(ctx context.Context, silent time.Duration) *trial.Outcome {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	text, err := w.vm.Registers(ctx)
	if err != nil {
		return &trial.Outcome{Kind: trial.Harness, Text: "neither the guest nor QEMU answers: " + err.Error()}
	}
	if w.halts++; !allHalted(qemu.ParseRegisters(text)) {
		w.halts = 0
	}
	used := w.vm.BusyTime() - w.busy
	switch {
	case w.halts >= haltedLooks, used > w.limits.Silence/2:
		return w.outcome(trial.Outcome{Kind: trial.Unresponsive, Size: w.at.Size, Op: w.at.Op,
			Text: fmt.Sprintf("no sign of life for %v", silent.Round(time.Second))})
	case silent > patience*w.limits.Silence:
		return &trial.Outcome{Kind: trial.Harness, Text: fmt.Sprintf("the host gave QEMU %v of CPU in %v", used, silent.Round(time.Second))}
	}
	return nil
}

func allHalted(states []qemu.CPUState) bool {
	for _, s := range states {
		if !s.Halted {
			return false
		}
	}
	return len(states) > 0
}

// byGuest reports whether the guest itself brought a SHUTDOWN about (qapi/run-state.json); QEMU also sends one when it is
// told to end by a signal.
func byGuest(e qemu.QMPEvent) bool {
	var data struct {
		Guest bool `json:"guest"`
	}
	return json.Unmarshal(e.Data, &data) == nil && data.Guest
}
