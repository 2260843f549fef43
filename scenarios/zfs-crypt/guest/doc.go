//go:build linux

// Package guest is the part of the zfs-crypt scenario that runs inside the VM: it makes the pool and its datasets, writes to
// them, and adds up what the kernel's threads spent on it.
package guest
