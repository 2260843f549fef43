package trial

// Machine is what a guest runs on.
type Machine struct {
	Accel    string `json:"accel"` // kvm or tcg
	Clock    Clock  `json:"clock"`
	MemoryMB int64  `json:"memory_mb"`
	CPUs     int    `json:"cpus"`
	Crowd    int    `json:"crowd,omitempty"` // virtual CPUs of all guests for each CPU of the host, where there are more
	CPU      string `json:"cpu"`             // QEMU's -cpu value
	Board    string `json:"board"`           // QEMU's machine type
	Cmdline  string `json:"cmdline"`         // the kernel's
	QEMU     string `json:"qemu"`            // version
}

// Slowdown is how many times longer than on a processor an op may take by this machine's clock. Emulated real time is 10
// to 50 times slower and depends on what else the host does, as its other guests; the instruction clock counts what the guest does.
func (m Machine) Slowdown() int {
	switch {
	case m.Clock != ClockWall:
		return 1
	case m.Accel == "tcg":
		return 20
	}
	return max(1, m.Crowd)
}

// Kernel is what a guest boots.
type Kernel struct {
	Ref     string `json:"ref"`     // as asked for
	Name    string `json:"name"`    // as resolved
	Release string `json:"release"` // uname -r
	Package string `json:"package,omitempty"`
	Version string `json:"version,omitempty"`
	Hash    string `json:"hash"` // sha256 of the content

	Source *Source `json:"source,omitempty"` // of a kernel that was built
}

// Source is what a kernel was built from.
type Source struct {
	Where    string   `json:"where"`             // folder, or Debian package with its version
	Commit   string   `json:"commit,omitempty"`  // full id; of a folder, the one that is checked out
	Tree     string   `json:"tree"`              // git's id of the tree with uncommitted changes and patches
	Dirty    bool     `json:"dirty,omitempty"`   // the folder differed from Commit
	Patches  []string `json:"patches,omitempty"` // files, in the order in which they were applied; ",reverse" marks those taken out
	Options  []string `json:"options,omitempty"` // optional config fragments
	Compiler string   `json:"compiler"`          // first line of gcc --version
}

// Run is the head of a run folder: everything that is fixed before the first trial.
type Run struct {
	V        int               `json:"v"`
	ID       string            `json:"id"`
	Build    string            `json:"build"`
	Args     []string          `json:"args"` // brink's command line
	Scenario string            `json:"scenario"`
	Axis     string            `json:"axis"`
	Sizes    []int64           `json:"sizes"`
	Settings map[string]string `json:"settings,omitempty"`
	Seed     uint64            `json:"seed"`
	Seeded   bool              `json:"seeded,omitempty"`    // the failures are planted: a control of brink itself, never the kernel's fault
	Width    float64           `json:"width,omitempty"`     // how narrow a threshold is searched, relative to its size
	MaxBoots int               `json:"max_boots,omitempty"` // fresh VMs that may be spent on it; 0: none is searched
	VMCore   bool              `json:"vmcore,omitempty"`    // save the memory of guests that fail
	Start    string            `json:"start"`               // auto, boot or clone
	Replay   string            `json:"replay,omitempty"`    // ID of the run whose bundle this repeats: no ladder was climbed
	Grid     string            `json:"grid,omitempty"`      // ID of the grid that the run belongs to
	Twins    bool              `json:"twins,omitempty"`     // each trial runs two VMs that see the same frames
	Kernel   Kernel            `json:"kernel"`
	Machine  Machine           `json:"machine"`
}
