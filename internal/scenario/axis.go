package scenario

import (
	"fmt"
	"slices"
)

// Axis is a quantity that is ramped.
type Axis struct {
	Name  string // plural noun: peers, containers, cgroups
	Unit  string // singular: peer
	Title string
	Min   int64 // smallest size that means something
	Max   int64 // largest size the kernel or the scenario allows
	From  int64 // default ladder: From, 2*From, … To
	To    int64
	Steps []int64 // the default ladder where it does not double: it begins with From and ends with To
	// Limit says what ends the axis at Max, for who asks for more: "a bridge holds 1023 ports".
	Limit string
	// Load marks a rate: what fails above it fails by load, not by scale.
	Load bool
	// MemoryBase and MemoryPerUnit estimate the guest memory in bytes a size needs; they choose the guest's memory when
	// the user does not.
	MemoryBase, MemoryPerUnit int64
}

// Memory returns the guest memory in bytes that size needs, rounded up to a power of two from 512 MiB on.
func (a Axis) Memory(size int64) int64 {
	need, mem := a.MemoryBase+size*a.MemoryPerUnit, int64(512<<20)
	for mem < need {
		mem *= 2
	}
	return mem
}

// Ladder returns from, 2*from, 4*from … and to itself as the last step. Zero values mean the axis's defaults.
func (a Axis) Ladder(from, to int64) ([]int64, error) {
	if from == 0 && to == 0 && len(a.Steps) > 0 {
		return slices.Clone(a.Steps), nil
	}
	if to == 0 {
		to = max(a.To, from)
	}
	if from == 0 {
		from = min(a.From, to)
	}
	if from > to {
		return nil, fmt.Errorf("ladder starts at %d %s and ends at %d: the start must not be above the end", from, a.Name, to)
	}
	if _, err := a.Sizes([]int64{from, to}); err != nil { // first: doubling up to an absurd end would overflow
		return nil, err
	}
	var sizes []int64
	for n := from; n < to; n *= 2 {
		sizes = append(sizes, n)
	}
	return append(sizes, to), nil
}

// Sizes checks a ladder given by hand and returns it sorted, without repetitions.
func (a Axis) Sizes(sizes []int64) ([]int64, error) {
	for _, n := range sizes {
		if n < a.Min || n > a.Max {
			return nil, fmt.Errorf("size %d is outside the axis %s: choose sizes from %d to %d%s", n, a.Name, a.Min, a.Max, a.why())
		}
	}
	sorted := slices.Clone(sizes)
	slices.Sort(sorted)
	return slices.Compact(sorted), nil
}

// why is the reason of the axis's end, for an error.
func (a Axis) why() string {
	if a.Limit == "" {
		return ""
	}
	return " (" + a.Limit + ")"
}
