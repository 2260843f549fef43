package console

// errorRules: what the kernel logs when something that a workload needs could not be had.
func errorRules() []rule {
	return []rule{
		short("page allocation failure", "page-allocation-failure", "page allocation failure"),
		short("page allocation stalls", "page-allocation-stall", "page allocation stall"),
		short("vmalloc: allocation failure", "vmalloc-failure", "vmalloc failure"),
		short("vmalloc error: size", "vmalloc-failure", "vmalloc failure"),
		short("SLUB: Unable to allocate memory", "slab-allocation-failure", "slab allocation failure"),
		short("vmalloc_node_range for size", "vmalloc-failure", "vmalloc failure"),
		short("percpu: allocation failed", "percpu-allocation-failure", "percpu allocation failure"),
		{lit: "unregister_netdevice: waiting for ", kind: KernelError, class: classUnregister,
			head: "unregister_netdevice: waiting for DEV to become free", pick: fromNothing, role: alone,
			fill: func(r *Report, _ *facts) { r.Function, r.Subsystem = "netdev_run_todo", "net" }},
		failed("eighbour table overflow", "neighbour-overflow", "neighbour table overflow", "net"),
		failed("neighbor table overflow", "neighbour-overflow", "neighbour table overflow", "net"),
		failed("table full, dropping packet", "conntrack-full", "nf_conntrack: table full", "net"),
		failed("expectation table full", "conntrack-full", "nf_conntrack: table full", "net"),
		failed("bucket table overflow", "tcp-timewait", "TCP: time wait bucket table overflow", "net"),
		failed("Route cache is full", "route-cache-full", "Route cache is full", "net"),
		failed("too many orphaned sockets", "tcp-orphans", "TCP: too many orphaned sockets", "net"),
		failed("TCP: out of memory", "tcp-memory", "TCP: out of memory", "net"),
		failed("Out of socket memory", "tcp-memory", "TCP: out of memory", "net"),
		failed("Detected Tx Unit Hang", "tx-timeout", "Tx Unit Hang", "drivers/net"),
		failed("NETDEV WATCHDOG: ", "tx-timeout", "transmit queue timed out", "net"),
		failed("VFS: file-max limit", "file-max", "VFS: file-max limit reached", "fs"),
		failed("fork rejected by pids controller", "pids-limit", "fork rejected by pids controller", "kernel/cgroup"),
		failed("Failed to create a rescuer kthread", "kthread-create", "kthread creation failed", "kernel/workqueue"),
		failed("Failed to create a worker thread", "kthread-create", "kthread creation failed", "kernel/workqueue"),
		failed("nable to create thread", "kthread-create", "kthread creation failed", "kernel"),
		failed("create kthread", "kthread-create", "kthread creation failed", "kernel").of("ail"),
		failed("nable to create kthread", "kthread-create", "kthread creation failed", "kernel"),
		failed("ould not create kthread", "kthread-create", "kthread creation failed", "kernel"),
		failed("nable to start kthread", "kthread-create", "kthread creation failed", "kernel"),
		failed("kmod_concurrent_max", "kmod-busy", "request_module: too many at once", "kernel/module"),
		failed("oom_reaper: unable to reap", "oom-reaper", "oom_reaper: unable to reap", "mm"),
		failed("error, dev ", "io-error", "I/O error", "block").of(", sector "),
		failed("Buffer I/O error on dev", "io-error", "I/O error", "block"),
		failed("timeout, aborting", "io-timeout", "I/O timeout", "nvme").of("QID"),
		failed("timeout, reset controller", "io-timeout", "I/O timeout", "nvme").of("QID"),
		failed("timeout, disable controller", "io-timeout", "I/O timeout", "nvme").of("QID"),
		failed("Device not ready; aborting", "io-timeout", "I/O timeout", "nvme").of("nvme"),
		failed("loop: Write error at byte offset", "io-error", "I/O error", "drivers/block"),
		failed("Disk failure on ", "disk-failure", "Disk failure", "drivers/md"),
		failed(" TX timeout on queue", "tx-timeout", "transmit queue timed out", "net"),
		failed(" is not a head!", "virtio-ring", "virtio: bad ring", "virtio"),
		failed("Bad swap file entry", "swap", "Bad swap file entry", "mm"),
		failed("Bad swap offset entry", "swap", "Bad swap offset entry", "mm"),
		failed("new suspected memory leaks", "memory-leak", "memory leak", "mm").of("kmemleak"),
		failed("waiting for writeback completion for more than", "writeback-stall", "writeback stalled", "fs"),
		failed("exception Emask", "io-error", "I/O error", "drivers/ata"),
		failed("timing out command", "io-timeout", "I/O timeout", "drivers/scsi"),
		failed("swiotlb buffer is full", "swiotlb-full", "swiotlb buffer is full", "kernel/dma"),
		failed("[Hardware Error]: ", "hardware-error", "hardware error", "mce"),
	}
}

// short is the rule for an allocation that failed, which comes with the trace of who asked.
func short(lit, class, head string) rule {
	return rule{lit: lit, kind: KernelError, class: class, head: head,
		fill: func(r *Report, _ *facts) { r.Subsystem = "mm" }}
}
