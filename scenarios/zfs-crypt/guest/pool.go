//go:build linux

package guest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"brink/internal/guest"
	"brink/internal/trial"
	zfscrypt "brink/scenarios/zfs-crypt"
	"brink/scenarios/zfs-crypt/guest/zfsctl"
)

const (
	poolName  = "tank"
	sector    = 12 // log2 of what the disks are written in
	bystander = poolName + "/bystander"
	mountRoot = "/mnt/zfs"

	compressOff = 2 // ZIO_COMPRESS_OFF, include/sys/zio_compress.h
)

// pool is a raidz1 over all disks.
type pool struct {
	control *zfsctl.Control
	mounted []string // datasets
}

// disks are the devices of the guest, which appear when their driver is there.
func disks() (all []zfsctl.Vdev, err error) {
	for i := range zfscrypt.Disks {
		path := "/dev/vd" + string(rune('a'+i))
		for range 200 {
			if _, err = os.Stat(path); err == nil {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: the guest lacks a disk: %w", guest.ErrScenario, err)
		}
		all = append(all, zfsctl.Vdev{Path: path, Ashift: sector})
	}
	return all, nil
}

// makePool makes the pool, and in it the dataset beside those that are measured.
func makePool(control *zfsctl.Control) (*pool, error) {
	all, err := disks()
	if err != nil {
		return nil, err
	}
	p := &pool{control: control}
	// Compression would find nothing in what is written, and costs as much as a cipher.
	if err := control.CreatePool(poolName, all, zfsctl.List{zfsctl.Uint64("compression", compressOff)}); err != nil {
		return nil, err
	}
	return p, p.create(bystander, zfsctl.Inherit, nil)
}

// create makes a dataset and mounts it.
func (p *pool) create(dataset string, cipher zfsctl.Cipher, key []byte, props ...zfsctl.Pair) error {
	if err := p.control.Create(dataset, cipher, key, props...); err != nil {
		return err
	}
	return p.mount(dataset)
}

func mountPoint(dataset string) string { return filepath.Join(mountRoot, dataset) }

func (p *pool) mount(dataset string) error {
	dir := mountPoint(dataset)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := unix.Mount(dataset, dir, "zfs", unix.MS_NOATIME, ""); err != nil {
		return fmt.Errorf("mount %s: %w", dataset, err)
	}
	p.mounted = append(p.mounted, dataset)
	return nil
}

func (p *pool) unmount(dataset string) error {
	if err := unix.Unmount(mountPoint(dataset), 0); err != nil {
		return fmt.Errorf("unmount %s: %w", dataset, err)
	}
	p.mounted = slices.DeleteFunc(p.mounted, func(d string) bool { return d == dataset })
	return nil
}

// destroy unmounts a dataset and removes it.
func (p *pool) destroy(dataset string) error {
	if slices.Contains(p.mounted, dataset) {
		if err := p.unmount(dataset); err != nil {
			return err
		}
	}
	return p.control.Destroy(dataset)
}

func (p *pool) sync() error { return p.control.Sync(poolName) }

// healthy looks whether the pool still takes writes and has all its data. A fault of a disk's file on the host ends the trial
// before, so what is found here is the kernel's.
func (p *pool) healthy() error {
	config, err := p.control.Config(poolName)
	if errors.Is(err, unix.ENOENT) {
		return nil // it is exported
	}
	if err != nil {
		return err
	}
	if _, suspended := config.Uint64("suspended"); suspended {
		return &guest.FaultError{Failure: trial.Failure{Kind: trial.KernelError, Title: "pool is suspended", Subsystem: "zfs",
			Signature: "kernel-error:zfs-suspended"}}
	}
	if errs, _ := config.Uint64("error_count"); errs > 0 {
		return &guest.FaultError{Failure: trial.Failure{Kind: trial.KernelError, Title: fmt.Sprintf("pool has %d data errors", errs),
			Subsystem: "zfs", Signature: "kernel-error:zfs-data-errors"}}
	}
	return nil
}
