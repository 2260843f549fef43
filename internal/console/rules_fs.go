package console

import "strings"

// fsRules: the lines with which a file system gives up on its disk or on itself.
func fsRules() []rule {
	return []rule{
		failed("EXT4-fs error (device", "fs-error", "EXT4-fs error", "fs/ext4"),
		failed("This should not happen!! Data will be lost", "fs-error", "EXT4-fs error", "fs/ext4"),
		failed("Aborting journal on device", "fs-shutdown", "Aborting journal", "fs/jbd2"),
		failed("Remounting filesystem read-only", "fs-shutdown", "Remounting filesystem read-only", "fs"),
		failed("JBD2: Detected IO errors", "fs-error", "JBD2: Detected IO errors", "fs/jbd2"),
		failed("Corruption of in-memory data", "fs-corruption", "XFS: Corruption of in-memory data", "fs/xfs"),
		failed("Corruption of on-disk metadata", "fs-corruption", "XFS: Corruption of on-disk metadata", "fs/xfs"),
		failed("Metadata corruption detected", "fs-corruption", "XFS: Metadata corruption", "fs/xfs"),
		failed("Metadata CRC error detected", "fs-corruption", "XFS: Metadata CRC error", "fs/xfs"),
		failed("Internal error ", "fs-corruption", "XFS: Internal error", "fs/xfs").of("XFS ("),
		failed("xfs_do_force_shutdown", "fs-shutdown", "XFS: shutdown", "fs/xfs"),
		failed("Filesystem has been shut down", "fs-shutdown", "XFS: shutdown", "fs/xfs"),
		failed("metadata I/O error in", "fs-error", "XFS: metadata I/O error", "fs/xfs"),
		failed("Log I/O Error Detected", "fs-shutdown", "XFS: Log I/O Error", "fs/xfs"),
		failed("log I/O error ", "fs-shutdown", "XFS: Log I/O Error", "fs/xfs").of("XFS ("),
		failed("XFS: Assertion failed", "fs-corruption", "XFS: Assertion failed", "fs/xfs"),
		failed("possible memory allocation deadlock", "alloc-deadlock", "memory allocation deadlock", "fs/xfs"),
		failed("BTRFS error (device", "fs-error", "BTRFS error", "fs/btrfs"),
		failed("BTRFS critical (device", "fs-corruption", "BTRFS critical", "fs/btrfs"),
		failed("BTRFS: error (device", "fs-error", "BTRFS error", "fs/btrfs"),
		failed("forced readonly", "fs-shutdown", "BTRFS: forced readonly", "fs/btrfs").of("BTRFS"),
		failed("F2FS-fs (", "fs-corruption", "F2FS-fs error", "fs/f2fs").of("nconsistent"),
		failed("FAT-fs (", "fs-error", "FAT-fs error", "fs/fat").of("error"),
		failed("VFS: Busy inodes after unmount", "vfs", "VFS: Busy inodes after unmount", "fs").crash(),
		failed("VFS: Close: file count is 0", "vfs", "VFS: Close: file count is zero", "fs").crash(),
		{lit: "PANIC at ", start: true, with: ".c:", kind: Oops, class: "zfs-panic", head: "ZFS PANIC", fill: fillSPL},
		verify("VERIFY"),
		verify("ASSERT"),
		failed("uncorrectable I/O failure and has been suspended", "zfs-suspended", "ZFS pool suspended", "zfs"),
		failed("zio pool=", "zfs-io", "ZFS I/O error", "zfs").of("error="),
	}
}

// verify is the rule for the line that ZFS prints before its PANIC.
func verify(lit string) rule {
	return rule{lit: lit, with: " failed", start: true, kind: Oops, class: "zfs-panic", head: "ZFS PANIC", role: notes,
		fill: fillSPL}
}

// failed is the rule for a logged error of one line.
func failed(lit, class, head, subsystem string) rule {
	return rule{lit: lit, kind: KernelError, class: class, head: head, pick: fromNothing, role: alone,
		fill: func(r *Report, f *facts) { r.Subsystem, r.Function = subsystem, complainer(f.first) }}
}

// complainer is the function that a logged error names: "detected at foo+0x1/0x2", or "): foo:123: …" and "in
// foo:123: …" of ext4 and btrfs.
func complainer(line string) string {
	if fn := funcIn(line); fn != "" {
		return fn
	}
	for _, word := range strings.Fields(line) {
		name, number, ok := strings.Cut(strings.TrimSuffix(word, ":"), ":")
		if ok && strings.HasSuffix(word, ":") && isNumber(number) && symbolName(name) && strings.Contains(name, "_") {
			return bare(name)
		}
	}
	return ""
}

// of makes the rule wait for a second word on the line.
func (r rule) of(word string) rule {
	r.with = word
	return r
}

// crash makes a logged error a misbehaviour of the kernel itself.
func (r rule) crash() rule {
	r.kind = Warning
	return r
}

// fillSPL reads "PANIC at dnode.c:123:dnode_hold()" (module/os/linux/spl/spl-err.c).
func fillSPL(r *Report, f *facts) {
	r.Subsystem = "zfs"
	for _, l := range f.lines {
		if rest := after(l, "PANIC at "); rest != "" {
			f.named = splFunction(rest)
			return
		}
	}
}
