package main

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"brink/vmimages"
	"brink/vmimages/zfs"
)

type imageCmd struct {
	Build imageBuildCmd `cmd:"" help:"Build the modules of a recipe for a kernel, as a scenario does by itself when it needs them."`
}

type imageBuildCmd struct {
	Recipe        string `arg:"" help:"What to build: zfs."`
	Kernel        string `short:"k" required:"" help:"Kernel to build for, as debian:6.1." placeholder:"REF"`
	ModuleVersion string `name:"module-version" help:"Version of the recipe's package; by default the one that fits the kernel best." placeholder:"VERSION"`
}

// Help is printed below the flags.
func (imageBuildCmd) Help() string {
	return `The modules are built on this machine, from Debian's package and the kernel's headers, and stay in brink's cache. Those of
zfs are under the CDDL, which many hold to forbid passing them on with a kernel: brink bundle refuses a run with them.

Exit codes: 0 built or there already, 2 the pair cannot be built, 3 brink itself failed.`
}

// recipes lists what modules can be built by a recipe.
func recipes() []vmimages.Recipe { return []vmimages.Recipe{zfs.Recipe()} }

func findRecipe(name string) (vmimages.Recipe, error) {
	var names []string
	for _, r := range recipes() {
		if r.Name == name {
			return r, nil
		}
		names = append(names, r.Name)
	}
	return vmimages.Recipe{}, fmt.Errorf("unknown recipe %q: there is %s", name, strings.Join(names, ", "))
}

func (c *imageBuildCmd) Run(a *app) error {
	recipe, err := findRecipe(c.Recipe)
	if err != nil {
		return usageError{err}
	}
	cache, err := vmimages.OpenCache("")
	if err != nil {
		return err
	}
	resolver := vmimages.NewResolver(cache, a.log)
	resolver.Progress = (&buildSteps{w: a.err, ref: c.Kernel}).say
	k, err := resolver.Resolve(a.ctx, c.Kernel)
	if err != nil {
		return err
	}
	set, err := resolver.BuildSet(a.ctx, k, recipe, c.ModuleVersion)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%s %s for %s, license %s: built here, to stay here\n", recipe.Name, set.Version, k.Release, set.License)
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, m := range set.Modules {
		fmt.Fprintf(w, "  %s\t%s\n", m.Name, m.Path)
	}
	return w.Flush()
}

// recipeModules builds the modules of the recipes that a scenario names.
func (a *app) recipeModules(r *vmimages.Resolver, k vmimages.Kernel, names []string) (modules []vmimages.Module, err error) {
	for _, name := range names {
		recipe, err := findRecipe(name)
		if err != nil {
			return nil, err
		}
		set, err := r.BuildSet(a.ctx, k, recipe, "")
		if err != nil {
			return nil, err
		}
		modules = slices.Concat(modules, set.Modules)
	}
	return modules, nil
}
