package picture

import (
	"bytes"
	"fmt"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// grids are those that a picture must cope with.
func grids() map[string]Grid {
	plain := Grid{Title: "ask: ask for a link (median)", Subtitle: "promisc on debian:6.1, tcg, clock icount", Rows: "pps", Columns: "containers",
		RowNames: []string{"1,000", "2,000", "4,000", "8,000"}, ColumnNames: []string{"1", "32", "320"}}
	for y := range plain.RowNames {
		var row []GridCell
		for x := range plain.ColumnNames {
			v := math.Pow(4, float64(x+y))
			row = append(row, GridCell{Value: v, Text: fmt.Sprintf("%.0f µs", v), Known: true, Broken: x+y > 3})
		}
		plain.Cells = append(plain.Cells, row)
	}
	plain.Cells[3][2] = GridCell{Text: "late", Broken: true}
	plain.Cells[2][2].Over = true
	all := map[string]Grid{"plain": plain, "empty": {Rows: "pps", Columns: "containers"},
		"alike":   {Title: "t", Rows: "pps", Columns: "n", RowNames: []string{"1"}, ColumnNames: []string{"1", "2"}, Cells: [][]GridCell{{{Value: 1, Text: "1 s", Known: true}, {Value: 1.1, Text: "1.1 s", Known: true}}}},
		"ragged":  {Title: "t", RowNames: []string{"1", "2"}, ColumnNames: []string{"1", "2"}, Cells: [][]GridCell{{{Value: 1, Text: "one", Known: true}}}},
		"strange": {Title: "<b>&\x1b[31m", RowNames: []string{"1"}, ColumnNames: []string{"a", "b", "c", "d"}, Cells: [][]GridCell{{{Value: math.NaN(), Known: true, Text: "</text>"}, {Value: math.Inf(1), Known: true}, {Value: -1, Known: true, Text: "-1"}, {Value: 0, Known: true, Text: "0/s"}}}},
		"nothing": {Title: "t", Rows: "pps", Columns: "n", RowNames: []string{"1"}, ColumnNames: []string{"1"}, Cells: [][]GridCell{{{Text: "-"}}}}}
	seeded := plain
	seeded.Seeded = true
	all["seeded"] = seeded
	large := Grid{Title: strings.Repeat("long ", 60), Rows: "pps", Columns: "containers"}
	for x := range 30 {
		large.ColumnNames = append(large.ColumnNames, fmt.Sprint(1000*x))
	}
	for y := range 60 {
		large.RowNames, large.Cells = append(large.RowNames, fmt.Sprint(y)), append(large.Cells, nil)
		for x := range 30 {
			large.Cells[y] = append(large.Cells[y], GridCell{Value: float64(1 + x*y), Text: fmt.Sprint(x*y, " µs"), Known: true, Broken: y > 50})
		}
	}
	all["large"] = large
	return all
}

func TestGridSVG(t *testing.T) {
	for name, g := range grids() {
		t.Run(name, func(t *testing.T) {
			var a, b bytes.Buffer
			require.NoError(t, GridSVG(&a, g))
			require.NoError(t, GridSVG(&b, g))
			said := strings.Join(texts(t, a.String()), "\n")
			assert.Equal(t, a.String(), b.String(), "the same grid, the same bytes")
			assert.Equal(t, g.Seeded, strings.Contains(said, "SEEDED"))
			assert.NotContains(t, a.String(), "NaN")
			assert.NotContains(t, a.String(), "Inf,")
			if name == "plain" {
				for _, want := range []string{"256 µs", "late", "1,000", "320", "containers", "something has failed at this size or a smaller one"} {
					assert.Contains(t, said, want, "nothing is told by colour alone")
				}
			}
		})
	}
}

func TestGridPNG(t *testing.T) {
	for name, g := range grids() {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			require.NoError(t, GridPNG(&b, g))
			if *lookDir != "" {
				require.NoError(t, os.WriteFile(filepath.Join(*lookDir, "grid-"+name+".png"), b.Bytes(), 0o644))
			}
			page, err := png.Decode(&b)
			require.NoError(t, err)
			assert.Equal(t, Width, page.Bounds().Dx())
		})
	}
}

// TestShadesAreToldApart: each step is darker than the one before, so that they can be told apart without colours, and the number in
// a cell can be read on every one.
func TestShadesAreToldApart(t *testing.T) {
	steps, err := blues()
	require.NoError(t, err)
	require.Len(t, steps, shades)
	for i := 1; i < len(steps); i++ {
		assert.Less(t, light(steps[i]), light(steps[i-1])-0.02, "step %d", i)
	}
	for i, k := range steps {
		assert.Greater(t, contrast(k, numberOn(i)), 4.5, "step %d", i)
	}
}

// light is the relative luminance, contrast the ratio that WCAG 2.1 wants to be 4.5.
func light(k color.Color) float64 {
	r, g, b, _ := k.RGBA()
	part := func(v uint32) float64 {
		x := float64(v) / 0xFFFF
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*part(r) + 0.7152*part(g) + 0.0722*part(b)
}

func contrast(a, b color.Color) float64 {
	l := []float64{light(a), light(b)}
	slices.Sort(l)
	return (l[1] + 0.05) / (l[0] + 0.05)
}

func TestGridTerminal(t *testing.T) {
	for name, g := range grids() {
		for _, width := range []int{0, 40, 118} {
			var unicode, ascii bytes.Buffer
			require.NoError(t, GridTerminal(&unicode, g, width, false))
			require.NoError(t, GridASCII(&ascii, g, width))
			for _, line := range strings.Split(unicode.String(), "\n") {
				assert.LessOrEqual(t, utf8.RuneCountInString(line), limit(width, DefaultWidth, leastWidth, mostWidth), name)
			}
			assert.NotContains(t, unicode.String(), "\x1b")
			assert.Equal(t, ascii.Len(), utf8.RuneCount(ascii.Bytes()), name)
			for x, column := range g.ColumnNames {
				assert.Contains(t, unicode.String(), column, "%s, column %d", name, x)
			}
		}
	}
	h := ready(grids()["alike"])
	step, ok := h.shade(h.Cells[0][1], shades)
	assert.True(t, ok)
	assert.Zero(t, step, "10% is not shown as all the difference there is")
	var text, colours bytes.Buffer
	require.NoError(t, GridTerminal(&text, grids()["plain"], 0, false))
	require.NoError(t, GridTerminal(&colours, grids()["plain"], 0, true))
	assert.Contains(t, colours.String(), "\x1b[31m")
	golden := filepath.Join("testdata", "grid.txt")
	if *update {
		require.NoError(t, os.WriteFile(golden, text.Bytes(), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), text.String())
}
