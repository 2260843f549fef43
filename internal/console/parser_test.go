package console

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func fixture(t testing.TB, name string) []byte {
	data, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return data
}

// watch collects what a parser says.
type watch struct {
	reports []Report
	alarms  []Alarm
}

func (w *watch) parser() *Parser {
	return NewParser(
		func(r Report) { w.reports = append(w.reports, r) },
		func(a Alarm) { w.alarms = append(w.alarms, a) },
	)
}

func TestAlarmComesWithTheFirstLine(t *testing.T) {
	var w watch
	p := w.parser()
	_, _ = p.Write([]byte("[    1.000000] fine\n[    2.000000] Kernel panic - not syncing: Fatal exception\n"))
	require.Len(t, w.alarms, 1)
	assert.True(t, w.alarms[0].Fatal)
	assert.Equal(t, int64(20), w.alarms[0].Offset)
	assert.Empty(t, w.reports)
}

func TestReportComesWithTheEndOfThePanic(t *testing.T) {
	var w watch
	p := w.parser()
	_, _ = p.Write(fixture(t, "null-deref-napi.txt"))
	require.Len(t, w.reports, 1)
	assert.True(t, w.reports[0].Fatal)
	require.Len(t, w.alarms, 3, "the fault, its second line, the panic")
	assert.Equal(t, []bool{false, false, true}, []bool{w.alarms[0].Fatal, w.alarms[1].Fatal, w.alarms[2].Fatal})
}

func TestReportComesOnceTheConsoleMovesOn(t *testing.T) {
	for name, later := range map[string]string{
		"time":  "[   60.000000] later\n",
		"lines": strings.Repeat("[   19.000000] and on it goes\n", 150),
	} {
		var w watch
		p := w.parser()
		_, _ = p.Write(fixture(t, "warning-7.x.txt"))
		require.Empty(t, w.reports, name)
		_, _ = p.Write([]byte(later))
		assert.Len(t, w.reports, 1, name)
	}
}

func TestFlushEndsTheLastLine(t *testing.T) {
	var w watch
	p := w.parser()
	_, _ = p.Write([]byte("[    1.000000] kernel BUG at mm/slub.c:401!"))
	require.Empty(t, w.alarms)
	p.Flush()
	require.Len(t, w.reports, 1)
	assert.Equal(t, "mm", w.reports[0].Subsystem)
	p.Flush()
	assert.Len(t, w.reports, 1)
}

func TestSignatureIsTheSameInEveryRun(t *testing.T) {
	a := string(fixture(t, "gpf-wireguard-callers.txt"))
	b := strings.NewReplacer("T1180", "T77", "PID: 1180", "PID: 77", "310.", "9310.",
		"+0x62/0x140", "+0x71/0x150", "CPU: 0", "CPU: 3",
		"ffff8d5a03f2c000", "ffff888801020304", "+0x9d1/0xdb0", "+0x9f0/0xdd0").Replace(a)
	ra, err := Parse(strings.NewReader(a))
	require.NoError(t, err)
	rb, err := Parse(strings.NewReader(b))
	require.NoError(t, err)
	require.Len(t, ra, 1)
	require.Len(t, rb, 1)
	assert.Equal(t, ra[0].Signature(), rb[0].Signature())
	assert.Equal(t, "oops:wg_peer_remove:wireguard", ra[0].Signature())
}

func TestStormIsOneReport(t *testing.T) {
	one := string(fixture(t, "warning-7.x.txt"))
	reports, err := Parse(strings.NewReader(strings.Repeat(one, 300)))
	require.NoError(t, err)
	require.Len(t, reports, 1)
	assert.Equal(t, 299, reports[0].Repeats)
}

func TestInitThatWasKilledByAnOopsIsAnOops(t *testing.T) {
	text := strings.Replace(string(fixture(t, "null-deref-napi.txt")), "Fatal exception in interrupt",
		"Attempted to kill init! exitcode=0x00000009", -1)
	reports, err := Parse(strings.NewReader(text))
	require.NoError(t, err)
	require.Len(t, reports, 1)
	assert.False(t, reports[0].InitKilled())
	assert.Equal(t, Oops, reports[0].Kind)
}

// TestMemoryIsBounded feeds consoles that would fill the memory of a parser that keeps what it does not understand.
func TestMemoryIsBounded(t *testing.T) {
	crash := fixture(t, "gpf-wireguard-callers.txt")
	for name, piece := range map[string][]byte{
		"one line":                bytes.Repeat([]byte("BUG: no newline [   1.000000] "), 2000),
		"nul":                     make([]byte, 1<<16),
		"a trace that never ends": bytes.Repeat([]byte("[    1.000000] BUG: x\n[    1.000000]  foo+0x1/0x2\n"), 1000),
		"crashes":                 bytes.Repeat(crash, 20),
		"callers":                 bytes.Repeat([]byte("[    1.0][ T1] BUG: x\n[    1.000000][ C1]  a+0x1/0x2\n"), 1000),
		"user space":              append(bytes.Clone(crash[:900]), bytes.Repeat([]byte("hello\n"), 9000)...),
	} {
		p := NewParser(func(Report) {}, nil)
		before := heap()
		for written := 0; written < 8<<20; written += len(piece) {
			_, _ = p.Write(piece)
		}
		assert.Less(t, heap()-before, int64(4<<20), name)
		runtime.KeepAlive(p)
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestPanicOfItsOwn: a panic right after a failure that it does not end is a report of its own.
func TestPanicOfItsOwn(t *testing.T) {
	kill := "[   20.000000] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100\n"
	for _, before := range []string{"warning-7.x.txt", "oom-cgroup.txt"} {
		text := string(fixture(t, before))
		at := strings.LastIndexByte(strings.TrimSuffix(text, "\n"), '\n') + 1
		reports, err := Parse(strings.NewReader(text[:at] + strings.Replace(kill, "20.", text[at+3:at+5]+".", 1)))
		require.NoError(t, err)
		require.Len(t, reports, 2, before)
		assert.False(t, reports[0].Fatal)
		assert.True(t, reports[1].InitKilled())
	}
}

// TestFirstLineIsAlwaysKept: the line that names the failure counts even where the event would take no more lines.
func TestFirstLineIsAlwaysKept(t *testing.T) {
	const cut = "[    1.000000] ------------[ cut here ]------------\n"
	for _, text := range []string{
		cut + "kernel BUG at mm/slub.c:401!\n",
		cut + "[    1.000000] refcount_t: underflow; use-after-free.\nWARNING: CPU: 0 PID: 1 at lib/refcount.c:28 a+0x1/0x2\n",
		cut + strings.Repeat("[    1.000001]  "+strings.Repeat("x", 8000)+"\n", 11) + "[    1.000002] kernel BUG at mm/slub.c:401!\n",
	} {
		reports, err := Parse(strings.NewReader(text))
		require.NoError(t, err)
		assert.Len(t, reports, 1)
	}
}
