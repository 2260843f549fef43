package engine

import (
	"context"

	"brink/internal/scenario"
	"brink/internal/trial"
)

// ProbeSteps returns what Probe does at a size: everything that the ladder does there, in a fresh VM.
func ProbeSteps(spec scenario.Spec, size int64) []trial.Step { return probeSteps(spec, size) }

// Try is a Probe that does the given steps only, once: a harness fault is the caller's to retry.
func (e *Engine) Try(ctx context.Context, steps []trial.Step, f trial.Probe) (trial.Outcome, error) {
	return e.trial(ctx, steps, &f)
}
