package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"brink/internal/engine"
	"brink/internal/judge"
	"brink/internal/lab"
	"brink/internal/picture"
	"brink/internal/scenario"
	"brink/internal/soak"
	"brink/internal/store"
	"brink/internal/trial"
	"brink/internal/wire"
)

// soaking keeps the VMs of a soak busy and writes down what becomes of them.
type soaking struct {
	*app
	arms   []soakArmed
	folder *store.Soak
	show   *soakProgress
	unfit  *lab.UnfitError // what only a guest could tell of the settings; see mu
	quit   func()          // stops the fleet
	after  time.Duration   // how long a VM goes on after a failure that leaves it running, in host time

	mu    sync.Mutex
	lives map[int]*soakLifetime // VMs that run, by their ordinals
}

// add makes an arm ready. Its spec is not scaled to the machine yet.
func (s *soaking) add(spec scenario.Spec, head trial.Run, ready prepared) {
	s.arms = append(s.arms, soakArmed{spec: spec.Scaled(head.Machine.Slowdown()), head: head, ready: ready,
		executor: func(seed uint64) engine.Executor {
			local := ready.local(s.folder.TrialDir, "", head.VMCore)
			if local.VM.Seed > 0 { // with the instruction clock, VMs of one seed would all do the same
				local.VM.Seed = max(1, uint32(seed))
			}
			return local
		}})
}

// run goes on from a record until the question is answered or the time is up, and prints the result.
func (s *soaking) run(lines []store.SoakLine, asJSON bool) error {
	h := s.folder.Head
	known, done := map[int]bool{}, []soak.Result(nil)
	for _, l := range lines {
		known[l.Ordinal] = !l.Partial
		done = append(done, l.Result)
	}
	before, err := s.folder.Sweep(known)
	if err != nil {
		return err
	}
	m := h.Arms[0].Machine
	fmt.Fprintf(s.err, "soak of %s with %s %s, %s clock %s, %d MiB each\nsoak folder %s\n", h.Arms[0].Scenario, judge.Count(h.Size()), h.Arms[0].Axis,
		m.Accel, m.Clock, m.MemoryMB, s.folder.Dir)
	s.show = newSoakProgress(s.err, h)
	fleet := soak.Fleet{VMs: h.VMs, Seed: h.Arms[0].Seed, For: h.For, Question: soakQuestion(h, len(h.Arms)), VM: s.vm, Record: s.record,
		Progress: s.show.state, Done: done, Before: before}
	ctx, quit := context.WithCancel(s.ctx)
	defer quit()
	s.quit = quit
	_, err = fleet.Run(ctx)
	s.show.close()
	return s.conclude(err, asJSON)
}

// conclude prints and keeps the result, and says it by the exit code.
func (s *soaking) conclude(cause error, asJSON bool) error {
	if s.unfit != nil {
		return usageError{s.unfit}
	}
	doc, err := loadSoak(s.folder.Dir)
	if err == nil {
		err = errors.Join(keepSoak(s.folder.Dir, doc), doc.print(s.out, asJSON))
	}
	switch id := s.folder.Head.ID; {
	case errors.Is(cause, context.Canceled):
		return errors.Join(fmt.Errorf("interrupted; `brink resume %s` goes on", id), err)
	case cause != nil:
		return errors.Join(fmt.Errorf("%w; `brink resume %s` goes on, the VMs' own words are in %s", cause, id, filepath.Join(s.folder.Dir, "trials")), err)
	case err != nil:
		return err
	}
	return doc.exit()
}

// soakOf returns the folder of the soak that a name means; ok is false if it means none.
func (a *app) soakOf(name string) (dir string, ok bool, err error) {
	return a.folderOf(store.FindSoak, name)
}

// resumeSoak goes on with a soak, for a longer time if one is given.
func (a *app) resumeSoak(dir string, longer time.Duration) error {
	folder, err := store.OpenSoak(dir)
	if err != nil {
		return err
	}
	defer folder.Close()
	if longer != 0 && longer <= folder.Head.For {
		return usagef("--for %v: the soak has %v already, give more", longer, folder.Head.For)
	}
	doc, err := loadSoak(dir)
	if err != nil {
		return err
	}
	if doc.answered() {
		fmt.Fprintf(a.err, "%s is finished already: its question is answered, and more time does not change that; begin a new soak to ask another one\n", doc.ID)
		if err := doc.print(a.out, false); err != nil {
			return err
		}
		return doc.exit()
	}
	if longer != 0 {
		if err := folder.Extend(longer); err != nil {
			return err
		}
	}
	if doc, err = loadSoak(dir); err != nil {
		return err
	}
	if doc.Finished {
		fmt.Fprintf(a.err, "%s is finished already; `brink resume %s --for %v` makes it longer\n", doc.ID, doc.ID, 2*folder.Head.For)
		if err := doc.print(a.out, false); err != nil {
			return err
		}
		return doc.exit()
	}
	if folder.Head.Build != wire.Build {
		fmt.Fprintf(a.err, "note: the soak was begun by build %s, this is %s\n", folder.Head.Build, wire.Build)
	}
	s := &soaking{app: a, folder: folder}
	if err := s.again(); err != nil {
		return err
	}
	return s.run(doc.Results, false)
}

// again makes the arms of a record ready, with as many of its VMs as fit now.
func (s *soaking) again() error {
	h := &s.folder.Head
	g, err := machineOf(h.Arms[0].Machine)
	if err != nil {
		return err
	}
	var arms []soakArm
	for _, head := range h.Arms {
		spec, err := specOf(head)
		if err != nil {
			return err
		}
		ready, err := s.prepareAgain(spec, head.Kernel, g)
		if err != nil {
			return err
		}
		arms = append(arms, soakArm{spec: spec, head: head})
		s.add(spec, head, ready)
		s.arms[len(s.arms)-1].spec = spec // is scaled
	}
	now := *h
	now.Asked = h.VMs
	if err := fitSoak(s.err, &now, &g, arms, s.results); err != nil {
		return err
	}
	h.VMs = now.VMs
	return nil
}

// keepSoak writes the reports into the soak's folder.
func keepSoak(dir string, doc soakDocument) error {
	var text, document, svg, png bytes.Buffer
	err := errors.Join(doc.text(&text), doc.write(&document), picture.TimelineSVG(&svg, doc.timeline()), picture.TimelinePNG(&png, doc.timeline()))
	for name, file := range map[string]*bytes.Buffer{store.SoakReport: &text, store.SoakSummary: &document, "soak.svg": &svg, "soak.png": &png} {
		if err == nil {
			err = store.WriteFile(filepath.Join(dir, name), file.Bytes())
		}
	}
	return err
}
