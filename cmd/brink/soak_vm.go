package main

import (
	"cmp"
	"context"
	"errors"
	"time"

	"brink/internal/engine"
	"brink/internal/lab"
	"brink/internal/scenario"
	"brink/internal/soak"
	"brink/internal/store"
	"brink/internal/trial"
)

// soakArmed is an arm that is ready to start VMs.
type soakArmed struct {
	spec  scenario.Spec // scaled to the machine
	head  trial.Run
	ready prepared
	// executor makes what runs one VM; several run at the same time.
	executor func(seed uint64) engine.Executor
}

// Times of a soak, in guest time but for the last.
const (
	soakHeartbeat = 5 * time.Second // between two signs of life
	soakEach      = time.Second     // of an op, before the next one has its turn
	// soakLife is longer than any soak: its VMs are stopped by the host.
	soakLife = 100_000 * time.Hour
	// soakAfter is soaking.after, of the host.
	soakAfter = 3 * time.Second
)

// plan is what a VM does.
func (s *soaking) plan(job soak.Job) trial.Plan {
	arm := s.arms[job.Arm]
	life := cmp.Or(s.folder.Head.Life, soakLife)
	steps, repeat := engine.RoundSteps(arm.spec, arm.head.Sizes[0], soakEach, life)
	return trial.Plan{V: trial.Version, Run: s.folder.Head.ID, Trial: job.Ordinal, Scenario: arm.spec.Name, Axis: arm.head.Axis,
		Seed: job.Seed, Settings: arm.head.Settings, Clock: arm.head.Machine.Clock, Heartbeat: soakHeartbeat,
		Detectors: arm.head.Machine.Detectors(), Expects: arm.spec.Expects, Steps: steps, Repeat: repeat}
}

// vm is one VM from its boot to its end (soak.VM).
func (s *soaking) vm(ctx context.Context, job soak.Job, told soak.Told) (soak.End, error) {
	own, stop := context.WithCancel(ctx)
	defer stop()
	arm := s.arms[job.Arm]
	plan := s.plan(job)
	life := &soakLifetime{load: loadOp(arm.spec), told: told, stop: stop, after: cmp.Or(s.after, soakAfter)}
	s.keep(job.Ordinal, life)
	outcome, err := arm.executor(job.Seed).Trial(own, plan, trial.StartBoot, life.take)
	life.close()
	s.judgeFit(err)
	lost := err != nil || outcome.Kind == trial.Harness
	end := soak.End{Time: life.time(), Failure: life.end(outcome, lost)}
	switch {
	case end.Failure != nil: // whatever became of the VM afterwards
	case err != nil && own.Err() == nil:
		return soak.End{}, err
	case err == nil && lost:
		return soak.End{}, errors.New(outcome.Text)
	default:
		return end, nil
	}
	dir, err := s.folder.TrialDir(job.Ordinal)
	if err == nil {
		err = life.save(dir)
	}
	if err != nil {
		s.log.Warn("the events of a VM that failed could not be kept", "trial", job.Ordinal, "why", err)
	}
	return end, nil
}

// judgeFit ends the soak where a guest says that the settings cannot be done in it: the next one would say the same.
func (s *soaking) judgeFit(err error) {
	unfit := (*lab.UnfitError)(nil)
	if !errors.As(err, &unfit) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unfit = unfit
	s.quit()
}

// keep remembers a VM for the record.
func (s *soaking) keep(ordinal int, life *soakLifetime) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lives == nil {
		s.lives = map[int]*soakLifetime{}
	}
	s.lives[ordinal] = life
}

// record writes a VM down (soak.Fleet.Record), and removes what a good one left.
func (s *soaking) record(r soak.Result) error {
	s.mu.Lock()
	life := s.lives[r.Ordinal]
	if !r.Partial {
		delete(s.lives, r.Ordinal)
	}
	s.mu.Unlock()
	l := store.SoakLine{Result: r}
	if life != nil {
		l = life.line(r)
	}
	if err := s.folder.Append(l); err != nil || r.Partial {
		return err
	}
	s.show.ended(r)
	if r.Failure == nil && r.Harness == "" {
		return s.folder.Drop(r.Ordinal)
	}
	return nil
}
