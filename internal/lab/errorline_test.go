package lab

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"

	"brink/internal/scenario"
	"brink/internal/trial"
)

func TestErrorSignature(t *testing.T) {
	for line, want := range map[string]string{
		"brink-seeded: planted error, size 40000":                  "kernel-error:planted-error-size:brink-seeded",
		"EXT4-fs (vda): error -5 at 0xffff8880: cannot read inode": "kernel-error:fs-vda-error-at-cannot-read:kernel",
		"": "kernel-error::kernel",
	} {
		assert.Equal(t, want, errorSignature(line), line)
	}
}

func TestErrorLineOfTheKernelLog(t *testing.T) {
	sick := trial.Event{Type: trial.EventEnd, Step: 2, Kind: trial.StepCanary, Size: 1024,
		Health: &trial.Health{KernelCount: 2, KernelLines: []string{"foo: no room for 17 bars", "foo: no room for 18 bars"}}}
	t.Run("without a rule", func(t *testing.T) {
		end := follow(t, func(_ context.CancelFunc, vm *fakeVM) {
			vm.begin()
			vm.send(sick)
			vm.send(trial.Event{Type: trial.EventDone})
		})
		assert.Equal(t, trial.KernelError, end.outcome.Kind)
		assert.Equal(t, "kernel-error:no-room-for-bars:foo", end.outcome.Failure.Signature)
		kernel := 0
		for _, e := range end.events {
			if e.Type == trial.EventKernel {
				kernel++
			}
		}
		assert.Equal(t, 1, kernel, "the same line with another number is the same error")
	})
	t.Run("that the parser knows", func(t *testing.T) {
		const line = "neighbour: ndisc_cache: neighbor table overflow!"
		known := sick
		known.Health = &trial.Health{KernelCount: 1, KernelLines: []string{line}}
		end := follow(t, func(_ context.CancelFunc, vm *fakeVM) {
			vm.begin()
			go vm.says("[    5.000001] " + line + "\n")
			vm.send(known)
			vm.send(trial.Event{Type: trial.EventDone})
		})
		kernel := 0
		for _, e := range end.events {
			if e.Type == trial.EventKernel {
				kernel++
			}
		}
		assert.Equal(t, 1, kernel)
	})
}

func TestExpectedLinesAreNoFailure(t *testing.T) {
	expects := []scenario.Expect{{Kind: "kernel-error", Has: "Memory cgroup out of memory: Killed process"}}
	line := trial.Failure{Kind: trial.KernelError, Text: "Memory cgroup out of memory: Killed process 12 (init)"}
	assert.True(t, expected(expects, line))
	line.Kind = trial.OOM
	assert.False(t, expected(expects, line), "another kind")
	assert.False(t, expected(expects, trial.Failure{Kind: trial.KernelError, Text: "Out of memory: Killed process 12 (init)"}))
	assert.False(t, expected(nil, line))
}
