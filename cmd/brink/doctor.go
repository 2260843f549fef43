package main

import (
	"errors"
	"fmt"
	"os/exec"

	"golang.org/x/sys/unix"

	"brink/internal/qemu"
	"brink/vmimages"
)

type doctorCmd struct{}

// check is one thing that a machine has or lacks.
type check struct {
	name string
	need bool                   // nothing works without it
	run  func() (string, error) // what there is; or what is missing and what to do
}

func (doctorCmd) Run(a *app) error {
	missing := 0
	for _, c := range checks() {
		text, err := c.run()
		mark := "ok  "
		if err != nil {
			if mark, text = "note", err.Error(); c.need {
				mark = "MISS"
				missing++
			}
		}
		fmt.Fprintf(a.out, "%s  %-10s %s\n", mark, c.name, text)
	}
	if missing > 0 {
		return fmt.Errorf("%d of the things brink needs are missing; on Debian `make setup` installs them", missing)
	}
	return nil
}

func checks() []check {
	list := []check{
		{"kvm", false, func() (string, error) {
			if err := qemu.ProbeKVM(); err != nil {
				return "", fmt.Errorf("%w: guests run under TCG with the instruction clock; "+
					"for KVM join the group kvm and turn virtualization on in the firmware", err)
			}
			return "a VM can be created: guests run under KVM", nil
		}},
		{"qemu", true, func() (string, error) {
			path, version, err := findQEMU()
			return path + " " + version, err
		}},
		{"agent", true, findAgent},
		{"memory", true, func() (string, error) {
			mb := memAvailable()
			if mb < 1024 {
				return "", fmt.Errorf("%d MiB available: a ramp to 131,072 peers needs a guest of 2 GiB; free some memory", mb)
			}
			return fmt.Sprintf("%d MiB available", mb), nil
		}},
		{"disk", true, diskSpace},
	}
	for _, tool := range []struct {
		name, pkg, use string
		need           bool
	}{
		{"apt-get", "apt", "fetches kernels; without it only file: kernels work", true},
		{"dpkg-deb", "dpkg", "unpacks kernels", true}, {"depmod", "kmod", "orders kernel modules", true},
		{"xz", "xz-utils", "unpacks kernels and modules", true},
		{"gcc", "gcc", "builds brink's own kernel modules, for the seeded scenario", false},
		{"make", "make", "builds brink's own kernel modules, for the seeded scenario", false},
		{"mkfs.xfs", "xfsprogs", "makes the guest's file system, for the pagecache scenario", false},
		{"mkfs.ext4", "e2fsprogs", "the same with --set fs=ext4", false},
		{"mkfs.btrfs", "btrfs-progs", "the same with --set fs=btrfs", false},
	} {
		list = append(list, check{tool.name, tool.need, func() (string, error) {
			path, err := exec.LookPath(tool.name)
			if errors.Is(err, exec.ErrNotFound) { // a user's PATH often lacks it
				path, err = exec.LookPath("/usr/sbin/" + tool.name)
			}
			if err != nil {
				return "", fmt.Errorf("not found (%s): install the package %s", tool.use, tool.pkg)
			}
			return path, nil
		}})
	}
	return list
}

// diskSpace looks at the file system with the cache.
func diskSpace() (string, error) {
	cache, err := vmimages.OpenCache("")
	if err != nil {
		return "", err
	}
	var s unix.Statfs_t
	if err := unix.Statfs(cache.Dir(), &s); err != nil {
		return "", err
	}
	mb := int64(s.Bavail) * s.Bsize >> 20
	if mb < 2048 {
		return "", fmt.Errorf("%d MiB free in %s: a kernel needs about 300; free some, or move the cache with BRINK_CACHE", mb, cache.Dir())
	}
	return fmt.Sprintf("%d MiB free for the cache in %s", mb, cache.Dir()), nil
}
