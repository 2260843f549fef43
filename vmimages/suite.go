package vmimages

import (
	"bufio"
	"io"
	"slices"
	"strings"
)

// releases returns the Debian releases that carry kernels, oldest first, by codename.
func releases() []string {
	return []string{"bullseye", "bookworm", "trixie", "forky", "sid", "experimental"}
}

func isRelease(name string) bool {
	return slices.Contains(releases(), name) ||
		slices.Contains([]string{"oldoldstable", "oldstable", "stable", "testing", "unstable"}, name)
}

// sourceSuite is a suite to ask a mirror for. One that is missing there is skipped.
type sourceSuite struct {
	name   string
	mirror string
}

// sourceSuites lists the suites that can carry kernels. A released suite has -updates, -security and -backports; sid
// and experimental have nothing beside them.
func sourceSuites(m mirrors) []sourceSuite {
	var all []sourceSuite
	for _, name := range releases() {
		all = append(all, sourceSuite{name, m.main})
		if name == "sid" || name == "experimental" {
			continue
		}
		all = append(all, sourceSuite{name + "-updates", m.main}, sourceSuite{name + "-backports", m.main})
		if m.security != "" {
			all = append(all, sourceSuite{name + "-security", m.security})
		}
	}
	return all
}

// parseSuiteAlias reads the Suite field of a Release or InRelease file: "testing" for forky, "" if there is none.
func parseSuiteAlias(r io.Reader) string {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if v, ok := strings.CutPrefix(lines.Text(), "Suite:"); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}
