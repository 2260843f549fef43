// Package bundle packs the reproducer of a finding into one archive, and takes one apart again: a kernel with the initramfs
// that shows the failure (or how to get them), the record it comes from, and run.sh, which needs nothing but QEMU. What
// comes out of an archive is not trusted: names, sizes and hashes are checked before anything is used. The package boots
// nothing and knows no scenario.
package bundle

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"brink/internal/scenario"
	"brink/internal/trial"
)

// Version is the version of the manifest. A reader refuses a newer one.
const Version = 1

// Format tells a manifest from other JSON.
const Format = "brink.bundle"

// The files of a bundle that have fixed names.
const (
	ManifestFile = "MANIFEST.json"
	SumsFile     = "SHA256SUMS"
	ReadmeFile   = "README.txt"
	RunFile      = "run.sh"
	GetFile      = "get.sh" // recipe only
	PlanFile     = "plan.json"
	KernelFile   = "vm/kernel"
	InitrdFile   = "vm/initrd"     // with the plan
	GuestFile    = "vm/guest.cpio" // recipe only: the initramfs without the kernel's modules, with the plan
	RecordFolder = "record"        // the run folder, its reports made anew
)

// Manifest says what a bundle is and holds. It is the first file of the archive.
type Manifest struct {
	Format   string            `json:"format"` // Format
	V        int               `json:"v"`
	Run      string            `json:"run"`   // ID of the run it is from
	Build    string            `json:"build"` // of the brink that packed it, and of the agent inside
	Made     time.Time         `json:"made"`  // when the run ended
	Scenario string            `json:"scenario"`
	Settings map[string]string `json:"settings,omitempty"`
	Seeded   bool              `json:"seeded,omitempty"` // the failure is planted
	Kernel   trial.Kernel      `json:"kernel"`
	Machine  trial.Machine     `json:"machine"`
	NICs     []scenario.NIC    `json:"nics,omitempty"`    // of the machine
	Disks    []scenario.Disk   `json:"disks,omitempty"`   // of the machine
	Modules  []string          `json:"modules,omitempty"` // of the initramfs
	Without  []string          `json:"without,omitempty"` // devices and arguments that brink minimise left out of the machine
	Dropped  []string          `json:"dropped,omitempty"` // what brink minimise did without, a line each
	Failure  Failure           `json:"failure"`
	Original Original          `json:"original"`
	Recipe   *Recipe           `json:"recipe,omitempty"`
	// Tried is what run.sh said when the bundle was made: REPRODUCED, NOT REPRODUCED, or nothing.
	Tried string `json:"tried,omitempty"`
	Files []File `json:"files"`
}

// Failure is what the bundle reproduces.
type Failure struct {
	What      string     `json:"what"`
	Kind      trial.Kind `json:"kind"`
	Op        string     `json:"op,omitempty"`
	Signature string     `json:"signature,omitempty"`
	Function  string     `json:"function,omitempty"`
	Size      int64      `json:"size"` // at which it is reproduced
	Axis      string     `json:"axis"`
	Title     string     `json:"title"`
	Expect    Expect     `json:"expect"`
}

// Original is the trial that the plan is from.
type Original struct {
	Trial   int            `json:"trial"`
	Outcome trial.Outcome  `json:"outcome"`
	HostNS  int64          `json:"host_ns"`
	Samples []trial.Sample `json:"samples,omitempty"` // of the failing op at the size
}

// Recipe says how to get what is not in the bundle.
type Recipe struct {
	Packages []string     `json:"packages"` // Debian packages; not every release has all of them
	Version  string       `json:"version"`
	Image    RecipeFile   `json:"image"`   // the bzImage, which becomes vm/kernel
	Modules  []RecipeFile `json:"modules"` // go into the initrd
}

// RecipeFile is a file of a package.
type RecipeFile struct {
	Paths  []string `json:"paths"`  // where packages have it, perhaps compressed; the first that is there counts
	SHA256 string   `json:"sha256"` // of the uncompressed file
	Guest  string   `json:"guest"`  // absolute path in the initrd; of a module
}

// File is a file of the bundle besides the manifest itself.
type File struct {
	Path   string `json:"path"` // relative, with slashes
	Size   int64  `json:"size"` // bytes
	SHA256 string `json:"sha256"`
}

// ParseManifest reads a manifest and refuses one that this build cannot follow or that names files outside the bundle.
func ParseManifest(text []byte) (Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("read manifest: %w", err)
	}
	switch {
	case m.Format != Format:
		return m, fmt.Errorf("read manifest: it is not that of a brink bundle")
	case m.V > Version:
		return m, fmt.Errorf("bundle has version %d, this build knows %d: use a newer brink", m.V, Version)
	}
	m.clean()
	seen := map[string]bool{ManifestFile: true}
	for _, f := range m.Files {
		switch {
		case !safe(f.Path):
			return m, fmt.Errorf("read manifest: file name %q leads out of the bundle", f.Path)
		case seen[f.Path]:
			return m, fmt.Errorf("read manifest: file %s is listed twice", f.Path)
		case f.Size < 0 || len(f.SHA256) != 64:
			return m, fmt.Errorf("read manifest: file %s has no size or hash", f.Path)
		}
		seen[f.Path] = true
	}
	return m, nil
}

// clean makes the texts that are shown harmless to a terminal: a bundle comes from anywhere, and quotes a guest.
func (m *Manifest) clean() {
	for _, text := range []*string{&m.Run, &m.Build, &m.Scenario, &m.Kernel.Ref, &m.Kernel.Name, &m.Kernel.Release, &m.Kernel.Package,
		&m.Kernel.Version, &m.Machine.CPU, &m.Machine.Accel, &m.Machine.Board, &m.Machine.QEMU, &m.Failure.What, &m.Failure.Op,
		&m.Failure.Signature, &m.Failure.Function, &m.Failure.Axis, &m.Failure.Title, &m.Original.Outcome.Text} {
		*text = line(*text)
	}
}

// safe reports whether a name stays inside the folder it is unpacked to, and is written in one way only.
func safe(name string) bool {
	return name != "" && name != "." && path.Clean(name) == name && !path.IsAbs(name) && !strings.ContainsAny(name, "\\\x00\n\r") &&
		!slices.Contains(strings.Split(name, "/"), "..")
}
