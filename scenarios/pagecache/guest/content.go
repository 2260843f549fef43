//go:build linux

package guest

import "unsafe"

// A block is what has a version: 4 KiB, a page of every kernel that brink boots (x86-64), and the block of all three file systems.
const (
	blockSize = 4096
	words     = blockSize / 8
)

// magic begins a block that was written.
const magic = 0x31676b6e69726200 // "\0brinkg1" in memory

// Words at the head of a block. Those that follow are a hash of the head and their place, so that one that is not of this block, this
// version or this place is told by itself: torn, stale and foreign data, to 8 bytes.
const (
	headMagic = iota
	headFile
	headBlock
	headVersion
	headWords
)

// A version says what a block holds: how many changes it has seen, times two, and one more where it is data. Even is a hole, which
// reads as zeros.
type version = uint32

const isData version = 1

func nextHole(v version) version { return v&^isData + 2 }
func nextData(v version) version { return nextHole(v) | isData }

// nextCut is data after the block was cut, which is a change of its own.
func nextCut(v version) version { return nextData(nextHole(v)) }

// place is a block of a file.
type place struct {
	file  uint64 // never used twice in a guest
	block uint64
}

// content makes the words of one version of a block.
type content struct {
	at      place
	version version
	base    uint64
}

func (p place) content(v version) content {
	return content{p, v, mix(p.file<<32^p.block) ^ mix(uint64(v)+0x6a09e667f3bcc909)}
}

// step is what a word of data is more than the one before it, beyond the head.
const step = 0x9e3779b97f4a7c15

// word returns the word at place i.
func (c content) word(i int) uint64 {
	switch {
	case c.version&isData == 0:
		return 0
	case i == headMagic:
		return magic
	case i == headFile:
		return c.at.file
	case i == headBlock:
		return c.at.block
	case i == headVersion:
		return uint64(c.version)
	}
	return c.base + uint64(i)*step
}

// fill writes the version into a block.
func (c content) fill(block []byte) {
	to := asWords(block)
	for i := range to {
		to[i] = c.word(i)
	}
}

// is reports whether a block holds exactly this. It is word for all of them at once: most of the guest's time goes here.
func (c content) is(block []byte) bool {
	got := asWords(block)
	add := uint64(step)
	next := c.base + headWords*add
	if c.version&isData == 0 {
		next, add = 0, 0
	}
	for i := range headWords {
		if got[i] != c.word(i) {
			return false
		}
	}
	for _, w := range got[headWords:] {
		if w != next {
			return false
		}
		next += add
	}
	return true
}

// contents are all that a block may hold whose version is from low to high: of the changes between those two it is not known what they
// made of it.
func (p place) contents(low, high version, to []content) []content {
	to = append(to[:0], p.content(low))
	for v := nextHole(low); v < high&^isData; v++ {
		to = append(to, p.content(v))
	}
	if high != low {
		to = append(to, p.content(high))
	}
	return to
}

// differs returns the first word of a block that is of none of the versions, or -1. A block that changes while it is read may hold a
// piece of each of them, and the kernel may copy byte by byte, so that a word is of two.
func differs(block []byte, of ...content) int {
	if of[0].is(block) || of[len(of)-1].is(block) {
		return -1
	}
	for i, w := range asWords(block) {
		if !anyOf(of, i, w) {
			return i
		}
	}
	return -1
}

// anyOf reports whether a word is of one of the versions, or, where there are several, each of its bytes is: the kernel copies by bytes, and a
// word in the middle of that is half of one and half of another.
func anyOf(of []content, i int, w uint64) bool {
	left := ^uint64(0) // bytes that are of none so far
	for k := range of {
		x := of[k].word(i) ^ w
		if x == 0 {
			return true
		}
		for b := range 8 {
			if x>>(8*b)&0xff == 0 {
				left &^= 0xff << (8 * b)
			}
		}
	}
	return left == 0
}

// mix is the finalizer of splitmix64: each bit of the result depends on each of x.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// asWords is a block's memory, which must be aligned to 8 bytes, as words.
func asWords(block []byte) []uint64 {
	return unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(block))), len(block)/8)
}
