package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"brink/internal/summary"
	"brink/internal/trial"
)

func write(t testing.TB, s summary.Summary) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, Write(&out, s))
	return out.String()
}

// parse reads a page as a browser does.
func parse(t testing.TB, page string) *html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	require.NoError(t, err)
	return root
}

// all returns the elements of a kind.
func all(root *html.Node, kinds ...atom.Atom) (found []*html.Node) {
	for n := range root.Descendants() {
		for _, k := range kinds {
			if n.Type == html.ElementNode && n.DataAtom == k {
				found = append(found, n)
			}
		}
	}
	return found
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		switch {
		case d.Type == html.TextNode:
			b.WriteString(d.Data)
		case d.Type == html.ElementNode && !slices.Contains([]atom.Atom{atom.Code, atom.A, atom.Mark, atom.Strong}, d.DataAtom):
			b.WriteString(" ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// section returns the text of the part with that heading.
func section(t testing.TB, root *html.Node, id string) string {
	t.Helper()
	for _, n := range all(root, atom.Section) {
		if attr(n, "aria-labelledby") == id {
			return text(n)
		}
	}
	require.Fail(t, "no section "+id)
	return ""
}

func TestPagesAreWellFormed(t *testing.T) {
	for name, s := range pages() {
		t.Run(name, func(t *testing.T) {
			root := parse(t, write(t, s))
			assert.Equal(t, "en", attr(all(root, atom.Html)[0], "lang"))
			assert.Len(t, all(root, atom.Main), 1)
			level := 0
			for _, h := range all(root, atom.H1, atom.H2, atom.H3, atom.H4) {
				now := int(h.Data[1] - '0')
				assert.LessOrEqual(t, now, level+1, "heading %q skips a level", text(h))
				level = now
			}
			for _, th := range all(root, atom.Th) {
				assert.Contains(t, []string{"row", "col"}, attr(th, "scope"), text(th))
			}
			ids := map[string]bool{}
			for n := range root.Descendants() {
				if id := attr(n, "id"); id != "" {
					assert.False(t, ids[id], "two elements are called %s", id)
					ids[id] = true
				}
			}
			for _, a := range all(root, atom.A) {
				if to, inside := strings.CutPrefix(attr(a, "href"), "#"); inside {
					assert.True(t, ids[to], "nothing is called %s", to)
				}
			}
			var plots []struct{ ID string }
			require.NoError(t, json.Unmarshal([]byte(data1(root)), &plots))
			for _, p := range plots {
				assert.True(t, ids[p.ID], "the plot %s has a place", p.ID)
			}
			assert.NotContains(t, data1(root), "NaN")
		})
	}
}

// data1 is what the script draws.
func data1(root *html.Node) string {
	for _, s := range all(root, atom.Script) {
		if attr(s, "type") == "application/json" {
			return s.FirstChild.Data
		}
	}
	return ""
}

// TestPolicy: only what the page itself brought may run or dress it, and nothing in it asks for anything.
func TestPolicy(t *testing.T) {
	root := parse(t, write(t, hostile()))
	policy := attr(all(root, atom.Meta)[1], "content")
	require.Regexp(t, `^default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-\S+'; script-src 'sha256-\S+' 'sha256-\S+'$`, policy)
	scripts := 0
	for _, n := range all(root, atom.Style, atom.Script) {
		if attr(n, "type") == "application/json" {
			continue
		}
		sum := sha256.Sum256([]byte(n.FirstChild.Data))
		assert.Contains(t, policy, base64.StdEncoding.EncodeToString(sum[:]))
		assert.Empty(t, attr(n, "src"))
		scripts++
	}
	assert.Equal(t, 3, scripts)
	assert.Contains(t, text(root), "Copyright (c) 2022 Leon Sorokin", "the library's licence goes with it")
	assert.Empty(t, all(root, atom.Link, atom.Img, atom.Iframe, atom.Object, atom.Embed, atom.Base, atom.Form, atom.Video, atom.Audio))
	for n := range root.Descendants() {
		for _, a := range n.Attr {
			assert.False(t, strings.HasPrefix(a.Key, "on"), "%s has %s", n.Data, a.Key)
			assert.NotContains(t, []string{"style", "src", "srcset", "action", "formaction", "ping"}, a.Key)
		}
	}
}

// TestLinksStayInTheFolder, whatever files a record names.
func TestLinksStayInTheFolder(t *testing.T) {
	s := sample()
	s.Findings[1].Captures = append(s.Findings[1].Captures, trial.Capture{What: "a", File: "../../../etc/passwd"}, trial.Capture{What: "b", File: "javascript:alert(1)"},
		trial.Capture{What: "c", File: "a b?c#d%20"}, trial.Capture{What: "d", File: `\\host\share`})
	s.Findings[0].Log = "//host/console.log"
	for name, s := range map[string]summary.Summary{"named": s, "hostile": hostile()} {
		for _, a := range all(parse(t, write(t, s)), atom.A) {
			assert.Regexp(t, `^(#[a-z0-9-]+|\./[A-Za-z0-9._~%!$&'()*+,;=:@/-]+)$`, attr(a, "href"), name)
			assert.NotContains(t, attr(a, "href"), "..", name)
		}
	}
	page := write(t, s)
	assert.Contains(t, page, `href="./trials/001/a%20b%3Fc%23d%2520"`)
	assert.Contains(t, page, "../../../etc/passwd", "named, but not linked")
}

// TestHostileTexts: each of them is shown, none is obeyed.
func TestHostileTexts(t *testing.T) {
	page := write(t, hostile())
	assert.Empty(t, hiddenIn(page), "control characters")
	root := parse(t, page)
	assert.Len(t, all(root, atom.Script), 3)
	assert.Empty(t, all(root, atom.Img))
	shown := text(root)
	for _, field := range []string{"Run", "Title", "Incident", "Text", "Signature", "Function", "Subsystem", "Also", "Why", "Log", "What", "Err", "Name",
		"Release", "Cmdline", "Version", "QEMU", "CPU", "Board", "Accel", "Clock", "Build", "KernelLines", "Change", "Changes", "Skipped", "Op", "Start", "Kind",
		"ModelText", "Axis", "Args", "Hash", "Factor", "Folder"} {
		assert.Contains(t, shown, field+"</script><script>window.owned=1", field)
	}
	assert.Contains(t, shown, "^[[31m^[]0;owned^G")
	assert.Contains(t, shown, "⟨U+202E⟩gnp.exe")
	assert.Equal(t, 1, strings.Count(page, "<h1"))
}

func TestVisible(t *testing.T) {
	for in, want := range map[string]string{
		"plain µ ² … –\n\tx":            "plain µ ² … –\n\tx",
		"\x1b[31mred":                   "^[[31mred",
		"a\x00b\x7fc\rd":                "a^@b^?c^Md",
		"\u009b31m":                     "⟨U+009B⟩31m",
		"abc\u202edef\u2066":            "abc⟨U+202E⟩def⟨U+2066⟩",
		"zero\u200bwidth\ufeff\u00ad":   "zero⟨U+200B⟩width⟨U+FEFF⟩⟨U+00AD⟩",
		"line\u2028end":                 "line⟨U+2028⟩end",
		"no text \xff":                  "no text ⟨U+FFFD⟩",
		"tag \U000E0041 private \ue000": "tag ⟨U+E0041⟩ private ⟨U+E000⟩",
	} {
		assert.Equal(t, want, visible(in))
		assert.Equal(t, want, visible(want), "nothing is left to do")
	}
}

// TestAssetsStayAsTheyAre: visible changes nothing in them, or their hashes would be wrong; and they cannot end their element.
func TestAssetsStayAsTheyAre(t *testing.T) {
	v := &view{}
	require.NoError(t, v.dress())
	for _, text := range []string{string(v.Style), string(v.Library), string(v.Script)} {
		assert.Equal(t, text, visible(text))
		assert.NotRegexp(t, regexp.MustCompile(`(?i)</(script|style)|<!--`), text)
		assert.NotRegexp(t, regexp.MustCompile(`localStorage|sessionStorage|document\.cookie|XMLHttpRequest|fetch\(|import\(|@import|url\(`), text)
	}
}

func TestDataWithoutAnEndIsAnError(t *testing.T) {
	s := sample()
	s.Ops[0].Model.Curve[0].High = math.Inf(1)
	assert.ErrorContains(t, Write(&bytes.Buffer{}, s), "write the page's plots")
}

func TestLargePage(t *testing.T) {
	assert.Less(t, len(write(t, large())), 1_000_000)
}

// BenchmarkWrite is the page of a run with ten ops, eight sizes, 64 samples each and 150 VMs.
func BenchmarkWrite(b *testing.B) {
	s := large()
	for b.Loop() {
		require.NoError(b, Write(&bytes.Buffer{}, s))
	}
}
