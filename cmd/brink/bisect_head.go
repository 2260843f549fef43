package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"brink/internal/question"
	"brink/internal/scenario"
	"brink/internal/trial"
	"brink/internal/wire"
)

// defaultBoots is how many VMs a bisection may spend. One of 64 commits whose failure shows in 3 of 10 VMs took 65, a certain
// one 14.
const defaultBoots = 100

// head resolves what the user asked for.
func (c *bisectCmd) head(a *app) (question.Head, error) {
	if c.Scenario == "" || c.Good == "" || c.Bad == "" {
		return question.Head{}, usagef("bisect needs a scenario, --good REF and --bad REF; or --resume ID, or --replay LOG")
	}
	spec, h, err := c.asked()
	if err != nil {
		return h, usageError{err}
	}
	sizes := h.Sizes
	if h.Question != nil {
		sizes = []int64{h.Question.Size}
	}
	guest, err := c.machine(spec, h.Axis, sizes)
	if err != nil {
		return h, err
	}
	h.Machine = guest.record()
	if err := refuse(spec, askedOf(h, trial.Kernel{}), ""); err != nil {
		return h, err
	}
	cands, err := c.candidates(a, spec, &h)
	if err != nil {
		return h, err
	}
	h.Candidates = cands
	h.ID = fmt.Sprintf("%s-bisect-%s", time.Now().UTC().Format("20060102-150405"), spec.Name)
	return h, nil
}

// asked resolves everything that needs no kernel.
func (c *bisectCmd) asked() (scenario.Spec, question.Head, error) {
	climb := runCmd{Scenario: c.Scenario, Axis: c.Axis, From: c.From, To: c.To, Sizes: c.Sizes, Set: c.Set, Seed: c.Seed,
		Start: string(trial.StartBoot)}
	spec, run, err := climb.head()
	h := question.Head{V: trial.Version, Build: wire.Build, Args: os.Args, Scenario: run.Scenario, Axis: run.Axis, Settings: run.Settings,
		Seed: run.Seed, Seeded: run.Seeded, Sizes: run.Sizes, Confidence: c.Confidence, MaxBoots: defaultBoots}
	if err != nil {
		return spec, h, err
	}
	if c.MaxBoots != nil {
		h.MaxBoots = *c.MaxBoots
	}
	if c.Expect == "" {
		return spec, h, nil
	}
	if c.From != nil || c.To != nil || len(c.Sizes) > 0 {
		return spec, h, fmt.Errorf("--expect names its size; leave --from, --to and --sizes out")
	}
	q, err := ask(spec, h.Axis, c.Expect)
	h.Question, h.Sizes = &q, nil
	return spec, h, err
}

// ask reads a question and checks that the scenario can answer it.
func ask(spec scenario.Spec, axisName, text string) (question.Question, error) {
	q, err := question.Parse(text)
	if err != nil {
		return q, err
	}
	axis, err := spec.Axis(axisName)
	if err != nil {
		return q, err
	}
	return q, q.Check(spec, axis)
}

// askedOf is what is asked of one kernel, for who refuses it: the question's size, or the ladder while there is none.
func askedOf(h question.Head, k trial.Kernel) trial.Run {
	run := h.Run(k)
	if h.Question != nil {
		run.Sizes = []int64{h.Question.Size}
	}
	return run
}

// candidates finds the kernels, the ends included.
func (c *bisectCmd) candidates(a *app, spec scenario.Spec, h *question.Head) ([]question.Candidate, error) {
	switch {
	case c.Git != "" && len(c.Kernels) > 0:
		return nil, usagef("give --kernels or --git, not both")
	case c.Git == "" && c.Kernel != "":
		return nil, usagef("--kernel is for --git with a module's source; the ends are --good and --bad")
	case c.Git != "":
		cands, err := c.commits(a.ctx, a, spec, h)
		if err == nil && h.Source == moduleTree {
			err = a.known(c.moduleKernel())
		}
		return cands, err
	case len(c.Kernels) > 0:
		cands, err := c.named()
		if err != nil {
			return nil, err
		}
		return cands, a.knownAll(cands)
	}
	h.Ordered = true
	return c.packaged(a)
}

// named are the kernels that the user lists, in that order.
func (c *bisectCmd) named() ([]question.Candidate, error) {
	var cands []question.Candidate
	for _, ref := range append(append([]string{c.Good}, splitRefs(c.Kernels)...), c.Bad) {
		if strings.ContainsAny(ref, " \t\n[]'\\") {
			return nil, usagef("kernel %q: the log cannot hold a name with blanks, quotes or brackets; give it another path", ref)
		}
		for _, other := range cands {
			if other.Ref == ref {
				return nil, usagef("kernel %s is there twice, the ends included", ref)
			}
		}
		cands = append(cands, question.Candidate{ID: ref, Ref: ref})
	}
	return cands, nil
}

// splitRefs parts references at the commas that are not inside of one.
func splitRefs(lists []string) (refs []string) {
	for _, list := range lists {
		for i, part := range strings.Split(list, ",") {
			kind, _, _ := strings.Cut(part, ":")
			switch kind {
			case "debian", "file", "git", "source", "patch":
				refs = append(refs, part)
			default:
				if i == 0 {
					refs = append(refs, part)
				} else {
					refs[len(refs)-1] += "," + part
				}
			}
		}
	}
	return refs
}
