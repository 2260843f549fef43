package console

import (
	"bytes"
	"os"
	"testing"
)

func TestZZ(t *testing.T) {
	d, _ := os.ReadFile("/work/shared/corpus/console/" + os.Getenv("F"))
	_, c := header(d)
	rs, _ := Parse(bytes.NewReader(c))
	for _, r := range rs {
		t.Logf("%s | kind %v class %q fn %q waits %q sub %q proc %q pid %d cpu %d taint %q fatal %v corr %v sig %s regs %q start %d end %d rep %d", r.Title, r.Kind, r.Class, r.Function, r.Waits, r.Subsystem, r.Process, r.PID, r.CPU, r.Taint, r.Fatal, r.Corrupted, r.Signature(), r.Registers, r.Start, r.End, r.Repeats)
		for _, f := range r.Trace {
			t.Log("    ", f)
		}
		for _, s := range r.Secondary {
			t.Log("  secondary ", s.Title, s.Signature())
		}
	}
}
