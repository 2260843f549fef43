package console

// moduleWarnings are the warnings of TestModuleIsToBlame.
func moduleWarnings() map[string]atFault {
	const cpu = `CPU: 1 PID: 311 Comm: worker Tainted: G           OE     5.10.0-46-cloud-amd64 #1 Debian 5.10.262-1
Hardware name: QEMU Standard PC (Q35 + ICH9, 2009)
`
	const path = ` seeded_store+0x8c/0x140 [seeded]
 kernfs_fop_write_iter+0x12f/0x1c0
 vfs_write+0x2b0/0x4a0
 do_syscall_64+0xe1/0x640
 entry_SYSCALL_64_after_hwframe+0x76/0x7e
`
	const trace = "Call Trace:\n <TASK>\n" + path + " </TASK>\n---[ end trace 0000000000000000 ]---\n"
	const dump = "Call Trace:\n dump_stack+0x6b/0x83\n"
	return map[string]atFault{
		"warn-5.10": {Warning, "seeded_warn", "------------[ cut here ]------------\n" +
			"WARNING: CPU: 1 PID: 311 at /build/seeded/seeded.c:71 seeded_warn+0x5/0x10 [seeded]\n" +
			"Modules linked in: seeded(OE)\n" +
			cpu + "RIP: 0010:seeded_warn+0x5/0x10 [seeded]\n" + trace},
		"warn-text-6.12": {Warning, "seeded_warn", "------------[ cut here ]------------\nseeded: 40000 is too many\n" +
			"WARNING: CPU: 1 PID: 311 at /build/seeded/seeded.c:71 seeded_warn+0x5/0x10 [seeded]\n" +
			"Modules linked in: seeded(OE)\n" +
			cpu + "RIP: 0010:seeded_warn+0x5/0x10 [seeded]\n" + trace},
		"warn-7": {Warning, "seeded_warn", "------------[ cut here ]------------\nseeded: 40000 is too many\n" +
			"WARNING: /build/seeded/seeded.c:71 at seeded_warn+0x5/0x10 [seeded], CPU#1: worker/311\n" +
			"Modules linked in: seeded(OE)\n" +
			cpu + "RIP: 0010:seeded_warn+0x5/0x10 [seeded]\n" + trace},
		"warn-no-file-7": {Warning, "seeded_warn", "------------[ cut here ]------------\n" +
			"WARNING: at seeded_warn+0x5/0x10 [seeded], CPU#1: worker/311\nModules linked in: seeded(OE)\n" +
			cpu + "RIP: 0010:seeded_warn+0x5/0x10 [seeded]\n" + trace},
		"warn-panic": {Warning, "seeded_warn", "------------[ cut here ]------------\n" +
			"WARNING: CPU: 1 PID: 311 at /build/seeded/seeded.c:71 seeded_warn+0x5/0x10 [seeded]\n" +
			"Modules linked in: seeded(OE)\n" +
			cpu + "RIP: 0010:seeded_warn+0x5/0x10 [seeded]\nCall Trace:\n" + path +
			"Kernel panic - not syncing: panic_on_warn set ...\n" + cpu + dump + " panic+0x101/0x2d7\n" +
			" __warn.cold+0x20/0x8c\n" + path},
		"refcount-7": {Warning, "seeded_put", "------------[ cut here ]------------\n" +
			"refcount_t: underflow; use-after-free.\n" +
			"WARNING: lib/refcount.c:28 at refcount_warn_saturate+0xbe/0x110, CPU#1: worker/311\n" +
			"Modules linked in: seeded(OE)\n" +
			cpu + "RIP: 0010:refcount_warn_saturate+0xbe/0x110\nCall Trace:\n <TASK>\n" +
			" seeded_put+0x31/0x50 [seeded]\n" + path},
		"atomic-sleep-5.10": {Warning, "seeded_sleep_in_atomic",
			"BUG: sleeping function called from invalid context at include/linux/sched/mm.h:197\n" +
				"in_atomic(): 1, irqs_disabled(): 0, non_block: 0, pid: 311, name: worker\n" + cpu + dump +
				" ___might_sleep.cold+0x9a/0xaf\n kmem_cache_alloc_trace+0x1b3/0x1f0\n" +
				" seeded_sleep_in_atomic+0x22/0x40 [seeded]\n" + path},
		"scheduling-7": {Warning, "seeded_schedule", "BUG: scheduling while atomic: worker/311/0x00000002\n" +
			"Modules linked in: seeded(OE)\n" +
			cpu + "Call Trace:\n <TASK>\n dump_stack_lvl+0x5d/0x80\n __schedule_bug.cold+0x42/0x4e\n" +
			" __schedule+0x1051/0x15a0\n" +
			" schedule+0x27/0xf0\n schedule_timeout+0x83/0xf0\n msleep+0x2d/0x40\n" +
			" seeded_schedule+0x22/0x40 [seeded]\n" + path},
		"kasan-7": {Warning, "seeded_uaf", "==================================================================\n" +
			"BUG: KASAN: slab-use-after-free in seeded_uaf+0x2a/0x90 [seeded]\n" +
			"Read of size 4 at addr ffff888104a7b010 by task worker/311\n\n" +
			cpu + "Call Trace:\n <TASK>\n dump_stack_lvl+0x5d/0x80\n print_report+0x171/0x4f9\n" +
			" kasan_report+0xda/0x110\n" +
			" seeded_uaf+0x2a/0x90 [seeded]\n" + path + " </TASK>\n\nAllocated by task 311:\n" +
			" kasan_save_stack+0x30/0x50\n" +
			" seeded_new+0x11/0x40 [seeded]\n\nFreed by task 311:\n kfree+0x11/0x40\n"},
		"kfence-6.1": {Warning, "seeded_uaf", "==================================================================\n" +
			"BUG: KFENCE: use-after-free read in seeded_uaf+0x2a/0x90 [seeded]\n\n" +
			"Use-after-free read at 0x0000000012345678 (in kfence-#12):\n" +
			" seeded_uaf+0x2a/0x90 [seeded]\n" + path + "\nkfence-#12: 0x1-0x2, size=32, cache=kmalloc-32\n\n" +
			"allocated by task 311 on cpu 1:\n" +
			" seeded_new+0x11/0x40 [seeded]\n"},
		"ubsan-7": {Warning, "seeded_index", "------------[ cut here ]------------\n" +
			"UBSAN: array-index-out-of-bounds in /build/seeded/seeded.c:90:12\n" +
			"index 9 is out of range for type 'int [8]'\n" + cpu +
			"Call Trace:\n <TASK>\n dump_stack_lvl+0x5d/0x80\n ubsan_epilogue+0x5/0x2b\n" +
			" __ubsan_handle_out_of_bounds.cold+0x54/0x59\n" +
			" seeded_index+0x22/0x40 [seeded]\n" + path + "---[ end trace ]---\n"},
		"recursive-lock": {Warning, "seeded_lock_twice", "============================================\n" +
			"WARNING: possible recursive locking detected\n7.2.13 #1 Tainted: G           OE\n" +
			"--------------------------------------------\n" +
			"worker/311 is trying to acquire lock:\n" +
			"ffff888104a7b010 (seeded_mutex){+.+.}-{4:4}, at: seeded_lock_twice+0x2a/0x90 [seeded]\n\n" +
			"but task is already holding lock:\n" +
			"ffff888104a7b010 (seeded_mutex){+.+.}-{4:4}, at: seeded_lock_twice+0x1a/0x90 [seeded]\n\n" +
			"stack backtrace:\n" + cpu + dump + " __lock_acquire.cold+0x1/0x2\n" +
			" seeded_lock_twice+0x2a/0x90 [seeded]\n" + path},
		"preemptible": {Warning, "seeded_this_cpu", "BUG: using smp_processor_id() in preemptible [00000000] " +
			"code: worker/311\n" +
			"caller is seeded_this_cpu+0x22/0x40 [seeded]\n" + cpu + dump + " check_preemption_disabled+0xd8/0xe0\n" +
			" seeded_this_cpu+0x22/0x40 [seeded]\n" + path},
		"slab-5.10": {Warning, "seeded_double_free",
			"=============================================================================\n" +
				"BUG kmalloc-64 (Tainted: G           OE    ): Object already free\n" +
				"-----------------------------------------------------------------------------\n\n" +
				"INFO: Slab 0x00000000a1b2c3d4 objects=64 used=3 fp=0x00000000a1b2c3d4 " +
				"flags=0xfffffc0000200\n" + cpu + dump +
				" slab_err+0xb0/0xd4\n free_debug_processing.cold+0x40/0x9f\n __slab_free+0x231/0x390\n" +
				" kfree+0x25a/0x280\n" +
				" seeded_double_free+0x22/0x40 [seeded]\n" + path},
		"bad-page": {Warning, "seeded_page_new", "BUG: Bad page state in process worker  pfn:1b3f0\n" +
			"page: refcount:-1 mapcount:0 mapping:0000000000000000 index:0x0 pfn:0x1b3f0\n" +
			"page last allocated via order 0, migratetype Unmovable, gfp_mask 0xcc0(GFP_KERNEL), pid 311, tgid " +
			"311 (worker), ts 1, free_ts 0\n" +
			" post_alloc_hook+0xd2/0x100\n get_free_pages_noprof+0x10/0x40\n" +
			" seeded_page_new+0x22/0x40 [seeded]\n" + path +
			"page_owner free stack trace missing\n" +
			"Modules linked in: seeded(OE)\n" + cpu + dump + " bad_page.cold+0x63/0x94\n" +
			" free_unref_page_prepare+0x1/0x2\n exit_mmap+0x1/0x2\n mmput+0x1/0x2\n"},
		"allocation-failure": {KernelError, "seeded_grow", "worker: page allocation failure: order:10, " +
			"mode:0x40dc0(GFP_KERNEL|__GFP_COMP)\n" +
			cpu + dump + " warn_alloc.cold+0x7b/0xdf\n __alloc_pages_slowpath.constprop.0+0xcd1/0xd10\n" +
			" __alloc_pages_nodemask+0x2de/0x310\n kmalloc_order+0x28/0x90\n seeded_grow+0x22/0x40 [seeded]\n" + path},
	}
}
