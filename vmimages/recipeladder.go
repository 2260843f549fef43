package vmimages

import (
	"slices"
	"sort"
)

// recipeCandidate is a version of a package that a recipe builds modules from.
type recipeCandidate struct {
	Package string   `json:"package"`
	Version string   `json:"version"`
	Suites  []string `json:"suites"`
	Part    Part     `json:"part"`
}

// recipePackages are the packages that recipes build modules from. They lie in contrib: free themselves, but not of a
// licence that the kernel may be passed on with.
func recipePackages() []string { return []string{"zfs-dkms"} }

// recipesIn lists what recipes build from of all suites, oldest first.
func recipesIn(indexes []suiteIndex, parts map[packageKey]Part) []recipeCandidate {
	var all []recipeCandidate
	for _, index := range indexes {
		for _, s := range index.stanzas {
			if !slices.Contains(recipePackages(), s.pkg) {
				continue
			}
			i := slices.IndexFunc(all, func(c recipeCandidate) bool { return c.Package == s.pkg && c.Version == s.version })
			if i < 0 {
				all = append(all, recipeCandidate{Package: s.pkg, Version: s.version, Part: parts[packageKey{s.pkg, s.version}]})
				i = len(all) - 1
			}
			if !slices.Contains(all[i].Suites, index.suite.Name) {
				all[i].Suites = append(all[i].Suites, index.suite.Name)
			}
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return compareVersions(all[i].Version, all[j].Version) < 0 })
	return all
}
