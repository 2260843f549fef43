package vmimages

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fakeIndexes writes what the archive looked like in November 2026, much shortened.
func fakeIndexes(t testing.TB) []suiteIndex {
	t.Helper()
	index := func(name, alias string, packages ...string) suiteIndex {
		stanzas, err := parsePackages(strings.NewReader(strings.Join(packages, "\n")), keepForLadder)
		require.NoError(t, err)
		return suiteIndex{suite: suiteInfo{name, alias}, mirror: "copy:/mirror/", stanzas: stanzas}
	}
	var old, bookworm, security, backports, sid, experimental []string
	bookworm = append(bookworm, stanzaText("linux-image-6.1.0-50-cloud-amd64", "6.1.176-1", "kmod"),
		stanzaText("linux-image-6.1.0-50-amd64", "6.1.176-1", "kmod"),
		stanzaText("linux-image-6.1.0-50-rt-amd64", "6.1.176-1", "kmod"),
		stanzaText("linux-image-6.1.0-50-amd64-unsigned", "6.1.176-1", "kmod"),
		stanzaText("linux-image-6.1.0-50-cloud-amd64-dbg", "6.1.176-1", ""),
		stanzaText("linux-image-cloud-amd64", "6.1.176-1", "linux-image-6.1.0-50-cloud-amd64 (= 6.1.176-1)"))
	security = append(security,
		stanzaText("linux-image-6.1.0-56-cloud-amd64", "6.1.192-2", "kmod, initramfs-tools (>= 1) | dracut"),
		stanzaText("linux-image-6.1.0-50-cloud-amd64", "6.1.176-1", "kmod"),
		stanzaText("linux-image-cloud-amd64", "6.1.192-2", "linux-image-6.1.0-56-cloud-amd64 (= 6.1.192-2)"),
		stanzaText("linux-image-6.12.117+deb12-cloud-amd64", "6.12.117-1~deb12u1", "kmod"),
		stanzaText("linux-image-6.12-cloud-amd64", "6.12.117-1~deb12u1",
			"linux-image-6.12.117+deb12-cloud-amd64 (= 6.12.117-1~deb12u1)"))
	backports = append(backports, stanzaText("linux-image-6.12.95+deb12-cloud-amd64", "6.12.95-1~bpo12+1", "kmod"))
	sid = append(sid, splitKernel("7.2.13+deb14-cloud-amd64", "7.2.13-1")...)
	experimental = append(experimental, splitKernel("7.3-cloud-amd64", "7.3~rc7-1~exp1")...)
	experimental = append(experimental, stanzaText("linux-binary-unsigned-7.3.4+deb13-cloud-amd64", "7.3.4-1", ""),
		stanzaText("linux-image-7.4.1-cloud-amd64", "7.4.1-1", "linux-binary-7.4.1-cloud-amd64 (= 7.4.1-1)"))
	old = append(old, stanzaText("linux-image-5.10.0-46-cloud-amd64", "5.10.262-1", "kmod"))
	return []suiteIndex{
		index("bullseye", "oldoldstable", old...), index("bookworm", "oldstable", bookworm...),
		index("bookworm-backports", "oldstable-backports", backports...),
		index("bookworm-security", "oldstable-security", security...),
		index("sid", "unstable", sid...), index("experimental", "experimental", experimental...),
	}
}

func splitKernel(release, version string) []string {
	depends := ""
	var all []string
	for _, kind := range []string{"linux-base-", "linux-binary-", "linux-modules-"} {
		depends += kind + release + " (= " + version + "), "
		all = append(all, stanzaText(kind+release, version, ""))
	}
	return append(all, stanzaText("linux-image-"+release, version, depends+"dracut | initramfs-tools"))
}

func stanzaText(pkg, version, depends string) string {
	return "Package: " + pkg + "\nVersion: " + version + "\nDepends: " + depends +
		"\nFilename: pool/" + pkg + "_" + version +
		".deb\nSize: 1500\nDescription: a kernel\n and: more of it\nSHA256: " + strings.Repeat("a", 64) + "\n"
}

func TestChoose(t *testing.T) {
	l := buildLadder(fakeIndexes(t))
	for _, test := range []struct{ ref, want, bad string }{
		{ref: "debian:newest", want: "7.2.13-1 6.12.117-1~deb12u1 6.12.95-1~bpo12+1 6.1.192-2 6.1.176-1 5.10.262-1"},
		{ref: "debian:6.1", want: "6.1.192-2 6.1.176-1"},
		{ref: "debian:6", want: "6.12.117-1~deb12u1 6.12.95-1~bpo12+1 6.1.192-2 6.1.176-1"},
		{ref: "debian:6.12", want: "6.12.117-1~deb12u1 6.12.95-1~bpo12+1"},
		{ref: "debian:6.12.95", want: "6.12.95-1~bpo12+1"},
		{ref: "debian:6.12.95+deb12", want: "6.12.95-1~bpo12+1"},
		{ref: "debian:6.1.176-1", want: "6.1.176-1"},
		{ref: "debian:6.1.0-50", want: "6.1.176-1"},
		{ref: "debian:bookworm", want: "6.1.192-2 6.1.176-1"},
		{ref: "debian:oldstable", want: "6.1.192-2 6.1.176-1"},
		{ref: "debian:bookworm/amd64", want: "6.1.176-1"},
		{ref: "debian:bookworm-backports", want: "6.12.95-1~bpo12+1"},
		{ref: "debian:unstable", want: "7.2.13-1"},
		{ref: "debian:7.3", want: "7.3~rc7-1~exp1"},
		{ref: "debian:7.3~rc7", want: "7.3~rc7-1~exp1"},
		{ref: "debian:experimental", want: "7.3~rc7-1~exp1"},
		{ref: "debian:7.3.4", bad: "nearest is debian:7.3/cloud-amd64 (7.3~rc7)"},
		{ref: "debian:7.4", bad: "nearest is debian:7.3/cloud-amd64"},
		{ref: "debian:6.2", bad: "nearest is debian:6.1.0-56/cloud-amd64 (6.1.192)"},
		{ref: "debian:4.9", bad: "nearest is debian:5.10.0-46/cloud-amd64"},
		{ref: "debian:warty", bad: "no suite \"warty\"; it has bullseye, bookworm"},
		{ref: "debian:sid/amd64", bad: "suite sid has no amd64 kernel"},
	} {
		t.Run(test.ref, func(t *testing.T) {
			r, err := parseRef(test.ref)
			require.NoError(t, err)
			found, err := l.choose(r)
			if test.bad != "" {
				var refErr *RefError
				require.ErrorAs(t, err, &refErr)
				assert.Contains(t, err.Error(), test.bad)
				return
			}
			require.NoError(t, err)
			var versions []string
			for _, c := range found {
				versions = append(versions, c.Version)
			}
			assert.Equal(t, test.want, strings.Join(versions, " "))
		})
	}
}

func TestLadderParts(t *testing.T) {
	l := buildLadder(fakeIndexes(t))
	byVersion := map[string]Candidate{}
	for _, c := range l.Kernels {
		byVersion[c.Version] = c
		assert.NotContains(t, c.Package, "unsigned")
	}
	assert.NotContains(t, byVersion, "7.4.1-1", "a part is missing")
	for _, c := range l.Kernels {
		if c.Name == "debian:6.1.0-50/cloud-amd64" {
			assert.Equal(t, []string{"bookworm", "bookworm-security"}, c.Suites)
		}
	}
	split := byVersion["7.2.13-1"]
	require.Len(t, split.Parts, 3)
	assert.Equal(t, "copy:/mirror/pool/linux-binary-7.2.13+deb14-cloud-amd64_7.2.13-1.deb", split.Parts[0].URI)
	assert.Equal(t, "7.2.13+deb14-cloud-amd64", split.Release)
	assert.True(t, byVersion["7.3~rc7-1~exp1"].RC)
}

func TestMirrors(t *testing.T) {
	sure, likely := parsePrintURIs("'copy:/other/dists/bookworm/InRelease' x 0 \n" +
		"'copy:/deb/dists/bookworm-updates/InRelease' x 0\n'copy:/sec/dists/bookworm-security/InRelease' x 0\n" +
		"'copy:/vendor/dists/nodistro/InRelease' x 0\n'copy:/deb/dists/bookworm/main/binary-amd64/Packages.xz' x 0\n")
	assert.Equal(t, mirrors{main: "copy:/deb/", security: "copy:/sec/"}, sure)
	assert.Equal(t, mirrors{main: "copy:/other/"}, likely)
	assert.Equal(t, mirrors{main: "copy:/deb/", security: "copy:/sec/"}, parseIndexTargets(
		"Vendor|Debian|x|copy:/vendor/\nDebian|Debian|bookworm|copy:/deb/\nDebian|Debian-Security|x|copy:/sec/\n\n"))
	for _, s := range sourceSuites(mirrors{main: "copy:/deb/"}) {
		assert.NotContains(t, s.name, "security")
	}
}

func FuzzParsePackages(f *testing.F) {
	f.Add(stanzaText("linux-image-6.1.0-50-cloud-amd64", "6.1.176-1", "a (= 1), b | c"))
	f.Add("Package: linux-image-cloud-amd64\n\n\nVersion: 1\n x\n:\n")
	f.Fuzz(func(t *testing.T, text string) {
		stanzas, err := parsePackages(strings.NewReader(text), keepForLadder)
		if err != nil {
			return
		}
		buildLadder([]suiteIndex{{suite: suiteInfo{Name: "sid"}, mirror: "copy:/m/", stanzas: stanzas}})
	})
}
