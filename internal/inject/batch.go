package inject

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"

	"brink/internal/flood"
)

// message is struct mmsghdr of sendmmsg(2), which golang.org/x/sys/unix does not have; golang.org/x/net wraps the call for
// IP sockets only.
type message struct {
	header unix.Msghdr
	length uint32
}

// batch is room for the frames of one call.
type batch struct {
	buffers  [][]byte
	vectors  []unix.Iovec
	messages []message
}

func newBatch(frames, size int) *batch {
	b := &batch{buffers: make([][]byte, frames), vectors: make([]unix.Iovec, frames), messages: make([]message, frames)}
	for i := range frames {
		b.buffers[i] = make([]byte, size)
		b.vectors[i].Base = &b.buffers[i][0]
		b.vectors[i].SetLen(size)
		b.messages[i].header.Iov = &b.vectors[i]
		b.messages[i].header.SetIovlen(1)
	}
	return b
}

// build lays out n frames from number seq on.
func (b *batch) build(l flood.Layout, seq int64, n int) {
	for i := range n {
		l.Build(b.buffers[i], uint64(seq)+uint64(i))
	}
}

// send sends the frames from one to another and returns how many the socket took.
func (b *batch) send(fd, from, to int) (int, error) {
	n, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(fd), uintptr(unsafe.Pointer(&b.messages[from])), uintptr(to-from), 0, 0, 0)
	runtime.KeepAlive(b)
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
