package console

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzParse holds the parser to what is true of any input: it does not fail, what it reports lies inside the input and
// is bounded, and it does not matter in which pieces the input came.
func FuzzParse(f *testing.F) {
	names, err := filepath.Glob(filepath.Join("testdata", "*.txt"))
	require.NoError(f, err)
	for _, n := range names {
		data, err := os.ReadFile(n)
		require.NoError(f, err)
		f.Add(data, 7)
	}
	f.Fuzz(func(t *testing.T, data []byte, piece int) {
		reports, err := Parse(bytes.NewReader(data))
		require.NoError(t, err)
		for _, r := range reports {
			checkReport(t, r, int64(len(data)))
		}
		require.Equal(t, reports, inPieces(data, 1+piece&0xfff))
	})
}

func checkReport(t *testing.T, r Report, size int64) {
	require.NotZero(t, r.Kind)
	require.NotEqual(t, "invalid", r.Kind.String())
	require.NotEmpty(t, r.Class)
	require.LessOrEqual(t, int64(0), r.Start)
	require.LessOrEqual(t, r.Start, r.End)
	require.LessOrEqual(t, r.End, size)
	require.LessOrEqual(t, len(r.Text), 3*maxText)
	require.LessOrEqual(t, len(r.Trace), maxFrames)
	require.LessOrEqual(t, len(r.Secondary), maxEvents)
	for _, s := range r.Secondary {
		checkReport(t, s, size)
	}
}

func inPieces(data []byte, n int) []Report {
	var c collector
	p := NewParser(c.add, nil)
	for piece := range chunks(data, n) {
		_, _ = p.Write(piece)
	}
	p.Flush()
	return c.reports
}
