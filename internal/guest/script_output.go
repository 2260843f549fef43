//go:build linux

package guest

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode"

	"brink/internal/scenario"
)

// scriptText bounds what is kept of a script's output, in bytes: half of it from the beginning, half from the end. An
// event is one write to the port, which takes 32 KiB, and a byte may become six in JSON.
const scriptText = 4 << 10

// scriptLine bounds one line of it.
const scriptLine = 1 << 10

// scriptOutput takes what a script prints. Each line also goes to the console as it comes: if the guest dies of the script,
// that is where it is found, between the kernel's own lines. A guest that dies at once takes the last lines along: they are
// in the pipe, and the worker has not run since.
type scriptOutput struct {
	console io.Writer

	mu     sync.Mutex
	part   []byte // of a line
	head   []byte
	tail   []byte
	cut    bool   // something between head and tail is left out
	latest string // line
	fail   string // the last FAILED line
	begun  bool   // the op has begun
	heard  int64  // when the last line came, of the guest's clock
}

// Write implements io.Writer.
func (o *scriptOutput) Write(text []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for line := range bytes.Lines(text) {
		o.part = append(o.part, line[:min(len(line), scriptLine-min(scriptLine, len(o.part)))]...)
		if line[len(line)-1] == '\n' {
			o.line(strings.Map(printable, strings.TrimRight(string(o.part), "\n")))
			o.part = nil
		}
	}
	return len(text), nil
}

// printable leaves out what would do something to a terminal.
func printable(r rune) rune {
	if r != '\t' && !unicode.IsPrint(r) || r == unicode.ReplacementChar {
		return '?'
	}
	return r
}

// line takes one whole line.
func (o *scriptOutput) line(text string) {
	fmt.Fprintf(o.console, "script: %s\n", text)
	o.begun = o.begun || strings.HasPrefix(text, scenario.PlainNow)
	o.heard = now()
	o.latest = text
	if strings.HasPrefix(text, scenario.PlainFailed) {
		o.fail = text
	}
	text += "\n"
	if len(o.head)+len(text) <= scriptText/2 && o.tail == nil {
		o.head = append(o.head, text...)
		return
	}
	o.tail = append(o.tail, text...)
	if more := len(o.tail) - scriptText/2; more > 0 {
		o.tail, o.cut = o.tail[more:], true
	}
}

// String returns what the script has printed, without the middle of what is long.
func (o *scriptOutput) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	text := string(o.head)
	if o.cut {
		text += "…\n"
	}
	return strings.ToValidUTF8(text+string(o.tail)+strings.Map(printable, strings.TrimRight(string(o.part), "\n")), "?")
}

// last returns the last whole line.
func (o *scriptOutput) last() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.latest
}

// failed returns the last line in which the script says that it saw the failure; empty for none.
func (o *scriptOutput) failed() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.fail
}

// quiet returns how long the script has printed nothing since its op began, 0 before that.
func (o *scriptOutput) quiet(at int64) time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.begun {
		return 0
	}
	return time.Duration(at - o.heard)
}
