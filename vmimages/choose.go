package vmimages

import (
	"fmt"
	"slices"
	"strings"
)

// choose returns the kernels that r can mean, best first. The first is what it means; the others take its place, in
// that order, when the archive no longer has it. An exact reference has no others.
func (l ladder) choose(r reference) ([]Candidate, error) {
	newest := l.flavour(r.flavour)
	slices.Reverse(newest)
	if len(newest) == 0 {
		return nil, &RefError{r.ref, fmt.Sprintf("the archive offers no %s kernel at all; "+
			"see brink kernels --available", r.flavour)}
	}
	if r.what == "newest" {
		return filter(newest, func(c Candidate) bool { return !c.RC }), nil
	}
	if suite, ok := l.suite(r.what); ok {
		return l.chooseSuite(r, suite, newest)
	}
	if found := filter(newest, func(c Candidate) bool { return c.Version == r.what }); len(found) > 0 {
		return found[:1], nil
	}
	if found := filter(newest, func(c Candidate) bool { return !c.RC && inSeries(c.Upstream, r.what) }); len(found) > 0 {
		return found, nil
	}
	exact := func(c Candidate) bool { return c.ABI == r.what || c.Upstream == r.what }
	if found := filter(newest, exact); len(found) > 0 {
		return found[:1], nil
	}
	return nil, &RefError{r.ref, l.unknown(r, newest)}
}

// exactIn finds the kernel that r names exactly, by ABI or package version, among cached ones.
func exactIn(kernels []Kernel, r reference) (Kernel, bool) {
	for i := len(kernels) - 1; i >= 0; i-- {
		k := kernels[i]
		if !strings.HasSuffix(k.Name, "/"+string(r.flavour)) {
			continue
		}
		if k.Version == r.what || k.Name == "debian:"+r.what+"/"+string(r.flavour) {
			return k, true
		}
	}
	return Kernel{}, false
}

// inSeries says whether an upstream version is want or one of its point releases: 6.12.117 is in 6.12.
func inSeries(upstream, want string) bool {
	return upstream == want || strings.HasPrefix(upstream, want+".")
}

// suite resolves a suite's codename or alias ("testing") to its codename.
func (l ladder) suite(name string) (string, bool) {
	for _, s := range l.Suites {
		if name == s.Name || name == s.Alias {
			return s.Name, true
		}
	}
	return "", false
}

// chooseSuite picks what a release's meta package stands for; -updates and -security belong to their release. Without a
// meta package (a partial suite may lack it) the suite's newest kernel is meant.
func (l ladder) chooseSuite(r reference, suite string, newest []Candidate) ([]Candidate, error) {
	members := []string{suite, suite + "-updates", suite + "-security"}
	inSuite := filter(newest, func(c Candidate) bool {
		return slices.ContainsFunc(members, func(s string) bool { return slices.Contains(c.Suites, s) })
	})
	if len(inSuite) == 0 {
		return nil, &RefError{r.ref, fmt.Sprintf("suite %s has no %s kernel; see brink kernels --available",
			suite, r.flavour)}
	}
	for i, c := range inSuite {
		if !l.isCurrent(c, members) {
			continue
		}
		series := seriesOf(c.Upstream)
		return filter(inSuite[i:], func(d Candidate) bool { return seriesOf(d.Upstream) == series }), nil
	}
	return inSuite, nil
}

func (l ladder) isCurrent(c Candidate, suites []string) bool {
	return slices.ContainsFunc(l.Current, func(cur current) bool {
		return cur.Package == c.Package && cur.Version == c.Version && slices.Contains(suites, cur.Suite)
	})
}

// unknown is the message for a version that the archive does not have.
func (l ladder) unknown(r reference, newest []Candidate) string {
	if strings.IndexFunc(r.what, func(c rune) bool { return c < '0' || c > '9' }) == 0 {
		names := make([]string, len(l.Suites))
		for i, s := range l.Suites {
			names[i] = s.Name
		}
		return fmt.Sprintf("the mirror has no suite %q; it has %s", r.what, strings.Join(names, ", "))
	}
	nearest := newest[len(newest)-1]
	for _, c := range newest {
		if compareVersions(c.Upstream, r.what) <= 0 {
			nearest = c
			break
		}
	}
	return fmt.Sprintf("the archive has no such kernel; the nearest is %s (%s), see brink kernels --available",
		nearest.Name, nearest.Upstream)
}

func (l ladder) flavour(f Flavour) []Candidate {
	return filter(l.Kernels, func(c Candidate) bool { return c.Flavour == f })
}

func filter(all []Candidate, keep func(Candidate) bool) []Candidate {
	var kept []Candidate
	for _, c := range all {
		if keep(c) {
			kept = append(kept, c)
		}
	}
	return kept
}
