package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"brink/internal/judge"
	"brink/vmimages"
)

type kernelsCmd struct {
	Available bool   `help:"List what the archive offers instead of what is cached."`
	JSON      bool   `name:"json" help:"Print JSON."`
	Trim      string `help:"Remove what was not used for the longest time from the cache until it takes at most so much, as 20G." placeholder:"SIZE"`
}

func (c *kernelsCmd) Run(a *app) error {
	cache, err := vmimages.OpenCache("")
	if err != nil {
		return err
	}
	if c.Trim != "" {
		return c.trim(a, cache)
	}
	if c.Available {
		ladder, err := vmimages.NewResolver(cache, a.log).Available(a.ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			return json.NewEncoder(a.out).Encode(ladder)
		}
		w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "KERNEL\tPACKAGE VERSION\tSUITES")
		for _, k := range ladder {
			fmt.Fprintf(w, "%s\t%s\t%s\n", k.Name, k.Version, strings.Join(k.Suites, " "))
		}
		return w.Flush()
	}
	kernels, err := cache.Kernels()
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(a.out).Encode(kernels)
	}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "KERNEL\tRELEASE\tSUITE")
	for _, k := range kernels {
		fmt.Fprintf(w, "%s\t%s\t%s\n", k.Name, k.Release, k.Suite)
	}
	return w.Flush()
}

// trim makes the cache smaller, and says what went.
func (c *kernelsCmd) trim(a *app, cache *vmimages.Cache) error {
	mb, err := parseMemory(c.Trim)
	if err != nil {
		return usagef("--trim %s: write it as 512M or 20G", c.Trim)
	}
	t, err := cache.Trim(mb << 20)
	for _, e := range t.Removed {
		fmt.Fprintf(a.out, "removed %s, %s MiB\n", e.Path, judge.Count(e.Size>>20))
	}
	fmt.Fprintf(a.out, "the cache takes %s MiB, before %s\n", judge.Count(t.After>>20), judge.Count(t.Before>>20))
	return err
}
