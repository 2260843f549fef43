package main

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"brink/internal/bisect"
	"brink/internal/engine"
	"brink/internal/question"
	"brink/internal/scenario"
	"brink/internal/trial"
	"brink/internal/wire"
	"brink/scenarios"
)

type checkCmd struct {
	Scenario   string            `arg:"" help:"Scenario, see brink list."`
	Kernel     string            `short:"k" default:"debian:6.12" help:"Kernel, as for brink run; source:. is the tree that git has checked out here." placeholder:"REF"`
	Module     string            `type:"path" help:"Folder with the source of brink's own module, as it lies there, to be loaded instead of the usual one." placeholder:"PATH"`
	Expect     string            `required:"" help:"What is asked, see brink bisect --help; a cost in the absolute form." placeholder:"QUESTION"`
	Axis       string            `help:"Axis to ramp; the scenario's first one by default."`
	Set        map[string]string `help:"Option of the scenario, see brink list." placeholder:"NAME=VALUE" mapsep:"none"`
	Seed       uint64            `default:"1" help:"Seed of everything random; each repetition gets another one, counted from it."`
	Repeat     int               `help:"Fresh VMs in which it must not show before the kernel is good; 1 by default." placeholder:"N"`
	Confidence float64           `help:"As many VMs as show a failure of probability --rare with this confidence, instead of --repeat." placeholder:"0.95"`
	Rare       float64           `default:"0.3" help:"How rarely the failure shows, for --confidence: the share of the VMs."`
	Out        string            `type:"path" help:"Folder to keep what the VMs leave in; nothing is kept without it." placeholder:"DIR"`

	machineFlags `embed:""`
}

// Help is printed below the flags.
func (checkCmd) Help() string {
	return `One line says why. The exit codes are those of git bisect run:

    git bisect start BAD GOOD && git bisect run brink check SCENARIO --kernel source:. --expect QUESTION

0 good, 1 bad, 125 skip: it does not build or boot, a patch does not apply to it, it fails otherwise, or the harness failed. git stops at anything from 128 on,
and takes the rest for bad, so here 129 is wrong usage, 128 brink cannot work on this machine, 130 interrupted. For a question about
what was fixed 0 is the old state and 1 the fixed one (git bisect start --term-old=broken --term-new=fixed).

2 is none of these, but what a program of Go's ends with when its runtime breaks off. To stop then, too:

    git bisect run sh -c 'brink check …; r=$?; [ $r = 2 ] && exit 128; exit $r'`
}

func (c *checkCmd) Run(a *app) error { return guarded(a, c.check) }

func (c *checkCmd) check(a *app) error {
	k, err := c.open(a)
	if err != nil {
		return err
	}
	folder, err := k.trials(c.Out)
	if err != nil {
		return err
	}
	if c.Out == "" {
		defer os.RemoveAll(folder)
	}
	p, err := c.prepare(a, k)
	if err != nil {
		return err
	}
	k.kernel = p.record()
	if why, err := unfit(k.spec, askedOf(k.head, k.kernel), p.kernel.Config); err != nil || why != "" {
		return cmp.Or[error](err, skipError{why})
	}
	k.executor = p.local(func(n int) (string, error) {
		dir := filepath.Join(folder, fmt.Sprintf("%03d", n))
		return dir, os.MkdirAll(dir, 0o755)
	}, "", false)
	return k.run(a)
}

// inquiry is one kernel to be asked.
type inquiry struct {
	spec     scenario.Spec
	head     question.Head
	guest    guest
	kernel   trial.Kernel
	repeat   int
	executor engine.Executor
}

// open reads the flags. What is wrong with them is a usage error.
func (c *checkCmd) open(a *app) (*inquiry, error) {
	k := &inquiry{}
	var err error
	if k.spec, err = scenarios.Find(c.Scenario); err != nil {
		return nil, usageError{err}
	}
	axis, err := k.spec.Axis(c.Axis)
	if err != nil {
		return nil, usageError{err}
	}
	var settings scenario.Settings
	if k.spec, settings, err = settled(k.spec, axis.Name, c.Set); err != nil {
		return nil, usageError{err}
	}
	q, err := ask(k.spec, axis.Name, c.Expect)
	if err != nil {
		return nil, usageError{err}
	}
	if q.Open() {
		return nil, usagef("--expect %s: there is no good end here to compare with; give a time, as cost:%s@%d>20ms", q, q.What, q.Size)
	}
	if k.repeat, err = c.repetitions(); err != nil {
		return nil, usageError{err}
	}
	if k.guest, err = c.machine(k.spec, axis.Name, []int64{q.Size}); err != nil {
		return nil, err
	}
	k.head = question.Head{V: trial.Version, ID: "check", Build: wire.Build, Scenario: k.spec.Name, Axis: axis.Name, Settings: settings,
		Seed: c.Seed, Seeded: k.spec.Seeded, Machine: k.guest.record(), Question: &q}
	return k, refuse(k.spec, askedOf(k.head, trial.Kernel{}), "")
}

// repetitions is how many VMs a good kernel takes.
func (c *checkCmd) repetitions() (int, error) {
	switch {
	case c.Repeat < 0 || !(c.Confidence >= 0 && c.Confidence < 1) || !(c.Rare > 0 && c.Rare <= 1):
		return 0, fmt.Errorf("--repeat is a number from 0 on (0: once), " +
			"--confidence a probability from 0 up and below 1, --rare one above 0, up to 1")
	case c.Repeat > 0 && c.Confidence > 0:
		return 0, fmt.Errorf("give --repeat or --confidence, not both")
	case c.Confidence > 0 && c.Rare < 1:
		return int(math.Ceil(math.Log(1-c.Confidence) / math.Log(1-c.Rare))), nil
	}
	return max(1, c.Repeat), nil
}

func (k *inquiry) trials(out string) (string, error) {
	if out != "" {
		return out, os.MkdirAll(out, 0o755)
	}
	return os.MkdirTemp("", "brink-check-")
}

// prepare gets the kernel, with the module of the user's folder.
func (c *checkCmd) prepare(a *app, k *inquiry) (prepared, error) {
	sources := moduleSources()
	if c.Module != "" {
		files, err := folderFiles(c.Module)
		if err != nil {
			return prepared{}, usageError{err}
		}
		if sources, err = replaced(sources, k.spec.Built, files); err != nil {
			return prepared{}, skipError{fmt.Sprintf("--module %s: %v", c.Module, err)} // of this commit: another one may have it
		}
	}
	return a.prepareWith(k.spec, c.Kernel, k.guest, sources)
}

// folderFiles are the files right in a folder, without hidden ones.
func folderFiles(dir string) (map[string][]byte, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read the module's source: %w", err)
	}
	files := map[string][]byte{}
	for _, e := range entries {
		if !e.Type().IsRegular() || e.Name()[0] == '.' {
			continue
		}
		if files[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			return nil, fmt.Errorf("read the module's source: %w", err)
		}
	}
	return files, nil
}

// spareRuns is how many runs without an answer are made up for.
const spareRuns = 3

// run asks until it shows, or has not shown often enough. It prints why.
func (k *inquiry) run(a *app) error {
	q, clean, why := *k.head.Question, 0, ""
	for n := 1; n <= k.repeat+spareRuns && clean < k.repeat; n++ {
		answer, text, err := k.ask(a, n)
		if err != nil {
			return err
		}
		why = oneLine(text)
		if answer == bisect.Bad {
			return k.answer(a, bisect.Bad, fmt.Sprintf("%s (in VM %d)", why, n))
		}
		if answer == bisect.Good {
			clean++
		}
	}
	if clean < k.repeat {
		return skipError{fmt.Sprintf("%s: %s", q, why)}
	}
	return k.answer(a, bisect.Good, fmt.Sprintf("%s (%d of %d VMs)", why, clean, k.repeat))
}

func (k *inquiry) answer(a *app, answer bisect.Answer, why string) error {
	q := *k.head.Question
	if q.Fixed {
		answer = question.Invert(answer)
	}
	fmt.Fprintf(a.out, "%s: %s, %s: %s\n", answer, k.kernel.Name, q, why)
	if answer == bisect.Bad {
		return errFound
	}
	return nil
}

// eventList keeps the events of one trial.
type eventList []trial.Event

func (l *eventList) Append(e trial.Event) error {
	e.V = trial.Version
	*l = append(*l, e)
	return nil
}

// ask tries the kernel in one VM.
func (k *inquiry) ask(a *app, n int) (bisect.Answer, string, error) {
	q, head, events := *k.head.Question, k.head.Run(k.kernel), &eventList{}
	head.Seed += uint64(n - 1)
	spec := k.spec.Scaled(head.Machine.Slowdown())
	e := engine.Engine{Spec: spec, Head: head, Executor: k.executor, Record: events, Before: n - 1}
	_, err := e.Try(a.ctx, engine.ProbeSteps(spec, q.Size), trial.Probe{Size: q.Size, What: q.What, Kind: trial.Kind(q.Kind)})
	if a.ctx.Err() != nil {
		return "", "", a.ctx.Err()
	}
	if err != nil {
		return "", "", err
	}
	answer, why, _ := question.Answer(q, spec, head, *events)
	return answer, why, nil
}
