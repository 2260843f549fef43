// Package flood is what host and guest have agreed on about test frames: how one looks, and when it is due. Whoever sends
// and whoever counts use the same layout, so that frames offered, delivered and lost add up. It sends nothing itself.
package flood

import (
	"encoding/binary"
	"fmt"

	"brink/internal/trial"
)

// What a frame may be.
const (
	MinSize    = 60      // bytes, the smallest Ethernet frame without its FCS
	MaxSize    = 1514    // bytes, with an MTU of 1500
	MaxSources = 1 << 24 // the lower half of an address
	MaxRate    = 100e6   // frames a second; more than 40 Gbit/s carry
)

// EtherType of a test frame: the first one for local experiments (IEEE 802-2014, 9.2.4). No protocol of the kernel takes it.
const EtherType = 0x88B5

// magic follows the EtherType.
const magic = 0x6272696e // "brin"

// header is what a frame begins with, in bytes: two addresses, the EtherType, the magic, the flood's ID, the number.
const header = 6 + 6 + 2 + 4 + 4 + 8

// Destination is where all frames go: a unicast address, locally administered, that nobody has. A bridge that does not know
// it sends such a frame to all of its ports.
func Destination() [6]byte { return [6]byte{0x02, 'b', 'r', 0xff, 0xff, 0xff} }

// Source returns the address of source i, from 0 on: unicast, locally administered, never the destination.
func Source(i int) [6]byte {
	return [6]byte{0x06, 'b', 'r', byte(i >> 16), byte(i >> 8), byte(i)}
}

// Layout is how the frames of one flood look.
type Layout struct {
	id      uint32
	size    int
	sources uint64
}

// New checks what was asked for and lays the frames out.
func New(f trial.Flood) (Layout, error) {
	switch {
	case f.ID < 0 || int64(f.ID) > 1<<32-1:
		return Layout{}, fmt.Errorf("lay out flood: the ID %d does not fit into 32 bits", f.ID)
	case f.Size < MinSize || f.Size > MaxSize:
		return Layout{}, fmt.Errorf("lay out flood: a frame has %d to %d bytes, not %d", MinSize, MaxSize, f.Size)
	case f.Sources < 1 || f.Sources > MaxSources:
		return Layout{}, fmt.Errorf("lay out flood: frames have 1 to %d source addresses, not %d", MaxSources, f.Sources)
	case !(f.Rate >= 0 && f.Rate <= MaxRate):
		return Layout{}, fmt.Errorf("lay out flood: a rate is 0 to %.0f frames a second, not %g", MaxRate, f.Rate)
	}
	return Layout{id: uint32(f.ID), size: f.Size, sources: uint64(f.Sources)}, nil
}

// Size is the length of a frame in bytes, without its FCS.
func (l Layout) Size() int { return l.size }

// Build writes frame number seq, from 0 on, into the buffer, which has room for Size bytes, and returns the part that is the
// frame. What is behind the frame's number stays as it is in the buffer. It allocates nothing.
func (l Layout) Build(buffer []byte, seq uint64) []byte {
	b := buffer[:l.size]
	to, from := Destination(), Source(int(seq%l.sources))
	copy(b, to[:])
	copy(b[6:], from[:])
	binary.BigEndian.PutUint16(b[12:], EtherType)
	binary.BigEndian.PutUint32(b[14:], magic)
	binary.BigEndian.PutUint32(b[18:], l.id)
	binary.BigEndian.PutUint64(b[22:], seq)
	return b
}

// Parse reads the flood's ID and the number of a frame. ok is false for a frame that is none of ours.
func Parse(frame []byte) (id int, seq uint64, ok bool) {
	if len(frame) < header || binary.BigEndian.Uint16(frame[12:]) != EtherType || binary.BigEndian.Uint32(frame[14:]) != magic {
		return 0, 0, false
	}
	return int(binary.BigEndian.Uint32(frame[18:])), binary.BigEndian.Uint64(frame[22:]), true
}
