//go:build linux

package guest

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// nbdDevice is the block device that stalls.
const nbdDevice = "/dev/nbd0"

// Of include/uapi/linux/nbd.h: ioctls, and the messages, which are big-endian.
const (
	nbdSetSock       = 0xab00
	nbdSetBlockSize  = 0xab01
	nbdDoIt          = 0xab03
	nbdSetSizeBlocks = 0xab07
	nbdRequestMagic  = 0x25609513
	nbdReplyMagic    = 0x67446698
	nbdRequest       = 28 // bytes: magic, type, handle, from, len
)

// The device: who reads its middle waits for ever, who looks for partitions at its ends does not.
const (
	nbdBlock   = 4096
	nbdSize    = 64 << 20
	hangOffset = nbdSize / 2
)

// serveNBD connects the device to a server in this process.
func serveNBD(device string, ready func()) error {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("socketpair", err)
	}
	fd, err := unix.Open(device, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open %s: %w", device, err)
	}
	for _, c := range []struct{ request, arg uintptr }{
		{nbdSetBlockSize, nbdBlock}, {nbdSetSizeBlocks, nbdSize / nbdBlock}, {nbdSetSock, uintptr(pair[0])},
	} {
		if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), c.request, c.arg); errno != 0 {
			return fmt.Errorf("set up %s: ioctl %#x: %w", device, c.request, errno)
		}
	}
	go func() { // it returns when the device is disconnected
		_, _, _ = unix.Syscall(unix.SYS_IOCTL, uintptr(fd), nbdDoIt, 0)
	}()
	server := os.NewFile(uintptr(pair[1]), "nbd")
	go func() {
		for !answers(device) {
			sleep(time.Millisecond)
		}
		ready()
	}()
	return answerNBD(server)
}

// answers reports whether the device is up: its beginning can be read, and the kernel has looked for partitions.
func answers(device string) bool {
	fd, err := unix.Open(device, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	n, err := unix.Pread(fd, make([]byte, nbdBlock), 0)
	return n == nbdBlock && err == nil
}

// answerNBD answers what is not asked of the middle with zeros.
func answerNBD(rw io.ReadWriter) error {
	request := make([]byte, nbdRequest)
	for {
		if _, err := io.ReadFull(rw, request); err != nil {
			return fmt.Errorf("read request: %w", err)
		}
		if magic := binary.BigEndian.Uint32(request); magic != nbdRequestMagic {
			return fmt.Errorf("read request: magic number %#x", magic)
		}
		from, length := binary.BigEndian.Uint64(request[16:]), binary.BigEndian.Uint32(request[24:])
		middle := from < hangOffset+nbdSize/4 && from+uint64(length) > hangOffset-nbdSize/4
		if kind := binary.BigEndian.Uint32(request[4:]); kind != 0 || middle { // 0 is a read: nobody writes
			continue
		}
		reply := binary.BigEndian.AppendUint32(nil, nbdReplyMagic)
		reply = binary.BigEndian.AppendUint32(reply, 0) // no error
		reply = append(reply, request[8:16]...)
		if _, err := rw.Write(append(reply, make([]byte, length)...)); err != nil {
			return fmt.Errorf("answer: %w", err)
		}
	}
}
