package mail

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/summary"
)

// flooded is a run whose only finding is a signal beyond its limit.
func flooded(t *testing.T, form scenario.Form, text string) summary.Summary {
	s := load(t, "wireguard-6.12")
	s.Scenario.Name, s.Scenario.Axis, s.Scenario.Sizes, s.Explanation = "promisc", "pps", []int64{1000, 2000, 4000}, nil
	s.Signals = []summary.Signal{{Name: "offered", Unit: "/s", Title: "frames offered", Points: []summary.SignalPoint{{Size: 2000, Median: 2000}, {Size: 4000, Median: 4000}}},
		{Name: "processed", Unit: "/s", Title: "frames that the stack processed", Limits: []summary.Limit{{Name: "livelock", Title: "receive livelock", Form: form, Bound: 0.5, Of: "offered"}},
			Points: []summary.SignalPoint{{Size: 2000, Median: 278_000, Min: 1, Max: 300_000, Seconds: 3}, {Size: 4000, Median: 15_000, Min: 14_000, Max: 16_000, Seconds: 3}}}}
	s.Findings = []summary.Finding{{Finding: judge.Finding{What: "livelock", Op: s.Ops[0].Name, Kind: judge.OverLimit, Safe: 2000, Broken: 4000, Basis: "ladder",
		Text: "receive livelock: " + text, Signature: "over-limit:promisc:livelock"}}}
	return s
}

func TestLimit(t *testing.T) {
	var text strings.Builder
	require.NoError(t, Write(&text, flooded(t, scenario.Collapse, "processed falls from 278,000/s at 2,000 pps to 15,000/s, while offered rises from 2,000/s to 4,000/s"), Options{}))
	checkForm(t, text.String())
	said := strings.Join(strings.Fields(text.String()), " ")
	for _, want := range []string{"Subject: [BUG] promisc: receive livelock at 4,000 pps ",
		"With 4,000 pps: receive livelock: processed falls from 278,000/s at 2,000 pps to 15,000/s, while offered rises from 2,000/s to 4,000/s.",
		"by choice of the test, less than 0.5 of what it was with less offered is too little", "pps processed smallest largest offered",
		"2,000 278,000/s 1/s 300,000/s 2,000/s 4,000 15,000/s 14,000/s 16,000/s 4,000/s", "--sizes 1000,2000,4000 "} {
		assert.Contains(t, said, want)
	}
}

func TestBound(t *testing.T) {
	for form, want := range map[scenario.Form]string{scenario.Above: "; by choice of the test, a second above 0.5/s is too much",
		scenario.Times: "; by choice of the test, more than 0.5 times offered is too much"} {
		s := flooded(t, form, "x")
		l := letter{Summary: s, finding: s.Findings[0]}
		assert.Equal(t, want, l.allowance())
	}
	l := letter{finding: summary.Finding{Finding: judge.Finding{Kind: judge.OverLimit, What: "gone"}}}
	assert.Empty(t, l.allowance())
}
