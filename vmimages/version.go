package vmimages

import (
	"strings"

	version "github.com/knqyf263/go-deb-version"
)

// compareVersions orders Debian versions as dpkg does (deb-version(7)): -1, 0 or 1. What is no Debian version, such as
// a local kernel's release, is ordered as text.
func compareVersions(a, b string) int {
	va, errA := version.NewVersion(a)
	vb, errB := version.NewVersion(b)
	if errA != nil || errB != nil {
		return strings.Compare(a, b)
	}
	return va.Compare(vb)
}

// upstreamOf is the kernel version in a package version: "6.12.117" of "6.12.117-1~deb12u1", "7.3~rc7" of "7.3~rc7-1".
func upstreamOf(packageVersion string) string {
	if _, rest, ok := strings.Cut(packageVersion, ":"); ok {
		packageVersion = rest
	}
	if i := strings.LastIndexByte(packageVersion, '-'); i >= 0 {
		packageVersion = packageVersion[:i]
	}
	return packageVersion
}

// seriesOf is the first two numbers of an upstream version: "6.12" of "6.12.117", "7.3" of "7.3~rc7".
func seriesOf(upstream string) string {
	upstream, _, _ = strings.Cut(upstream, "~")
	parts := strings.SplitN(upstream, ".", 3)
	if len(parts) < 2 {
		return upstream
	}
	return parts[0] + "." + parts[1]
}

func isCandidateRelease(upstream string) bool { return strings.Contains(upstream, "~rc") }
