package bundle

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/summary"
	"brink/internal/trial"
)

// ErrNoReproducer says that a finding cannot be shown by one VM.
var ErrNoReproducer = errors.New("no reproducer for this finding")

// Expect is what run.sh looks for on the guest's console. What the kernel prints is matched by shell patterns, what the
// agent prints (wire.Console) by its words.
type Expect struct {
	Kind     trial.Kind `json:"kind"`
	Op       string     `json:"op,omitempty"`
	Size     int64      `json:"size"`
	Headline []string   `json:"headline,omitempty"` // shell patterns; one of them must show
	Function string     `json:"function,omitempty"` // must show too
	Errno    string     `json:"errno,omitempty"`    // of a refusal; empty for any
	Canary   string     `json:"canary,omitempty"`
	BaseNS   int64      `json:"base_ns,omitempty"` // the limit of a sample: base, and so much for each unit it handled
	UnitNS   int64      `json:"unit_ns,omitempty"`
	// Small and Factor are of a growth: a sample at Size must take more than Factor thousandths of what one at Small takes.
	Small  int64 `json:"small,omitempty"`
	Factor int64 `json:"factor,omitempty"`
	Silent bool  `json:"silent,omitempty"` // the guest says nothing more
	// Clock says that times are compared, so that only the clock they were found with will do.
	Clock bool `json:"clock,omitempty"`
}

// headlines are what the kernel prints first, for each kind; the wordings of 5.10 to 7.x.
var headlines = map[trial.Kind][]string{
	trial.Panic: {"*Kernel panic - not syncing*"},
	trial.Oops: {"*BUG: unable to handle*", "*BUG: kernel NULL pointer*", "*kernel BUG at*", "*general protection fault*", "*Oops*",
		"*stack segment*", "*divide error*", "*invalid opcode*"},
	trial.Warning:    {"*WARNING: *"},
	trial.SoftLockup: {"*BUG: soft lockup*"},
	trial.HardLockup: {"*hard LOCKUP*"},
	trial.HungTask:   {"*blocked for more than*"},
	trial.RCUStall:   {"*rcu*stall*"},
	trial.OOM:        {"*Out of memory: Killed*", "*oom-kill:*", "*invoked oom-killer*"},
}

// ExpectOf says how a finding shows in a guest that is alone.
func ExpectOf(f summary.Finding, s summary.Summary) (Expect, error) {
	e := Expect{Kind: f.Kind, Op: f.Op, Size: f.Broken, Function: f.Function}
	canary, isCanary := strings.CutPrefix(f.What, "canary ")
	switch {
	case f.Kind == judge.Growth:
		return growth(e, s)
	case f.Kind == judge.OverLimit:
		return e, fmt.Errorf("%w: %s is told by signals that brink records and holds against the run's other sizes, which no script does: "+
			"choose another finding with --finding, or have the run repeated (its report has the command)", ErrNoReproducer, f.What)
	case isCanary && f.Kind == judge.Budget:
		e.Canary, e.BaseNS, e.Clock = canary, int64(judge.CanaryBudget)*int64(s.Machine.Slowdown()), true
	case isCanary:
		e.Canary, e.Errno = canary, lastPart(f.Signature)
	case f.Kind == judge.Budget:
		op, ok := opOf(s, f.Op)
		if !ok {
			return e, fmt.Errorf("%w: op %s is not in the run", ErrNoReproducer, f.Op)
		}
		e.BaseNS, e.UnitNS, e.Clock = op.BudgetNS, op.PerUnitNS, true
	case f.Kind == trial.OpRefused:
		e.Errno = lastPart(f.Signature)
	case f.Kind == trial.Deadline:
		e.Clock = true
	case slices.Contains([]trial.Kind{trial.StuckTask, trial.WorkerKilled, trial.VMDied}, f.Kind):
		e.Function = ""
	case f.Kind == trial.Unresponsive, f.Kind == trial.HardLockup && s.Machine.CPUs == 1:
		e.Silent, e.Function = true, ""
	default:
		e.Headline = slices.Clone(headlines[f.Kind])
		if len(f.Console) > 0 {
			e.Headline = append(e.Headline, headline(f.Console[0].Text))
		}
		if len(e.Headline) == 0 {
			return e, fmt.Errorf("%w: the record does not have what the kernel said of it", ErrNoReproducer)
		}
	}
	return e, nil
}

func opOf(s summary.Summary, name string) (summary.Op, bool) {
	i := slices.IndexFunc(s.Ops, func(o summary.Op) bool { return o.Name == name })
	if i < 0 {
		return summary.Op{}, false
	}
	return s.Ops[i], true
}

// lastPart is the errno of op-error:handshake:ENOMEM.
func lastPart(signature string) string { return signature[strings.LastIndexByte(signature, ':')+1:] }

// growth compares the smallest size that was measured with the largest: halfway, by ratio, between what is expected and
// what was seen.
func growth(e Expect, s summary.Summary) (Expect, error) {
	op, ok := opOf(s, e.Op)
	points := slices.DeleteFunc(slices.Clone(op.Points), func(p summary.Point) bool { return p.MedianNS <= 0 })
	if !ok || len(points) < 2 {
		return e, fmt.Errorf("%w: op %s was measured at fewer than two sizes", ErrNoReproducer, e.Op)
	}
	a, b := points[0], points[len(points)-1]
	seen, wanted := float64(b.MedianNS)/float64(a.MedianNS), expected(scenario.Growth(op.Expected), float64(a.Size), float64(b.Size))
	if seen < 1.2*wanted {
		return e, fmt.Errorf("%w: %s takes %.2g times as long at %d as at %d, and %.2g times would be expected: two sizes do not tell",
			ErrNoReproducer, e.Op, seen, b.Size, a.Size, wanted)
	}
	e.Small, e.Size, e.Factor, e.Clock = a.Size, b.Size, int64(1000*math.Sqrt(seen*wanted)), true
	return e, nil
}

func expected(g scenario.Growth, a, b float64) float64 {
	switch g {
	case scenario.Linear:
		return b / a
	case scenario.Log:
		return math.Log(b+1) / math.Log(a+1)
	}
	return 1
}

// varying are the parts of a kernel message that differ from run to run: numbers and addresses.
var varying = regexp.MustCompile(`(0x)?[0-9a-fA-F]*[0-9][0-9a-fA-F]*`)

// stamp is what printk puts before a message.
var stamp = regexp.MustCompile(`^\s*(<[0-9]+>)?\[[^]]*\]\s*`)

// headline is the pattern of the first line of a report.
func headline(text string) string {
	text = stamp.ReplaceAllString(text, "")
	var pattern strings.Builder
	pattern.WriteString("*")
	at := 0
	for _, m := range varying.FindAllStringIndex(text, -1) {
		pattern.WriteString(text[at:m[0]] + "*")
		at = m[1]
	}
	pattern.WriteString(text[at:] + "*")
	return pattern.String()
}

// Grew reports whether the samples of a trial show the growth that is expected of it.
func (e Expect) Grew(events []trial.Event) bool {
	first := int64(0)
	for _, ev := range events {
		for _, s := range ev.Samples {
			switch {
			case ev.Op == e.Op && ev.Size == e.Small:
				first = s.WallNS
			case ev.Op == e.Op && ev.Size == e.Size && first > 0 && s.WallNS*1000/first > e.Factor:
				return true
			}
		}
	}
	return false
}
