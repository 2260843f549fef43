package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"brink/internal/bisect"
	"brink/internal/store"
	"brink/internal/wire"
	"brink/scenarios"
	"brink/vmimages"
)

type bisectCmd struct {
	Scenario string `arg:"" optional:"" help:"Scenario, see brink list."`
	Good     string `aliases:"old" help:"The older end: a kernel, or a commit with --git." placeholder:"REF"`
	Bad      string `aliases:"new" help:"The newer end." placeholder:"REF"`
	Expect   string `help:"What is asked of each kernel; without it the ends are compared first. See above." placeholder:"QUESTION"`

	Kernels []string `sep:"none" help:"The kernels between the ends, in their order, instead of all that the archive has." placeholder:"REF,…"`
	Git     string   `type:"path" help:"Repository whose commits are tried: Linux, or the source of brink's own module." placeholder:"PATH"`
	Kernel  string   `short:"k" help:"Kernel to load the module of --git into; debian:6.12 by default." placeholder:"REF"`

	Axis  string            `help:"Axis to ramp; the scenario's first one by default."`
	From  *int64            `help:"Without --expect: first size of the ladder that the ends climb." placeholder:"N"`
	To    *int64            `help:"Last size of it." placeholder:"N"`
	Sizes []int64           `help:"The whole ladder." placeholder:"N,N,…"`
	Set   map[string]string `help:"Option of the scenario, see brink list." placeholder:"NAME=VALUE" mapsep:"none"`
	Seed  *uint64           `help:"Seed of everything random. 1 by default; each run of a kernel gets another one, counted from it." placeholder:"N"`

	Confidence float64 `default:"0.95" help:"Wanted probability that the answer is right; kernels are run again until it is reached."`
	MaxBoots   *int    `help:"Fresh VMs that may be spent, 100 by default." placeholder:"N"`
	Jobs       int     `help:"VMs at a time; by default half as many as there are CPUs, as far as memory allows." placeholder:"N"`
	Keep       bool    `help:"Keep all kernels in the cache, whatever it grows to."`
	CacheLimit string  `default:"20G" env:"BRINK_CACHE_LIMIT" help:"Size above which kernels that were not used for the longest time are removed from the cache, 20G by default." placeholder:"SIZE"`

	Resume string `help:"Go on with a bisection that was interrupted: folder, ID, beginning of an ID, or last." placeholder:"ID"`
	Replay string `help:"Say what a log tells, of brink or of git bisect, and boot nothing." placeholder:"LOG"`
	JSON   bool   `name:"json" help:"Print the result as JSON."`

	machineFlags `embed:""`
}

// Help is printed below the flags.
func (bisectCmd) Help() string {
	return `Every kernel is asked the same question in fresh VMs that are loaded straight to one size:
signature:SIG@N a failure with this signature, fails:OP@N an op that fails or exceeds its budget (any: whatever fails),
cost:OP@N>1.5x (of the older end) or cost:OP@N>20ms, canary:NAME@N. An unrelated failure is no answer. What went away is
looked for with fixed: before the question, or < in a cost: the result is then the first kernel without it. Without --expect
both ends climb a ladder, and the clearest difference between them, in either direction, is asked.

Kernels are Debian's, one of each upstream version between the ends; or --kernels; or commits, with --git. Each is run as
often as the confidence needs. Versions are taken for a line, which stable series are not quite: a late 6.12 may have what an
early 6.16 has not. The folder in results holds the record, bisect.log (as git bisect log has it) and bisect.txt.

Exit codes: 1 what brought it is found, 0 the ends do not differ in it, 2 wrong usage, or the ends are not what they were said
to be, 3 it could not be told, or brink itself failed.`
}

func (c *bisectCmd) Run(a *app) error {
	if c.Replay != "" {
		return c.replay(a)
	}
	b, err := c.open(a)
	if err != nil {
		return err
	}
	defer b.folder.Close()
	b.executor = b.local
	return b.conclude(b.run(), c.JSON)
}

// open makes a new bisection, or opens the one to resume.
func (c *bisectCmd) open(a *app) (*bisection, error) {
	locked := *a
	locked.err = &lockedWriter{w: a.err}
	b := &bisection{app: &locked, jobs: c.Jobs, keep: c.Keep}
	if err := c.limits(b); err != nil {
		return nil, usageError{err}
	}
	if c.Resume != "" {
		return b, c.resume(b)
	}
	head, err := c.head(a)
	if err != nil {
		return nil, err
	}
	if b.spec, err = scenarios.On(head.Scenario, head.Axis, head.Settings); err != nil {
		return nil, usageError{err}
	}
	if b.folder, err = store.CreateBisection(a.results, head); err != nil {
		return nil, err
	}
	b.head = b.folder.Head
	fmt.Fprintf(a.err, "bisection folder %s\n", b.folder.Dir)
	return b, nil
}

// limits reads the flags that may differ from call to call.
func (c *bisectCmd) limits(b *bisection) (err error) {
	if !(c.Confidence >= 0.5 && c.Confidence < 1) || c.Jobs < 0 || c.MaxBoots != nil && *c.MaxBoots < 1 {
		return fmt.Errorf("--confidence is a probability from 0.5 up and below 1, --max-boots a number from 1 on, " +
			"--jobs one from 0 on (0: half as many as there are CPUs)")
	}
	if b.jobs == 0 {
		b.jobs = max(1, runtime.NumCPU()/2)
	}
	mb, err := parseMemory(c.CacheLimit)
	if err != nil {
		return fmt.Errorf("--cache-limit: %w", err)
	}
	b.cacheLimit = mb << 20
	return nil
}

func (c *bisectCmd) resume(b *bisection) error {
	if c.Scenario != "" || c.Good != "" || c.Bad != "" || c.Expect != "" || c.Git != "" || len(c.Kernels) > 0 {
		return usagef("--resume goes on with what was asked: leave scenario, ends and question out")
	}
	dir, err := store.FindBisection(b.app.results, c.Resume)
	if err != nil {
		return usageError{err}
	}
	if b.folder, err = store.OpenBisection(dir); err != nil {
		return err
	}
	if _, b.lines, err = store.LoadBisection(dir); err == nil {
		b.head = b.folder.Head
		b.lines = retried(b.lines)
		b.spec, err = scenarios.On(b.head.Scenario, b.head.Axis, b.head.Settings)
	}
	if err == nil {
		err = b.reads()
	}
	if err != nil {
		b.folder.Close()
		return err
	}
	if c.MaxBoots != nil {
		b.head.MaxBoots = *c.MaxBoots
	}
	if b.head.Build != wire.Build {
		fmt.Fprintf(b.app.err, "note: the bisection was begun by build %s, this is %s\n", b.head.Build, wire.Build)
	}
	return nil
}

// conclude writes down and prints what came out, and says it by the exit code.
func (b *bisection) conclude(err error, asJSON bool) error {
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("interrupted; `brink bisect --resume %s` goes on", b.head.ID)
	}
	var ref *vmimages.RefError
	var usage usageError
	if errors.As(err, &ref) || errors.As(err, &usage) {
		return fmt.Errorf("%w; once that is mended, `brink bisect --resume %s` goes on", err, b.head.ID)
	}
	if err != nil {
		return fmt.Errorf("%w; `brink bisect --resume %s` tries again", err, b.head.ID)
	}
	r := b.result()
	if err := errors.Join(b.keepFiles(r), r.print(b.app.out, asJSON)); err != nil {
		return err
	}
	return r.exit()
}

// errUntold says that a bisection ended without an answer.
var errUntold = errors.New("it could not be told")

// exit is the error for the exit code; what it says was printed.
func (r result) exit() error {
	switch r.Verdict {
	case bisect.Found, bisect.Range:
		return errFound
	case bisect.EndsGood:
		return nil
	case bisect.EndsBad, bisect.Swapped:
		return usageError{errors.New(r.Summary)}
	}
	return fmt.Errorf("%w: %s", errUntold, r.Summary)
}
