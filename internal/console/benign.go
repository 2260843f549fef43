package console

// benign is what healthy kernels print although it reads like a failure. A record that holds one of these raises
// nothing. Each was seen on a kernel that went on working.
func benign() []string {
	return []string{
		"ommand line: ",                            // "Kernel command line:", "Unknown kernel command line parameters"
		"WARNING: See https://",                    // arch/x86/kernel/cpu/bugs.c
		"WARNING: kernel not compiled with",        // likewise
		"WARNING: Spectre v2",                      // likewise
		"WARNING: Flushing system-wide workqueues", // kernel/workqueue.c, with a trace: an out-of-date module
		"messages suppressed",                      // mm/page_alloc.c: of a report that came before
		"INFO: NMI handler",                        // arch/x86/kernel/nmi.c: a slow handler, likely a slow host
		"INFO: lockdep is turned off",              // kernel/locking/lockdep.c: a consequence, not a cause
		"INFO: recovery required",                  // ext4 after an unclean shutdown
		"ODEBUG: Out of memory",                    // lib/debugobjects.c turns itself off
		"mount option is being deprecat",           // fs/namespace.c
		"missed to adjust virtual screen",          // fbcon
		"uses obsolete (PF_INET,SOCK_PACKET",       // net/packet
		"Marking clocksource 'tsc' as unstable",
		"workqueue: round-robin CPU selection forced",
		"audit: type=",
		"dev fd0",  // QEMU's floppy drive has no floppy
		"systemd[", // user space talks too
	}
}
