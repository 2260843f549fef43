package explain

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/trial"
)

func question() Question {
	return Question{
		Spec: scenario.Spec{Name: "fake", Rate: "pps", Axes: []scenario.Axis{{Name: "ports", Min: 1, MemoryBase: 600 << 20}},
			Options: []scenario.Option{{Name: "pps", Kind: scenario.Int, Min: 10, Default: "1000"}}},
		Head: trial.Run{Axis: "ports", Settings: map[string]string{"pps": "1001"}, Kernel: trial.Kernel{Hash: "own"},
			Machine: trial.Machine{Accel: "tcg", Clock: trial.ClockICount, MemoryMB: 1024, CPUs: 1, CPU: "max"}},
		Target:  Target{What: "panic:f", Kind: trial.Panic, Safe: 90, Broken: 91, At: 100},
		Kernels: []Kernel{{Ref: "a", Kernel: trial.Kernel{Name: "old", Hash: "1"}}, {Ref: "b", Skipped: "gone"}, {Ref: "c", Kernel: trial.Kernel{Name: "own", Hash: "own"}}},
		CPUs:    CPUs("max", nil), HostMB: 4096,
	}
}

func TestEveryArmChangesOneThing(t *testing.T) {
	q := question()
	arms := Design(q)
	names := map[string]Setup{}
	for _, s := range arms {
		names[s.Name] = s
		if s.Skipped != "" || s.Factor == Same {
			continue
		}
		base := names[s.Base]
		require.NotEmpty(t, base.Name, "%s comes after what it is compared with", s.Name)
		changed := 0
		for _, differs := range []bool{s.Size != base.Size, s.Settings["pps"] != base.Settings["pps"], s.Kernel != base.Kernel, s.Machine != base.Machine} {
			if differs {
				changed++
			}
		}
		assert.Equal(t, 1, changed, s.Name)
	}
	assert.Len(t, names, len(arms), "names tell arms apart")
	assert.Equal(t, Same, arms[0].Factor)
	assert.Equal(t, int64(90), names["size 90"].Size)
	assert.Equal(t, "500", names["pps=500"].Settings["pps"])
	assert.Equal(t, "1001", names["same"].Settings["pps"])
	assert.Equal(t, "1", names["kernel old"].Kernel.Hash)
	assert.Equal(t, "gone", names["kernel b"].Skipped)
	assert.NotContains(t, names, "kernel own")
	assert.NotContains(t, names, "cpu max")
	assert.Contains(t, names, "cpu max,-avx,-avx2")
	assert.Equal(t, int64(2048), names["memory 2048M"].Machine.MemoryMB)
	assert.Equal(t, "100 ports need 1024 MiB", names["memory 512M"].Skipped)
	assert.Equal(t, trial.ClockWall, names["vCPUs 2"].Machine.Clock)
	assert.Equal(t, "clock wall", names["vCPUs 2"].Base)
}

func TestDesignLeavesOut(t *testing.T) {
	name := func(q Question) map[string]string {
		skipped := map[string]string{}
		for _, s := range Design(q) {
			skipped[s.Name] = s.Skipped
		}
		return skipped
	}
	q := question()
	q.Only = []Factor{Scale}
	assert.Equal(t, map[string]string{"same": "", "size 90": ""}, name(q))

	q = question()
	q.Target.Kind, q.HostMB, q.Spec.Rate, q.Kernels = judge.Budget, 2000, "", nil
	got := name(q)
	assert.Contains(t, got["vCPUs 2"], "means nothing under another clock")
	assert.Contains(t, got["memory 2048M"], "only 2000 MiB")
	assert.Contains(t, got["rate"], "has no rate")
	assert.Contains(t, got["kernel"], "no other kernel")
	assert.NotContains(t, got, "clock wall")

	q = question()
	q.Head.Settings["pps"] = "19"
	assert.Contains(t, name(q)["pps"], "cannot be halved")

	q.Target.Safe = 0
	assert.Contains(t, name(q), "size 9")
	q.Target.Broken, q.Target.At = 1, 1
	assert.Contains(t, name(q)["size"], "no smaller size")

	q = question()
	q.Head.Machine.Clock, q.Head.Machine.CPUs = trial.ClockWall, 4
	got = name(q)
	assert.Empty(t, got["vCPUs 1"])
	assert.Contains(t, got, "vCPUs 1")
}

func TestCPUs(t *testing.T) {
	assert.Equal(t, "max", CPUs("max,-aes", nil)[0], "features that the run left out come back")
	assert.Equal(t, []string{"max"}, CPUs("max,-aes", []string{"avx"}), "no groups beside single features")
}

func TestSeries(t *testing.T) {
	for release, want := range map[string]string{"6.12.117+deb13-cloud-amd64": "6.12", "5.10.0-46-amd64": "5.10", "7.3-rc1": "7.3", "6": "6", "": ""} {
		assert.Equal(t, want, Series(release))
	}
}

// TestRampedRate: where the rate is what was ramped, a smaller size of the axis is a smaller load, and scale is what stood still.
func TestRampedRate(t *testing.T) {
	q := question()
	q.Spec.Axes = []scenario.Axis{{Name: "ports", Min: 1}, {Name: "pps", Min: 1, Load: true}, {Name: "vlans", Min: 1}, {Name: "peers", Min: 1}}
	q.Spec.Options = append(q.Spec.Options, scenario.Option{Name: "ports", Kind: scenario.Int, Min: 1, Max: 1000},
		scenario.Option{Name: "vlans", Kind: scenario.Int, Min: 0})
	q.Head.Axis, q.Head.Settings = "pps", map[string]string{"ports": "101", "vlans": "0", "pps": "1000"}
	q.Only = []Factor{Scale, Load}
	got := map[string]Setup{}
	for _, s := range Design(q) {
		got[s.Name] = s
	}
	require.Len(t, got, 4)
	assert.Equal(t, Load, got["size 90"].Factor)
	assert.Equal(t, int64(90), got["size 90"].Size)
	assert.Equal(t, Scale, got["ports=50"].Factor)
	assert.Equal(t, "50", got["ports=50"].Settings["ports"])
	assert.Equal(t, q.Target.At, got["ports=50"].Size)
	assert.Contains(t, got["vlans"].Skipped, "cannot be halved")

	q.Spec.Options = nil
	skipped := Design(q)
	assert.Contains(t, skipped[1].Skipped, "no size beside the rate")
}
