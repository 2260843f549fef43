package trial

import (
	"encoding/json"
	"fmt"
	"time"
)

// Soak is the head of a soak's folder: everything that is fixed before its first VM.
type Soak struct {
	V     int           `json:"v"`
	ID    string        `json:"id"`
	Build string        `json:"build"`
	Args  []string      `json:"args"`   // brink's command line
	VMs   int           `json:"vms"`    // side by side, all arms together
	Asked int           `json:"asked"`  // VMs that were asked for; more than VMs where they do not fit
	For   time.Duration `json:"for_ns"` // of the host
	// Extended says that For was changed by somebody who may have seen how it stood.
	Extended bool `json:"extended,omitempty"`
	// Life is the guest time after which a VM makes way for a fresh one with another seed; 0: as long as the soak.
	Life   time.Duration `json:"life_ns,omitempty"`
	Below  float64       `json:"below,omitempty"`  // is the rate below so many failures per VM-hour?
	Within float64       `json:"within,omitempty"` // how narrow the rate is wanted, as soak.Question has it
	// Arms are what runs side by side: one, or two that are compared. Each is the head of a run, without an ID, whose only
	// size is what the VMs are loaded to.
	Arms []Run `json:"arms"`
}

// ParseSoak reads a head.
func ParseSoak(text []byte) (Soak, error) {
	var s Soak
	if err := json.Unmarshal(text, &s); err != nil {
		return s, err
	}
	switch {
	case s.V > Version:
		return s, fmt.Errorf("soak %s has version %d, this build knows %d: use a newer brink", s.ID, s.V, Version)
	case len(s.Arms) < 1 || len(s.Arms) > 2 || s.VMs < len(s.Arms) || s.For <= 0:
		return s, fmt.Errorf("soak %s has %d kernels, %d VMs and %v: it is damaged, make a new one", s.ID, len(s.Arms), s.VMs, s.For)
	}
	for _, a := range s.Arms {
		if len(a.Sizes) != 1 {
			return s, fmt.Errorf("soak %s has %d sizes where it needs one: it is damaged, make a new one", s.ID, len(a.Sizes))
		}
	}
	return s, nil
}

// Size is what the VMs are loaded to, in units of the axis.
func (s Soak) Size() int64 { return s.Arms[0].Sizes[0] }

// Seeded reports whether the failures of any arm are planted.
func (s Soak) Seeded() bool {
	for _, a := range s.Arms {
		if a.Seeded {
			return true
		}
	}
	return false
}

// Title says in a few words what the soak is.
func (s Soak) Title() string {
	text := fmt.Sprintf("soak of %d VMs for %v on %s", s.VMs, s.For, s.Arms[0].Kernel.Name)
	if len(s.Arms) > 1 {
		text += " against " + s.Arms[1].Kernel.Name
	}
	return text
}
