package report

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/judge"
	"brink/internal/trial"
)

// TestTextOfTwins: the finding says whether both VMs failed, and the trial which flood was not what the guest had asked for.
func TestTextOfTwins(t *testing.T) {
	f := &trial.Failure{Kind: trial.Oops, Title: "BUG: null-deref in foo", Signature: "oops:foo:net", Function: "foo"}
	oops := trial.Outcome{Kind: trial.Oops, Size: 2000, Op: "get", Failure: f, Text: f.Title}
	table := judge.Read(spec(), run("20260102-030405-fake-6.12.1"), []trial.Event{
		{Type: trial.EventTrial, Trial: 1, Plan: &trial.Plan{}, Start: trial.StartBoot},
		{Type: trial.EventOffered, Trial: 1, Offered: &trial.Offered{ID: 3, Err: "4000 frames/s could not be offered, QEMU took 1640"}},
		{Type: trial.EventTwin, Trial: 1, Step: -1, Twin: &trial.Twin{Outcome: oops, Together: true, NS: 800_000, Frames: 3}},
		{Type: trial.EventOutcome, Trial: 1, Outcome: &oops},
	})
	var text bytes.Buffer
	require.NoError(t, Text(&text, table))
	assert.Contains(t, text.String(), "         twins     both VMs failed together, 800 µs and 3 frames apart; together in 1 of 1 trial\n")
	assert.Contains(t, text.String(), "         flood 3 to card 0: 4000 frames/s could not be offered, QEMU took 1640\n")
}
