// Package console turns kernel console text into crash reports with stable signatures.
//
// It exists because the console is the one witness that outlives a guest: when a kernel panics, hangs or corrupts
// itself, what it printed is all that is left, and a finding is only as good as the reading of it. The package answers
// three questions about any text: did the kernel fail, how (Kind, Class), and which function is to blame (Function,
// Subsystem); and it gives the failure a name, Report.Signature, that is the same for the same bug in every run.
//
// It must not know where the text comes from: no QEMU, no files, no clock, no goroutines. Time is only what the kernel
// printed. Memory is bounded whatever the input is, and nothing in the input is an error: broken text is data.
//
// The path of a byte, one file each:
//
//	lines.go      bytes → lines of bounded length
//	clean.go      lines without escape codes and control bytes
//	record.go     line → printk records: time, caller, text; several where output was cut by other output
//	match.go      record → rule, by literal, in one pass; benign.go: what healthy kernels say
//	rules_*.go    the tables: what a failure looks like and what it is called
//	parser.go     rule hits → events, kept apart by printk caller
//	event.go      the lines of one event; group.go: events with one cause; collect.go: repetitions
//	facts.go      event → frames (frame.go), registers, locks, process and taint (task.go)
//	guilty.go     facts → the function to blame, past the frames that are only messengers (frames_*.go, book.go)
//	subsystem.go  function → subsystem
//	analyze.go    all of it → Report
//
// To teach it a new failure, add a line to a rules table and to TestFirstLines; a function that is never to blame goes
// into a frames table.
//
// What a failure is called follows the kernel's own words (kernel/panic.c, kernel/watchdog.c, kernel/rcu/tree_stall.h,
// kernel/hung_task.c, kernel/locking/lockdep.c, mm/kasan/report.c, arch/x86/kernel/dumpstack.c …); the wording of the
// titles follows what syzbot made common on the mailing lists, so that a title can be searched for.
//
// What the kernel hides can't be read: the trace of a hung task and the listing of a stalled workqueue are KERN_INFO, so
// below loglevel=7 such a report has no function unless the kernel panics over it (console_verbose).
//
// Which functions are messengers, and which kinds are blamed on an allocation, a held lock or a dispatcher's callee, was
// checked against the sources of the detectors and against syzkaller's pkg/report, whose titles the mailing lists use.
// Where a caller in a generic netlink, sysfs or module handler says more than that project's name for it, we say more.
//
// Note: regular expressions were not used. A console is megabytes, a rule set is a hundred patterns, and the
// parser has to keep up with a serial port that is being flooded.
package console
