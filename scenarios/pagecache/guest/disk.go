//go:build linux

package guest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"brink/internal/guest"
	"brink/scenarios/pagecache"
)

// The guest's disk and where its file system is mounted.
const (
	diskName = "vda"
	mountDir = "/run/pagecache"
)

// mkfsLimit is how long making a file system may take.
const mkfsLimit = 5 * time.Minute

// features are arguments of mkfs that leave out what the oldest kernels do not know and newer programs make by default: XFS with
// bigtime and inobtcount is mounted from 5.10 on with a warning, nrext64 from 5.19 on, ext4's orphan_file from 5.15 on.
var features = map[string][]string{
	pagecache.XFS:   {"-q", "-f", "-m", "reflink=1,bigtime=0,inobtcount=0", "-i", "nrext64=0"},
	pagecache.Ext4:  {"-q", "-F", "-O", "^orphan_file", "-E", "lazy_itable_init=0,lazy_journal_init=0"},
	pagecache.Btrfs: {"-q", "-f"},
}

// makeDisk makes a file system on the guest's disk and mounts it.
func makeDisk(fs string) error {
	device := "/dev/" + diskName
	if _, err := os.Stat(device); err != nil {
		return fmt.Errorf("%w: find the guest's disk: %w", guest.ErrScenario, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), mkfsLimit)
	defer cancel()
	out, err := exec.CommandContext(ctx, "/bin/mkfs."+fs, append(features[fs], device)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: make file system %s: %w: %s", guest.ErrScenario, fs, err, strings.TrimSpace(string(out)))
	}
	if err := os.MkdirAll(mountDir, 0o700); err != nil {
		return fmt.Errorf("%w: %w", guest.ErrScenario, err)
	}
	if err := unix.Mount(device, mountDir, fs, unix.MS_NOATIME, ""); err != nil {
		return fmt.Errorf("mount file system %s: %w", fs, err)
	}
	return nil
}

// readAhead sets how much the kernel reads at once, in KiB. A folio of the page cache is at most that large, where the file system has
// large folios at all (mm/readahead.c: page_cache_ra_order).
func readAhead(kb int) error {
	return guest.WriteFile("/sys/block/"+diskName+"/queue/read_ahead_kb", strconv.Itoa(kb))
}

// syncAll writes back what is dirty of the file system.
func syncAll() error {
	dir, err := unix.Open(mountDir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	return errors.Join(unix.Syncfs(dir), unix.Close(dir))
}

// hugePages is how much page cache is in huge pages, in MiB (/proc/meminfo).
func hugePages() float64 {
	text, _ := os.ReadFile("/proc/meminfo")
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "FileHugePages:"); ok {
			kb, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 64)
			return kb / 1024
		}
	}
	return 0
}

// readAheadIs returns what readAhead has set.
func readAheadIs() string {
	text, _ := os.ReadFile(filepath.Join("/sys/block", diskName, "queue/read_ahead_kb"))
	return strings.TrimSpace(string(text))
}
