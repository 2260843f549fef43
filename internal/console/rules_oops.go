package console

import "strings"

// oopsRules: arch/x86/mm/fault.c, arch/x86/kernel/traps.c and dumpstack.c, arch/arm64/mm/fault.c; since 6.8 x86 puts
// "Oops: " before the name of an exception.
func oopsRules() []rule {
	const null = "BUG: unable to handle kernel NULL pointer dereference"
	const paging = "BUG: unable to handle kernel paging request"
	oops := func(lit, class, head string) rule {
		return rule{lit: lit, kind: Oops, class: class, head: head, pick: fromRegs}
	}
	trap := func(lit, class, head string) rule {
		r := oops(lit, class, head)
		r.start, r.role = true, tails
		return r
	}
	return []rule{
		oops("BUG: unable to handle kernel NULL", "null-deref", null),
		oops("BUG: kernel NULL pointer dereference", "null-deref", null),
		oops("nable to handle kernel NULL pointer", "null-deref", null),
		oops("BUG: unable to handle kernel paging", "page-fault", paging),
		oops("BUG: unable to handle page fault", "page-fault", paging),
		oops("nable to handle kernel paging request", "page-fault", paging),
		oops("nable to handle kernel ", "page-fault", paging),
		oops("BUG: stack guard page was hit", "stack-overrun", "BUG: stack guard page was hit").looping(),
		oops("BUG: TASK stack guard page was hit", "stack-overrun", "BUG: stack guard page was hit").looping(),
		oops("BUG: IRQ stack guard page was hit", "stack-overrun", "BUG: stack guard page was hit").looping(),
		oops("kernel BUG at ", "BUG", "kernel BUG").source("kernel BUG at "),
		oops("general protection fault", "gpf", "general protection fault").butUser(),
		trap("divide error:", "divide", "divide error"),
		trap("divide_error:", "divide", "divide error"),
		trap("stack segment: ", "stack-segment", "stack segment fault"),
		trap("segment not present: ", "segment", "segment not present"),
		trap("invalid opcode: ", "invalid-opcode", "invalid opcode"),
		trap("control protection fault", "cfi", "control protection fault"),
		trap("CFI failure at ", "cfi", "CFI failure"),
		trap("Missing ENDBR", "cfi", "CFI failure"),
		trap("int3: ", "int3", "int3"),
		trap("double fault: ", "double-fault", "PANIC: double fault"),
		trap("bounds: ", "bounds", "bounds error"),
		trap("invalid TSS: ", "segment", "invalid TSS"),
		trap("fpu exception: ", "fpu", "fpu exception"),
		trap("simd exception: ", "fpu", "simd exception"),
		oops("invalid or fatal FRED event", "fred", "invalid or fatal FRED event"),
		trap("alignment check: ", "alignment", "alignment check"),
		trap("kernel stack overflow (", "stack-overrun", "kernel stack overflow").looping(),
		trap("Internal error: ", "internal-error", "Internal error"),
		trap("Unhandled fault: ", "page-fault", "Unhandled fault"),
		trap("Alignment trap: ", "alignment", "Alignment trap"),
		trap("Kernel access of bad area", "page-fault", paging),
		trap("Oops: ", "oops", "Oops"),
		oops(" [#1]", "oops", "Oops").dieLine(),
	}
}

// source notes the source file that follows prefix on the line.
func (r rule) source(prefix string) rule {
	r.fill = func(_ *Report, f *facts) {
		f.path = pathIn(after(f.first, prefix))
		if strings.HasPrefix(f.path, "lib/list_debug.c") {
			f.head = "BUG: corrupted list"
		}
	}
	return r
}

// butUser leaves out the faults of user processes: "comm[123] general protection fault ip:…".
func (r rule) butUser() rule {
	r.role, r.but = tails, []string{" ip:"}
	return r
}

// dieLine is for the exceptions that nobody listed: __die() ends its line in ": 0000 [#1]" and what the kernel was
// built with.
func (r rule) dieLine() rule {
	r.role, r.with, r.but = tails, ": 0", []string{" ip:"}
	r.fill = func(_ *Report, f *facts) {
		what, _, _ := strings.Cut(f.first, ": 0")
		f.head = stable(strings.TrimPrefix(what, "Oops: "))
	}
	return r
}

// looping is for a recursion: where it hit the end of the stack says little.
func (r rule) looping() rule {
	r.pick = fromStall
	return r
}
