package vmimages

import (
	"context"
	"errors"
	"os"
	"regexp"
	"strings"
)

// The environment variables that name mirrors, in front of what the host's apt is configured with.
const (
	MirrorEnv         = "BRINK_DEBIAN_MIRROR"
	SecurityMirrorEnv = "BRINK_DEBIAN_SECURITY_MIRROR"
)

// mirrors are the roots of the archive, each ending in a slash. Security may be empty.
type mirrors struct {
	main     string
	security string
}

// findMirrors asks the environment, then the host's apt: first the addresses that it would fetch from, which is quick
// and works where apt-get update never ran; then, if those leave doubt, the indexes that it holds, which tell whose
// they are.
func findMirrors(ctx context.Context) (mirrors, error) {
	m := mirrors{main: os.Getenv(MirrorEnv), security: os.Getenv(SecurityMirrorEnv)}
	if m.main == "" {
		aptGet, err := hostTool("apt-get", "apt")
		if err != nil {
			return mirrors{}, err
		}
		uris, _ := runTool(ctx, aptGet, "update", "--print-uris")
		sure, likely := parsePrintURIs(uris)
		m.fill(sure)
		if m.main == "" || m.security == "" {
			targets, _ := runTool(ctx, aptGet, "indextargets", "--format",
				"$(ORIGIN)|$(LABEL)|$(CODENAME)|$(REPO_URI)", "Created-By: Packages")
			m.fill(parseIndexTargets(targets))
			m.fill(likely)
		}
	}
	if m.main == "" {
		return mirrors{}, errors.New("find a Debian mirror: the host's apt configuration names none; set " + MirrorEnv +
			" (and " + SecurityMirrorEnv + ") to the archive's root")
	}
	m.main, m.security = slashed(m.main), slashed(m.security)
	return m, nil
}

func (m *mirrors) fill(other mirrors) {
	if m.main == "" {
		m.main = other.main
	}
	if m.security == "" {
		m.security = other.security
	}
}

// parseIndexTargets reads ORIGIN|LABEL|CODENAME|REPO_URI lines.
func parseIndexTargets(output string) mirrors {
	var m mirrors
	for _, line := range strings.Split(output, "\n") {
		f := strings.Split(strings.TrimSpace(line), "|")
		if len(f) != 4 || f[0] != "Debian" {
			continue
		}
		switch f[1] {
		case "Debian":
			m.fill(mirrors{main: f[3]})
		case "Debian-Security":
			m.fill(mirrors{security: f[3]})
		}
	}
	return m
}

var inReleaseURI = regexp.MustCompile(`^'([^']+/)dists/([^']+)/InRelease'`)

// parsePrintURIs reads the output of apt-get update --print-uris. Other vendors use Debian's codenames too, but none
// has a suite CODENAME-updates or CODENAME-security: those are sure, a bare codename only makes it likely.
func parsePrintURIs(output string) (sure, likely mirrors) {
	for _, line := range strings.Split(output, "\n") {
		match := inReleaseURI.FindStringSubmatch(line)
		if match == nil {
			continue
		}
		uri, suite := match[1], match[2]
		name, kind, _ := strings.Cut(suite, "-")
		if !isRelease(name) {
			continue
		}
		switch kind {
		case "updates", "backports", "proposed-updates":
			sure.fill(mirrors{main: uri})
		case "security":
			sure.fill(mirrors{security: uri})
		case "":
			likely.fill(mirrors{main: uri})
		}
	}
	return sure, likely
}

func slashed(uri string) string {
	if uri == "" || strings.HasSuffix(uri, "/") {
		return uri
	}
	return uri + "/"
}
