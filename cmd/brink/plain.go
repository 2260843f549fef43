package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"brink/internal/plain"
	"brink/internal/scenario"
	"brink/internal/store"
	"brink/internal/summary"
	"brink/internal/trial"
	"brink/internal/wire"
)

// The files of the plain reproducer in a run folder.
const (
	plainDir      = "plain"
	plainScript   = "reproduce.sh"
	plainVerdict  = "verified.json"
	plainEvents   = "events.jsonl"
	plainTrialDir = "trials"
)

type plainCmd struct {
	RunID   string `arg:"" name:"run" default:"last" help:"Run: folder, ID, beginning of an ID, or last."`
	Verify  bool   `default:"true" negatable:"" help:"Run the script in a VM with the run's kernel and machine, and say whether it shows the failure."`
	Output  string `short:"o" help:"Write the script to this file instead of stdout." placeholder:"FILE"`
	Finding int    `help:"Finding to reproduce, by its place in the report, from 1 on. By default the first one that there is a script for." placeholder:"N"`
	Size    int64  `help:"Size the script begins with. By default the finding's; for what is only too slow, a size where a script's coarse clock shows it." placeholder:"N"`
}

// Help is printed below the flags.
func (plainCmd) Help() string {
	return `The script needs no brink: sh, the tools of its scenario (ip, wg), root, and a kernel that may die of it.

It is verified in fresh VMs. A failure that the console tells of must come with the same signature; a hang in the same
function; what only the script itself can tell (an error, too slow) must be its own FAILED line, and must not come at a
size that is safe. The script and the verdict are kept in the run folder, in plain/reproduce.sh and plain/verified.json,
with the VMs' record beside them. The verdict goes to stderr.

Exit codes: 0 verified, or not asked to; 1 not verified: it showed something else; 2 wrong usage, or no finding that there is
a script for; 3 brink itself failed, or a tool is missing here.`
}

// Run prints the script and verifies it.
func (c *plainCmd) Run(a *app) error {
	dir, err := store.Find(a.results, c.RunID)
	if err != nil {
		return usageError{err}
	}
	folder, err := store.Open(dir) // its lock: two of us would write the same files
	if err != nil {
		return err
	}
	defer folder.Close()
	spec, script, err := c.script(dir, folder.Head)
	if err != nil {
		return err
	}
	if err := keepScript(dir, script); err != nil {
		return err
	}
	if err := c.print(a, script); err != nil || !c.Verify {
		return err
	}
	verdict, err := a.verify(dir, folder.Head, spec, script)
	if err != nil {
		return fmt.Errorf("verify the script: %w; --no-verify only prints it", err)
	}
	fmt.Fprintln(a.err, verdict.Text)
	if !verdict.Verified {
		return errFound
	}
	return nil
}

// script renders the script of the finding that was asked for.
func (c *plainCmd) script(dir string, head trial.Run) (scenario.Spec, plain.Script, error) {
	spec, err := specOf(head)
	if err != nil {
		return spec, plain.Script{}, err
	}
	doc, err := summarise(dir)
	if err != nil {
		return spec, plain.Script{}, err
	}
	if c.Size != 0 {
		axis, err := spec.Axis(head.Axis)
		if err == nil {
			_, err = axis.Sizes([]int64{c.Size})
		}
		if err != nil {
			return spec, plain.Script{}, usageError{err}
		}
	}
	script, err := c.choose(spec, head, doc.Findings)
	return spec, script, err
}

// choose renders the finding asked for, or the first one that has a script.
func (c *plainCmd) choose(spec scenario.Spec, head trial.Run, found []summary.Finding) (plain.Script, error) {
	if len(found) == 0 {
		return plain.Script{}, usagef("run %s found no failure: there is nothing to reproduce", head.ID)
	}
	render := func(f summary.Finding) (plain.Script, error) {
		return plain.Render(spec, f.Finding, f.Title, c.Size, head.Settings, head.Kernel.Release)
	}
	if c.Finding != 0 {
		if c.Finding < 1 || c.Finding > len(found) {
			return plain.Script{}, usagef("--finding %d: run %s has findings 1 to %d", c.Finding, head.ID, len(found))
		}
		script, err := render(found[c.Finding-1])
		if errors.Is(err, plain.ErrNone) {
			return script, usagef("finding %d: %w; %s", c.Finding, err, having(spec, head, found))
		}
		return script, err
	}
	var why []error
	for _, f := range found {
		script, err := render(f)
		if !errors.Is(err, plain.ErrNone) {
			return script, err
		}
		why = append(why, err)
	}
	return plain.Script{}, usageError{errors.Join(why...)}
}

// having says which findings have a script.
func having(spec scenario.Spec, head trial.Run, found []summary.Finding) string {
	var names []string
	for i, f := range found {
		if _, err := plain.Render(spec, f.Finding, f.Title, 0, head.Settings, head.Kernel.Release); err == nil {
			names = append(names, fmt.Sprintf("%d (%s of %s)", i+1, f.Kind, f.What))
		}
	}
	if len(names) == 0 {
		return "no finding of this run has one"
	}
	return "there is one for finding " + strings.Join(names, ", ")
}

// keepScript writes the script into the run folder. What was verified before was another one.
func keepScript(dir string, s plain.Script) error {
	if err := os.MkdirAll(filepath.Join(dir, plainDir), 0o755); err != nil {
		return fmt.Errorf("keep script: %w", err)
	}
	if err := os.Remove(filepath.Join(dir, plainDir, plainVerdict)); err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("remove old verdict: %w", err)
	}
	return store.WriteFile(filepath.Join(dir, plainDir, plainScript), []byte(s.Text))
}

func (c *plainCmd) print(a *app, s plain.Script) error {
	fmt.Fprintf(a.err, "%s of %s, %d\n", s.Finding.Kind, s.Finding.What, s.Size)
	if c.Output == "" {
		_, err := fmt.Fprint(a.out, s.Text)
		return err
	}
	if err := os.WriteFile(c.Output, []byte(s.Text), 0o755); err != nil {
		return fmt.Errorf("write script: %w", err)
	}
	return nil
}

// describe fills in what the verdict rests on.
func describe(v plain.Verdict, head trial.Run, p prepared, hash string) plain.Verdict {
	v.Run, v.Build, v.Script = head.ID, wire.Build, hash
	v.Kernel, v.Machine = p.record(), p.guest.record()
	v.Machine.Cmdline = p.vm.KernelCmdline()
	return v
}
