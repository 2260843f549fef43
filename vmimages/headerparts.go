package vmimages

import (
	"slices"
	"strings"
)

// The packages that a Debian kernel's modules are built with: linux-headers-RELEASE (config, symbol versions), which
// demands linux-headers-ABI-common (the headers) and linux-kbuild-… (modpost, objtool and other programs).
const (
	headersPrefix = "linux-headers-"
	kbuildPrefix  = "linux-kbuild-"
)

// oldestLibc is the oldest C library whose program loader knows --argv0 (glibc 2.33), which the tools' wrappers need.
const oldestLibc = "2.33"

// isToolLibrary says whether pkg is a library of the programs in linux-kbuild. Those that sign modules also want
// OpenSSL; they are not used.
func isToolLibrary(pkg string) bool {
	return slices.Contains([]string{"libc6", "libelf1", "libelf1t64", "zlib1g", "libzstd1", "libxxhash0"}, pkg)
}

// headerIndex finds the parts of kernel headers.
type headerIndex struct {
	parts    map[packageKey]Part
	stanzas  map[packageKey]stanza
	versions map[string][]string
	// libraries holds the tool libraries of each release, with its updates, by name: the newest version.
	libraries map[string]map[string]stanza
}

func newHeaderIndex(indexes []suiteIndex, parts map[packageKey]Part) *headerIndex {
	x := &headerIndex{
		parts: parts, stanzas: map[packageKey]stanza{}, versions: map[string][]string{},
		libraries: map[string]map[string]stanza{},
	}
	for _, index := range indexes {
		for _, s := range index.stanzas {
			switch {
			case isToolLibrary(s.pkg):
				x.addLibrary(index.suite.Name, s)
			case strings.HasPrefix(s.pkg, headersPrefix) || strings.HasPrefix(s.pkg, kbuildPrefix):
				x.stanzas[packageKey{s.pkg, s.version}] = s
				x.versions[s.pkg] = append(x.versions[s.pkg], s.version)
			}
		}
	}
	return x
}

// addLibrary leaves backports out: they are no full set.
func (x *headerIndex) addLibrary(suite string, s stanza) {
	release, kind, _ := strings.Cut(suite, "-")
	if kind == "backports" {
		return
	}
	set := x.libraries[release]
	if set == nil {
		set = map[string]stanza{}
		x.libraries[release] = set
	}
	if old, ok := set[s.pkg]; !ok || compareVersions(old.version, s.version) < 0 {
		set[s.pkg] = s
	}
}

// partsFor returns what modules for c are built with, nil if something is missing.
func (x *headerIndex) partsFor(c Candidate) []Part {
	headers, ok := x.stanzas[packageKey{headersPrefix + c.Release, c.Version}]
	if !ok {
		return nil
	}
	found := []stanza{headers}
	var libraries []stanza
	for _, d := range headers.depends {
		if !strings.HasPrefix(d.pkg, headersPrefix) && !strings.HasPrefix(d.pkg, kbuildPrefix) {
			continue
		}
		s, ok := x.best(d, c.Version)
		if !ok {
			return nil
		}
		found = append(found, s)
		if strings.HasPrefix(d.pkg, kbuildPrefix) {
			libraries = x.librariesFor(s)
		}
	}
	if len(found) < 3 || libraries == nil {
		return nil
	}
	return x.asParts(append(found, libraries...))
}

// asParts looks up where packages are fetched from.
func (x *headerIndex) asParts(found []stanza) []Part {
	parts := make([]Part, len(found))
	for i, s := range found {
		parts[i] = x.parts[packageKey{s.pkg, s.version}]
	}
	return parts
}

// best finds the package that a dependency means: the version it demands, else the kernel's own, else the newest that
// is new enough. Up to 6.1 all kernels of a series share one linux-kbuild.
func (x *headerIndex) best(d dependency, version string) (stanza, bool) {
	if d.version != "" {
		version = d.version
	}
	if s, ok := x.stanzas[packageKey{d.pkg, version}]; ok || d.version != "" {
		return s, ok
	}
	newest := d.atLeast
	for _, v := range x.versions[d.pkg] {
		if compareVersions(v, newest) >= 0 {
			newest = v
		}
	}
	s, ok := x.stanzas[packageKey{d.pkg, newest}]
	return s, ok
}

// librariesFor returns the libraries that the programs of kbuild run with, all from the oldest release that will do:
// those change least, and C libraries run what was built for older ones.
func (x *headerIndex) librariesFor(kbuild stanza) []stanza {
	needs := append([]dependency{{pkg: "libc6", atLeast: oldestLibc}}, kbuild.depends...)
	for _, release := range releases() {
		if found, ok := libraryClosure(x.libraries[release], needs); ok {
			return found
		}
	}
	return nil
}

// libraryClosure collects the libraries of one release that needs lead to; false if one is missing or too old.
func libraryClosure(set map[string]stanza, needs []dependency) (found []stanza, ok bool) {
	for i := 0; i < len(needs); i++ {
		d := needs[i]
		if !isToolLibrary(d.pkg) {
			continue
		}
		s, ok := set[d.pkg]
		if !ok {
			s, ok = set[d.pkg+"t64"] // renamed in trixie, the library itself is the same
		}
		if !ok || d.atLeast != "" && compareVersions(s.version, d.atLeast) < 0 {
			return nil, false
		}
		if !slices.ContainsFunc(found, func(f stanza) bool { return f.pkg == s.pkg }) {
			found = append(found, s)
			needs = append(needs, s.depends...)
		}
	}
	return found, true
}
