//go:build linux

package traffic

import (
	"errors"
	"fmt"
	"math/bits"
	"net"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"brink/internal/flood"
	"brink/internal/guest"
	"brink/internal/trial"
)

// A frame that comes from the host has its number at this offset, and its EtherType at that one (internal/flood).
const (
	etherTypeAt = 12
	numberLowAt = 26 // the lower half of the number
)

// seen is how many frames of a flood are looked at, a second: enough to know how many were offered, too few to cost
// anything.
const seen = 100

// feed is a flood that the host sends. The guest learns how many frames it has sent from the number of the latest one that
// it has seen; the host's own count is in the record as well (trial.Offered).
type feed struct {
	t      *Traffic
	flood  trial.Flood
	fd     int
	latest atomic.Int64 // number of the latest frame seen, plus 1
	ending atomic.Bool
	ended  chan struct{}
}

func newFeed(t *Traffic, f trial.Flood) (*feed, error) {
	p := &feed{t: t, flood: f, ended: make(chan struct{})}
	card, err := net.InterfaceByName(t.c.Port)
	if err != nil {
		return nil, fmt.Errorf("find the port %s: %w", t.c.Port, err)
	}
	if p.fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0); err != nil {
		return nil, fmt.Errorf("open a socket to see frames: %w", err)
	}
	if err := errors.Join(p.filter(mask(f.Rate)),
		unix.SetsockoptTimeval(p.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Usec: 100_000}),
		// All protocols: the bridge takes a frame before any single one sees it.
		unix.Bind(p.fd, &unix.SockaddrLinklayer{Ifindex: card.Index, Protocol: htons(unix.ETH_P_ALL)})); err != nil {
		unix.Close(p.fd)
		return nil, fmt.Errorf("see the frames on %s: %w", t.c.Port, err)
	}
	return p, nil
}

func htons(n uint16) uint16 { return n<<8 | n>>8 }

// mask selects the frames that are looked at: those whose number has none of its bits.
func mask(rate float64) uint32 {
	if rate <= seen {
		return 0
	}
	return 1<<bits.Len32(uint32(rate/seen)) - 1
}

// program is a filter that lets only frames of a flood through whose number has none of the mask's bits.
func program(mask uint32) []bpf.Instruction {
	return []bpf.Instruction{
		bpf.LoadAbsolute{Off: etherTypeAt, Size: 2},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: flood.EtherType, SkipTrue: 3},
		bpf.LoadAbsolute{Off: numberLowAt, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpBitsSet, Val: mask, SkipTrue: 1},
		bpf.RetConstant{Val: flood.MinSize},
		bpf.RetConstant{Val: 0},
	}
}

// filter sets what the socket sees.
func (p *feed) filter(mask uint32) error {
	raw, err := bpf.Assemble(program(mask))
	if err != nil {
		return err
	}
	code := make([]unix.SockFilter, len(raw))
	for i, r := range raw {
		code[i] = unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K}
	}
	whole := unix.SockFprog{Len: uint16(len(code)), Filter: &code[0]}
	return unix.SetsockoptSockFprog(p.fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &whole)
}

func (p *feed) start() error {
	go p.watch()
	if err := p.t.meter.Load().Flood(p.flood); err != nil {
		return err
	}
	for end := clock() + hostWait; clock() < end; sleep(time.Millisecond) {
		if p.latest.Load() > 0 {
			return nil
		}
	}
	return errors.Join(fmt.Errorf("%w: the host sent no frame in %v", guest.ErrScenario, hostWait), p.stop())
}

func (p *feed) watch() {
	defer close(p.ended)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	frame := make([]byte, flood.MinSize)
	for !p.ending.Load() {
		n, _, err := unix.Recvfrom(p.fd, frame, 0)
		if err != nil { // after 100 ms without a frame
			continue
		}
		if id, number, ok := flood.Parse(frame[:n]); ok && id == p.flood.ID {
			p.latest.Store(max(p.latest.Load(), int64(number)+1))
		}
	}
}

// sent takes what was seen for both: what the host had to hold back is in its own count only.
func (p *feed) sent() (offered, accepted int64) { return p.latest.Load(), p.latest.Load() }

// stop asks the host to stop and looks at every frame that still comes, to see the last one.
func (p *feed) stop() error {
	every := p.filter(0)
	asked := p.t.meter.Load().Flood(trial.Flood{ID: p.flood.ID, Size: p.flood.Size, Sources: p.flood.Sources})
	for before := int64(-1); before != p.latest.Load(); sleep(hostPause) {
		before = p.latest.Load()
	}
	p.ending.Store(true)
	<-p.ended
	return errors.Join(every, asked, unix.Close(p.fd))
}

const (
	// hostWait is how long the host may take to begin: twins wait for each other.
	hostWait = 30 * time.Second
	// hostPause is how long no frame must come to take it that the host has stopped.
	hostPause = 500 * time.Millisecond
)
