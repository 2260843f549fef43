package main

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"brink/internal/engine"
	"brink/internal/lab"
	"brink/internal/minimise"
	"brink/internal/qemu"
	"brink/vmimages"
)

// prepare gets the run's kernel, and fills in the whole reproduction.
func (m *minimisation) prepare() error {
	g, err := machineOf(m.head.Machine)
	if err != nil {
		return err
	}
	if err := enoughMemory(g); err != nil {
		return err
	}
	ready, err := m.app.prepareAgain(m.q.Spec, m.head.Kernel, g)
	if err != nil {
		return err
	}
	if m.q.Extra, err = extraModules(ready.kernel); err != nil {
		return err
	}
	m.whole(ready.guest)
	m.config = func(c minimise.Candidate) qemu.Config { return candidateVM(m.q, ready.vm, c) }
	m.executor = func(c minimise.Candidate) (engine.Executor, error) { return m.local(ready, c) }
	return nil
}

// whole makes the reproduction that nothing is missing from: what the run's own search did, on the run's machine.
func (m *minimisation) whole(g guest) {
	devices, args := g.vm.Optional()
	spec := m.q.Spec
	record := g.record()
	steps := engine.ProbeSteps(spec.Scaled(record.Slowdown()), m.q.Target.At)
	m.q.Whole = minimise.Candidate{Size: m.q.Target.At, Steps: steps, Settings: m.head.Settings, Machine: record,
		Modules: slices.Concat(spec.Modules, m.q.Extra), Built: spec.Built, Tools: spec.Tools, Devices: devices, Args: args}
	var fixed []string
	for arg := range strings.FieldsSeq(g.vm.KernelCmdline()) {
		if !slices.Contains(args, arg) {
			fixed = append(fixed, arg)
		}
	}
	m.q.Fixed = []string{"device virtio-serial: the agent's channel",
		"arguments " + strings.Join(fixed, " ") + ": the console, the agent, the clock and the end of a VM rest on them"}
}

// extraModules returns those of the panic modules that the kernel has as files.
func extraModules(k vmimages.Kernel) (names []string, err error) {
	for _, name := range panicModules {
		files, err := vmimages.ModuleClosure(k, []string{name})
		var missing *vmimages.MissingModuleError
		if err != nil && !errors.As(err, &missing) {
			return nil, err
		}
		if len(files) > 0 {
			names = append(names, name)
		}
	}
	return names, nil
}

// local makes the executor of a candidate on this machine.
func (m *minimisation) local(p prepared, c minimise.Candidate) (engine.Executor, error) {
	initramfs, err := initramfsOf(p, c)
	if err != nil {
		return nil, err
	}
	return &lab.Local{VM: m.config(c), Initramfs: initramfs, Release: p.kernel.Release, TrialDir: m.record.TrialDir,
		Snapshot: filepath.Join(m.folder.Dir, "minimised", "snapshot"), Limits: lab.DefaultLimits(p.vm)}, nil
}

// candidateVM is the machine of a candidate.
func candidateVM(q minimise.Question, vm qemu.Config, c minimise.Candidate) qemu.Config {
	vm.MemoryMB, vm.CPUs, vm.Without = c.Machine.MemoryMB, c.Machine.CPUs, q.Left(c)
	return vm
}

// initramfsOf makes that of a candidate.
func initramfsOf(p prepared, c minimise.Candidate) (string, error) {
	cache, err := vmimages.OpenCache("")
	if err != nil {
		return "", err
	}
	return cache.Initramfs(p.kernel, contentsOf(p, c))
}

// contentsOf is what is in the initramfs of a candidate: all that recipes made, and what it has of brink's own modules.
func contentsOf(p prepared, c minimise.Candidate) vmimages.InitramfsSpec {
	contents := p.contents
	contents.Modules, contents.Optional, contents.Tools, contents.Extra = c.Modules, nil, c.Tools, nil
	for _, m := range p.contents.Extra {
		own := slices.ContainsFunc(moduleSources(), func(s vmimages.ModuleSource) bool { return s.Name == m.Name })
		if !own || slices.Contains(c.Built, m.Name) {
			contents.Extra = append(contents.Extra, m)
		}
	}
	return contents
}
