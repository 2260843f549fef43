package report

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/explain"
	"brink/internal/trial"
)

func explained() explain.Explanation {
	target := explain.Target{What: "panic:f", Kind: trial.Panic, Text: "kernel panic (during get)", Safe: 39999, Broken: 40000, At: 65536}
	arm := func(f explain.Factor, change string, failed, passed int) explain.Arm {
		a := explain.Arm{Setup: explain.Setup{Name: change, Factor: f, Change: change, Target: target, Base: "same"}, Failed: failed, Passed: passed}
		if f == explain.Same {
			a.Base, a.Name = "", "same"
		}
		return a
	}
	rate := arm(explain.Load, "rate", 0, 0)
	rate.Skipped = "scenario fake has no rate"
	other := arm(explain.Version, "kernel debian:5.10", 0, 0)
	other.Other, other.Others = 2, []string{"oops:elsewhere", "oops:elsewhere"}
	lost := arm(explain.Environment, "CPU qemu64 instead of max", 2, 0)
	lost.Harness, lost.Fault = 1, "QEMU was killed"
	return explain.Judge([]explain.Arm{arm(explain.Same, "nothing but the seed", 2, 0), arm(explain.Scale, "39999 instead of 65536 peers", 0, 2), rate, other, lost})
}

func TestExplanation(t *testing.T) {
	var text bytes.Buffer
	back := []explain.Arm{explained().Arms[0].Arm}
	back[0].Failed, back[0].Passed = 0, 1
	seeded := run("r")
	seeded.Seeded = true
	require.NoError(t, Explanation(&text, run("r"), explained()))
	text.WriteString("====\n")
	require.NoError(t, Explanation(&text, seeded, explain.Judge(back)))
	golden(t, "explain.txt", text.Bytes())
	assert.ErrorIs(t, Explanation(full{}, run("r"), explained()), errFull)
}
