//go:build linux

package zfsctl

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// device is where the modules take requests.
const device = "/dev/zfs"

// The requests (include/sys/fs/zfs.h, zfs_ioc_t). The numbers are part of ZFS' promise to older programs.
const (
	iocPoolCreate       = 0x5a00
	iocPoolDestroy      = 0x5a01
	iocPoolImport       = 0x5a02
	iocPoolExport       = 0x5a03
	iocPoolStats        = 0x5a05
	iocPoolTryImport    = 0x5a06
	iocSnapshotListNext = 0x5a15
	iocCreate           = 0x5a17
	iocDestroy          = 0x5a18
	iocSnapshot         = 0x5a23
	iocDestroySnapshots = 0x5a3b
	iocPoolSync         = 0x5a47
	iocLoadKey          = 0x5a49
	iocUnloadKey        = 0x5a4a
)

// command is zfs_cmd_t (include/sys/zfs_ioctl.h), with the fields that are not used here left out.
type command struct {
	Name     [4096]byte
	Src      uint64 // address of the packed list of arguments
	SrcSize  uint64
	Dst      uint64 // and of the place for the answer
	DstSize  uint64
	Filled   uint32
	_        [12592 - 4132]byte
	GUID     uint64
	Conf     uint64 // address of a packed configuration
	ConfSize uint64
	Cookie   uint64
	_        [12656 - 12624]byte
	Obj      uint64
	_        [13668 - 12664]byte
	Simple   uint8 // do not look up the statistics of what is listed
	// The kernel copies the whole structure, which ends at 13,744 in 2.0 to 2.4: what is more than that is in reserve.
	_ [16384 - 13669]byte
}

func (c *command) name() string {
	name, _, _ := bytes.Cut(c.Name[:], []byte{0})
	return string(name)
}

// Control is an open /dev/zfs.
type Control struct{ file *os.File }

// Open opens it; the modules must be loaded.
func Open() (*Control, error) {
	f, err := os.OpenFile(device, os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("open the ZFS modules' device: %w", err)
	}
	return &Control{f}, nil
}

// Close closes it.
func (c *Control) Close() error { return c.file.Close() }

// request is one request to the kernel.
type request struct {
	verb, name string // for the error
	number     uintptr
	in         List // nil: none
	conf       List // nil: none
	answer     int  // bytes to make room for; 0: no answer is wanted
	set        func(*command)
}

// ask puts a request to the kernel. The error wraps the kernel's errno.
func (c *Control) ask(r request) (List, *command, error) {
	cmd := new(command)
	copy(cmd.Name[:len(cmd.Name)-1], r.name)
	if r.set != nil {
		r.set(cmd)
	}
	var pin runtime.Pinner
	defer pin.Unpin()
	place := func(packed []byte) (address, size uint64) {
		pin.Pin(&packed[0])
		return uint64(uintptr(unsafe.Pointer(&packed[0]))), uint64(len(packed))
	}
	if r.in != nil {
		cmd.Src, cmd.SrcSize = place(Pack(r.in))
	}
	if r.conf != nil {
		cmd.Conf, cmd.ConfSize = place(Pack(r.conf))
	}
	for size := r.answer; ; {
		var answer []byte
		if size > 0 {
			answer = make([]byte, size)
			cmd.Dst, cmd.DstSize = place(answer)
		}
		_, _, errno := unix.Syscall(unix.SYS_IOCTL, c.file.Fd(), r.number, uintptr(unsafe.Pointer(cmd)))
		if errno == unix.ENOMEM && cmd.DstSize > uint64(size) && size > 0 && cmd.DstSize < largestAnswer {
			size = int(cmd.DstSize) // what it takes
			continue
		}
		if errno != 0 {
			return nil, cmd, fmt.Errorf("%s %s: %w", r.verb, r.name, named(errno))
		}
		if cmd.Filled == 0 || cmd.DstSize > uint64(len(answer)) {
			return nil, cmd, nil
		}
		list, err := Unpack(answer[:cmd.DstSize])
		return list, cmd, err
	}
}

// largestAnswer is what no pool of ours needs, in bytes.
const largestAnswer = 64 << 20

// firstOwn is the first of ZFS' own errors, which lie above the kernel's (include/sys/fs/zfs.h, zfs_errno_t).
const firstOwn = 1024

// named gives ZFS' own errors a text: the C library has none.
func named(errno unix.Errno) error {
	if errno >= firstOwn {
		return errors.Join(errno, fmt.Errorf("error %d of ZFS' own", errno))
	}
	return errno
}
