package formats

import (
	_ "embed"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/summary"
)

// kcidbParts is a schema of those parts of KCIDB 5.3 that brink writes; it leaves no room for others.
//
//go:embed testdata/kcidb.schema.json
var kcidbParts string

func readKCIDB(t testing.TB, text string) kcidbReport {
	t.Helper()
	require.NoError(t, valid(t, compiled(t, kcidbParts), text))
	var report kcidbReport
	require.NoError(t, json.Unmarshal([]byte(text), &report))
	checkouts, builds := map[string]bool{}, map[string]bool{}
	for _, c := range report.Checkouts {
		require.False(t, checkouts[c.ID], c.ID)
		checkouts[c.ID] = true
	}
	for _, b := range report.Builds {
		require.False(t, builds[b.ID], b.ID)
		builds[b.ID] = true
		require.True(t, checkouts[b.CheckoutID], b.CheckoutID)
	}
	for _, one := range report.Tests {
		require.True(t, builds[one.BuildID], one.BuildID)
		if one.Number != nil {
			assert.NotContains(t, []string{"MISS", "SKIP"}, one.Status, "a number is of a test that was done")
		}
	}
	return report
}

// byPath are the tests of one run, without the beginning of their paths.
func byPath(t *testing.T, s summary.Summary) map[string]kcidbTest {
	all, ids := map[string]kcidbTest{}, map[string]bool{}
	for _, one := range readKCIDB(t, written(t, KCIDB, s)).Tests {
		path, ok := strings.CutPrefix(one.Path, "brink.fake")
		assert.True(t, ok, one.Path)
		assert.False(t, ids[one.ID], one.ID)
		all[strings.TrimPrefix(path, ".")], ids[one.ID] = one, true
	}
	return all
}

func TestKCIDBStatus(t *testing.T) {
	for name, c := range map[string]struct {
		run  summary.Summary
		want map[string]string
	}{
		"broken": {broken(), map[string]string{"": "FAIL", "load": "FAIL", "get": "FAIL", "talk": "FAIL", "walk": "FAIL",
			"canary.fork":  "FAIL",
			"canary.timer": "PASS", "limit.livelock": "PASS", "limit.stall": "FAIL",
			"kernel": "FAIL", "threshold.safe": "DONE", "threshold.broken": "DONE"}},
		"healthy": {healthy(head("h"), 1), map[string]string{"": "PASS", "load": "PASS", "get": "PASS", "talk": "PASS",
			"walk":         "PASS",
			"canary.fork":  "PASS",
			"canary.timer": "PASS", "kernel": "PASS", "threshold.safe": "DONE"}},
		"unfinished": {unfinished(), map[string]string{"": "ERROR", "load": "PASS", "get": "PASS", "talk": "PASS",
			"walk":         "PASS",
			"canary.fork":  "PASS",
			"canary.timer": "PASS", "kernel": "MISS"}},
		"harness": {harness(), map[string]string{"": "MISS", "load": "MISS", "get": "MISS", "talk": "MISS", "walk": "MISS",
			"kernel": "MISS"}},
		"empty": {empty(), map[string]string{"": "MISS", "load": "MISS", "get": "MISS", "talk": "MISS", "walk": "MISS",
			"kernel": "MISS"}},
	} {
		got := map[string]string{}
		for path, one := range byPath(t, c.run) {
			got[path] = one.Status
		}
		assert.Equal(t, c.want, got, name)
	}
}

func TestKCIDBNumbers(t *testing.T) {
	tests := byPath(t, broken())
	assert.Equal(t, &kcidbNumber{0.12, "s", "metric"}, tests["load"].Number, "the median at 1000, where it still held")
	assert.EqualValues(t, 1000, tests["load"].Misc["size"])
	assert.Nil(t, tests["talk"].Number, "it never held")
	assert.Equal(t, &kcidbNumber{1000, "peers", ""}, tests["threshold.safe"].Number)
	assert.Equal(t, &kcidbNumber{2000, "peers", ""}, tests["threshold.broken"].Number)
	s := healthy(head("h"), 1)
	assert.Equal(t, &kcidbNumber{0.004, "s", "metric"}, byPath(t, s)["load"].Number)
	s.Ops[0].Points[1].State = summary.OverBudget
	assert.Equal(t, &kcidbNumber{0.001, "s", "metric"}, byPath(t, s)["load"].Number, "above a failure nothing counts")
}

// TestKCIDBMarksWhatIsPlanted: in each test, as each is looked at alone.
func TestKCIDBMarksWhatIsPlanted(t *testing.T) {
	for path, one := range byPath(t, seeded()) {
		assert.Equal(t, true, one.Misc["seeded"], path)
		assert.Contains(t, one.Comment, "SEEDED", path)
	}
	for path, one := range byPath(t, broken()) {
		assert.Equal(t, false, one.Misc["seeded"], path)
		assert.NotContains(t, one.Comment, "SEEDED", path)
	}
}

// TestKCIDBOfSeveralRuns: runs of one kernel are tests of one build, and two flavours are builds of one checkout.
func TestKCIDBOfSeveralRuns(t *testing.T) {
	other := head("c")
	other.Kernel.Name, other.Kernel.Hash = "debian:6.12.1/amd64", "11ff"
	report := readKCIDB(t, written(t, KCIDB, healthy(head("a"), 1), healthy(head("b"), 1), healthy(other, 1)))
	assert.Len(t, report.Checkouts, 1)
	assert.Len(t, report.Builds, 2)
	assert.Len(t, report.Tests, 27)
	assert.Empty(t, readKCIDB(t, written(t, KCIDB)).Tests)
}

func TestKCIDBOrigin(t *testing.T) {
	var text strings.Builder
	require.NoError(t, KCIDBFrom(&text, "our_lab2", broken()))
	report := readKCIDB(t, text.String())
	assert.Equal(t, "our_lab2", report.Tests[1].Origin)
	assert.Equal(t, "our_lab2:20260102-030405-fake-6.12.1/load", report.Tests[1].ID)
	require.ErrorContains(t, KCIDBFrom(&text, "Our lab"), "small letters")
}

func TestKCIDBCutsTheLog(t *testing.T) {
	s := broken()
	s.Findings[0].Console = []summary.Line{{Text: strings.Repeat("ä", 20_000)}}
	assert.Len(t, []rune(byPath(t, s)["load"].Log), 16384)
}

func FuzzKCIDB(f *testing.F) {
	hostile(f)
	f.Fuzz(func(t *testing.T, text string, number int64) {
		readKCIDB(t, written(t, KCIDB, filled(text, number), summary.Summary{}))
	})
}
