package formats

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/summary"
)

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))
}

// written is what a format makes of runs.
func written(t testing.TB, write func(io.Writer, ...summary.Summary) error, runs ...summary.Summary) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, write(&b, runs...))
	return b.String()
}

func TestGolden(t *testing.T) {
	for _, f := range All() {
		t.Run(f.Name, func(t *testing.T) {
			golden(t, f.File, []byte(written(t, f.Write, broken())))
			if f.Name == "ktap" || f.Name == "junit" { // the states a run can be in, as people read them
				golden(t, "all-"+f.File, []byte(written(t, f.Write, runs()...)))
			}
		})
	}
}

func TestFind(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range All() {
		found, err := Find(f.Name)
		require.NoError(t, err)
		assert.Equal(t, f.File, found.File)
		assert.NotEmpty(t, f.Title)
		assert.False(t, seen[f.Name] || seen[f.File], f.Name)
		seen[f.Name], seen[f.File] = true, true
	}
	_, err := Find("yaml")
	require.ErrorContains(t, err, "choose of json, junit, ktap")
}

// full is a disk without room.
type full struct{}

var errFull = errors.New("no space left")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWritersPassErrorsOn(t *testing.T) {
	for _, f := range All() {
		assert.ErrorIs(t, f.Write(full{}, broken()), errFull, f.Name)
		assert.ErrorIs(t, f.Write(full{}, broken(), broken()), errFull, f.Name)
	}
	assert.ErrorIs(t, Schema(full{}), errFull)
}

// TestSameTwice: nothing in a report depends on the order of a map.
func TestSameTwice(t *testing.T) {
	for _, f := range All() {
		assert.Equal(t, written(t, f.Write, runs()...), written(t, f.Write, runs()...), f.Name)
	}
}

func TestJSON(t *testing.T) {
	var whole summary.Summary
	require.NoError(t, json.Unmarshal([]byte(written(t, JSON, broken())), &whole))
	assert.Equal(t, broken().Verdict, whole.Verdict)
	lines := strings.Split(strings.TrimSuffix(written(t, JSON, runs()...), "\n"), "\n")
	require.Len(t, lines, len(runs()))
	for i, text := range lines {
		var s summary.Summary
		require.NoError(t, json.Unmarshal([]byte(text), &s))
		assert.Equal(t, runs()[i].Run, s.Run)
	}
	assert.Empty(t, written(t, JSON))
}

func TestText(t *testing.T) {
	for text, want := range map[string]string{
		"a\x00b\x7f\u0085c": "abc", "\x1b[1;31mred\x1b[0m": "red", "bad \xff\xfe": "bad \ufffd\ufffd",
		"one\r\ntwo":        "one\ntwo",
		"turn \u202e\u2066": "turn ", "\ufffe\uffff": "", "a\u2028b\tc": "a b\tc", "\U0001f427": "\U0001f427",
	} {
		assert.Equal(t, want, block(text), "%q", text)
	}
	assert.Equal(t, "a b c", line(" a\nb\r\n\tc\u00a0"))
	assert.Equal(t, "debian_6_12_1_cloud-amd64", word("debian:6.12.1/cloud-amd64"))
	assert.Equal(t, "_", word(""))
	assert.Equal(t, "äö", first("äöü", 2))
	assert.Equal(t, "äöü", first("äöü", 3))
}
