package console

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// interruptedIn is the trace of a CPU that an NMI found in foo, on 6.12.
const interruptedIn = `CPU: 1 UID: 0 PID: 311 Comm: worker Tainted: G           OE      6.12.117+deb13-cloud-amd64 #1
Hardware name: QEMU Standard PC (Q35 + ICH9, 2009)
Call Trace:
 <NMI>
 dump_stack_lvl+0x5d/0x80
 panic+0x118/0x2d0
 nmi_panic.cold+0xc/0xc
 unknown_nmi_error.cold+0x45/0x45
 exc_nmi+0x120/0x180
 end_repeat_nmi+0xf/0x53
RIP: 0010:delay_tsc+0x2d/0x60
RSP: 0018:ffffb0f540b67d28 EFLAGS: 00000206
 ? delay_tsc+0x2d/0x60
 ? delay_tsc+0x2d/0x60
 </NMI>
 <TASK>
 foo_wait_ready+0x22/0x40
 foo_write+0x8c/0x140
 vfs_write+0x2b0/0x4a0
 ksys_write+0x6d/0xf0
 do_syscall_64+0xe1/0x640
 </TASK>
Kernel Offset: disabled
---[ end Kernel panic - not syncing: NMI: Not continuing ]---
`

// TestPanicByNMI: a panic that an NMI from outside caused names what the NMI interrupted (arch/x86/kernel/nmi.c).
func TestPanicByNMI(t *testing.T) {
	for _, first := range []string{
		"Uhhuh. NMI received for unknown reason 3d on CPU 1.\nKernel panic - not syncing: NMI: Not continuing\n",
		"NMI: IOCK error (debug interrupt?) for reason 71 on CPU 1.\n" +
			"Kernel panic - not syncing: NMI IOCK error: Not continuing\n",
	} {
		for style, stamp := range stampers() {
			reports, err := Parse(strings.NewReader(printed(stamp, first+interruptedIn)))
			require.NoError(t, err)
			require.Len(t, reports, 1, style)
			assert.Equal(t, Panic, reports[0].Kind)
			assert.Equal(t, "nmi", reports[0].Class)
			assert.Equal(t, "foo_write", reports[0].Function)
			assert.True(t, reports[0].Fatal)
		}
	}
}

// sysrqs is what the kernel prints when it is asked to: none of it is a failure.
const sysrqs = `sysrq: Show Blocked State
task:worker          state:D stack:0     pid:311   tgid:311   ppid:1      flags:0x00004000
Call Trace:
 <TASK>
 __schedule+0x4e9/0xc00
 schedule+0x27/0xf0
 rtnl_lock+0x15/0x20
 </TASK>
sysrq: Show backtrace of all active CPUs
NMI backtrace for cpu 1
CPU: 1 UID: 0 PID: 311 Comm: worker Not tainted 6.12.117+deb13-cloud-amd64 #1
RIP: 0010:delay_tsc+0x2d/0x60
Call Trace:
 <TASK>
 foo_write+0x8c/0x140
 vfs_write+0x2b0/0x4a0
Sending NMI from CPU 0 to CPUs 1:
NMI backtrace for cpu 0 skipped: idling at native_safe_halt+0xe/0x20
sysrq: Show Memory
Mem-Info:
active_anon:1201 inactive_anon:33 isolated_anon:0
 free:38210 free_pcp:412 free_cma:0
Node 0 DMA free:13312kB boost:0kB min:32kB low:44kB high:56kB reserved_highatomic:0KB
Out of 65406 pages RAM, 0 pages HighMem/MovableOnly
sysrq: Show State
task:kthreadd        state:S stack:0     pid:2     tgid:2     ppid:0      flags:0x00004000
Call Trace:
 <TASK>
 __schedule+0x4e9/0xc00
 kthreadd+0x1b7/0x1f0
Sched Debug Version: v0.11, 6.12.117+deb13-cloud-amd64 #1
Showing busy workqueues and worker pools:
workqueue events: flags=0x0
  pwq 2: cpus=0 node=0 flags=0x0 nice=0 active=1 refcnt=2
    in-flight: 12:vmstat_shepherd
Showing all locks held in the system:
1 lock held by worker/311:
 #0: ffffffff8aabbcc0 (rtnl_mutex){+.+.}-{4:4}, at: rtnl_lock+0x15/0x20
sysrq: Show Regs
sysrq: HELP : loglevel(0-9) reboot(b) crash(c) terminate-all-tasks(e) memory-full-oom-kill(f)
sysrq: Emergency Sync
Emergency Sync complete
Uhhuh. NMI received for unknown reason 3d on CPU 0.
Dazed and confused, but trying to continue
`

func TestSysrqIsNoFailure(t *testing.T) {
	for style, stamp := range stampers() {
		var w watch
		p := w.parser()
		_, _ = p.Write([]byte(printed(stamp, sysrqs)))
		p.Flush()
		assert.Empty(t, w.reports, style)
		assert.Empty(t, w.alarms, style)
	}
}

// TestSysrqLeavesTheReportAlone: what is asked for when something has gone wrong is not a part of that.
func TestSysrqLeavesTheReportAlone(t *testing.T) {
	for _, name := range []string{
		"soft-lockup-fdb.txt", "hung-task-rtnl.txt", "rcu-stall-other-cpu.txt", "warning-7.x.txt",
	} {
		text := string(fixture(t, name))
		alone, err := Parse(strings.NewReader(text))
		require.NoError(t, err)
		stamp := "[" + strings.TrimPrefix(text[strings.LastIndex(text, "\n[")+1:], "[")
		stamp = stamp[:strings.Index(stamp, "]")+1]
		more := printed(func(_ int, l string) string { return stamp + " " + l + "\n" }, sysrqs)
		both, err := Parse(strings.NewReader(text + more))
		require.NoError(t, err)
		require.Len(t, both, len(alone), name)
		for i := range both {
			assert.Equal(t, alone[i].Signature(), both[i].Signature(), name)
			assert.Equal(t, alone[i].Title, both[i].Title, name)
		}
	}
}

// TestWarningNeedsATrace: "WARNING:" and "INFO:" are common words; the kernel's own come with a trace when they matter.
func TestWarningNeedsATrace(t *testing.T) {
	const line = "WARNING: something nobody foresaw in slot 3\n"
	const trace = "CPU: 1 PID: 9 Comm: sh Not tainted 6.1.0 #1\nCall Trace:\n <TASK>\n dump_stack_lvl+0x44/0x5c\n" +
		" foo_probe+0x1/0x2\n"
	for style, stamp := range stampers() {
		reports, err := Parse(strings.NewReader(printed(stamp, line)))
		require.NoError(t, err)
		assert.Empty(t, reports, style)
		reports, err = Parse(strings.NewReader(printed(stamp, line+trace)))
		require.NoError(t, err)
		require.Len(t, reports, 1, style)
		assert.Equal(t, "WARNING: something nobody foresaw in slot NUM in foo_probe", reports[0].Title)
		reports, err = Parse(strings.NewReader(printed(stamp, line+"kernel BUG at mm/slub.c:401!\n"+
			"RIP: 0010:foo+0x1/0x2\n")))
		require.NoError(t, err)
		require.Len(t, reports, 1, style)
		assert.Equal(t, Oops, reports[0].Kind)
	}
}

// TestErrorDuringAReport: a line of its own that is printed while a report is open comes after it.
func TestErrorDuringAReport(t *testing.T) {
	text := string(fixture(t, "hung-task-rtnl.txt"))
	at := strings.Index(text, " schedule+")
	at = strings.LastIndex(text[:at], "\n") + 1
	stamp := text[at : at+strings.Index(text[at:], "]")+1]
	text = text[:at] + stamp + " unregister_netdevice: waiting for wg0 to become free. Usage count = 2\n" + text[at:]
	reports, err := Parse(strings.NewReader(text))
	require.NoError(t, err)
	require.Len(t, reports, 2)
	assert.Equal(t, "hung-task:wg_netdevice_notification:wireguard", reports[0].Signature())
	assert.Equal(t, classUnregister, reports[1].Class)
}
