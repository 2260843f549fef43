package plain

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// script returns the script of one of the samples.
func script(t *testing.T, name string) Script {
	t.Helper()
	for _, s := range samples() {
		if s.name == name {
			got, err := Render(s.spec, s.f, s.title, 0, defaults(t, s.spec, s.set), kernel)
			require.NoError(t, err)
			return got
		}
	}
	t.Fatalf("no sample %s", name)
	return Script{}
}

// ended is a trial whose script ended well.
func ended(text string) []trial.Event {
	return []trial.Event{{Type: trial.EventBegin, Op: scenario.PlainOp}, {Type: trial.EventEnd, Op: scenario.PlainOp, Text: text}}
}

// said is a trial whose script saw a failure.
func said(message string) []trial.Event {
	return []trial.Event{{Type: trial.EventOpError, Op: scenario.PlainOp, Err: &trial.OpError{Message: message}, Text: "adding\n" + message + "\n"}}
}

func kernelSaid(signature string) trial.Event {
	return trial.Event{Type: trial.EventKernel, Failure: &trial.Failure{Kind: trial.Panic, Signature: signature}}
}

func refusedBy(message string) trial.Outcome {
	return trial.Outcome{Kind: trial.OpRefused, Text: message}
}

func TestConsoleFailureMustHaveItsSignature(t *testing.T) {
	s := script(t, "walk-panic")
	for name, c := range map[string]struct {
		signature string
		want      bool
	}{"the same": {"panic:seeded_panic:seeded", true}, "another panic": {"panic:seeded_oops:seeded", false}} {
		end := trial.Outcome{Kind: trial.Panic, Text: "x", Failure: &trial.Failure{Signature: c.signature}}
		v := s.Judge(Watch(s.Size, []trial.Event{kernelSaid(c.signature)}, end, "plain/trials/001"), nil)
		assert.Equal(t, c.want, v.Verified, name)
		assert.Contains(t, v.Text, c.signature)
		assert.Equal(t, []string{c.signature}, v.Runs[0].Signatures)
	}
	v := s.Judge(Watch(s.Size, ended("fine\n"), trial.Outcome{Kind: trial.Completed}, ""), nil)
	assert.False(t, v.Verified)
	assert.Equal(t, "not verified: saw no failure instead of panic:seeded_panic:seeded", v.Text)
}

func TestKindWithoutSignature(t *testing.T) {
	s := script(t, "walk-panic")
	s.Finding = judge.Finding{What: "vm-died", Kind: trial.VMDied, Op: "walk"}
	usual := kernelSaid("kernel-error:polling:net")
	usual.Failure.Expected = true
	assert.Empty(t, Watch(1, []trial.Event{usual}, trial.Outcome{Kind: trial.Completed}, "").Signatures, "what every guest says")
	assert.True(t, s.Judge(Watch(1, nil, trial.Outcome{Kind: trial.VMDied, Text: "reset"}, ""), nil).Verified)
	assert.False(t, s.Judge(Watch(1, nil, trial.Outcome{Kind: trial.Panic}, ""), nil).Verified)
}

func TestTooSlowNeedsItsOwnWordAndASafeSize(t *testing.T) {
	s := script(t, "delete-over-budget")
	require.True(t, s.NeedsSafe())
	slow := Watch(1024, said("FAILED: delete at 1024 peers: 12380 ms, limit 2024 ms"), refusedBy("x"), "")
	good := Watch(41, ended("fine\n"), trial.Outcome{Kind: trial.Completed}, "")
	noisy := Watch(41, ended("fine\n"), trial.Outcome{Kind: trial.KernelError, Text: "a line of the log"}, "")
	bad := Watch(41, said("FAILED: delete at 41 peers: 3000 ms, limit 1041 ms"), refusedBy("x"), "")
	dead := Watch(41, nil, trial.Outcome{Kind: trial.Panic, Text: "boom"}, "")
	other := Watch(1024, said("FAILED: dump at 1024 peers: 12380 ms"), refusedBy("x"), "")
	broke := Watch(1024, said("script ended with exit status 2: FAILED: delete at"), refusedBy("script ended with exit status 2"), "")

	v := s.Judge(slow, &good)
	assert.True(t, v.Verified)
	assert.Equal(t, "verified: saw FAILED: delete at 1024 peers: 12380 ms, limit 2024 ms, and at 41 no failure", v.Text)
	assert.Equal(t, int64(41), v.SafeSize)
	assert.Len(t, v.Runs, 2)
	assert.True(t, s.Judge(slow, &noisy).Verified, "what else the log holds is not this failure")
	assert.False(t, s.Judge(slow, &bad).Verified, "it fails at any size")
	assert.False(t, s.Judge(slow, &dead).Verified)
	assert.False(t, s.Judge(slow, nil).Verified, "nobody knows whether it fails at any size")
	assert.False(t, s.Judge(good, &good).Verified)
	assert.False(t, s.Judge(other, &good).Verified, "another op")
	v = s.Judge(broke, &good)
	assert.False(t, v.Verified)
	assert.Contains(t, v.Text, "exit status 2")

	s.Safe = 0
	assert.True(t, s.Judge(slow, nil).Verified, "there is no safe size")
}

func TestRefusalMustBeTheSameErrno(t *testing.T) {
	s := script(t, "handshake-op-error")
	good := Watch(8192, ended(""), trial.Outcome{Kind: trial.Completed}, "")
	for message, want := range map[string]bool{
		"FAILED: handshake at 16384 peers: ip link add: Cannot allocate memory":     true,
		"FAILED: handshake at 16384 peers: ip link add: Operation not permitted":    false,
		"FAILED: delete at 16384 peers: Cannot allocate memory":                     false,
		"script ended with exit status 2: Unable to modify: Cannot allocate memory": false,
	} {
		v := s.Judge(Watch(16384, said(message), refusedBy(message), ""), &good)
		assert.Equal(t, want, v.Verified, message)
	}
	s.Finding.Text = "handshake: create client: cannot allocate memory (seen at 16384 on the ladder)"
	assert.True(t, s.Shown(Watch(16384, said("FAILED: handshake at 16384 peers: Cannot allocate memory"), refusedBy(""), "")))
}

func TestHangMustBeInTheSameFunction(t *testing.T) {
	s := script(t, "delete-deadline")
	hang := func(function string) Run {
		return Watch(32768, nil, trial.Outcome{Kind: trial.StuckTask, Text: "script is silent for 5m1s",
			Failure: &trial.Failure{Function: function, Signature: "stuck-task:" + function + ":wireguard"}}, "")
	}
	v := s.Judge(hang("peer_remove_after_dead"), nil)
	assert.True(t, v.Verified)
	assert.Equal(t, "verified: saw script is silent for 5m1s in peer_remove_after_dead", v.Text)
	v = s.Judge(hang("wg_open"), nil)
	assert.False(t, v.Verified)
	assert.Contains(t, v.Text, "instead of delete not done after 5m0s, in peer_remove_after_dead")
	assert.False(t, s.Judge(Watch(1, ended(""), trial.Outcome{Kind: trial.Completed}, ""), nil).Verified)
	s.Finding.Function = "" // of an older build, which did not look
	assert.True(t, s.Judge(hang("wg_open"), nil).Verified)
}

func TestVerdictAsJSON(t *testing.T) {
	s := script(t, "walk-panic")
	want := s.Judge(Watch(s.Size, []trial.Event{kernelSaid("panic:x:y")}, trial.Outcome{Kind: trial.Panic}, "plain/trials/001"), nil)
	text, err := json.Marshal(want)
	require.NoError(t, err)
	var got Verdict
	require.NoError(t, json.Unmarshal(text, &got))
	assert.Equal(t, want, got)
	assert.Equal(t, Version, got.V)
}

func TestTrialRunsTheScriptOnce(t *testing.T) {
	s := script(t, "delete-deadline")
	plan := trial.Plan{V: trial.Version, Scenario: scenario.PlainScenario, Settings: s.Settings(), Steps: s.Steps(7)}
	require.NoError(t, plan.Check())
	assert.Equal(t, s.Text, plan.Settings[scenario.PlainScript])
	d, err := time.ParseDuration(plan.Settings[scenario.PlainDeadline])
	require.NoError(t, err)
	assert.Equal(t, 5*time.Minute, d)
	assert.Greater(t, plan.Steps[0].Deadline, d, "the agent looks where it hangs before the supervisor gives it up")
	assert.Equal(t, trial.StepCanary, plan.Steps[len(plan.Steps)-1].Kind, "error lines of the kernel's are read with the canaries")
}
