//go:build linux

package zfsctl

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// The native encoding of a list (module/nvpair/nvpair.c): a header of encoding and endianness, then version and flags of the
// list, its pairs, and four zero bytes. A pair begins with
//
//	int32 size      of the pair with name and value, without the lists that follow it
//	int16 name size with the final zero
//	int16           unused
//	int32 count     of elements
//	int32 type
//
// and goes on with name and value, each filled up to eight bytes. The value of a list is what the kernel keeps of it in
// memory, without meaning here; its pairs and its end follow the pair.
const (
	nativeEncoding = 0
	littleEndian   = 1
	uniqueNames    = 1 // NV_UNIQUE_NAME

	packedHeader = 12 // encoding, version, flags
	pairHeader   = 16
	listInMemory = 24 // sizeof nvlist_t
	pointer      = 8
	deepest      = 32 // how deep lists may lie in each other
)

// Pack encodes a list for the kernel.
func Pack(l List) []byte {
	out := []byte{nativeEncoding, littleEndian, 0, 0}
	out = binary.LittleEndian.AppendUint32(out, 0) // version
	out = binary.LittleEndian.AppendUint32(out, uniqueNames)
	return appendPairs(out, l)
}

func appendPairs(out []byte, l List) []byte {
	for _, p := range l {
		out = appendPair(out, p)
	}
	return append(out, 0, 0, 0, 0)
}

func appendPair(out []byte, p Pair) []byte {
	value := p.Value
	switch p.Type {
	case typeList:
		value = listValue()
	case typeLists:
		value = make([]byte, pointer*len(p.Lists))
		for range p.Lists {
			value = append(value, listValue()...)
		}
	}
	name := append([]byte(p.Name), 0)
	head := aligned(pairHeader + len(name))
	out = binary.LittleEndian.AppendUint32(out, uint32(head+aligned(len(value))))
	out = binary.LittleEndian.AppendUint16(out, uint16(len(name)))
	out = binary.LittleEndian.AppendUint16(out, 0)
	out = binary.LittleEndian.AppendUint32(out, uint32(p.Count))
	out = binary.LittleEndian.AppendUint32(out, uint32(p.Type))
	out = append(append(out, name...), make([]byte, head-pairHeader-len(name))...)
	out = append(append(out, value...), make([]byte, aligned(len(value))-len(value))...)
	for _, nested := range p.Lists {
		out = appendPairs(out, nested)
	}
	return out
}

// listValue is a list's own fields: version, flags, and what only means something in memory.
func listValue() []byte {
	value := make([]byte, listInMemory)
	binary.LittleEndian.PutUint32(value[4:], uniqueNames)
	return value
}

func aligned(n int) int { return (n + 7) &^ 7 }

var errCut = errors.New("it ends too early")

// Unpack decodes what the kernel has packed.
func Unpack(packed []byte) (List, error) {
	if len(packed) < packedHeader {
		return nil, fmt.Errorf("unpack list: %w", errCut)
	}
	if packed[0] != nativeEncoding || packed[1] != littleEndian {
		return nil, fmt.Errorf("unpack list: encoding %d of endianness %d is not the one of this machine", packed[0], packed[1])
	}
	r := &reader{rest: packed[packedHeader:]}
	l, err := r.pairs(0)
	if err != nil {
		return nil, fmt.Errorf("unpack list: %w", err)
	}
	return l, nil
}

// reader takes a packed list from the front.
type reader struct{ rest []byte }

func (r *reader) pairs(depth int) (List, error) {
	if depth > deepest {
		return nil, fmt.Errorf("lists lie deeper in each other than %d", deepest)
	}
	l := List{}
	for {
		if len(r.rest) < 4 {
			return nil, errCut
		}
		size := int32(binary.LittleEndian.Uint32(r.rest))
		if size == 0 {
			r.rest = r.rest[4:]
			return l, nil
		}
		if size < pairHeader || int(size) > len(r.rest) {
			return nil, fmt.Errorf("pair of %d bytes: %w", size, errCut)
		}
		p, err := r.pair(int(size), depth)
		if err != nil {
			return nil, err
		}
		l = append(l, p)
	}
}

func (r *reader) pair(size, depth int) (Pair, error) {
	raw := r.rest[:size]
	r.rest = r.rest[size:]
	nameSize := int(int16(binary.LittleEndian.Uint16(raw[4:])))
	p := Pair{Count: int32(binary.LittleEndian.Uint32(raw[8:])), Type: Type(binary.LittleEndian.Uint32(raw[12:]))}
	value := aligned(pairHeader + nameSize)
	if nameSize < 1 || value > size || raw[pairHeader+nameSize-1] != 0 {
		return Pair{}, fmt.Errorf("pair with a name of %d bytes: %w", nameSize, errCut)
	}
	p.Name = string(raw[pairHeader : pairHeader+nameSize-1])
	nested := 0
	switch p.Type {
	case typeList:
		nested = 1
	case typeLists:
		nested = int(p.Count)
	default:
		var err error
		p.Value, err = p.trim(slices.Clone(raw[value:]))
		return p, err
	}
	for range nested {
		l, err := r.pairs(depth + 1)
		if err != nil {
			return Pair{}, fmt.Errorf("%s: %w", p.Name, err)
		}
		p.Lists = append(p.Lists, l)
	}
	return p, nil
}

// trim takes from a value what only fills it up to eight bytes, where its size is known.
func (p Pair) trim(value []byte) ([]byte, error) {
	size := len(value)
	switch p.Type {
	case typeString:
		size = bytes.IndexByte(value, 0) + 1
		if size == 0 {
			return nil, fmt.Errorf("%s: text without an end", p.Name)
		}
	case typeInt32, typeBooleanValue:
		size = 4
	case typeUint8Array:
		size = int(p.Count)
	case typeBoolean:
		return nil, nil
	}
	if size < 0 || size > len(value) {
		return nil, fmt.Errorf("%s: value of %d bytes: %w", p.Name, len(value), errCut)
	}
	return value[:size], nil
}
