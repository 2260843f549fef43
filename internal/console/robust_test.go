package console

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fixtures are the consoles in testdata.
func fixtures(t testing.TB) map[string][]byte {
	names, err := filepath.Glob(filepath.Join("testdata", "*.txt"))
	require.NoError(t, err)
	require.NotEmpty(t, names)
	all := map[string][]byte{}
	for _, n := range names {
		all[filepath.Base(n)] = fixture(t, filepath.Base(n))
	}
	return all
}

// oneLine writes n bytes without a newline to p: NULs, stamps, words that rules look for, escapes.
func oneLine(p *Parser, n int) {
	piece := append(make([]byte, 4000), "[   12.345678] BUG: unable to handle \x1b[1mcall +0x12/0x34 WARNING: "+
		"INFO: rcu "...)
	for n > 0 {
		k := min(n, len(piece))
		_, _ = p.Write(piece[:k])
		n -= k
	}
}

// TestEndlessLine: a console that lost its newlines is read in bounded memory. BenchmarkEndlessLine has a gigabyte of
// it.
func TestEndlessLine(t *testing.T) {
	p := NewParser(func(Report) {}, nil)
	before := heap()
	oneLine(p, 64<<20)
	assert.Less(t, heap()-before, int64(4<<20))
	p.Flush()
	runtime.KeepAlive(p)
}

// TestCutAnywhere ends consoles after each of their bytes.
func TestCutAnywhere(t *testing.T) {
	for name, data := range fixtures(t) {
		var size int64
		p := NewParser(func(r Report) { checkReport(t, r, size) }, nil)
		for n := range data {
			size += int64(n) + 1 // a line that was cut counts one byte for the newline it lacks
			_, _ = p.Write(data[:n])
			p.Flush()
		}
		require.Empty(t, p.group, name)
	}
}

// TestTwoConsolesInOne mixes the consoles of two machines, by lines and by chunks of bytes.
func TestTwoConsolesInOne(t *testing.T) {
	all := fixtures(t)
	rng := rand.New(rand.NewPCG(1, 2))
	before := heap()
	for name, a := range all {
		for _, b := range all {
			for _, piece := range []func([]byte) int{
				func(rest []byte) int { return bytes.IndexByte(rest, '\n') + 1 },
				func(rest []byte) int { return 1 + rng.IntN(40) },
			} {
				mixed := mix(a, b, piece)
				reports, err := Parse(bytes.NewReader(mixed))
				require.NoError(t, err, name)
				for _, r := range reports {
					checkReport(t, r, int64(len(mixed)))
				}
			}
		}
	}
	assert.Less(t, heap()-before, int64(16<<20))
}

// mix takes pieces of a and b in turn.
func mix(a, b []byte, piece func([]byte) int) []byte {
	var out []byte
	for len(a) > 0 || len(b) > 0 {
		if len(a) > 0 {
			n := piece(a)
			if n <= 0 || n > len(a) {
				n = len(a)
			}
			out, a = append(out, a[:n]...), a[n:]
		}
		a, b = b, a
	}
	return out
}

// BenchmarkTimeGrowsWithTheInput: twice the input takes about twice the time, whatever it is; what is quadratic takes
// four times.
func BenchmarkTimeGrowsWithTheInput(b *testing.B) {
	for name, piece := range hard(b) {
		b.Run(name, func(b *testing.B) {
			small := bytes.Repeat(piece, 1+(1<<20)/len(piece))
			large := bytes.Repeat(small, 2)
			for b.Loop() {
				b.ReportMetric(float64(duration(large))/float64(duration(small)), "time-ratio")
			}
		})
	}
}

func duration(text []byte) time.Duration {
	best := time.Hour
	for range 3 {
		p := NewParser(func(Report) {}, func(Alarm) {})
		began := cpuTime()
		_, _ = p.Write(text)
		p.Flush()
		best = min(best, cpuTime()-began)
	}
	return best
}

// hard is text that makes a parser work.
func hard(t testing.TB) map[string][]byte {
	var crashes []byte
	for _, data := range fixtures(t) {
		crashes = append(crashes, data...)
	}
	var callers strings.Builder
	for i := range 400 {
		fmt.Fprintf(&callers, "[    1.000000][T%5d] BUG: x\n[    1.000000][C%5d]  a_%d+0x1/0x2\n", i, i, i)
	}
	return map[string][]byte{
		"crashes": crashes,
		"frames":  []byte("[    1.000000] BUG: x\n" + strings.Repeat("[    1.000000]  foo+0x1/0x2\n", 2000)),
		"no end":  []byte("[    1.000000] ------------[ cut here ]------------\n[    1.000000]  in-flight: 1:x\n"),
		"callers": []byte(callers.String()),
		"alone":   []byte("[    1.000000] BUG: x\n[    1.000000] VFS: file-max limit 9 reached\n"),
		"maybe":   []byte("[    1.000000] WARNING: x\n[    1.000000] INFO: y\n[    1.000000]  foo+0x1/0x2\n"),
		"hangs": []byte("[    1.000000] INFO: task a:1 blocked for more than 1 seconds.\n" +
			"[    1.000000] BUG: y\n"),
		"brackets":    bytes.Repeat([]byte("[[[[[   1.[   12.34567[\x1b[[BUG:WARN\x00INFO: [ [\r"), 100),
		"stamps":      bytes.Repeat([]byte("[    1.000000] BUG: "), 400),
		"long words":  []byte("[    1.000000] BUG: " + strings.Repeat("a_", 4000) + "+0x1/0x2\n"),
		"plus":        []byte("[    1.000000] BUG: x\n[    1.000000] " + strings.Repeat("+0x", 2600) + "\n"),
		"user space":  []byte("[    1.000000] BUG: x\n" + strings.Repeat("hello\n", 5000)),
		"in brackets": []byte("[    1.000000] BUG: x\n[    1.000000] " + strings.Repeat("[<", 4000) + "\n"),
	}
}
