package vmimages

import (
	"regexp"
	"slices"
	"sort"
	"strings"
	"time"
)

// Candidate is a kernel that the archive offers: one rung of the ladder.
type Candidate struct {
	// Name is the exact reference of this kernel, e.g. "debian:6.1.0-56/cloud-amd64".
	Name string `json:"name"`
	// Release is what uname -r will say, e.g. "6.1.0-56-cloud-amd64"; ABI is the same without the flavour.
	Release string  `json:"release"`
	ABI     string  `json:"abi"`
	Flavour Flavour `json:"flavour"`
	// Upstream is the kernel.org version, e.g. "6.1.192"; RC says that it is a release candidate.
	Upstream string `json:"upstream"`
	RC       bool   `json:"rc,omitempty"`
	// Package and Version are Debian's; Suites are all suites that carry it.
	Package string   `json:"package"`
	Version string   `json:"version"`
	Suites  []string `json:"suites"`
	// Parts are the packages that make up the kernel.
	Parts []Part `json:"parts"`
	// Headers are the packages that modules for it are built with; none if the archive lacks one of them.
	Headers []Part `json:"headers,omitempty"`
}

// Part is one package file of a kernel.
type Part struct {
	Package string `json:"package"`
	URI     string `json:"uri"`
	SHA256  string `json:"sha256"`
	// Size is in bytes.
	Size int64 `json:"size"`
}

// ladder is all that is known of the archive's kernels at one time.
type ladder struct {
	Format  int         `json:"format"`
	Updated time.Time   `json:"updated"`
	Suites  []suiteInfo `json:"suites"`
	// Kernels is sorted by version, oldest first.
	Kernels []Candidate `json:"kernels"`
	Current []current   `json:"current"`
	// Sources is sorted the same way.
	Sources []sourceCandidate `json:"sources"`
	// Recipes is sorted the same way.
	Recipes []recipeCandidate `json:"recipes"`
}

// suiteInfo names a suite: Name is the codename that it is fetched by, Alias what its Release file calls it
// ("testing").
type suiteInfo struct {
	Name  string `json:"name"`
	Alias string `json:"alias"`
}

// current is the kernel that a suite's meta package (linux-image-amd64, linux-image-cloud-amd64) stands for.
type current struct {
	Suite   string  `json:"suite"`
	Flavour Flavour `json:"flavour"`
	Package string  `json:"package"`
	Version string  `json:"version"`
}

// suiteIndex is the kernel packages of one suite, and the mirror they can be fetched from.
type suiteIndex struct {
	suite   suiteInfo
	mirror  string // ends in a slash
	stanzas []stanza
}

const ladderFormat = 4

// kernelPackage matches the signed image packages only: -unsigned, -dbg and -rt do not end in a bare flavour after an
// ABI of at most two dash-separated parts, of which the second starts with a digit.
var kernelPackage = regexp.MustCompile(
	`^linux-image-([0-9][0-9A-Za-z.+~]*(?:-[0-9][0-9A-Za-z.+~]*)?)-(cloud-amd64|amd64)$`)

// keepForLadder says which packages of an index matter.
func keepForLadder(pkg string) bool {
	for _, prefix := range []string{
		"linux-image-", "linux-binary-", "linux-modules-", "linux-base-", headersPrefix, kbuildPrefix,
		sourcePrefix,
	} {
		if strings.HasPrefix(pkg, prefix) {
			return !strings.HasSuffix(pkg, "-dbg")
		}
	}
	return isToolLibrary(pkg) || slices.Contains(recipePackages(), pkg)
}

type packageKey struct{ pkg, version string }

// buildLadder joins the suites' packages into kernels.
func buildLadder(indexes []suiteIndex) ladder {
	l := ladder{Format: ladderFormat}
	parts := map[packageKey]Part{}
	for _, index := range indexes {
		l.Suites = append(l.Suites, index.suite)
		for _, s := range index.stanzas {
			key := packageKey{s.pkg, s.version}
			if _, ok := parts[key]; !ok {
				parts[key] = Part{Package: s.pkg, URI: index.mirror + s.filename, SHA256: s.sha256, Size: s.size}
			}
		}
	}
	at := map[packageKey]int{}
	for _, index := range indexes {
		for _, s := range index.stanzas {
			l.add(index.suite.Name, s, parts, at)
		}
	}
	l.Sources = sourcesIn(indexes, parts)
	l.Recipes = recipesIn(indexes, parts)
	headers := newHeaderIndex(indexes, parts)
	for i, c := range l.Kernels {
		l.Kernels[i].Headers = headers.partsFor(c)
	}
	sort.SliceStable(l.Kernels, func(i, j int) bool { return l.Kernels[i].before(l.Kernels[j]) })
	return l
}

func (l *ladder) add(suite string, s stanza, parts map[packageKey]Part, at map[packageKey]int) {
	if flavour, ok := metaFlavour(s.pkg); ok {
		l.Current = append(l.Current, metaTarget(suite, flavour, s)...)
		return
	}
	key := packageKey{s.pkg, s.version}
	if i, ok := at[key]; ok {
		if !slices.Contains(l.Kernels[i].Suites, suite) {
			l.Kernels[i].Suites = append(l.Kernels[i].Suites, suite)
		}
		return
	}
	if c, ok := newCandidate(suite, s, parts); ok {
		at[key] = len(l.Kernels)
		l.Kernels = append(l.Kernels, c)
	}
}

// metaFlavour tells whether pkg is the meta package that stands for a suite's current kernel.
func metaFlavour(pkg string) (Flavour, bool) {
	flavour := Flavour(strings.TrimPrefix(pkg, "linux-image-"))
	return flavour, flavour == FlavourCloud || flavour == FlavourFull
}

func metaTarget(suite string, flavour Flavour, s stanza) []current {
	for _, d := range s.depends {
		if kernelPackage.MatchString(d.pkg) && d.version != "" {
			return []current{{Suite: suite, Flavour: flavour, Package: d.pkg, Version: d.version}}
		}
	}
	return nil
}

// newCandidate makes a rung from an image package, unless it is only a name for another one or a part is missing.
func newCandidate(suite string, s stanza, parts map[packageKey]Part) (Candidate, bool) {
	m := kernelPackage.FindStringSubmatch(s.pkg)
	if m == nil {
		return Candidate{}, false
	}
	release := m[1] + "-" + m[2]
	c := Candidate{
		Name: "debian:" + m[1] + "/" + m[2], Release: release, ABI: m[1], Flavour: Flavour(m[2]),
		Upstream: upstreamOf(s.version), RC: isCandidateRelease(s.version),
		Package: s.pkg, Version: s.version, Suites: []string{suite},
	}
	for _, d := range s.depends {
		if kernelPackage.MatchString(d.pkg) {
			return Candidate{}, false // such as linux-image-6.1-amd64, a name for the newest 6.1
		}
	}
	wanted := []packageKey{{s.pkg, s.version}}
	if v, split := s.exact("linux-binary-" + release); split {
		wanted = []packageKey{{"linux-binary-" + release, v}}
	}
	for _, kind := range []string{"linux-modules-", "linux-base-"} {
		if v, ok := s.exact(kind + release); ok {
			wanted = append(wanted, packageKey{kind + release, v})
		}
	}
	for _, key := range wanted {
		part, ok := parts[key]
		if !ok {
			return Candidate{}, false
		}
		c.Parts = append(c.Parts, part)
	}
	return c, true
}

func (c Candidate) before(d Candidate) bool {
	if n := compareVersions(c.Version, d.Version); n != 0 {
		return n < 0
	}
	return c.Package < d.Package
}
