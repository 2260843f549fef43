//go:build linux

// Package zfsctl speaks to the ZFS kernel modules through /dev/zfs: pools, datasets, snapshots and keys. It exists so that
// a guest needs neither the zpool and zfs programs with their twenty libraries nor udev, for which they wait.
//
// The requests are ioctls with one fixed structure (OpenZFS: include/sys/zfs_ioctl.h, zfs_cmd_t; the numbers are in
// include/sys/fs/zfs.h, zfs_ioc_t), and what does not fit in it is a list of name-value pairs (module/nvpair/nvpair.c). Both
// are the same in 2.0 to 2.4.
package zfsctl
