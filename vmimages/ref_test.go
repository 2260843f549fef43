package vmimages

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseRef(t *testing.T) {
	for _, test := range []struct {
		ref  string
		want reference
		bad  string
	}{
		{ref: "debian:6.12", want: reference{what: "6.12", flavour: FlavourCloud}},
		{ref: "debian:newest/amd64", want: reference{what: "newest", flavour: FlavourFull}},
		{ref: "debian:6.12.117+deb12/cloud-amd64", want: reference{what: "6.12.117+deb12", flavour: FlavourCloud}},
		{ref: "debian:6.12.95-1~bpo12+1", want: reference{what: "6.12.95-1~bpo12+1", flavour: FlavourCloud}},
		{ref: "file:/k/bzImage", want: reference{file: "/k/bzImage"}},
		{ref: "file:a,b,modules=/m", want: reference{file: "a,b", modules: "/m"}},
		{ref: "6.12", bad: "unknown form"},
		{ref: "", bad: "unknown form"},
		{ref: "ubuntu:6.12", bad: "unknown form"},
		{ref: "debian:", bad: "is no version or suite"},
		{ref: "debian:../x", bad: "unknown flavour"},
		{ref: "debian:6.1/rt-amd64", bad: "unknown flavour"},
		{ref: "debian:6.1/", bad: "unknown flavour"},
		{ref: "debian:6.1\nx", bad: "is no version or suite"},
		{ref: "file:", bad: "no path"},
		{ref: "file:,modules=/m", bad: "no path"},
		{ref: "file:k,modules=", bad: "names no folder"},
	} {
		t.Run(test.ref, func(t *testing.T) {
			got, err := parseRef(test.ref)
			if test.bad != "" {
				var refErr *RefError
				require.ErrorAs(t, err, &refErr)
				assert.Contains(t, err.Error(), test.bad)
				assert.NotContains(t, err.Error(), "\n")
				return
			}
			require.NoError(t, err)
			test.want.ref = test.ref
			assert.Equal(t, test.want, got)
		})
	}
}

func TestVersions(t *testing.T) {
	ordered := []string{
		"5.10.262-1", "6.1.192-2", "6.12.95-1~bpo12+1", "6.12.117-1~deb12u1", "6.12.117-1", "7.2.13-1",
		"7.3~rc7-1~exp1", "7.3-1",
	}
	for i := 1; i < len(ordered); i++ {
		assert.Negative(t, compareVersions(ordered[i-1], ordered[i]), ordered[i])
	}
	assert.Equal(t, "6.12.117", upstreamOf("6.12.117-1~deb12u1"))
	assert.Equal(t, "7.3~rc7", upstreamOf("1:7.3~rc7-1~exp1"))
	assert.Equal(t, "6.12", seriesOf("6.12.117"))
	assert.Equal(t, "7.3", seriesOf("7.3~rc7"))
}

func FuzzParseRef(f *testing.F) {
	for _, seed := range []string{"debian:6.12/amd64", "file:a,modules=b", ":", "debian:newest", "patch:git:a@b,c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, ref string) {
		r, err := parseRef(ref)
		if err == nil && r.what == "" && r.file == "" && r.tree == nil {
			t.Fatalf("%q names nothing", ref)
		}
	})
}
