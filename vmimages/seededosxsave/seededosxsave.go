// Package seededosxsave is the kernel bug behind incident 5, planted in a kernel where it is mended: a module that clears the
// CPU feature OSXSAVE, so that what is loaded after it does without AVX. README.md says which bug.
//
// It holds the module's source only. What it shows must be labelled seeded wherever it is reported.
package seededosxsave

import (
	_ "embed"

	"brink/vmimages"
)

//go:embed module/seededosxsave.c
var program []byte

//go:embed module/Kbuild
var kbuild []byte

// Source is the module's source, GPL-2.0, for kernels from 5.10 on.
func Source() vmimages.ModuleSource {
	return vmimages.ModuleSource{Name: "seededosxsave", Files: map[string][]byte{"seededosxsave.c": program, "Kbuild": kbuild}}
}
