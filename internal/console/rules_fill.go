package console

import "strings"

// headFromLine titles by the line's own "BUG" or "WARNING", with head for anything else.
func (r rule) headFromLine(head string) rule {
	r.fill = func(_ *Report, f *facts) {
		f.head = head
		if strings.Contains(f.first, "WARNING:") {
			f.head = "WARNING" + strings.TrimPrefix(head, "BUG")
		}
	}
	return r
}

// lockOrder reads "SOFTIRQ-safe -> SOFTIRQ-unsafe lock order detected".
func (r rule) lockOrder() rule {
	r.with, r.head = "lock order detected", "possible deadlock"
	return r
}

// perCPU reads "BUG: using smp_processor_id() in preemptible [00000000] code: comm/123".
func (r rule) perCPU() rule {
	r.with = "preemptible"
	r.fill = func(rep *Report, f *facts) {
		what, _, _ := strings.Cut(after(f.first, "BUG: using "), " in ")
		f.head = "BUG: using " + what + " in preemptible code"
		if i := strings.LastIndex(f.first, "code: "); i >= 0 {
			rep.Process, rep.PID = splitTask(f.first[i+len("code: "):])
		}
	}
	return r
}

// wordsAfter titles by prefix and the first n words that follow it.
func (r rule) wordsAfter(prefix string, n int) rule {
	r.fill = func(_ *Report, f *facts) {
		rest, _, _ := strings.Cut(after(f.first, prefix), " on ")
		words := strings.FieldsFunc(rest, func(c rune) bool { return c == ' ' || c == ',' })
		f.head = prefix + strings.Join(words[:min(n, len(words))], " ")
	}
	return r
}

// wholeLine titles by the line from the rule's literal on.
func (r rule) wholeLine() rule {
	lit := r.lit
	r.fill = func(_ *Report, f *facts) {
		f.head = stable(lit + after(f.first, lit))
	}
	return r
}
