package console

import "strings"

// facts is what the lines of an event say, before anybody judges it.
type facts struct {
	first string   // the line that the rule hit
	lines []string // it and all that follow, without prefixes

	pick      pick
	class     string
	head      string // of the title
	named     string // function that the first line names
	path      string // source file that it names
	access    string // "Read" or "Write"
	anonymous bool   // the title takes no function

	regs, regsLine string // function and line of the first registers
	traces         []trace
	locks          []string // functions in which locks were taken

	cpu, pid    int
	comm, taint string
}

// trace is one call trace of an event.
type trace struct {
	main   bool // a task's or CPU's, not an allocation's or a lock's history
	origin bool // tells where the page that broke came from, or where the lock that broke the order was first taken so
	frames []frame
}

// frame is a frame that knows whether it came from a registers line: an exception or interrupt hit there.
type frame struct {
	Frame
	regs bool
}

func (p *Parser) facts(lines []string, first int) *facts {
	f := &facts{lines: lines, first: lines[first], cpu: -1, pid: -1}
	f.traces = append(f.traces, trace{main: true})
	prev := ""
	for _, l := range lines {
		if strings.Contains(l, "---[ end trace") || isListing(l) {
			break
		}
		f.note(l, prev)
		prev = l
	}
	return f
}

// isListing reports whether the report proper is over and the state of everything else follows.
func isListing(l string) bool {
	return hasAnyPrefix(l, "Showing all locks", "Showing busy workqueues", "sysrq: ", "Kernel Offset:",
		"Memory state around")
}

// note reads one line.
func (f *facts) note(l, prev string) {
	if _, _, ok := symbol(strings.TrimLeft(l, " ")); ok && !strings.HasSuffix(prev, " at:") { // as most lines are
		fr, _ := parseFrame(l)
		f.push(frame{Frame: fr})
		return
	}
	f.task(l)
	if f.lock(l, prev) || f.section(l) || f.registers(l) {
		return
	}
	if fr, ok := parseFrame(l); ok {
		f.push(frame{Frame: fr})
	}
}

func (f *facts) push(fr frame) {
	t := &f.traces[len(f.traces)-1]
	t.frames = append(t.frames, fr)
}

// section begins a new trace where the line says so.
func (f *facts) section(l string) bool {
	main, ok := sectionStart(l)
	if !ok {
		return false
	}
	if n := len(f.traces); len(f.traces[n-1].frames) == 0 {
		f.traces = f.traces[:n-1]
	}
	f.traces = append(f.traces, trace{main: main, origin: isOrigin(l)})
	if fr, ok := parseFrame(after(l, "race:")); ok { // "Call Trace: foo+0x1/0x2", before 4.x
		f.push(frame{Frame: fr})
	}
	return true
}

// sectionStart reports whether a line opens a trace, and whether that trace says where the failure is.
func sectionStart(l string) (main, ok bool) {
	l = strings.TrimSpace(l)
	if hasAnyPrefix(l, "Call Trace:", "Call trace:", "stack backtrace:", "Backtrace:", "NMI backtrace for cpu") {
		return true, true
	}
	return false, hasAnyPrefix(l, "Allocated", "Freed", "Last ", "Second to last", "Uninit was", "Local variable",
		"The buggy", "-> #", "the existing dependency", "the dependencies", "INFO: Freed in", "INFO: Allocated in",
		"page last", "page_owner", "... which became", "which became", "irq event stamp", "hardirqs last", "kfence-#",
		"allocated by", "freed by", "{", "... key")
}

// isOrigin reports whether a line opens the trace of a page's allocation (mm/page_owner.c) or of the use of a lock that
// a new dependency contradicts (kernel/locking/lockdep.c).
func isOrigin(l string) bool {
	return strings.HasPrefix(l, "page last allocated") || strings.Contains(l, " which became ")
}

func hasAnyPrefix(s string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// registers reads the line that says where a CPU was.
func (f *facts) registers(l string) bool {
	where, ok := programCounter(l)
	if !ok {
		return false
	}
	if strings.HasPrefix(strings.TrimSpace(where), "0033:") || strings.HasPrefix(strings.TrimSpace(where), "0023:") {
		f.traces = append(f.traces, trace{}) // what follows a user context is not the kernel's path to it
		return true
	}
	name := funcIn(where)
	t := f.traces[len(f.traces)-1]
	if f.regsLine == "" {
		f.regsLine = strings.TrimSpace(l)
		f.regs = name
	}
	if len(t.frames) > 0 {
		f.push(frame{Frame{Function: name, Module: moduleIn(after(l, name+"+0x"))}, true})
	}
	return true
}

// programCounter returns what follows the name of the program counter, which differs between architectures.
func programCounter(l string) (where string, ok bool) {
	l = strings.TrimLeft(l, " ")
	for _, name := range []string{
		"RIP: ", "EIP: ", "IP: ", "EIP is at ", "PC is at ", "pc : ", "NIP [", "epc : ", "Krnl PSW : ",
		"epc   : ", "era ",
	} {
		if rest, ok := strings.CutPrefix(l, name); ok {
			return rest, true
		}
	}
	return "", false
}

// lock notes the function that a line of lockdep says a lock was taken in.
func (f *facts) lock(l, prev string) bool {
	if rest := firstOf(after(l, "last function: "), after(l, " workfn=")); rest != "" {
		f.locks = append(f.locks, bare(strings.TrimSpace(rest)))
		return true
	}
	if i := strings.LastIndex(l, "at: "); i >= 0 && strings.Contains(l[i:], "+0x") {
		f.locks = append(f.locks, funcIn(l[i:]))
		return true
	}
	if strings.HasSuffix(prev, " at:") {
		if fr, ok := parseFrame(l); ok {
			f.locks = append(f.locks, fr.Function)
			return true
		}
	}
	return false
}
