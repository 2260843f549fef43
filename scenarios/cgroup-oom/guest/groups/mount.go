//go:build linux

package groups

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"brink/internal/guest"
)

// Version is the cgroup version.
type Version int

// The versions.
const (
	V1 Version = 1
	V2 Version = 2
)

// Groups is a mounted cgroup hierarchy with the memory controller.
type Groups struct {
	Version Version
	dir     string       // the mount point
	scratch string       // where programs are written to; a file system that can execute
	live    atomic.Int64 // cgroups below the root that were made and not removed
	held    *os.File     // whose pages dying cgroups hold; nil until there was one
}

// Mount mounts the hierarchy of that version below /run, with the memory controller. It is mounted once in a guest: a
// controller that is in use by one version cannot be had by the other.
func Mount(v Version) (*Groups, error) {
	g := &Groups{Version: v, scratch: "/run"}
	var err error
	switch v {
	case V1:
		g.dir = "/run/cgroup-memory"
		err = g.mountV1()
	case V2:
		g.dir = "/run/cgroup2"
		err = g.mountV2()
	default:
		err = fmt.Errorf("unknown version: choose 1 or 2")
	}
	if err != nil {
		return nil, fmt.Errorf("mount cgroup version %d: %w", v, err)
	}
	return g, nil
}

// mountV1 mounts the memory hierarchy. A kernel without CONFIG_MEMCG_V1 refuses it (6.12: EINVAL); the files are
// looked for all the same, because without them nothing here works.
func (g *Groups) mountV1() error {
	const lacks = "this kernel has no memory controller of version 1 " +
		"(CONFIG_MEMCG before 6.11, CONFIG_MEMCG_V1 from then on): take version 2"
	err := mountAt(g.dir, "cgroup", "memory")
	switch {
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.ENODEV), errors.Is(err, unix.ENOENT):
		return fmt.Errorf("%s: %w", lacks, err)
	case err != nil:
		return err
	}
	if _, err := os.Stat(filepath.Join(g.dir, "memory.usage_in_bytes")); err != nil {
		return errors.New(lacks)
	}
	// Before 5.11 a child's memory is not charged to its parents unless this is set, as systemd does.
	err = guest.WriteFile(filepath.Join(g.dir, "memory.use_hierarchy"), "1")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (g *Groups) mountV2() error {
	// The option favordynmods (6.0) would spare whoever moves a task a grace period; it is left out as everywhere else.
	if err := mountAt(g.dir, "cgroup2", ""); err != nil {
		return fmt.Errorf("this kernel needs CONFIG_CGROUPS: %w", err)
	}
	text, err := os.ReadFile(filepath.Join(g.dir, "cgroup.controllers"))
	if err != nil {
		return err
	}
	if !slices.Contains(strings.Fields(string(text)), "memory") {
		return fmt.Errorf("this kernel has no memory controller to give (CONFIG_MEMCG, no cgroup_disable=memory): it has %q",
			strings.TrimSpace(string(text)))
	}
	return g.Root().enable()
}

func mountAt(dir, kind, data string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return unix.Mount(kind, dir, kind, unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, data)
}
