package console

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// stampers print a record the ways that guests do: CONFIG_PRINTK_CALLER in a task and in an interrupt, without it, and
// without CONFIG_PRINTK_TIME.
func stampers() map[string]func(i int, line string) string {
	return map[string]func(int, string) string{
		"time": func(i int, l string) string { return fmt.Sprintf("[%5d.%06d] %s\n", 12+i/1000, i%1000*1000, l) },
		"task": func(i int, l string) string {
			return fmt.Sprintf("[%5d.%06d][  T311] %s\n", 12+i/1000, i%1000*1000, l)
		},
		"cpu": func(i int, l string) string {
			return fmt.Sprintf("[%5d.%06d][    C1] "+
				"%s\n", 12+i/1000, i%1000*1000, l)
		},
		"bare": func(_ int, l string) string { return l + "\n" },
		"crlf": func(i int, l string) string { return fmt.Sprintf("[%5d.%06d] %s\r\n", 12+i/1000, i%1000*1000, l) },
	}
}

// printed is text as a guest would print it, a record a line.
func printed(stamp func(int, string) string, text string) string {
	var s strings.Builder
	for i, l := range strings.Split(strings.Trim(text, "\n"), "\n") {
		s.WriteString(stamp(i, l))
	}
	return s.String()
}

// TestModuleIsToBlame: a module from outside the tree that has a hand in a failure is what it is called by, in every
// kind, on kernels 5.10 and 7.x, whatever the names of its functions remind of.
func TestModuleIsToBlame(t *testing.T) {
	for name, c := range modulesAtFault() {
		for style, stamp := range stampers() {
			t.Run(name+"/"+style, func(t *testing.T) {
				reports, err := Parse(strings.NewReader(printed(stamp, c.text)))
				require.NoError(t, err)
				require.NotEmpty(t, reports)
				r := reports[0]
				assert.Equal(t, c.kind, r.Kind, r.Title)
				assert.Equal(t, c.function, r.Function, r.Title)
				assert.Equal(t, "seeded", r.Subsystem)
				assert.Equal(t, c.kind.String()+":"+c.function+":seeded", r.Signature())
				assert.Len(t, reports, 1, "%v", titles(reports))
				assert.Equal(t, strings.Contains(c.text, "Kernel panic"), r.Fatal)
			})
		}
	}
}

type atFault struct {
	kind     Kind
	function string
	text     string
}

func modulesAtFault() map[string]atFault {
	all := moduleOopses()
	for _, more := range []map[string]atFault{moduleHangs(), moduleWarnings()} {
		for name, c := range more {
			all[name] = c
		}
	}
	return all
}

func moduleOopses() map[string]atFault {
	const tail510 = ` vfs_write+0xb5/0x260
 ksys_write+0x5f/0xe0
 do_syscall_64+0x30/0x40
 entry_SYSCALL_64_after_hwframe+0x62/0xc7
RIP: 0033:0x45c1a0
Modules linked in: seeded(OE) virtio_net net_failover
---[ end trace 8c0b1a7d3c2e4f55 ]---
RIP: 0010:seeded_oops+0x1c/0x20 [seeded]
Kernel panic - not syncing: Fatal exception
Kernel Offset: 0x3200000 from 0xffffffff81000000 (relocation range: 0xffffffff80000000-0xffffffffbfffffff)
---[ end Kernel panic - not syncing: Fatal exception ]---
`
	const tail7 = ` kernfs_fop_write_iter+0x12f/0x1c0
 vfs_write+0x2b0/0x4a0
 ksys_write+0x6d/0xf0
 do_syscall_64+0xe1/0x640
 entry_SYSCALL_64_after_hwframe+0x76/0x7e
RIP: 0033:0x45c1a0
 </TASK>
Modules linked in: seeded(OE)
---[ end trace 0000000000000000 ]---
Kernel panic - not syncing: Fatal exception
---[ end Kernel panic - not syncing: Fatal exception ]---
`
	const cpu7 = "CPU: 1 UID: 0 PID: 311 Comm: worker Tainted: G           OE       7.2.13+deb14-amd64 #1 " +
		"PREEMPT(lazy)\n" +
		"Tainted: [O]=OOT_MODULE, [E]=UNSIGNED_MODULE\nHardware name: QEMU Standard PC (Q35 + ICH9, 2009)\n"
	const cpu5 = "CPU: 1 PID: 311 Comm: worker Tainted: G           OE     5.10.0-46-cloud-amd64 #1 Debian " +
		"5.10.262-1\n" +
		"Hardware name: QEMU Standard PC (Q35 + ICH9, 2009)\n"
	return map[string]atFault{
		"null-5.10": {Oops, "seeded_oops", "BUG: kernel NULL pointer dereference, address: 0000000000000000\n" +
			"#PF: supervisor write access in kernel mode\n#PF: error_code(0x0002) - not-present page\nPGD 0 P4D 0 \n" +
			"Oops: 0002 [#1] SMP NOPTI\n" + cpu5 + "RIP: 0010:seeded_oops+0x1c/0x20 [seeded]\nCode: 00 00\n" +
			"Call Trace:\n seeded_write+0x8c/0x140 [seeded]\n" + tail510},
		"null-7": {Oops, "seeded_oops", "BUG: kernel NULL pointer dereference, address: 0000000000000000\n" +
			"#PF: supervisor write access in kernel mode\nOops: Oops: 0002 [#1] SMP NOPTI\n" + cpu7 +
			"RIP: 0010:seeded_oops+0x1c/0x20 [seeded]\nCall Trace:\n <TASK>\n" +
			" seeded_store+0x8c/0x140 [seeded]\n" + tail7},
		"gpf-in-memset-7": {Oops, "seeded_memset_gpf",
			"Oops: general protection fault, maybe for address 0xffffc90000a1b000: 0000 [#1] SMP NOPTI\n" + cpu7 +
				"RIP: 0010:memset_orig+0x33/0xb0\nCall Trace:\n <TASK>\n seeded_memset_gpf+0x12/0x30 [seeded]\n" +
				" seeded_store+0x8c/0x140 [seeded]\n" + tail7},
		"bug-5.10": {Oops, "seeded_bug", "------------[ cut here ]------------\n" +
			"kernel BUG at /build/seeded/seeded.c:57!\ninvalid opcode: 0000 [#1] SMP NOPTI\n" + cpu5 +
			"RIP: 0010:seeded_bug+0x5/0x10 [seeded]\nCall Trace:\n seeded_write+0x8c/0x140 [seeded]\n" + tail510},
		"bug-7": {Oops, "seeded_bug", "------------[ cut here ]------------\nkernel BUG at seeded.c:57!\n" +
			"Oops: invalid opcode: 0000 [#1] SMP NOPTI\n" + cpu7 +
			"RIP: 0010:seeded_bug+0x5/0x10 [seeded]\nCall Trace:\n <TASK>\n" +
			" seeded_store+0x8c/0x140 [seeded]\n" + tail7},
		"divide-7": {Oops, "seeded_divide", "Oops: divide error: 0000 [#1] SMP NOPTI\n" + cpu7 +
			"RIP: 0010:seeded_divide+0x5/0x10 [seeded]\nCall Trace:\n <TASK>\n" +
			" seeded_store+0x8c/0x140 [seeded]\n" + tail7},
		"guard-7": {Oops, "seeded_recurse",
			"BUG: TASK stack guard page was hit at ffffc9000047bff8 (stack is ffffc9000047c000..ffffc90000480000)\n" +
				"Oops: stack guard page: 0000 [#1] SMP NOPTI\n" + cpu7 + "RIP: 0010:seeded_recurse+0x9/0x40 " +
				"[seeded]\n" +
				"Call Trace:\n <TASK>\n" + strings.Repeat(" seeded_recurse+0x2e/0x40 [seeded]\n", 30) +
				" seeded_store+0x8c/0x140 [seeded]\n" + tail7},
		"double-fault-5.10": {Oops, "seeded_recurse", "traps: PANIC: double fault, error_code: 0x0\n" +
			"double fault: 0000 [#1] SMP NOPTI\n" + cpu5 + "RIP: 0010:seeded_recurse+0x9/0x40 [seeded]\n" +
			"Call Trace:\n seeded_write+0x8c/0x140 [seeded]\n" + tail510},
		"list-7": {Oops, "seeded_list_del", "------------[ cut here ]------------\n" +
			"list_del corruption. prev->next should be ffff888104a7b000, but was dead000000000100. " +
			"(prev=ffff888104a7b100)\n" +
			"kernel BUG at lib/list_debug.c:62!\nOops: invalid opcode: 0000 [#1] SMP NOPTI\n" + cpu7 +
			"RIP: 0010:__list_del_entry_valid_or_report+0xd0/0x110\nCall Trace:\n <TASK>\n" +
			" seeded_list_del+0x12/0x30 [seeded]\n seeded_store+0x8c/0x140 [seeded]\n" + tail7},
		"panic-5.10": {Panic, "seeded_panic", "Kernel panic - not syncing: seeded: panic at 40000\n" + cpu5 +
			"Call Trace:\n dump_stack+0x6b/0x83\n panic+0x101/0x2d7\n seeded_panic+0x16/0x16 [seeded]\n" +
			" seeded_write+0x8c/0x140 [seeded]\n vfs_write+0xb5/0x260\n do_syscall_64+0x30/0x40\n" +
			"Kernel Offset: disabled\n---[ end Kernel panic - not syncing: seeded: panic at 40000 ]---\n"},
		"panic-7": {Panic, "seeded_panic", "Kernel panic - not syncing: seeded: panic at 40000\n" + cpu7 +
			"Call Trace:\n <TASK>\n dump_stack_lvl+0x5d/0x80\n vpanic+0x118/0x2d0\n panic+0x52/0x60\n" +
			" seeded_panic+0x16/0x16 [seeded]\n" +
			" seeded_store+0x8c/0x140 [seeded]\n" + tail7[:strings.Index(tail7, "Modules")] +
			"Kernel Offset: disabled\n---[ end Kernel panic - not syncing: seeded: panic at 40000 ]---\n"},
	}
}
