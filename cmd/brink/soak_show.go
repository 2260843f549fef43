package main

import (
	"path/filepath"

	"brink/internal/store"
)

// soak prints a soak, as far as it is.
func (c *showCmd) soak(a *app, dir string) error {
	if c.Ramp != "" && c.Ramp != "none" {
		return usagef("--ramp %s: a soak has one size, and no ramp; its picture is %s", c.Ramp, filepath.Join(dir, "soak.svg"))
	}
	doc, err := loadSoak(dir)
	if err != nil {
		return err
	}
	return doc.print(a.out, c.JSON)
}

// soakTitles says of each soak what it is.
func soakTitles(root string) (map[string]string, error) {
	ids, err := store.ListSoaks(root)
	titles := map[string]string{}
	for _, id := range ids {
		head, _, err := store.LoadSoak(filepath.Join(root, id))
		if err != nil {
			return nil, err
		}
		titles[id] = head.Title()
	}
	return titles, err
}
