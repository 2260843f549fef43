package formats

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/joshdk/go-junit"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/summary"
)

// readJUnit reads with a reader that is not ours, and once more to the letter of XML.
func readJUnit(t testing.TB, text string) []junit.Suite {
	t.Helper()
	strict := xml.NewDecoder(strings.NewReader(text))
	for {
		_, err := strict.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
	}
	suites, err := junit.Ingest([]byte(text))
	require.NoError(t, err)
	return suites
}

func TestJUnit(t *testing.T) {
	suites := readJUnit(t, written(t, JUnit, runs()...))
	require.Len(t, suites, len(runs()))
	for i, want := range []struct{ passed, failed, errors, skipped int }{
		{3, 7, 0, 0}, // broken
		{8, 0, 0, 0}, // healthy
		{6, 0, 2, 0}, // unfinished: the kernel's and the run's
		{0, 0, 6, 0}, // harness
		{6, 2, 0, 0}, // seeded
		{0, 0, 6, 0}, // empty
		{0, 0, 2, 0}, // nothing at all
	} {
		got := suites[i].Totals
		assert.Equal(t, want.passed, got.Passed, suites[i].Name)
		assert.Equal(t, want.failed, got.Failed, suites[i].Name)
		assert.Equal(t, want.errors, got.Error, suites[i].Name)
		assert.Equal(t, want.skipped, got.Skipped, suites[i].Name)
	}
	assert.Contains(t, suites[4].Name, "SEEDED")
	assert.Equal(t, "true", suites[4].Properties["seeded"])
	assert.Equal(t, "seconds of the guest's clock", suites[0].Properties["time"])
}

func TestJUnitFailure(t *testing.T) {
	for _, c := range readJUnit(t, written(t, JUnit, broken()))[0].Tests {
		if c.Name != "kernel" {
			continue
		}
		var failure junit.Error
		require.ErrorAs(t, c.Error, &failure)
		assert.Equal(t, "panic", failure.Type)
		assert.Equal(t, `panic at 4,000 peers (not at 2,000): kernel panic: fake <bug> & "more" (during walk)`,
			failure.Message)
		assert.Contains(t, failure.Body, "signature: panic:foo:fake\n")
		assert.Contains(t, failure.Body, "  [    1.2] # Subtest: ]]>\n", "without the colours")
		return
	}
	t.Error("no test case kernel")
}

// TestJUnitSkipsWhatWasNotReached: an op that was left out because another one failed has not failed itself.
func TestJUnitSkipsWhatWasNotReached(t *testing.T) {
	s := broken()
	s.Ops[0].Points, s.Findings = nil, s.Findings[1:]
	suite := readJUnit(t, written(t, JUnit, s))[0]
	assert.Equal(t, junit.StatusSkipped, suite.Tests[0].Status)
	assert.Equal(t, "not measured: something failed before", suite.Tests[0].Message)
}

func TestJUnitOfNoRuns(t *testing.T) {
	assert.Empty(t, readJUnit(t, written(t, JUnit)))
}

func FuzzJUnit(f *testing.F) {
	hostile(f)
	f.Fuzz(func(t *testing.T, text string, number int64) {
		readJUnit(t, written(t, JUnit, filled(text, number), summary.Summary{}))
	})
}

// hostile are texts that a guest could print to break a report.
func hostile(f *testing.F) {
	for _, text := range []string{"", "]]><x>", "\x00\x1b[31m\xff\xfe\ufffe", "a\"b\\c\nd",
		"not ok 1 x\n1..9\nKTAP version 1", "# SKIP", "ok 1 - # SKIP",
		"Unit ns/op", "BenchmarkX 1 2 ns/op", "# EOF\n", "\u202e\u2028", "reboot: System halted", "key: value", "{}",
		strings.Repeat("long ", 500)} {
		f.Add(text, int64(3))
		f.Add(text, int64(-1<<63))
	}
}
