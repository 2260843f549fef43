//go:build linux

package zfsctl

import (
	"encoding/binary"
	"slices"
)

// Type is what a pair's value is (include/sys/nvpair.h, data_type_t).
type Type int32

// The types that are made or looked at here. Values of others are kept as they came.
const (
	typeBoolean      Type = 1 // it is there: no value
	typeInt32        Type = 5
	typeUint64       Type = 8
	typeString       Type = 9
	typeList         Type = 19
	typeLists        Type = 20
	typeBooleanValue Type = 21
	typeUint8Array   Type = 26
)

// List is a list of named values, in the order in which they were added. A name stands in it once.
type List []Pair

// Pair is one of them.
type Pair struct {
	Name string
	Type Type
	// Count is how many elements the value has: 1 unless it is an array, 0 for typeBoolean.
	Count int32
	// Value is what the kernel keeps of it in memory: little endian, a string with its final zero. Lists have none.
	Value []byte
	Lists []List
}

// Uint64 is a number.
func Uint64(name string, v uint64) Pair {
	return Pair{Name: name, Type: typeUint64, Count: 1, Value: binary.LittleEndian.AppendUint64(nil, v)}
}

// Int32 is a small number.
func Int32(name string, v int32) Pair {
	return Pair{Name: name, Type: typeInt32, Count: 1, Value: binary.LittleEndian.AppendUint32(nil, uint32(v))}
}

// String is a text.
func String(name, v string) Pair {
	return Pair{Name: name, Type: typeString, Count: 1, Value: append([]byte(v), 0)}
}

// Flag is a pair that says something by being there.
func Flag(name string) Pair { return Pair{Name: name, Type: typeBoolean} }

// Bool is true or false.
func Bool(name string, v bool) Pair {
	value := uint32(0)
	if v {
		value = 1
	}
	return Pair{Name: name, Type: typeBooleanValue, Count: 1, Value: binary.LittleEndian.AppendUint32(nil, value)}
}

// Bytes is a row of bytes.
func Bytes(name string, v []byte) Pair {
	return Pair{Name: name, Type: typeUint8Array, Count: int32(len(v)), Value: slices.Clone(v)}
}

// Nested is a list in a list.
func Nested(name string, v List) Pair {
	return Pair{Name: name, Type: typeList, Count: 1, Lists: []List{v}}
}

// Array is a row of lists.
func Array(name string, v ...List) Pair {
	return Pair{Name: name, Type: typeLists, Count: int32(len(v)), Lists: v}
}

// Find returns the pair of that name.
func (l List) Find(name string) (Pair, bool) {
	if i := slices.IndexFunc(l, func(p Pair) bool { return p.Name == name }); i >= 0 {
		return l[i], true
	}
	return Pair{}, false
}

// Uint64 returns the number of that name; ok is false where it is not there or none.
func (l List) Uint64(name string) (v uint64, ok bool) {
	p, ok := l.Find(name)
	if !ok || p.Type != typeUint64 || len(p.Value) < 8 {
		return 0, false
	}
	return binary.LittleEndian.Uint64(p.Value), true
}

// String returns the text of that name, or nothing.
func (l List) String(name string) string {
	p, ok := l.Find(name)
	if !ok || p.Type != typeString {
		return ""
	}
	return string(p.Value[:max(0, len(p.Value)-1)])
}

// List returns the list of that name, or an empty one.
func (l List) List(name string) List {
	p, ok := l.Find(name)
	if !ok || p.Type != typeList || len(p.Lists) != 1 {
		return nil
	}
	return p.Lists[0]
}
