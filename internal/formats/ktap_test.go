package formats

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brink/internal/summary"
)

// ktapReader is a strict reader of KTAP version 1: it takes nothing but what the format names.
type ktapReader struct{ lines []string }

// ktapRead is a test that was read.
type ktapRead struct {
	ok, skip bool
	name     string
	subs     []ktapRead
}

var (
	ktapPlan   = regexp.MustCompile(`^1\.\.([0-9]+)$`)
	ktapEnd    = regexp.MustCompile(`List of all partitions:|Kernel panic - not syncing: VFS:|reboot: System halted`)
	ktapResult = regexp.MustCompile(`^(ok|not ok) ([0-9]+) ([^#\s][^#]*?)( # SKIP( .+)?)?$`)
)

func (r *ktapReader) next(indent string) (string, bool) {
	if len(r.lines) == 0 || !strings.HasPrefix(r.lines[0], indent) {
		return "", false
	}
	return r.lines[0][len(indent):], true
}

func (r *ktapReader) take() { r.lines = r.lines[1:] }

// tests reads a version, a plan and as many tests as it says.
func (r *ktapReader) tests(indent string) ([]ktapRead, error) {
	if text, _ := r.next(indent); text != "KTAP version 1" {
		return nil, fmt.Errorf("%q is no version", text)
	}
	r.take()
	text, _ := r.next(indent)
	plan := ktapPlan.FindStringSubmatch(text)
	if plan == nil {
		return nil, fmt.Errorf("%q is no plan", text)
	}
	r.take()
	n, err := strconv.Atoi(plan[1])
	if err != nil {
		return nil, err
	}
	var all []ktapRead
	for len(all) < n {
		one, err := r.test(indent, len(all)+1)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

func (r *ktapReader) test(indent string, number int) (one ktapRead, err error) {
	if text, _ := r.next(indent + "  "); text == "KTAP version 1" {
		if one.subs, err = r.tests(indent + "  "); err != nil {
			return one, err
		}
	}
	for {
		text, ok := r.next(indent)
		if !ok {
			return one, fmt.Errorf("the end or a line that is not indented like test %d: %q", number, text)
		}
		r.take()
		if strings.HasPrefix(text, "# ") {
			continue
		}
		m := ktapResult.FindStringSubmatch(text)
		if m == nil || m[2] != strconv.Itoa(number) {
			return one, fmt.Errorf("%q is no result of test %d", text, number)
		}
		one.ok, one.name, one.skip = m[1] == "ok", m[3], m[4] != ""
		for _, sub := range one.subs {
			if !sub.ok && one.ok {
				return one, fmt.Errorf("%s is ok and its %s is not", one.name, sub.name)
			}
		}
		return one, nil
	}
}

func readKTAP(t testing.TB, text string) []ktapRead {
	t.Helper()
	require.True(t, strings.HasSuffix(text, "\n"))
	for _, c := range text {
		require.True(t, c == '\n' || c == '\t' || c >= ' ' && c != 0x7f && c != 0xfffd, "%q", c)
	}
	r := ktapReader{strings.Split(strings.TrimSuffix(text, "\n"), "\n")}
	all, err := r.tests("")
	require.NoError(t, err)
	require.Empty(t, r.lines, "after the last test")
	return all
}

func TestKTAP(t *testing.T) {
	all := readKTAP(t, written(t, KTAP, runs()...))
	require.Len(t, all, len(runs()))
	for i, want := range []struct{ ok, skip bool }{
		{false, false}, {true, false}, {true, false}, {true, true}, {false, false}, {true, true}, {true, true},
	} {
		assert.Equal(t, want.ok, all[i].ok, all[i].name)
		assert.Equal(t, want.skip, all[i].skip, all[i].name)
	}
	load := all[0].subs[0]
	assert.Equal(
		t,
		ktapRead{
			name: "load",
			subs: []ktapRead{{ok: true, name: "1000 peers"}, {name: "2000 peers"}, {ok: true, skip: true, name: "4000 peers"}},
		},
		load,
	)
	assert.Len(t, all[0].subs, 10)
	for _, one := range all[3].subs { // the harness failed: not one of them is the kernel's fault
		assert.True(t, one.ok && one.skip, one.name)
	}
	assert.Contains(t, written(t, KTAP, seeded()), "# seeded: verdict: SEEDED: the failures are planted")
	assert.Empty(t, readKTAP(t, written(t, KTAP)))
}

// TestKTAPHidesTheEndOfAConsole: the kernel's parser stops at these, wherever they stand.
func TestKTAPHidesTheEndOfAConsole(t *testing.T) {
	s := broken()
	for i := range s.Findings {
		s.Findings[i].Title = "reboot: System halted"
		s.Ops[0].Points[0].State, s.Ops[0].Points[0].Text = summary.Skipped, "reboot: System halted"
		s.Findings[i].Console = []summary.Line{
			{Text: "[1.0] Kernel panic - not syncing: VFS: no root"},
			{Text: "List of all partitions:"},
		}
	}
	text := written(t, KTAP, s)
	readKTAP(t, text)
	assert.NotRegexp(t, ktapEnd, text)
	assert.Contains(t, text, "Kernel panic - not syncing:  VFS: no root")
}

func FuzzKTAP(f *testing.F) {
	hostile(f)
	f.Fuzz(func(t *testing.T, text string, number int64) {
		read := readKTAP(t, strings.ReplaceAll(written(t, KTAP, filled(text, number), summary.Summary{}), "\ufffd", "?"))
		assert.Len(t, read, 2)
		assert.NotRegexp(t, ktapEnd, written(t, KTAP, filled(text, number)))
	})
}
