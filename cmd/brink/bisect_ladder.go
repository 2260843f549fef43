package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	version "github.com/knqyf263/go-deb-version"

	"brink/internal/question"
	"brink/vmimages"
)

// packaged are Debian's kernels from one end to the other: of each upstream version the newest package, in one flavour.
// Release candidates are left out, unless an end is one.
func (c *bisectCmd) packaged(a *app) ([]question.Candidate, error) {
	for _, end := range []string{c.Good, c.Bad} {
		if !strings.HasPrefix(end, "debian:") {
			return nil, usagef("%s: a ladder needs Debian's kernels at both ends; "+
				"name the kernels between them with --kernels, or give --git", end)
		}
	}
	cache, err := vmimages.OpenCache("")
	if err != nil {
		return nil, err
	}
	resolver := vmimages.NewResolver(cache, a.log)
	var ends [2]vmimages.Kernel
	for i, ref := range []string{c.Good, c.Bad} {
		slow := time.AfterFunc(time.Second, func() { fmt.Fprintf(a.err, "fetching kernel %s\n", ref) })
		ends[i], err = resolver.Resolve(a.ctx, ref)
		slow.Stop()
		if err != nil {
			return nil, err
		}
	}
	if err := c.apart(ends[0], ends[1]); err != nil {
		return nil, usageError{err}
	}
	offered, err := resolver.Available(a.ctx)
	if err != nil {
		return nil, err
	}
	between := rungs(offered, ends[0], ends[1])
	if len(between) == 0 {
		return nil, usagef("the archive has no kernel between %s (%s) and %s (%s): there is nothing to bisect; "+
			"--git PATH --good %s --bad %s tries the commits",
			ends[0].Name, ends[0].Version, ends[1].Name, ends[1].Version, tagOf(ends[0].Version), tagOf(ends[1].Version))
	}
	cands := []question.Candidate{packagedCandidate(ends[0].Name, ends[0].Version)}
	for _, k := range between {
		cands = append(cands, packagedCandidate(k.Name, k.Version))
	}
	return append(cands, packagedCandidate(ends[1].Name, ends[1].Version)), nil
}

func packagedCandidate(name, version string) question.Candidate {
	return question.Candidate{ID: name, Ref: name, Subject: version}
}

// apart refuses ends that are no older and a newer one of the same flavour.
func (c *bisectCmd) apart(older, newer vmimages.Kernel) error {
	switch n := compareDebian(older.Version, newer.Version); {
	case flavourOf(older.Name) != flavourOf(newer.Name):
		return fmt.Errorf("the ends are of two flavours, %s and %s: their configurations differ, choose one", older.Name, newer.Name)
	case n == 0:
		return fmt.Errorf("both ends are %s (%s): there is nothing to bisect", older.Name, older.Version)
	case n > 0:
		return fmt.Errorf("the ends are swapped: --good %s (%s) is newer than --bad %s (%s); "+
			"--good names the older one, whichever of them fails: `%s`", c.Good, older.Version, c.Bad, newer.Version, c.turned())
	}
	return nil
}

// rungs are the kernels strictly between two, oldest first.
func rungs(offered []vmimages.Candidate, older, newer vmimages.Kernel) []vmimages.Candidate {
	candidates := isRC(older.Version) || isRC(newer.Version)
	taken := map[string]bool{upstream(older.Version): true, upstream(newer.Version): true}
	var between []vmimages.Candidate
	for _, k := range slices.Backward(offered) {
		inside := compareDebian(older.Version, k.Version) < 0 && compareDebian(k.Version, newer.Version) < 0
		if !inside || string(k.Flavour) != flavourOf(older.Name) || taken[k.Upstream] || k.RC && !candidates {
			continue
		}
		taken[k.Upstream] = true
		between = append(between, k)
	}
	slices.SortStableFunc(between, func(a, b vmimages.Candidate) int { return compareDebian(a.Version, b.Version) })
	return between
}

func flavourOf(name string) string {
	_, flavour, _ := strings.Cut(name, "/")
	return flavour
}

// compareDebian orders versions of packages as dpkg does (deb-version(7)).
func compareDebian(a, b string) int {
	va, errA := version.NewVersion(a)
	vb, errB := version.NewVersion(b)
	if errA != nil || errB != nil {
		return strings.Compare(a, b)
	}
	return va.Compare(vb)
}

func isRC(packageVersion string) bool { return strings.Contains(packageVersion, "~rc") }

// upstream is the kernel's own version in that of a package: 6.12.95 of 6.12.95-1~bpo12+1.
func upstream(packageVersion string) string {
	if i := strings.LastIndexByte(packageVersion, '-'); i >= 0 {
		packageVersion = packageVersion[:i]
	}
	return packageVersion
}

// tagOf is the tag of an upstream version: v6.12.95, v7.3-rc7.
func tagOf(packageVersion string) string {
	return "v" + strings.Replace(upstream(packageVersion), "~", "-", 1)
}

// seriesTag is the tag of the release that a stable version comes from: v6.12 of 6.12.95.
func seriesTag(packageVersion string) string {
	parts := strings.SplitN(upstream(packageVersion), ".", 3)
	if len(parts) < 3 {
		return tagOf(packageVersion)
	}
	return "v" + parts[0] + "." + parts[1]
}
