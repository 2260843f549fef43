package console

import "strings"

// Stack names what a waiting task waits in, from the text of /proc/PID/stack (proc(5)). It is judged as the kernel's
// own report of a hung task would be; the kind of the report is HungTask, and the function is empty without a trace.
func Stack(text string) Report {
	var report strings.Builder
	report.WriteString("INFO: task x:1 blocked for more than 120 seconds.\ntask:x state:D stack:0 pid:1 ppid:1 flags:0x00000000\nCall Trace:\n <TASK>\n")
	for line := range strings.Lines(text) {
		report.WriteString(" " + strings.TrimPrefix(strings.TrimSpace(line), "[<0>] ") + "\n")
	}
	report.WriteString(" </TASK>\n")
	return first(report.String(), HungTask)
}

// Backtrace names what a CPU runs that does not come to rest, from its backtrace as SysRq l prints it ("NMI backtrace for
// cpu 0" and so on). It is judged as the kernel's own report of an RCU stall would be.
func Backtrace(text string) Report {
	return first("rcu: INFO: rcu_sched self-detected stall on CPU\n"+text, RCUStall)
}

// first returns the first report of a kind, with nothing in it but the kind if there is none.
func first(text string, kind Kind) Report {
	reports, _ := Parse(strings.NewReader(text)) // such a reader has no errors
	for _, r := range reports {
		if r.Kind == kind {
			return r
		}
	}
	return Report{Kind: kind}
}
