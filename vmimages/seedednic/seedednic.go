// Package seedednic is the positive control of searches over a rate: a network driver that panics when it receives more
// than a planted number of frames a second, by the fault of a real incident. README.md says how it is used.
//
// It holds the module's source only. What it shows must be labelled seeded wherever it is reported.
package seedednic

import (
	_ "embed"

	"brink/vmimages"
)

// Name is the network device that the module makes.
const Name = "bnic0"

// Parameters is the folder of the module's parameters in the guest: lower, at (frames/s), window (ms), peak (frames/s).
const Parameters = "/sys/module/seedednic/parameters"

//go:embed module/seedednic.c
var program []byte

//go:embed module/Kbuild
var kbuild []byte

// Source is the module's source, GPL-2.0, for kernels from 5.10 on.
func Source() vmimages.ModuleSource {
	return vmimages.ModuleSource{Name: "seedednic", Files: map[string][]byte{"seedednic.c": program, "Kbuild": kbuild}}
}
