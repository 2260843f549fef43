package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"brink/internal/explain"
	"brink/internal/trial"
	"brink/vmimages"
)

// otherKernels are tried unless the user names some: the oldest of the archive, the long-term ones, the newest.
var otherKernels = []string{"debian:5.10", "debian:6.1", "debian:6.12", "debian:newest"}

// alternatives fills in the kernels and CPUs to try. What the user named must be there; what brink chose may be missing.
func (c *explainCmd) alternatives(a *app, q *explain.Question) error {
	if q.Wanted(explain.Version) {
		kernels, err := c.otherKernels(a, q.Head.Kernel)
		if err != nil {
			return err
		}
		q.Kernels = kernels
	}
	if q.Wanted(explain.Environment) {
		return c.environment(a, q)
	}
	return nil
}

// environment fills in the CPUs and the CPU features to try.
func (c *explainCmd) environment(a *app, q *explain.Question) error {
	g, err := machineOf(q.Head.Machine)
	if err != nil {
		return err
	}
	if q.Features = c.Features; len(q.Features) == 0 {
		q.Features = q.Spec.Features
	}
	if len(q.Features) > 0 {
		if q.Has, err = featuresOf(a.ctx, g.vm, q.Head.Machine.CPU); err != nil {
			return err
		}
	}
	for i, f := range c.Features {
		if slices.Contains(c.Features[:i], f) {
			return usagef("--features names %s twice", f)
		}
		if _, known := q.Has[f]; !known {
			return usagef("--features %s: QEMU knows no such feature; `%s -cpu help` lists them", f, qemuName)
		}
	}
	q.CPUs, err = c.otherCPUs(a, q.Head.Machine, q.Features)
	return err
}

func (c *explainCmd) otherKernels(a *app, own trial.Kernel) ([]explain.Kernel, error) {
	cache, err := vmimages.OpenCache("")
	if err != nil {
		return nil, err
	}
	resolver, refs := vmimages.NewResolver(cache, a.log), c.Kernels
	if len(refs) == 0 {
		refs = refsFor(own)
	}
	var kernels []explain.Kernel
	seen := []string{explain.Series(own.Release)}
	for _, ref := range refs {
		slow := time.AfterFunc(time.Second, func() { fmt.Fprintf(a.err, "fetching kernel %s\n", ref) })
		k, err := resolver.Resolve(a.ctx, ref)
		slow.Stop()
		series := explain.Series(k.Release)
		switch {
		case err != nil && (a.ctx.Err() != nil || len(c.Kernels) > 0):
			return nil, err
		case err != nil:
			kernels = append(kernels, explain.Kernel{Ref: ref, Skipped: err.Error()})
			continue
		case len(c.Kernels) == 0 && slices.Contains(seen, series): // debian:newest may be of a series that is there already
			continue
		}
		seen = append(seen, series)
		kernels = append(kernels, explain.Kernel{Ref: ref, Kernel: prepared{kernel: k}.record()})
	}
	return kernels, nil
}

// refsFor returns the kernels to try instead of the run's own, in its flavour and without its series.
func refsFor(own trial.Kernel) []string {
	flavour := ""
	if strings.HasSuffix(own.Name, "/"+string(vmimages.FlavourFull)) {
		flavour = "/" + string(vmimages.FlavourFull)
	}
	var refs []string
	for _, ref := range otherKernels {
		if ref != "debian:"+explain.Series(own.Release) {
			refs = append(refs, ref+flavour)
		}
	}
	return refs
}

func (c *explainCmd) otherCPUs(a *app, own trial.Machine, features []string) ([]string, error) {
	g, err := machineOf(own)
	if err != nil {
		return nil, err
	}
	list := c.CPUs
	if len(list) == 0 {
		list = explain.CPUs(own.CPU, features)
	}
	var cpus []string
	for _, cpu := range list {
		g.vm.CPU = cpu
		switch err := checkCPU(g.vm); {
		case err == nil:
			cpus = append(cpus, cpu)
		case len(c.CPUs) > 0:
			return nil, usageError{errors.New(strings.Replace(err.Error(), "--cpu ", "--cpus-features ", 1))}
		default:
			a.log.Info("CPU left out", "cpu", cpu, "why", err.Error())
		}
	}
	return cpus, nil
}
