package lab

import (
	"strings"
	"unicode"

	"brink/internal/trial"
)

// errorLines notes what the kernel logged at error level or worse and the console parser has no rule for: a level is in
// /dev/kmsg, where the agent reads it, and not on the console.
func (w *watch) errorLines(e trial.Event) {
	if e.Health == nil || e.Health.KernelCount == 0 {
		return
	}
	w.drain() // a line that the parser does know is on its way
	for _, line := range e.Health.KernelLines {
		f := trial.Failure{Kind: trial.KernelError, Title: line, Signature: errorSignature(line), Subsystem: errorSource(line), Text: line}
		if !w.told(line) && !expected(w.expects, f) {
			w.noteKernel(f)
		}
	}
}

// told reports whether a failure that was noted is about this line.
func (w *watch) told(line string) bool {
	for _, f := range w.failures {
		if strings.Contains(f.Text, line) || f.Signature == errorSignature(line) {
			return true
		}
	}
	return false
}

// errorSource is what stands before the first colon of a log line: by the kernel's custom (pr_fmt) who wrote it.
func errorSource(line string) string {
	if source, _, ok := strings.Cut(line, ": "); ok && !strings.Contains(source, " ") {
		return source
	}
	return "kernel"
}

// signatureWords is how many words of a line name it.
const signatureWords = 6

// errorSignature names an error line by its words; numbers and addresses differ from run to run.
func errorSignature(line string) string {
	source := errorSource(line)
	words := strings.FieldsFunc(strings.ToLower(strings.TrimPrefix(line, source+": ")), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	var name []string
	for _, word := range words {
		if !strings.ContainsFunc(word, unicode.IsDigit) && len(name) < signatureWords {
			name = append(name, word)
		}
	}
	return "kernel-error:" + strings.Join(name, "-") + ":" + source
}
