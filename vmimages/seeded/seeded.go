// Package seeded is the positive control of every detector: a kernel module that fails on purpose, in a chosen way,
// when its state has grown to a chosen size. README.md lists the ways.
//
// It holds the module's source only. What it shows must be labelled seeded wherever it is reported.
package seeded

import (
	_ "embed"

	"brink/vmimages"
)

// Device is the module's device file in the guest. It takes one command a write(2), see module/seeded.c.
const Device = "/dev/brink-seeded"

//go:embed module/seeded.c
var program []byte

//go:embed module/Kbuild
var kbuild []byte

// Source is the module's source, GPL-2.0, for kernels from 5.10 on.
func Source() vmimages.ModuleSource {
	return vmimages.ModuleSource{Name: "seeded", Files: map[string][]byte{"seeded.c": program, "Kbuild": kbuild}}
}
