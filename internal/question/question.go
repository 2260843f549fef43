// Package question asks one kernel after the other the same thing, for a bisection: does this failure show, does this op
// cost so much? Without it "the run failed" would be the answer, and an unrelated crash would be taken for the one that
// is looked for, which is the main reason why bisections of kernels go wrong.
//
// A question is text that a user can type (Parse), an answer is read off the record of one fresh VM (Answer), and where
// the user asks nothing, what differs between two kernels is turned into questions (Choose). The package also holds the
// record of a bisection (Head, Line). It is pure: it knows no kernels, files or VMs.
package question

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"brink/internal/judge"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// Kind is what a question is about.
type Kind string

// The kinds.
const (
	Signature Kind = "signature" // a failure with this signature
	Fails     Kind = "fails"     // an op fails, or is over its budget, at the size: a threshold at or below it
	Cost      Kind = "cost"      // an op takes longer than a limit
	Canary    Kind = "canary"    // a canary fails or is too slow
)

// AnyOp in a Fails question stands for everything that may fail.
const AnyOp = "any"

// Question is what is asked of each kernel, in a fresh VM that is loaded straight to one size.
type Question struct {
	Kind Kind   `json:"kind"`
	What string `json:"what"` // signature, op or canary
	Size int64  `json:"size"`
	// Fixed turns the search around: the older end shows it, and what is looked for is the first candidate that does not.
	Fixed bool `json:"fixed,omitempty"`
	// Limit is what one sample of the op may take, of a Cost question, in guest time. 0: it is Factor times what it takes
	// on the good end, and not known until both ends were measured.
	Limit time.Duration `json:"limit_ns,omitempty"`
	// Factor is how many times more the op takes on the bad end, at least; below 1 where it takes less.
	Factor float64 `json:"factor,omitempty"`
}

// Forms is how questions are written.
const Forms = "signature:SIG@N, fails:OP@N (fails:any@N), cost:OP@N>1.5x (of the good end), cost:OP@N>20ms or canary:NAME@N; " +
	"for what went away fixed:… before it, or cost:OP@N<0.7x, cost:OP@N<20ms"

var costForm = regexp.MustCompile(`^([^@<>]+)@([0-9]+)([<>])(.+)$`)

// Parse reads a question.
func Parse(text string) (Question, error) {
	q, err := parse(text)
	if err != nil {
		return Question{}, fmt.Errorf("question %q: %w", text, err)
	}
	return q, nil
}

func parse(text string) (q Question, err error) {
	text, q.Fixed = strings.CutPrefix(text, "fixed:")
	kind, rest, ok := strings.Cut(text, ":")
	q.Kind = Kind(kind)
	switch q.Kind {
	case Cost:
		return q, q.parseCost(rest)
	case Signature, Fails, Canary:
	default:
		ok = false
	}
	at := strings.LastIndexByte(rest, '@')
	if !ok || at < 0 {
		return q, fmt.Errorf("write it as %s", Forms)
	}
	q.What = rest[:at]
	if !plain(q.What) {
		return q, fmt.Errorf("%q is no name; write it as %s", q.What, Forms)
	}
	q.Size, err = parseSize(rest[at+1:])
	return q, err
}

func (q *Question) parseCost(text string) (err error) {
	if q.Fixed {
		return fmt.Errorf("write a cost that came down as cost:OP@N<0.7x or cost:OP@N<20ms, without the word fixed")
	}
	m := costForm.FindStringSubmatch(text)
	if m == nil || !plain(m[1]) {
		return fmt.Errorf("a cost is written as cost:OP@N>1.5x or cost:OP@N>20ms, or with < where it came down")
	}
	q.What, q.Fixed = m[1], m[3] == "<"
	if q.Size, err = parseSize(m[2]); err != nil {
		return err
	}
	if factor, isFactor := strings.CutSuffix(m[4], "x"); isFactor {
		q.Factor, err = strconv.ParseFloat(factor, 64)
		more := q.Factor > 1 && !math.IsInf(q.Factor, 1)
		less := q.Factor > 0 && q.Factor < 1
		if err != nil || q.Fixed && !less || !q.Fixed && !more {
			return fmt.Errorf("%q is no factor: above 1 after >, between 0 and 1 after <", m[4])
		}
		return nil
	}
	if q.Limit, err = time.ParseDuration(m[4]); err != nil || q.Limit <= 0 {
		return fmt.Errorf("%q is neither a factor as 1.5x nor a time as 20ms", m[4])
	}
	return nil
}

func parseSize(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%q is no size", text)
	}
	return n, nil
}

func plain(what string) bool {
	return what != "" && strings.TrimSpace(what) == what && !strings.ContainsFunc(what, func(r rune) bool { return !unicode.IsPrint(r) })
}

// String writes the question as Parse reads it.
func (q Question) String() string {
	if q.Kind == Cost {
		sign := ">"
		if q.Fixed {
			sign = "<"
		}
		limit := strconv.FormatFloat(q.Factor, 'g', -1, 64) + "x"
		if q.Limit > 0 {
			limit = q.Limit.String()
		}
		return fmt.Sprintf("cost:%s@%d%s%s", q.What, q.Size, sign, limit)
	}
	fixed := ""
	if q.Fixed {
		fixed = "fixed:"
	}
	return fmt.Sprintf("%s%s:%s@%d", fixed, q.Kind, q.What, q.Size)
}

// Open reports whether the question still needs to be measured on both ends before it can be asked.
func (q Question) Open() bool { return q.Kind == Cost && q.Limit == 0 }

// Canaries are the checks that every guest makes (internal/guest/canary.go).
func Canaries() []string { return []string{"fork", "rtnl", "socket", "page-alloc", "timer"} }

// failureKinds are what the first part of a signature can be: how a kernel or an op fails, in the words of the record.
func failureKinds() []trial.Kind {
	return []trial.Kind{trial.Panic, trial.Oops, trial.Warning, trial.SoftLockup, trial.HardLockup, trial.HungTask, trial.RCUStall,
		"workqueue-stall", trial.OOM, trial.KernelError, trial.OpRefused, trial.Deadline, trial.StuckTask, trial.WorkerKilled,
		trial.Corruption, trial.Unresponsive, trial.VMDied}
}

// checkSignature refuses one that no failure can have: every kernel would be good.
func (q Question) checkSignature(spec scenario.Spec) error {
	kind, _, _ := strings.Cut(q.What, ":")
	if kind == string(judge.OverLimit) {
		return q.checkLimit(spec)
	}
	if slices.Contains(failureKinds(), trial.Kind(kind)) {
		return nil
	}
	var kinds []string
	for _, k := range failureKinds() {
		kinds = append(kinds, string(k))
	}
	return fmt.Errorf("question %s: a signature begins with how it fails, and %q is no such word: choose of %s", q, kind, strings.Join(kinds, ", "))
}

// checkLimit refuses a limit that the scenario has not.
func (q Question) checkLimit(spec scenario.Spec) error {
	all := "it has none"
	for _, l := range spec.Limits {
		signature := judge.LimitSignature(spec, l.Name)
		if signature == q.What {
			return nil
		}
		all = strings.TrimPrefix(all+", "+signature, "it has none, ")
	}
	return fmt.Errorf("question %s: scenario %s has no such limit: %s", q, spec.Name, all)
}

// Turned is the question that asks for the other direction.
func (q Question) Turned() Question {
	q.Fixed = !q.Fixed
	if q.Limit > 0 {
		q.Factor = 0 // the limit stands for it
	}
	if q.Factor > 0 {
		q.Factor, _ = strconv.ParseFloat(strconv.FormatFloat(1/q.Factor, 'g', factorDigits, 64), 64)
	}
	return q
}

// factorDigits is how many digits of a factor are worth typing.
const factorDigits = 6

// Check refuses a question that makes no sense of a scenario.
func (q Question) Check(spec scenario.Spec, axis scenario.Axis) error {
	if _, err := axis.Sizes([]int64{q.Size}); err != nil {
		return fmt.Errorf("question %s: %w", q, err)
	}
	switch {
	case q.Kind == Canary && !slices.Contains(Canaries(), q.What):
		return fmt.Errorf("question %s: there is no canary %s: choose of %s", q, q.What, strings.Join(Canaries(), ", "))
	case q.Kind == Signature && collapses(spec, q.What):
		return fmt.Errorf("question %s: a collapse shows only beside smaller sizes, and each kernel is asked at one: "+
			"ask for what an op costs there (cost:OP@%d>1.5x), or compare whole runs with brink compare", q, q.Size)
	case q.Kind == Signature:
		return q.checkSignature(spec)
	case q.Kind != Fails && q.Kind != Cost, q.Kind == Fails && q.What == AnyOp:
		return nil
	}
	var names []string
	for _, o := range spec.Ops {
		if o.From == scenario.Smaller {
			if o.Name == q.What {
				return fmt.Errorf("question %s: a fresh VM has no smaller size to %s from; ask for another op", q, q.What)
			}
			continue
		}
		names = append(names, o.Name)
	}
	if !slices.Contains(names, q.What) {
		return fmt.Errorf("question %s: scenario %s has no op %s: choose of %s", q, spec.Name, q.What, strings.Join(names, ", "))
	}
	return nil
}
