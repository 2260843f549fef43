package console

import (
	"bytes"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"
)

// BenchmarkCorpus reports the right answers on the corpus, in percent.
func BenchmarkCorpus(b *testing.B) {
	files := corpus(b)
	for b.Loop() {
		var s score
		for _, f := range files {
			s.judge(f, func(string, ...any) {})
		}
		b.ReportMetric(percent(s.decision, s.files), "decision-%")
		b.ReportMetric(percent(s.kind, s.crashes), "kind-%")
		b.ReportMetric(percent(s.function, s.named), "function-%")
		b.ReportMetric(percent(s.exact, s.named), "function-to-the-letter-%")
	}
}

// BenchmarkBoot is the speed on a healthy console: what the parser does nearly all of its life.
func BenchmarkBoot(b *testing.B) {
	speed(b, healthy(32<<20))
}

// BenchmarkCrashes is the speed on nothing but crashes.
func BenchmarkCrashes(b *testing.B) {
	var all []byte
	for _, f := range corpus(b) {
		all = append(append(all, f.console...), '\n')
	}
	speed(b, bytes.Repeat(all, 1+(16<<20)/len(all)))
}

// BenchmarkOneLine is the speed on a console without a newline.
func BenchmarkOneLine(b *testing.B) {
	speed(b, bytes.ReplaceAll(healthy(32<<20), []byte("\n"), []byte(" ")))
}

// BenchmarkEndlessLine is a gigabyte with NULs and without a newline, and holds the parser to its memory.
func BenchmarkEndlessLine(b *testing.B) {
	const size = 1 << 30
	b.SetBytes(size)
	for b.Loop() {
		p := NewParser(func(Report) {}, nil)
		before := heap()
		oneLine(p, size)
		if grown := heap() - before; grown > 4<<20 {
			b.Fatalf("%d bytes kept", grown)
		}
		p.Flush()
	}
}

// BenchmarkHard is the speed on what makes a parser work, each alone.
func BenchmarkHard(b *testing.B) {
	for name, piece := range hard(b) {
		text := bytes.Repeat(piece, 1+(4<<20)/len(piece))
		b.Run(name, func(b *testing.B) { speed(b, text) })
	}
}

// BenchmarkNoise is the speed on brackets, colons and escapes: the worst for the search of times.
func BenchmarkNoise(b *testing.B) {
	speed(b, bytes.Repeat([]byte("[[[[[   1.[   12.34567[\x1b[[BUG:WARN\x00INFO: [ [\r"), 500_000))
}

func speed(b *testing.B, console []byte) {
	b.SetBytes(int64(len(console)))
	b.ReportAllocs()
	began, n := cpuTime(), 0
	for b.Loop() {
		n++
		p := NewParser(func(Report) {}, nil)
		for chunk := range chunks(console, 4096) {
			_, _ = p.Write(chunk)
		}
		p.Flush()
	}
	b.ReportMetric(float64(n*len(console))/1e6/(cpuTime()-began).Seconds(), "cpu-MB/s")
}

// cpuTime is what the process has used of the processors: unlike the clock, it does not tell of a busy machine.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// chunks cuts b into pieces of n bytes, as a serial port delivers them.
func chunks(b []byte, n int) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for len(b) > 0 {
			k := min(n, len(b))
			if !yield(b[:k]) {
				return
			}
			b = b[k:]
		}
	}
}

// healthy is a console of about n bytes on which nothing is wrong.
func healthy(n int) []byte {
	var s strings.Builder
	for i := 0; s.Len() < n; i++ {
		sec, usec := i/1000, i%1000*1000
		fmt.Fprintf(&s, "[%5d.%06d] pci 0000:00:%02x.0: BAR 1 [mem 0xfeb%05x-0xfebd0fff]: assigned\n",
			sec, usec, i%32, i%65536)
		fmt.Fprintf(&s, "[%5d.%06d] wireguard: wg0: Peer %d (10.0.%d.%d:51820) created\n",
			sec, usec+17, i, i/256%256, i%256)
	}
	return []byte(s.String())
}
