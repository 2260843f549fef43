package main

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"brink/internal/soak"
)

// soakHost is what this machine has left.
func soakHost() soak.Host {
	free := memAvailable() << 20
	if left, ok := cgroupLeft(os.DirFS("/")); ok && (free == 0 || left < free) {
		free = left
	}
	return soak.Host{Free: free, Cores: runtime.GOMAXPROCS(0)}
}

// cgroupLeft returns how many bytes the control groups that brink is in may still use, in both versions of them; ok is false where
// none has a limit (Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/memory.rst). A container sees its own group as the root.
func cgroupLeft(root fs.FS) (left int64, ok bool) {
	text, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return 0, false
	}
	for line := range strings.SplitSeq(strings.TrimSpace(string(text)), "\n") {
		field := strings.SplitN(line, ":", 3)
		if len(field) < 3 {
			continue
		}
		kind := cgroupFiles{"sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"}
		switch {
		case field[1] == "": // version 2
		case strings.Contains(","+field[1]+",", ",memory,"):
			kind = cgroupFiles{"sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"}
		default:
			continue
		}
		for at := path.Clean("/" + field[2]); ; at = path.Dir(at) { // the limit of each group above holds, too
			if n, limited := kind.left(root, at); limited && (!ok || n < left) {
				left, ok = n, true
			}
			if at == "/" {
				break
			}
		}
	}
	return left, ok
}

// cgroupFiles are the files of one version.
type cgroupFiles struct {
	mount, limit, usage string
	cached              string // what memory.stat calls the pages that can be had back at once
}

// noLimit is what version 1 has for none, and more than any machine has: 4 EiB.
const noLimit = 1 << 62

func (c cgroupFiles) left(root fs.FS, group string) (int64, bool) {
	number := func(name string) (int64, bool) {
		text, err := fs.ReadFile(root, path.Join(c.mount, group, name))
		n, wrong := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		return n, err == nil && wrong == nil
	}
	limit, ok := number(c.limit) // "max" is none
	used, known := number(c.usage)
	if !ok || !known || limit >= noLimit {
		return 0, false
	}
	return max(0, limit-used+c.reclaimable(root, group)), true
}

func (c cgroupFiles) reclaimable(root fs.FS, group string) int64 {
	text, err := fs.ReadFile(root, path.Join(c.mount, group, "memory.stat"))
	if err != nil {
		return 0
	}
	for line := range strings.SplitSeq(string(text), "\n") {
		if value, ok := strings.CutPrefix(line, c.cached+" "); ok {
			n, _ := strconv.ParseInt(value, 10, 64)
			return n
		}
	}
	return 0
}

// diskBytes is what the disks of a VM may grow to; of the arm with the largest.
func diskBytes(arms []soakArm) (most int64) {
	for _, arm := range arms {
		sum := int64(0)
		for _, d := range arm.spec.Disks {
			sum += d.Size
		}
		most = max(most, sum)
	}
	return most
}

// spare is what a soak leaves of the space where the results are, for consoles and for everybody else.
const spare = 1 << 30

// roomForDisks is how many VMs of those asked for have space for their disks where the results are, were all of them written full.
func roomForDisks(results string, each int64, asked, arms int) (soak.Room, error) {
	room := soak.Room{VMs: asked, Asked: asked}
	if each == 0 {
		return room, nil
	}
	free, err := spaceLeft(results)
	if err != nil {
		return room, err
	}
	fit := int(max(0, free-spare)/each) / arms * arms
	if fit >= asked {
		return room, nil
	}
	why := fmt.Sprintf("the disks of a VM may grow to %d MiB and %s has %d MiB free, of which 1024 are left alone", each>>20, results, free>>20)
	if fit < arms {
		return room, fmt.Errorf("%s: free some, choose another folder with --results, or a smaller --size", why)
	}
	room.VMs, room.Text = fit, fmt.Sprintf("%d VMs asked for, disks for %d: %s", asked, fit, why)
	return room, nil
}

// spaceLeft is what is free in bytes where a folder is, or will be made.
func spaceLeft(folder string) (int64, error) {
	for {
		var s unix.Statfs_t
		err := unix.Statfs(folder, &s)
		if up := filepath.Dir(folder); err == unix.ENOENT && up != folder {
			folder = up
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("ask for the free space of %s: %w", folder, err)
		}
		return int64(s.Bavail) * s.Bsize, nil
	}
}
