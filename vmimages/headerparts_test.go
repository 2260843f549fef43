package vmimages

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// headerIndexes is how kernels and their headers lie in the archive: one linux-kbuild for a whole old series, one for
// each new kernel, C libraries in the release and its updates.
func headerIndexes(t testing.TB) []suiteIndex {
	t.Helper()
	index := func(name string, packages ...string) suiteIndex {
		stanzas, err := parsePackages(strings.NewReader(strings.Join(packages, "\n")), keepForLadder)
		require.NoError(t, err)
		return suiteIndex{suite: suiteInfo{name, ""}, mirror: "copy:/mirror/", stanzas: stanzas}
	}
	headers := func(abi, version, kbuild string) []string {
		image, common := "linux-image-"+abi+"-cloud-amd64", "linux-headers-"+abi+"-common"
		return []string{
			stanzaText(image, version, "kmod"), stanzaText(common, version, ""),
			stanzaText("linux-headers-"+abi+"-cloud-amd64", version,
				"linux-base (>= 4.12~), "+common+" (= "+version+"), "+kbuild+", gcc-12, "+image+" (= "+version+") | x"),
		}
	}
	libraries := func(libc, elf string) []string {
		return []string{
			stanzaText("libc6", libc, "libgcc-s1, libcrypt1"),
			stanzaText(elf, "0.190-1", "libc6 (>= 2.30), zlib1g, libzstd1 (>= 1)"),
			stanzaText("zlib1g", "1:1.2", ""), stanzaText("libzstd1", "1.5", ""),
		}
	}
	const oldTools = "libc6 (>= 2.14), libelf1 (>= 0.142), libssl1.1"
	const newTools = "libc6 (>= 2.38), libelf1t64 (>= 0.144), zlib1g (>= 1:1.2), libssl3t64, pahole"
	old := append(headers("5.10.0-30", "5.10.218-1", "linux-kbuild-5.10 (>= 5.10.218-1)"),
		headers("5.10.0-32", "5.10.223-1", "linux-kbuild-5.10 (>= 5.10.223-1)")...)
	old = append(old, headers("5.10.0-99", "5.10.999-1", "linux-kbuild-5.10 (>= 5.10.999-1)")...)
	old = append(old, stanzaText("linux-kbuild-5.10", "5.10.223-1", oldTools))
	older := libraries("2.31-1", "libelf1")
	bookworm := append(libraries("2.36-9", "libelf1"), stanzaText("libc6", "2.36-8", ""))
	trixie := append(headers("6.12.9+deb13", "6.12.9-1", "linux-kbuild-6.12.9+deb13"),
		stanzaText("linux-kbuild-6.12.9+deb13", "6.12.9-1", newTools))
	trixie = append(trixie, headers("6.12.10+deb13", "6.12.10-1", "linux-kbuild-6.12.10+deb13")...)
	return []suiteIndex{
		index("bullseye", append(old, older...)...), index("bookworm", bookworm...),
		index("trixie-security", append(trixie, stanzaText("zlib1g", "1:1.3+deb13u1", ""))...),
		index("trixie-backports", stanzaText("libelf1t64", "0.999-1~bpo", "")),
		index("trixie", libraries("2.41-1", "libelf1t64")...), index("sid", libraries("2.43-1", "libelf1t64")...),
	}
}

func TestHeaderParts(t *testing.T) {
	l := buildLadder(headerIndexes(t))
	require.Len(t, l.Kernels, 5)
	for _, test := range []struct{ abi, want string }{
		// linux-kbuild of the first is gone, a newer one does. The libraries come from the oldest release with --argv0.
		{"5.10.0-30", "linux-headers-5.10.0-30-cloud-amd64_5.10.218-1 linux-headers-5.10.0-30-common_5.10.218-1 " +
			"linux-kbuild-5.10_5.10.223-1 libc6_2.36-9 libelf1_0.190-1 zlib1g_1:1.2 libzstd1_1.5"},
		{"5.10.0-32", "linux-headers-5.10.0-32-cloud-amd64_5.10.223-1 linux-headers-5.10.0-32-common_5.10.223-1 " +
			"linux-kbuild-5.10_5.10.223-1 libc6_2.36-9 libelf1_0.190-1 zlib1g_1:1.2 libzstd1_1.5"},
		{"5.10.0-99", ""}, // its linux-kbuild is gone
		{"6.12.9+deb13", "linux-headers-6.12.9+deb13-cloud-amd64_6.12.9-1 linux-headers-6.12.9+deb13-common_6.12.9-1 " +
			"linux-kbuild-6.12.9+deb13_6.12.9-1 libc6_2.41-1 libelf1t64_0.190-1 zlib1g_1:1.3+deb13u1 libzstd1_1.5"},
		{"6.12.10+deb13", ""},
	} {
		t.Run(test.abi, func(t *testing.T) {
			for _, c := range l.Kernels {
				if c.ABI != test.abi {
					continue
				}
				var got []string
				for _, p := range c.Headers {
					_, file, _ := strings.Cut(strings.TrimSuffix(p.URI, ".deb"), "/pool/")
					got = append(got, file)
				}
				assert.Equal(t, test.want, strings.Join(got, " "))
			}
		})
	}
	k := Kernel{Name: "debian:6.12.10+deb13/cloud-amd64"}
	assert.Equal(t, "it has headers for debian:5.10.0-32/cloud-amd64, debian:6.12.9+deb13/cloud-amd64", l.withHeaders(k))
	assert.Equal(t, "it has headers for no kernel", l.withHeaders(Kernel{Name: "debian:6.12.10+deb13/amd64"}))
}

func TestParseDepends(t *testing.T) {
	assert.Equal(t, []dependency{
		{pkg: "a", version: "1-2"}, {pkg: "b", atLeast: "3:4~"}, {pkg: "c"}, {pkg: "d"},
	}, parseDepends("a (= 1-2), b (>= 3:4~) | x (= 1), c, d (<< 9),"))
}
