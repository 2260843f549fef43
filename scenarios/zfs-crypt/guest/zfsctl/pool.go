//go:build linux

package zfsctl

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// featureFolder has a folder for each feature that the modules know.
const featureFolder = "/sys/module/zfs/features.pool"

// Vdev is what a raidz1 is made of.
type Vdev struct {
	Path   string
	Ashift uint64 // log2 of the smallest write
}

// CreatePool makes a pool of one raidz1 over the disks, with all features of the modules, as zpool create does.
//
// Note: zpool would put partitions on the disks and wait for udev to see them; the kernel takes a disk as it is.
func (c *Control) CreatePool(name string, disks []Vdev, rootProps List) error {
	features, err := features()
	if err != nil {
		return err
	}
	props := List{}
	for _, f := range features {
		props = append(props, Uint64("feature@"+f, 0))
	}
	props = append(props, Nested("root-props-nvl", rootProps))
	_, _, err = c.ask(request{verb: "create pool", name: name, number: iocPoolCreate, in: props, conf: raidz(disks)})
	return err
}

// raidz is the tree of devices (include/sys/fs/zfs.h, ZPOOL_CONFIG_*).
func raidz(disks []Vdev) List {
	var leaves []List
	for i, d := range disks {
		leaves = append(leaves, List{String("type", "disk"), Uint64("id", uint64(i)), String("path", d.Path),
			Uint64("ashift", d.Ashift), Uint64("whole_disk", 0), Uint64("is_log", 0)})
	}
	group := List{String("type", "raidz"), Uint64("id", 0), Uint64("nparity", 1), Uint64("is_log", 0), Array("children", leaves...)}
	return List{String("type", "root"), Array("children", group)}
}

// features are the names of what the modules can do.
func features() ([]string, error) {
	files, err := filepath.Glob(featureFolder + "/*/uname")
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("list features of the ZFS modules: %s has none", featureFolder)
	}
	var names []string
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return nil, fmt.Errorf("list features of the ZFS modules: %w", err)
		}
		names = append(names, strings.TrimSpace(string(text)))
	}
	return names, nil
}

// DestroyPool removes a pool that nothing is mounted of.
func (c *Control) DestroyPool(name string) error {
	_, _, err := c.ask(request{verb: "destroy pool", name: name, number: iocPoolDestroy})
	return err
}

// Config returns a pool's configuration and state. It comes from the kernel's memory; the disks are not read.
func (c *Control) Config(name string) (List, error) {
	config, _, err := c.ask(request{verb: "read configuration of pool", name: name, number: iocPoolStats, answer: 256 << 10})
	if err == nil && config == nil {
		err = fmt.Errorf("read configuration of pool %s: there is none", name)
	}
	return config, err
}

// ExportPool takes a pool that nothing is mounted of out of the kernel, and leaves it on its disks.
func (c *Control) ExportPool(name string) error {
	_, _, err := c.ask(request{verb: "export pool", name: name, number: iocPoolExport})
	return err
}

// ImportPool brings a pool in that was exported. Its configuration tells which disks it is on; from there on the kernel reads
// them. As zpool import does, it is asked for twice: the first time the kernel only looks.
func (c *Control) ImportPool(name string, config List) error {
	guid, ok := config.Uint64("pool_guid")
	if !ok {
		return fmt.Errorf("import pool %s: its configuration has no pool_guid", name)
	}
	seen, _, err := c.ask(request{verb: "look at pool", name: name, number: iocPoolTryImport, conf: config, answer: 256 << 10})
	if err != nil {
		return err
	}
	_, _, err = c.ask(request{verb: "import pool", name: name, number: iocPoolImport, conf: seen, answer: 256 << 10,
		set: func(cmd *command) { cmd.GUID = guid }})
	return err
}

// Sync waits until all that was written to a pool before is on its disks.
func (c *Control) Sync(pool string) error {
	_, _, err := c.ask(request{verb: "sync pool", name: pool, number: iocPoolSync, in: List{Bool("force", false)}})
	return err
}
