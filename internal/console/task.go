package console

import "strings"

// task reads who was running: "CPU: 1 PID: 12 Comm: foo Tainted: G W 6.1.0 #1", "… by task foo/12".
func (f *facts) task(l string) {
	if f.access == "" {
		switch {
		case strings.HasPrefix(l, "Read of size"), strings.HasPrefix(l, "Read at addr"):
			f.access = "Read"
		case strings.HasPrefix(l, "Write of size"), strings.HasPrefix(l, "Write at addr"):
			f.access = "Write"
		}
	}
	if f.taint != "" {
		return
	}
	i := strings.Index(l, " Comm: ")
	if i < 0 {
		if own := strings.TrimLeft(l, " "); hasAnyPrefix(own, "Tainted: ", "Not tainted ") { // kernel/hung_task.c
			_, f.taint = commAndTaint(own)
		}
		return
	}
	f.cpu = number(after(l, "CPU: "), f.cpu)
	f.pid = number(after(l[:i], "PID: "), f.pid)
	f.comm, f.taint = commAndTaint(l[i+len(" Comm: "):])
}

// taintLetters are those of kernel/panic.c taint_flags; some versions print them apart, some together.
const taintLetters = "GPFSRMBUDAWCIOELKXTNJ"

// commAndTaint splits "foo bar Not tainted 6.1.0" and "foo Tainted: G        W  O   6.1.0": a comm may hold blanks.
func commAndTaint(s string) (comm, taint string) {
	if i := strings.Index(s, "Not tainted"); i >= 0 {
		return strings.TrimSpace(s[:i]), "Not tainted"
	}
	i := strings.Index(s, "Tainted: ")
	if i < 0 {
		comm, _, _ = strings.Cut(s, " ")
		return comm, ""
	}
	var letters []string
	for _, w := range strings.Fields(s[i+len("Tainted: "):]) {
		if strings.Trim(w, taintLetters) != "" {
			break
		}
		letters = append(letters, w)
	}
	return strings.TrimSpace(s[:i]), strings.Join(letters, " ")
}
