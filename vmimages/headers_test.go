package vmimages

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// headerKernel is the kernel of headerIndexes that has all its headers.
func headerKernel() Kernel {
	return Kernel{
		Name: "debian:6.12.9+deb13/cloud-amd64", Release: "6.12.9+deb13-cloud-amd64",
		Package: "linux-image-6.12.9+deb13-cloud-amd64", Version: "6.12.9-1", Hash: "k",
	}
}

// fakeHeaders has the parts of headerKernel's headers. Nothing in them runs.
func fakeHeaders(t testing.TB) *fakeArchive {
	t.Helper()
	const headers, common = "linux-headers-6.12.9+deb13-cloud-amd64", "linux-headers-6.12.9+deb13-common"
	const kbuild = "linux-kbuild-6.12.9+deb13"
	deb := func(pkg string, files map[string][]byte) []byte {
		files["usr/share/doc/"+pkg+"/copyright"] = []byte("x")
		return buildDeb(t, pkg, files)
	}
	return &fakeArchive{indexes: headerIndexes(t), debs: map[string][]byte{
		headers: deb("linux-headers-6", map[string][]byte{
			"usr/src/" + headers + "/Makefile": []byte("include /usr/src/" + common + "/Makefile\n"),
			"usr/src/" + headers + "/vmlinux":  []byte("types"),
		}),
		common:       deb("linux-headers-6-common", map[string][]byte{"usr/src/" + common + "/Makefile": []byte("all:\n")}),
		kbuild:       deb("linux-kbuild-6", map[string][]byte{"usr/lib/" + kbuild + "/x.sh": []byte("#!/bin/sh\n")}),
		"libc6":      deb("libc6", map[string][]byte{"usr/lib/x86_64-linux-gnu/" + programLoader: []byte("loader")}),
		"libelf1t64": deb("libelf1t64", map[string][]byte{}),
		"zlib1g":     deb("zlib1g", map[string][]byte{}),
		"libzstd1":   deb("libzstd1", map[string][]byte{}),
	}}
}

func TestHeaders(t *testing.T) {
	a, k := fakeHeaders(t), headerKernel()
	r := fakeResolver(t, t.TempDir(), a)
	h, err := r.headers(t.Context(), k)
	require.NoError(t, err)
	text, err := os.ReadFile(filepath.Join(h.Dir, "Makefile"))
	require.NoError(t, err)
	assert.NotContains(t, string(text), "/usr/src/")
	assert.NoFileExists(t, filepath.Join(h.Dir, "vmlinux"))
	assert.NoDirExists(t, filepath.Join(h.Dir, "..", "..", "share"))
	assert.Equal(t, int32(7), a.fetches.Load())

	again, err := r.headers(t.Context(), k)
	require.NoError(t, err)
	assert.Equal(t, h, again)
	assert.Equal(t, int32(7), a.fetches.Load(), "cached")
}

func TestHeadersMissing(t *testing.T) {
	const others = "it has headers for debian:5.10.0-32/cloud-amd64, debian:6.12.9+deb13/cloud-amd64"
	a := fakeHeaders(t)
	r := fakeResolver(t, t.TempDir(), a)
	delete(a.debs, "libelf1t64")
	listed, left := headerKernel(), headerKernel()
	left.Name, left.Release, left.Version = "debian:6.12.1+deb13/cloud-amd64", "6.12.1+deb13-cloud-amd64", "6.12.1-1"
	for want, k := range map[string]Kernel{
		"find headers of debian:6.12.9+deb13/cloud-amd64: they are listed but gone from the archive; " + others: listed,
		"find headers of debian:6.12.1+deb13/cloud-amd64: the archive no longer has them; " + others:            left,
	} {
		_, err := r.headers(t.Context(), k)
		var missing *MissingHeadersError
		require.ErrorAs(t, err, &missing)
		assert.Equal(t, want, err.Error())
	}
	entries, err := os.ReadDir(filepath.Join(r.cache.dir, "headers"))
	require.NoError(t, err)
	assert.Empty(t, entries)
}
