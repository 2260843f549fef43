package qemu

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"brink/internal/trial"
)

// DiskFile is the image of a disk in the folder of a VM; the first disk is 0.
func DiskFile(dir string, i int) string { return filepath.Join(dir, fmt.Sprintf("disk%d.img", i)) }

// diskArgs adds the disks, whose images are in dir. What a guest writes is gone with it, so nothing waits for the host's disk
// (cache=unsafe). An error of the host's file stops the guest instead of reaching it: it is not the kernel's (qemu(1), "werror").
func (c Config) diskArgs(dir string) (args []string) {
	for i := range c.Disks {
		id := fmt.Sprintf("disk%d", i)
		drive := fmt.Sprintf("if=none,id=%s,format=raw,cache=unsafe,discard=unmap,werror=stop,rerror=stop,file=%s", id, escape(DiskFile(dir, i)))
		device := fmt.Sprintf("virtio-blk-pci,drive=%s,serial=%s", id, id)
		if c.Clock == trial.ClockICount {
			device += ",ioeventfd=off" // as for virtio-serial: a request starts at the instruction that makes it
		}
		args = append(args, "-drive", drive, "-device", device)
	}
	return args
}

// makeDisks makes the images: files with nothing in them, which take no room until the guest writes.
func (c Config) makeDisks(dir string) error {
	for i, d := range c.Disks {
		f, err := os.Create(DiskFile(dir, i))
		if err != nil {
			return fmt.Errorf("make disk image: %w", err)
		}
		err = f.Truncate(d.Size)
		if closing := f.Close(); err == nil {
			err = closing
		}
		if err != nil {
			return fmt.Errorf("make disk image of %d MiB: %w", d.Size>>20, err)
		}
	}
	return nil
}

// removeDisks removes what makeDisks made, whole or in part.
func (c Config) removeDisks(dir string) {
	for i := range c.Disks {
		os.Remove(DiskFile(dir, i))
	}
}

// BlockError says what is wrong with the host's file of a disk, for QMP's event BLOCK_IO_ERROR (qapi/block-core.json): the guest
// has been stopped.
func BlockError(e QMPEvent) string {
	var data struct {
		Device    string `json:"device"`
		Operation string `json:"operation"`
		NoSpace   bool   `json:"nospace"`
		Reason    string `json:"reason"`
	}
	if err := json.Unmarshal(e.Data, &data); err != nil {
		return fmt.Sprintf("a disk image failed: %s", e.Data)
	}
	if data.NoSpace {
		return fmt.Sprintf("the image of %s does not fit on the host's disk any more: make room, or put the runs elsewhere with --results", data.Device)
	}
	return fmt.Sprintf("cannot %s the image of %s on the host: %s", data.Operation, data.Device, data.Reason)
}
