package vmimages

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// stanza is the part of a Packages entry that is needed to find and fetch a kernel (deb-control(5)).
type stanza struct {
	pkg      string
	version  string
	filename string
	sha256   string
	size     int64
	depends  []dependency
}

// dependency is one item of a Depends field: "NAME (= VERSION)" or "NAME (>= ATLEAST)". Other relations leave both
// empty.
type dependency struct {
	pkg     string
	version string
	atLeast string
}

// maxStanzaLine bounds one line of a Packages file; the longest in the archive is about 30 kB.
const maxStanzaLine = 1 << 20

// parsePackages reads a Packages file and keeps the stanzas whose package name pleases keep. Incomplete stanzas (no
// version, file name or SHA-256) are dropped: they could not be fetched.
func parsePackages(r io.Reader, keep func(pkg string) bool) ([]stanza, error) {
	var (
		all  []stanza
		s    stanza
		skip bool
	)
	flush := func() {
		if s.pkg != "" && s.version != "" && s.filename != "" && len(s.sha256) == 64 {
			all = append(all, s)
		}
		s, skip = stanza{}, false
	}
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 64<<10), maxStanzaLine)
	for lines.Scan() {
		line := lines.Bytes()
		if len(line) == 0 {
			flush()
			continue
		}
		if skip || line[0] == ' ' || line[0] == '\t' {
			continue
		}
		key, value, _ := strings.Cut(string(line), ":")
		value = strings.TrimSpace(value)
		if key == "Package" && !keep(value) {
			skip = true
			continue
		}
		s.set(key, value)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("parse package index: %w", err)
	}
	if !skip {
		flush()
	}
	return all, nil
}

func (s *stanza) set(key, value string) {
	switch key {
	case "Package":
		s.pkg = value
	case "Version":
		s.version = value
	case "Filename":
		s.filename = value
	case "SHA256":
		s.sha256 = value
	case "Size":
		s.size, _ = strconv.ParseInt(value, 10, 64)
	case "Depends":
		s.depends = parseDepends(value)
	}
}

// parseDepends reads a Depends field. Of alternatives only the first counts: kernels have none among their own parts.
func parseDepends(field string) []dependency {
	var deps []dependency
	for _, item := range strings.Split(field, ",") {
		first, _, _ := strings.Cut(item, "|")
		name, relation, _ := strings.Cut(strings.TrimSpace(first), " ")
		d := dependency{pkg: name}
		relation = strings.TrimSuffix(strings.TrimSpace(relation), ")")
		if v, ok := strings.CutPrefix(relation, "(="); ok {
			d.version = strings.TrimSpace(v)
		} else if v, ok := strings.CutPrefix(relation, "(>="); ok {
			d.atLeast = strings.TrimSpace(v)
		}
		if d.pkg != "" {
			deps = append(deps, d)
		}
	}
	return deps
}

// exact returns the version that s demands of pkg, and whether it depends on exactly one.
func (s stanza) exact(pkg string) (string, bool) {
	for _, d := range s.depends {
		if d.pkg == pkg && d.version != "" {
			return d.version, true
		}
	}
	return "", false
}
