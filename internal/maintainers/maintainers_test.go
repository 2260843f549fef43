package maintainers

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func parsed(t testing.TB) *File {
	t.Helper()
	r, err := os.Open(filepath.Join("testdata", "MAINTAINERS"))
	require.NoError(t, err)
	defer func() { _ = r.Close() }()
	f, err := Parse(r)
	require.NoError(t, err)
	return f
}

func TestParse(t *testing.T) {
	f := parsed(t)
	require.Len(t, f.Sections, 7)
	alpha := f.Sections[0]
	assert.Equal(t, "ALPHA CORE (ONE, AND TWO)", alpha.Title)
	assert.Equal(t, "Maintained", alpha.Status)
	assert.Equal(t, []List{{"alpha@lists.example.org", false}, {"closed@lists.example.org", true}}, alpha.Lists)
	assert.Equal(t, []string{"Rae Reviewer <rae@example.org>"}, alpha.Reviewers)
	assert.False(t, alpha.Orphan())
	assert.True(t, f.Sections[3].Orphan())
	assert.Equal(t, []string{"N: (?!unread)x"}, f.Unread)

	for _, text := range []string{"", "# only\n", "M:\tno section <a@example.org>\n", "a title\n"} {
		_, err := Parse(strings.NewReader(text))
		assert.ErrorContains(t, err, "it has no section", text)
	}
}

func TestSections(t *testing.T) {
	f := parsed(t)
	for path, want := range map[string]string{
		"alpha/core.c":              "ALPHA CORE (ONE, AND TWO)",
		"alpha/deep/er/core.c":      "ALPHA CORE (ONE, AND TWO)",
		"alpha/old/core.c":          "",
		"alpha/drivers/one.c":       "ALPHA DRIVER|ÜMLAUT SECTION|ALPHA CORE (ONE, AND TWO)",
		"alpha/drivers/one.S":       "ÜMLAUT SECTION|ALPHA CORE (ONE, AND TWO)",
		"alpha/drivers/two-ab.c":    "ALPHA DRIVER|ÜMLAUT SECTION|ALPHA CORE (ONE, AND TWO)",
		"alpha/drivers/two-abc.c":   "ÜMLAUT SECTION|ALPHA CORE (ONE, AND TWO)",
		"alpha/drivers/":            "ÜMLAUT SECTION|ALPHA CORE (ONE, AND TWO)",
		"include/linux/alpha_x.h":   "ALPHA CORE (ONE, AND TWO)",
		"include/linux/alpha/x.h":   "",
		"beta/dir/file.c":           "BETA WITHOUT A SLASH",
		"beta/directory.c":          "BETA WITHOUT A SLASH", // the script matches the beginning of a path
		"beta/other/file.c":         "",
		"any/sub/beta.c":            "BETA WITHOUT A SLASH",
		"any/more/sub/beta.c":       "",
		"drivers/x/soc7.c":          "NAMES",
		"gamma/a.c":                 "GAMMA ORPHAN",
		"somewhere/else/entirely.c": "",
	} {
		want := strings.Trim(want+"|THE REST", "|")
		assert.Equal(t, want, strings.Join(f.For(path, false).Sections, "|"), path)
	}
}

func TestFor(t *testing.T) {
	f := parsed(t)
	assert.Equal(t, Recipients{
		To: []string{`"Dan D. Driver" <dan@example.org>`},
		Cc: []string{`"Jörg Ümläut" <joerg@example.org>`, "ANN ALPHA <ann@other.example.org>", `"Quoted, Q." <quoted@example.org>`,
			"Rae Reviewer <rae@example.org>", "alpha@lists.example.org", KernelList, RegressionsList},
		Sections: []string{"ALPHA DRIVER", "ÜMLAUT SECTION", "ALPHA CORE (ONE, AND TWO)", "THE REST"},
	}, f.For("alpha/drivers/one.c", true))

	orphan := f.For("gamma/a.c", false)
	assert.True(t, orphan.Orphan)
	assert.Equal(t, []string{"gamma@lists.example.org"}, orphan.To, "an owner who left is not who is asked first")
	assert.Equal(t, []string{"Old Owner <old@example.org>", KernelList}, orphan.Cc)

	nobody := f.For("x/y.c", false)
	assert.Equal(t, []string{KernelList}, everybody(nobody), "not the one on top")
}

func TestGuess(t *testing.T) {
	for subsystem, want := range map[string]string{
		"wireguard": "drivers/net/wireguard/", "net/netfilter": "net/netfilter/", "kernel/cgroup": "kernel/cgroup/", "mm": "mm/",
		"kernel/workqueue": "kernel/workqueue.c", "drivers/scsi": "drivers/scsi/", "veth": "drivers/net/veth.c",
		"kernel": "", "zfs": "", "seeded": "", "": "", "some_module": "",
	} {
		path, ok := Guess(subsystem)
		assert.Equal(t, want, path, subsystem)
		assert.Equal(t, want != "", ok, subsystem)
	}
}

func FuzzParse(f *testing.F) {
	text, err := os.ReadFile(filepath.Join("testdata", "MAINTAINERS"))
	require.NoError(f, err)
	f.Add(string(text), "alpha/drivers/one.c")
	f.Add("T\nF:\t[z-a]\nN:\t(\nM:\t<>\nM:\t\"<@>\n", "x")
	f.Fuzz(func(t *testing.T, text, path string) {
		file, err := Parse(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, a := range everybody(file.For(path, true)) {
			assert.NotContains(t, a, "\n")
		}
	})
}

func everybody(r Recipients) []string { return slices.Concat(r.To, r.Cc) }
