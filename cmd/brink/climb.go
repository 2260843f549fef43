package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"brink/internal/engine"
	"brink/internal/lab"
	"brink/internal/qemu"
	"brink/internal/report"
	"brink/internal/scenario"
	"brink/internal/store"
	"brink/internal/trial"
	"brink/vmimages"
	"brink/vmimages/seeded"
	"brink/vmimages/seedednic"
	"brink/vmimages/seededosxsave"
)

// bootModules are needed before the agent can say hello; kernels that have them built in need none.
var bootModules = []string{"virtio_pci", "virtio_console"}

// panicModules tell QEMU of a panic; 5.10 has the driver in one module.
var panicModules = []string{"pvpanic-mmio", "pvpanic-pci", "pvpanic"}

// prepared is everything a trial needs.
type prepared struct {
	guest
	kernel    vmimages.Kernel
	contents  vmimages.InitramfsSpec
	cache     *vmimages.Cache // that holds them
	initramfs string
}

// prepare gets the kernel and builds the initramfs.
func (a *app) prepare(spec scenario.Spec, ref string, g guest) (prepared, error) {
	return a.prepareWith(spec, ref, g, moduleSources())
}

// prepareAgain is prepare with the very kernel of a record.
func (a *app) prepareAgain(spec scenario.Spec, k trial.Kernel, g guest) (prepared, error) {
	p, err := a.prepare(spec, k.Name, g)
	if err == nil && p.kernel.Hash != k.Hash {
		err = fmt.Errorf("kernel %s is not the one of the record, its content changed: bring that one back, or make a new run", k.Name)
	}
	return p, err
}

// prepareWith is prepare with brink's own modules built from the given sources.
func (a *app) prepareWith(spec scenario.Spec, ref string, g guest, sources []vmimages.ModuleSource) (prepared, error) {
	agent, err := findAgent()
	if err != nil {
		return prepared{}, err
	}
	cache, err := vmimages.OpenCache("")
	if err != nil {
		return prepared{}, err
	}
	slow := time.AfterFunc(time.Second, func() { fmt.Fprintf(a.err, "fetching kernel %s\n", ref) })
	resolver := vmimages.NewResolver(cache, a.log)
	resolver.Progress = (&buildSteps{w: a.err, ref: ref}).say
	k, err := resolver.Resolve(a.ctx, ref)
	slow.Stop()
	if err != nil {
		return prepared{}, err
	}
	p := prepared{guest: g, kernel: k, cache: cache}
	p.vm.NICs, p.vm.Disks = spec.NICs, spec.Disks
	p.vm.Cmdline = append(slices.Clone(p.vm.Cmdline), qemu.ReleaseArgs(k.Release)...)
	recipes, err := a.recipeModules(resolver, k, spec.Recipes)
	if err != nil {
		return prepared{}, err
	}
	built, err := a.buildModules(resolver, k, spec.Built, sources)
	if err != nil {
		return prepared{}, err
	}
	p.contents = vmimages.InitramfsSpec{Agent: agent, Boot: bootModules, Modules: slices.Concat(diskModules(spec), spec.Modules), Optional: panicModules,
		Extra: slices.Concat(built, recipes), Tools: spec.Tools}
	if p.initramfs, err = cache.Initramfs(k, p.contents); err != nil {
		var missing *vmimages.MissingModuleError
		if errors.As(err, &missing) && k.Modules == "" {
			err = fmt.Errorf("%s has no modules: give their folder with file:PATH,modules=DIR", ref)
		}
		return prepared{}, err
	}
	if p.vm.Kernel = k.VMLinux; p.vm.Kernel == "" {
		a.log.Info("boot the compressed image", "why", k.VMLinuxWhy)
		p.vm.Kernel = k.Image
	}
	return p, nil
}

// diskModules are what a guest with disks needs.
func diskModules(spec scenario.Spec) []string {
	if len(spec.Disks) == 0 {
		return nil
	}
	return []string{"virtio_blk"}
}

func (p prepared) record() trial.Kernel {
	k := p.kernel
	return trial.Kernel{Ref: k.Ref, Name: k.Name, Release: k.Release, Package: k.Package, Version: k.Version, Hash: k.Hash,
		Source: (*trial.Source)(k.Source)}
}

// climb runs or resumes a ramp, prints its report, and returns errFound if something broke.
func (a *app) climb(spec scenario.Spec, p prepared, folder *store.Run, events []trial.Event) error {
	if err := enoughForTwins(folder.Head, p.guest); err != nil {
		return err
	}
	local := p.local(folder.TrialDir, filepath.Join(folder.Dir, "snapshot"), folder.Head.VMCore)
	defer local.Close()
	fmt.Fprintf(a.err, "%s on %s, %s (%s), clock %s, %d MiB\n", spec.Name, p.kernel.Name, p.vm.Accel, p.why, p.vm.Clock, p.vm.MemoryMB)
	fmt.Fprintf(a.err, "run folder %s\n", folder.Dir)
	show := newProgress(a.err, spec, folder.Head, events)
	e := engine.Engine{Spec: spec, Head: folder.Head, Executor: executor(local, folder.Head), Record: folder, Observe: show.event}
	err := e.Run(a.ctx, events)
	show.close()
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("interrupted; `brink resume %s` goes on", folder.Head.ID)
	}
	if unfit := (*lab.UnfitError)(nil); errors.As(err, &unfit) {
		return usageError{unfit}
	}
	if err != nil {
		return fmt.Errorf("%w; `brink resume %s` tries again, the VM's own words are in %s", err, folder.Head.ID,
			filepath.Join(folder.Dir, "trials"))
	}
	return a.conclude(folder.Dir)
}

// conclude prints the report of a finished run and keeps it in the folder.
func (a *app) conclude(dir string) error {
	table, err := loadTable(dir)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := report.Text(&text, table); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%s\nrun folder: %s\npage:       %s\n", text.Bytes(), dir, filepath.Join(dir, "report.html"))
	if err := a.keepReports(dir, mailFlags{}); err != nil {
		a.log.Warn("the report could not be kept in the run folder", "why", err)
	}
	if len(table.Findings()) > 0 {
		return errFound
	}
	return nil
}

// machineOf turns the record of a machine back into one.
func machineOf(m trial.Machine) (guest, error) {
	g := guest{vm: qemu.Config{Accel: qemu.Accel(m.Accel), Clock: m.Clock, MemoryMB: m.MemoryMB, CPUs: m.CPUs, Crowd: m.Crowd, CPU: m.CPU},
		why: "as in the run so far"}
	if m.Clock == trial.ClockICount {
		g.vm.Seed = 1
	}
	if g.vm.Accel == qemu.KVM {
		if err := qemu.ProbeKVM(); err != nil {
			return g, fmt.Errorf("the run was made with KVM, which is not usable here: %w", err)
		}
	}
	var err error
	g.vm.Binary, g.qemu, err = findQEMU()
	return g, err
}

// moduleSources lists brink's own kernel modules.
func moduleSources() []vmimages.ModuleSource {
	return []vmimages.ModuleSource{seeded.Source(), seedednic.Source(), seededosxsave.Source()}
}

// buildModules compiles the scenario's own modules for the kernel, or finds them in the cache.
func (a *app) buildModules(r *vmimages.Resolver, k vmimages.Kernel, names []string, sources []vmimages.ModuleSource) ([]vmimages.Module, error) {
	var built []vmimages.Module
	for _, name := range names {
		i := slices.IndexFunc(sources, func(s vmimages.ModuleSource) bool { return s.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("no module %s in this brink", name)
		}
		slow := time.AfterFunc(time.Second, func() { fmt.Fprintf(a.err, "building module %s for %s\n", name, k.Release) })
		m, err := r.BuildModule(a.ctx, k, sources[i])
		slow.Stop()
		if err != nil {
			return nil, err
		}
		built = append(built, m)
	}
	return built, nil
}
