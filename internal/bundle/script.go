package bundle

import (
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/template"
	"time"

	"brink/internal/judge"
	"brink/internal/qemu"
	"brink/internal/trial"
	"brink/internal/wire"
)

//go:embed run.sh.tmpl
var runTemplate string

//go:embed get.sh.tmpl
var getTemplate string

//go:embed readme.tmpl
var readmeTemplate string

// Names of what run.sh makes beside itself.
const (
	runEvents = "run.events"
	runPID    = "run.pid"
)

// slowGuest is how many times longer than under KVM a step may take in emulated real time.
const slowGuest = 20

// script is what the templates know.
type script struct {
	Manifest
	VMs     []vm // the accelerators that can show the failure, the best first
	Limit   int  // host seconds
	Silence int  // host seconds in which a guest that falls silent says nothing more
	Prefix  string
}

// vm is a way to run the guest.
type vm struct {
	Accel string
	Why   string
	Args  []string // one option with its value an entry, quoted for the shell
}

// WriteRun writes run.sh for a manifest.
func WriteRun(w io.Writer, m Manifest) error {
	s := script{Manifest: m, Prefix: wire.ConsolePrefix, Limit: limit(m.Original.HostNS), Silence: silence(m.Original.HostNS), VMs: machines(m)}
	return render(w, "run.sh", runTemplate, s)
}

// WriteReadme writes README.txt.
func WriteReadme(w io.Writer, m Manifest) error {
	return render(w, "README.txt", readmeTemplate, script{Manifest: m, VMs: machines(m)})
}

// WriteGet writes get.sh, which gets what a recipe names.
func WriteGet(w io.Writer, m Manifest) error {
	return render(w, "get.sh", getTemplate, script{Manifest: m})
}

func render(w io.Writer, name, text string, s script) error {
	t, err := template.New(name).Funcs(template.FuncMap{"quote": quote, "line": line, "pattern": pattern, "count": judge.Count,
		"disk":     func(i int) string { return qemu.DiskFile("", i) },
		"duration": func(ns int64) string { return judge.Duration(time.Duration(ns)) }, "join": strings.Join}).Parse(text)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := t.Execute(w, s); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// limit is how long a guest may take, in host seconds: many times what the original took, for a slower or busier host.
func limit(hostNS int64) int { return int(max(10*time.Minute, 20*time.Duration(hostNS)).Seconds()) }

// silence is how long a guest must say nothing to count as silent, in host seconds.
func silence(hostNS int64) int { return int(max(time.Minute, 3*time.Duration(hostNS)).Seconds()) }

// machines returns the ways to run the guest. Times are only compared on the machine they were found on.
func machines(m Manifest) []vm {
	found := qemu.Config{Accel: qemu.Accel(m.Machine.Accel), Clock: m.Machine.Clock, MemoryMB: m.Machine.MemoryMB, CPUs: m.Machine.CPUs,
		CPU: m.Machine.CPU, Kernel: KernelFile, Initrd: InitrdFile, Seed: seedOf(m.Machine), Without: m.Without, NICs: m.NICs, Disks: m.Disks}
	found.Cmdline = qemu.ReleaseArgs(m.Kernel.Release)
	if !m.Failure.Expect.Clock {
		found.Cmdline = append(found.Cmdline, "loglevel=7") // some reports have their traces at a level that is not shown else
	}
	same := vm{m.Machine.Accel, "as found", args(found)}
	if m.Failure.Expect.Clock {
		return []vm{same}
	}
	other := found
	if found.Accel == qemu.KVM {
		other.Accel, other.Clock, other.CPU = qemu.TCG, trial.ClockWall, ""
		other.Cmdline = append(slices.Clone(other.Cmdline), fmt.Sprintf("%s%d", wire.SlowArgument, slowGuest))
		return []vm{same, {string(other.Accel), "without KVM", args(other)}}
	}
	other.Accel, other.Clock = qemu.KVM, trial.ClockWall
	if other.CPU == "max" {
		other.CPU = ""
	}
	return []vm{{string(other.Accel), "faster", args(other)}, same}
}

// seedOf is QEMU's own seed, which only the instruction clock needs.
func seedOf(m trial.Machine) uint32 {
	if m.Clock == trial.ClockICount {
		return 1
	}
	return 0
}

// args puts each option of QEMU on a line of its own.
func args(c qemu.Config) (lines []string) {
	for _, a := range c.AloneArgs(runEvents, runPID) {
		if strings.HasPrefix(a, "-") || len(lines) == 0 {
			lines = append(lines, quote(a))
			continue
		}
		lines[len(lines)-1] += " " + quote(a)
	}
	return lines
}

// quote protects a word from the shell, and a terminal from the word.
func quote(word string) string {
	word = line(word)
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.,/=:+@%", r))
	}) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// line keeps a text from the guest inside a comment: one line, nothing that a terminal acts on.
func line(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return ' '
		}
		return r
	}, text)
}

// pattern makes a pattern of `case` match what it says, but for its stars.
func pattern(text string) string {
	var out []string
	for part := range strings.SplitSeq(text, "*") {
		if part != "" {
			part = quote(part)
		}
		out = append(out, part)
	}
	return strings.Join(out, "*")
}
