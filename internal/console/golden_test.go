package console

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files")

// TestGolden reads the consoles in testdata, whole and byte by byte, and compares what is found with the golden files.
func TestGolden(t *testing.T) {
	names, err := filepath.Glob(filepath.Join("testdata", "*.txt"))
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
			data, err := os.ReadFile(name)
			require.NoError(t, err)
			reports, err := Parse(bytes.NewReader(data))
			require.NoError(t, err)
			checkGolden(t, strings.TrimSuffix(name, ".txt")+".golden", summary(reports))
			assert.Equal(t, reports, byteByByte(data))
		})
	}
}

func checkGolden(t *testing.T, name, got string) {
	if *update {
		require.NoError(t, os.WriteFile(name, []byte(got), 0o644))
	}
	want, err := os.ReadFile(name)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

func byteByByte(data []byte) []Report {
	var c collector
	p := NewParser(c.add, nil)
	for i := range data {
		_, _ = p.Write(data[i : i+1])
	}
	p.Flush()
	return c.reports
}

// summary writes reports one fact a line.
func summary(reports []Report) string {
	var s strings.Builder
	for _, r := range reports {
		fmt.Fprintf(&s, "%s\n", r.Title)
		fmt.Fprintf(&s, "  signature %s\n  class %s, crash %v, fatal %v, corrupted %v, repeats %d\n",
			r.Signature(), r.Class, r.Crash(), r.Fatal, r.Corrupted, r.Repeats)
		fmt.Fprintf(&s, "  waits %q, process %q, pid %d, cpu %d, taint %q, registers %q\n",
			r.Waits, r.Process, r.PID, r.CPU, r.Taint, r.Registers)
		fmt.Fprintf(&s, "  bytes %d to %d\n", r.Start, r.End)
		for _, f := range r.Trace {
			fmt.Fprintf(&s, "    %s %s%s\n", f.Function, f.Module, map[bool]string{true: "?"}[f.Unreliable])
		}
		for _, sec := range r.Secondary {
			fmt.Fprintf(&s, "  then %s (%s)\n", sec.Title, sec.Signature())
		}
	}
	return s.String()
}
