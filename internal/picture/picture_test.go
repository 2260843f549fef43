package picture

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"image"
	"image/color"
	"image/png"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	update  = flag.Bool("update", false, "rewrite the golden files")
	lookDir = flag.String("look", "", "write the pictures of all cases to this folder")
)

// each runs a test on every case, in a fixed order.
func each(t *testing.T, f func(t *testing.T, name string, r Ramp)) {
	all := cases()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t.Run(name, func(t *testing.T) { f(t, name, all[name]) })
	}
}

func drawSVG(t *testing.T, r Ramp) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, SVG(&b, r))
	return b.String()
}

// texts returns what an SVG says, and fails if it is not well-formed.
func texts(t *testing.T, svg string) (out []string) {
	t.Helper()
	d, inside := xml.NewDecoder(strings.NewReader(svg)), false
	elements := []string{"svg", "g", "path", "text", "title"}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out
		}
		require.NoError(t, err)
		switch e := token.(type) {
		case xml.StartElement:
			require.Contains(t, elements, e.Name.Local, "nothing else is drawn")
			inside = e.Name.Local == "text" || e.Name.Local == "title"
		case xml.EndElement:
			inside = false
		case xml.CharData:
			if inside {
				out = append(out, string(e))
			}
		}
	}
}

func TestSVG(t *testing.T) {
	each(t, func(t *testing.T, name string, r Ramp) {
		svg := drawSVG(t, r)
		said := strings.Join(texts(t, svg), "\n")
		assert.Equal(t, r.Seeded, strings.Contains(said, "SEEDED"))
		assert.NotContains(t, svg, "NaN")
		assert.NotContains(t, svg, "Inf,")
		assert.Equal(t, svg, drawSVG(t, r), "the same ramp, the same bytes")
		assert.Equal(t, strings.Count(svg, "<text "), strings.Count(svg, " textLength="))
		assert.Contains(t, svg, "'Liberation Sans',Arimo,Arial,")
	})
}

func TestSVGSaysWhatIsKnown(t *testing.T) {
	said := texts(t, drawSVG(t, panicRamp()))
	for _, want := range []string{"add: one more entry", "broken at 40,000 entries: panic seeded_panic", "safe up to 39,600 entries",
		"fit a, 3.10 µs [3.00, 3.25], dotted where not measured", "median", "4 samples a size", "budget", "entries", "10,000", "10 µs", "time of one sample"} {
		assert.Contains(t, said, want)
	}
	said = texts(t, drawSVG(t, quadraticRamp()))
	assert.Contains(t, said, "knee at 8,200 [6,500, 10,100]")
	assert.Contains(t, texts(t, drawSVG(t, deleteRamp())), "time of one sample, most of it waiting")
}

// TestSVGEscapes: texts of a guest are text, and nothing in them is taken for the styles that are patched.
func TestSVGEscapes(t *testing.T) {
	r := panicRamp()
	for _, text := range []string{`</text><script>alert("1")</script> & 'x'`, `style="font-family:Liberation Sans;`,
		`xmlns:xlink="http://www.w3.org/1999/xlink">`, "]]><![CDATA[x", "<!-- x -->", "&#0;&lt;"} {
		r.Title, r.Failure, r.ModelName, r.Axis, r.Subtitle = text, text, text, text, text
		svg := drawSVG(t, r)
		assert.NotContains(t, svg, "<script")
		said := texts(t, svg)
		for _, want := range []string{text, "broken at 40,000 " + text + ": " + text, "fit " + text + ", dotted where not measured"} {
			assert.Contains(t, said, want)
		}
	}
	r.Title = "a\x1b[31mb\x00c\u202ed\ne\ufffe\xff"
	assert.Contains(t, texts(t, drawSVG(t, r)), "a[31mbcd e??")
}

func TestPNG(t *testing.T) {
	for _, r := range []Ramp{hostileRamp(), loadRamp(), {}} { // the SVGs tell the same of the others
		var b bytes.Buffer
		require.NoError(t, PNG(&b, r))
		img, err := png.Decode(&b)
		require.NoError(t, err)
		assert.Equal(t, image.Rect(0, 0, Width, Height), img.Bounds())
		assert.Equal(t, color.RGBAModel.Convert(color.White), color.RGBAModel.Convert(img.At(Width-3, Height-3)), "background")
		assert.Equal(t, r.Seeded, color.RGBAModel.Convert(img.At(Width-3, 3)) == color.RGBAModel.Convert(amber))
	}
}

func TestPNGTwiceTheSame(t *testing.T) {
	var first, second bytes.Buffer
	require.NoError(t, PNG(&first, quadraticRamp()))
	require.NoError(t, PNG(&second, quadraticRamp()))
	assert.True(t, bytes.Equal(first.Bytes(), second.Bytes()))
}

// full is a writer that takes nothing.
type full struct{}

var errFull = errors.New("no space left")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWriteErrorsAreTold(t *testing.T) {
	r := loadRamp()
	assert.ErrorIs(t, PNG(full{}, r), errFull)
	assert.ErrorIs(t, SVG(full{}, r), errFull)
	assert.ErrorIs(t, Terminal(full{}, r, 0, 0, true), errFull)
	assert.ErrorIs(t, ASCII(full{}, r, 0, 0), errFull)
}

// TestLook writes nothing unless it is asked to.
func TestLook(t *testing.T) {
	if *lookDir == "" {
		return
	}
	for name, r := range cases() {
		var image, text bytes.Buffer
		require.NoError(t, PNG(&image, r), name)
		require.NoError(t, Terminal(&text, r, 0, 0, false), name)
		for ext, b := range map[string][]byte{"png": image.Bytes(), "svg": []byte(drawSVG(t, r)), "txt": text.Bytes()} {
			require.NoError(t, os.WriteFile(filepath.Join(*lookDir, name+"."+ext), b, 0o644))
		}
	}
}
