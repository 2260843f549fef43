package soak

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func vm(ordinal int, minutes float64, signature string) Result {
	r := Result{Job: Job{Ordinal: ordinal}, Loaded: time.Second, End: time.Duration(ordinal) * time.Hour,
		Time: time.Duration(minutes * float64(time.Minute))}
	if signature != "" {
		r.Failure = &Failure{Signature: signature, Title: "title of " + signature}
	}
	return r
}

func TestTallyBySignature(t *testing.T) {
	fault := vm(6, 50, "")
	fault.Harness = "no space on the host"
	r := Judge(Question{}, []Result{vm(4, 30, "oops:a"), vm(1, 60, ""), vm(2, 12, "panic:b"), vm(3, 18, "panic:b"), fault, vm(5, 60, "")})
	require.Len(t, r.Arms, 1)
	a := r.Arms[0]
	assert.Equal(t, 5, a.VMs)
	assert.Equal(t, 1, a.Harness)
	assert.Equal(t, 3, a.Rate.Failures)
	assert.InDelta(t, 3, a.Rate.Hours, 1e-9, "faults of our own count no time")
	assert.Equal(t, 12*time.Minute, a.Life.First)
	assert.Equal(t, time.Hour, a.Life.Mean)

	require.Len(t, a.Signatures, 2)
	b := a.Signatures[0]
	assert.Equal(t, "panic:b", b.Signature)
	assert.Equal(t, 2, b.First)
	assert.InDelta(t, 2./3, b.Share, 1e-9)
	assert.Equal(t, 2, b.Rate.Failures)
	assert.InDelta(t, 3, b.Rate.Hours, 1e-9, "all VMs were at risk of it")
	assert.Equal(t, None, r.Verdict)
	assert.Equal(t, "1 per VM-hour (0.206 to 2.92), 3 failures in 3 VM-hours", r.Why)
}

// TestLastWordCounts: a VM is noted while it runs, and a kill leaves it at that.
func TestLastWordCounts(t *testing.T) {
	note := func(minutes float64) Result {
		r := vm(1, minutes, "")
		r.Partial, r.End = true, r.Time
		return r
	}
	r := Judge(Question{}, []Result{note(1), note(2)})
	assert.InDelta(t, 2./60, r.Arms[0].Rate.Hours, 1e-9)
	r = Judge(Question{}, []Result{note(1), vm(1, 2.5, "panic"), note(2)})
	assert.InDelta(t, 2.5/60, r.Arms[0].Rate.Hours, 1e-9)
	assert.Equal(t, 1, r.Arms[0].Rate.Failures)
}

func TestVerdictsOnABound(t *testing.T) {
	quiet := []Result{vm(1, 60*3, ""), vm(2, 60*4, "")}
	r := Judge(Question{Below: 0.5}, quiet)
	assert.Equal(t, Below, r.Verdict)
	assert.Equal(t, "the rate is below 0.5 per VM-hour: no failure in 7 VM-hours, which is below 0.486 per VM-hour "+
		"with 95% confidence whenever one looks", r.Why)
	assert.Equal(t, Undecided, Judge(Question{Below: 0.4}, quiet).Verdict)

	late := vm(3, 1, "panic")
	late.Late = true
	r = Judge(Question{Below: 0.5}, append(quiet, late))
	assert.Equal(t, Below, r.Verdict, "it was answered before")
	assert.Equal(t, 1, r.Arms[0].Rate.Failures, "but it did fail")

	assert.Equal(t, Above, Judge(Question{Below: 0.5}, []Result{vm(1, 1, "a"), vm(2, 1, "a"), vm(3, 1, "a")}).Verdict)
	assert.Equal(t, Undecided, Judge(Question{Below: 0.5}, nil).Verdict)
}

// TestReportIsJSON even where bounds are missing: JSON has no infinity.
func TestReportIsJSON(t *testing.T) {
	for _, q := range []Question{{}, {Below: 1}, {Within: 2}, {Arms: 2}} {
		for _, results := range [][]Result{nil, {vm(1, 0, "panic")}, {vm(1, 5, "")}} {
			_, err := json.Marshal(Judge(q, results))
			assert.NoError(t, err, "%+v", q)
		}
	}
}

func TestQuestionsThatMakeNoSense(t *testing.T) {
	for _, q := range []Question{{Arms: 3}, {Arms: -1}, {Below: -1}, {Within: 1}, {Within: -2}, {Within: 1.001},
		{Below: 1, Within: 2}, {Arms: 2, Below: 1}, {Arms: 2, Within: 2}} {
		assert.Error(t, q.Check(), "%+v", q)
	}
	for _, q := range []Question{{}, {Arms: 1}, {Arms: 2}, {Below: 1e-3}, {Within: 1.1}} {
		assert.NoError(t, q.Check(), "%+v", q)
	}
}
