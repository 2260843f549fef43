package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"brink/vmimages"
)

type kernelsCmd struct {
	Available bool `help:"List what the archive offers instead of what is cached."`
	JSON      bool `name:"json" help:"Print JSON."`
}

func (c *kernelsCmd) Run(a *app) error {
	cache, err := vmimages.OpenCache("")
	if err != nil {
		return err
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
