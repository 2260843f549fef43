package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"brink/internal/engine"
	"brink/internal/explain"
	"brink/internal/judge"
	"brink/internal/report"
	"brink/internal/scenario"
	"brink/internal/store"
	"brink/internal/trial"
	"brink/internal/wire"
	"brink/scenarios"
)

type explainCmd struct {
	RunID    string   `arg:"" name:"run" help:"Run: folder, ID, beginning of an ID, or last."`
	Only     []string `help:"Change only these: same, scale, load, version, setting, environment. The control (same) is always tried." placeholder:"FACTOR"`
	Repeat   int      `default:"3" help:"Trials of each arm, each with another seed: under the instruction clock the same one would say the same again. Three against three is the least that proves something at 95%: luck gives \"always\" against \"never\" once in 20. After two it is once in 6. More can be added later."`
	MaxBoots int      `default:"40" help:"Fresh VMs that may be spent, those of earlier calls included."`
	Kernels  []string `help:"Other kernels to try, instead of 5.10, 6.1, 6.12 and the newest." placeholder:"REF"`
	Features []string `help:"CPU features to take away one by one, as QEMU names them: avx,aes. By default those that the scenario names." placeholder:"NAME"`
	CPUs     []string `name:"cpus-features" sep:"none" help:"Other CPUs to try, as QEMU's -cpu: max,-avx. May be given several times." placeholder:"MODEL"`
}

// Help is printed below the flags.
func (explainCmd) Help() string {
	return `The failure of a finished run is repeated at its broken size in fresh VMs, with one thing changed in each arm:
the size, the rate, the kernel, options that were set, memory, vCPUs, CPU features. If one makes the failure go away,
the CPU features that may explain it are taken from that healthy guest, too. What it says is kept in the run folder;
the same command goes on where it was interrupted, and one with a larger --repeat adds to it.

Exit codes: 1 the failure came back (explained or not), 0 it did not come back, 2 there is none to explain, 3 brink itself failed.`
}

func (c *explainCmd) Run(a *app) error {
	e, q, err := c.open(a)
	if err != nil {
		return err
	}
	defer e.close()
	if err := c.alternatives(a, &q); err != nil {
		return err
	}
	e.executor = e.local
	return e.conclude(e.run(q))
}

// open checks that there is something to explain, and locks the run.
func (c *explainCmd) open(a *app) (*experiment, explain.Question, error) {
	q := explain.Question{HostMB: memAvailable()}
	var err error
	if q.Only, err = c.check(); err != nil {
		return nil, q, err
	}
	dir, err := store.Find(a.results, c.RunID)
	if err != nil {
		return nil, q, usageError{err}
	}
	e := &experiment{app: a, repeat: c.Repeat, maxBoots: c.MaxBoots}
	if e.folder, err = store.Open(dir); err != nil {
		return nil, q, err
	}
	if err := e.load(); err != nil {
		e.close()
		return nil, q, err
	}
	q.Spec, q.Head, q.Target = e.spec, e.head, e.target
	return e, q, nil
}

// load reads the run, what is to be explained of it, and what earlier calls found.
func (e *experiment) load() error {
	head, events, err := store.Load(e.folder.Dir)
	if err != nil {
		return err
	}
	if head.Build != wire.Build {
		fmt.Fprintf(e.app.err, "note: the run was made by build %s, this is %s\n", head.Build, wire.Build)
	}
	e.head = head
	if e.spec, err = scenarios.On(head.Scenario, head.Axis, head.Settings); err != nil {
		return err
	}
	if e.target, err = targetOf(e.spec, head, events); err != nil {
		return err
	}
	if e.lines, err = store.LoadExplanation(e.folder.Dir); err != nil {
		return err
	}
	e.record, err = e.folder.Explain()
	return err
}

// check refuses flags that make no sense.
func (c *explainCmd) check() ([]explain.Factor, error) {
	var only []explain.Factor
	for _, name := range c.Only {
		f := explain.Factor(name)
		if !slices.Contains(explain.Factors(), f) {
			return nil, usagef("--only %s: choose of same, scale, load, version, setting, environment", name)
		}
		only = append(only, f)
	}
	if c.Repeat < 1 || c.MaxBoots < 1 {
		return nil, usagef("--repeat and --max-boots are numbers from 1 on")
	}
	return only, nil
}

// targetOf returns the failure of a finished run, with the sizes that its search has narrowed.
func targetOf(spec scenario.Spec, head trial.Run, events []trial.Event) (explain.Target, error) {
	spec = spec.Scaled(head.Machine.Slowdown())
	if !engine.Finished(spec, head, events) {
		return explain.Target{}, usagef("run %s is not finished: `brink resume %s` goes on with it", head.ID, head.ID)
	}
	table := judge.Read(spec, head, events)
	first, ok := table.Target()
	found := table.Findings()
	if !ok && len(found) == 0 {
		return explain.Target{}, usagef("run %s found no failure: there is nothing to explain", head.ID)
	}
	i := slices.IndexFunc(found, func(f judge.Finding) bool { return f.What == first.What && f.Kind == first.Kind })
	if !ok || i < 0 {
		return explain.Target{}, usagef("run %s found no failure that a fresh VM loaded to one size could show, only %s", head.ID, kinds(found))
	}
	f := found[i]
	target := explain.Target{What: f.What, Kind: f.Kind, Op: f.Op, Text: f.Text, Safe: f.Safe, Broken: f.Broken, At: f.Broken,
		Measure: explain.MeasureOf(spec, f.Kind, f.What)}
	if f.Search != nil {
		target.At = max(f.Broken, f.Search.Ladder[1])
	}
	if f.Kind == judge.OverLimit {
		target.Rungs = table.Rungs(f.What)
	}
	return target, nil
}

func kinds(found []judge.Finding) string {
	var names []string
	for _, f := range found {
		names = append(names, string(f.Kind)+" of "+f.What)
	}
	return strings.Join(names, ", ")
}

// conclude prints what the record says by now. Exit code 1 says that the failure came back: it is found, explained or not.
func (e *experiment) conclude(setups []explain.Setup, err error) error {
	if err != nil {
		return err
	}
	arms := explain.Read(e.spec, e.head, setups, e.lines)
	x := explain.Judge(arms)
	if err := e.app.writeExplanation(e.head, x); err != nil {
		return err
	}
	if x.Back || arms[0].Other > 0 {
		return errFound
	}
	return nil
}

// explanationOf reads the explanation of a run, nil if there is none.
func explanationOf(dir string, head trial.Run) (*explain.Explanation, error) {
	lines, err := store.LoadExplanation(dir)
	if err != nil {
		return nil, err
	}
	target, ok := explain.Last(lines)
	if !ok {
		return nil, nil
	}
	spec, err := scenarios.On(head.Scenario, head.Axis, head.Settings)
	if err != nil {
		return nil, err
	}
	x := explain.Judge(explain.Read(spec, head, explain.Setups(lines, target), lines))
	return &x, nil
}

// printExplanation prints the explanation of a run, if there is one.
func (a *app) printExplanation(dir string, head trial.Run) error {
	x, err := explanationOf(dir, head)
	if err != nil || x == nil {
		return err
	}
	fmt.Fprintln(a.out)
	return a.writeExplanation(head, *x)
}

func (a *app) writeExplanation(head trial.Run, x explain.Explanation) error {
	return errors.Join(report.Explanation(a.out, head, x), report.Numbers(a.out, x))
}

// errGivenUp says that an arm cannot be tried; the others can.
var errGivenUp = errors.New("arm given up")
