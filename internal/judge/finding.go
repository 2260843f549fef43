package judge

import (
	"fmt"
	"slices"
	"time"

	"brink/internal/scenario"
	"brink/internal/trial"
)

// Finding is one thing that breaks, with the sizes between which it does.
type Finding struct {
	What      string     `json:"what"` // op, canary or signature
	Kind      trial.Kind `json:"kind"` // how it shows; Budget for an op that is only too slow
	Text      string     `json:"text"`
	Safe      int64      `json:"safe"`   // largest size at which it did not show, 0 if it showed at the smallest
	Broken    int64      `json:"broken"` // smallest size at which it showed
	Signature string     `json:"signature,omitempty"`
	Function  string     `json:"function,omitempty"`
	Trial     int        `json:"trial"`
	// Confidence is that of the finding's size where a search tells, or of the growth; 0 where the ladder alone tells, whose
	// one VM saw it: see Basis.
	Confidence float64  `json:"confidence,omitempty"`
	Basis      string   `json:"basis"`        // what it rests on: ladder, fresh VMs, samples
	Op         string   `json:"op,omitempty"` // during which it showed
	Search     *Search  `json:"search,omitempty"`
	Also       []string `json:"also,omitempty"`   // signatures of what else told of it
	Seeded     bool     `json:"seeded,omitempty"` // planted, to try brink itself
	Twin       *Twin    `json:"twin,omitempty"`   // where each trial ran two VMs
}

// Budget is the kind of a finding that is no failure of the kernel's but too slow.
const Budget trial.Kind = "over-budget"

// CanaryBudget is what a canary may take, in guest time: several hundred times what it takes in a healthy guest. In emulated
// real time it is multiplied as all budgets are (trial.Machine.Slowdown).
const CanaryBudget = 200 * time.Millisecond

// Findings returns what broke, smallest size first. A harness fault is none.
func (t *Table) Findings() []Finding { return t.paired(t.narrowed(t.climbed())) }

// climbed returns what the ladder alone showed.
func (t *Table) climbed() []Finding {
	found := t.limitFindings() // first: at one size, what the whole guest shows tells more than that an op is slow
	for _, n := range t.Sizes {
		for _, op := range t.Spec.Ops {
			c := t.Cell(n, op.Name)
			if c == nil {
				continue
			}
			if worst, over := c.Worst(op); over {
				found = append(found, Finding{What: op.Name, Op: op.Name, Kind: Budget, Broken: n, Trial: c.Trial, Text: fmt.Sprintf(
					"%s takes %s, its budget is %s", op.Name, Duration(worst.Wall()), Duration(op.Budget.At(worst.Count)))})
			}
			if c.Late > 0 && !t.lostFor(c.Trial, trial.Deadline) {
				found = append(found, t.late(op.Name, n, c))
			}
			if c.Failed != nil {
				found = append(found, Finding{What: op.Name, Op: op.Name, Kind: trial.OpRefused, Broken: n, Trial: c.Trial,
					Signature: "op-error:" + op.Name + ":" + c.Failed.Name, Text: op.Name + ": " + c.Failed.Message})
			}
		}
	}
	found = append(found, t.growthFindings()...)
	found = append(found, t.canaryFindings()...)
	found = append(found, t.outcomeFindings()...)
	found = append(found, t.twinFindings()...)
	found = append(found, t.kernelFindings()...)
	return t.settle(found)
}

// lostFor reports whether a trial was lost to something that explains a sign seen besides: the detectors are ordered, and
// the last of them may speak before the first is heard.
func (t *Table) lostFor(number int, sign trial.Kind) bool {
	return slices.ContainsFunc(t.Ends, func(e End) bool { return e.Trial == number && e.Outcome.Kind.Kills() && e.Outcome.Kind != sign })
}

// late is the finding of an op past its deadline; the trial's outcome knows what its task waits in.
func (t *Table) late(op string, n int64, c *Cell) Finding {
	f := Finding{What: op, Op: op, Kind: trial.Deadline, Broken: n, Trial: c.Trial,
		Text: fmt.Sprintf("%s not done after %s%s", op, Duration(c.Late), where(c.LateTask))}
	for _, e := range t.Ends {
		if o := e.Outcome; e.Trial == c.Trial && o.Kind == trial.Deadline && o.Failure != nil {
			f.Signature, f.Function = o.Failure.Signature, o.Failure.Function
		}
	}
	return f
}

func where(task *trial.Task) string {
	if task == nil || task.State == "" {
		return ""
	}
	text := ", its task is in state " + task.State
	if task.Wchan != "" && task.Wchan != "0" {
		text += " in " + task.Wchan
	}
	return text
}

func (t *Table) canaryFindings() (found []Finding) {
	for _, r := range t.Rests {
		for _, c := range r.Canaries {
			f := Finding{What: "canary " + c.Name, Broken: r.Size, Trial: r.Trial}
			switch {
			case c.Err != nil:
				f.Kind, f.Text = trial.OpRefused, "canary "+c.Name+" fails: "+c.Err.Message
				f.Signature = "op-error:canary-" + c.Name + ":" + c.Err.Name
			case time.Duration(c.NS) > CanaryBudget*time.Duration(t.Head.Machine.Slowdown()):
				f.Kind, f.Text = Budget, fmt.Sprintf("canary %s takes %s", c.Name, Duration(time.Duration(c.NS)))
			default:
				continue
			}
			found = append(found, f)
		}
	}
	return found
}

// outcomeFindings are the failures that the kernel itself showed.
func (t *Table) outcomeFindings() (found []Finding) {
	for _, e := range t.Ends {
		o := e.Outcome
		switch o.Kind {
		case trial.Completed, trial.Harness, trial.OpRefused: // no finding, or one that stands already
			continue
		case trial.Deadline:
			if o.Op != "" {
				continue
			}
		}
		f := Finding{What: string(o.Kind), Op: o.Op, Kind: o.Kind, Broken: o.Size, Trial: e.Trial, Text: during(o.Text, o.Op)}
		if o.Failure != nil {
			f.What, f.Signature, f.Function = o.Failure.Signature, o.Failure.Signature, o.Failure.Function
		}
		f.Also = t.also(e.Trial, f.Signature)
		found = append(found, f)
	}
	return found
}

// kernelFindings are what the console told of. A trial has one outcome, but may hold a warning besides.
func (t *Table) kernelFindings() (found []Finding) {
	for _, e := range t.kernel {
		if f := e.Failure; f.Kind != trial.Harness && !f.Secondary && !t.named(e) && !t.neverCameUp(e) {
			found = append(found, Finding{What: f.Signature, Op: e.Op, Kind: f.Kind, Broken: e.Size, Trial: e.Trial,
				Text: during(f.Title, e.Op), Signature: f.Signature, Function: f.Function})
		}
	}
	return found
}

// neverCameUp reports whether a report is from a boot that ended before the first step: a guest that we made wrong.
func (t *Table) neverCameUp(e trial.Event) bool {
	return e.Step < 0 && e.Size == 0 && slices.ContainsFunc(t.Ends, func(end End) bool {
		return end.Trial == e.Trial && end.Outcome.Kind == trial.Harness
	})
}

// named reports whether the trial's outcome is this very failure, with a function that was found later, by looking at
// the guest.
func (t *Table) named(e trial.Event) bool {
	return e.Failure.Function == "" && slices.ContainsFunc(t.Ends, func(end End) bool {
		o := end.Outcome
		return end.Trial == e.Trial && o.Kind == e.Failure.Kind && o.Failure != nil && o.Failure.Function != ""
	})
}

// also returns what else was told of in the trial after it was lost.
func (t *Table) also(number int, first string) (signatures []string) {
	for _, e := range t.kernel {
		if s := e.Failure.Signature; e.Trial == number && e.Failure.Secondary && s != first && !slices.Contains(signatures, s) {
			signatures = append(signatures, s)
		}
	}
	return signatures
}

func during(text, op string) string {
	if op == "" {
		return text
	}
	return text + " (during " + op + ")"
}

// settle keeps the smallest size of each finding and adds the largest size below it.
func (t *Table) settle(found []Finding) []Finding {
	slices.SortStableFunc(found, func(a, b Finding) int { return int(a.Broken - b.Broken) })
	var first []Finding
	for _, f := range found {
		same := func(g Finding) bool { return g.What == f.What && g.Kind == f.Kind }
		if slices.ContainsFunc(first, same) {
			continue
		}
		for _, n := range t.Sizes {
			if n < f.Broken {
				f.Safe = n
			}
		}
		f.Seeded = t.Head.Seeded
		if f.Basis == "" {
			f.Basis = "ladder"
		}
		first = append(first, f)
	}
	return first
}

// Safe returns the largest size at which everything was measured, inside its budget, and nothing failed; 0 for none.
func (t *Table) Safe(found []Finding) int64 {
	var safe int64
	for _, n := range t.Sizes {
		broken := slices.ContainsFunc(found, func(f Finding) bool { return f.Broken <= n })
		if broken || !t.complete(n) {
			break
		}
		safe = n
	}
	for _, f := range found { // fresh VMs know more than the ladder
		if s := f.Search; s != nil && s.Ladder[0] == safe && !slices.ContainsFunc(found, func(g Finding) bool { return g.Broken <= f.Safe }) {
			return f.Safe
		}
	}
	return safe
}

// complete reports whether every op has a result at the size; the first size has nothing to grow from.
func (t *Table) complete(n int64) bool {
	for _, op := range t.Spec.Ops {
		if c := t.Cell(n, op.Name); c == nil && (op.From != scenario.Smaller || n != t.Sizes[0]) {
			return false
		}
	}
	return true
}
