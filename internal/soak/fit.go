package soak

import (
	"fmt"
	"strings"
)

// Host is what a machine has left.
type Host struct {
	Free  int64 // bytes of memory, the smaller of MemAvailable and what a cgroup leaves; 0 when unknown
	Cores int   // that may be used; 0 when unknown
}

// Guest is what each VM wants.
type Guest struct {
	Memory int64 // bytes
	CPUs   int   // vCPUs; 0 is taken for 1
	KVM    bool
}

// Room is how many VMs fit.
type Room struct {
	VMs   int    // to run side by side
	Asked int    // as was wished
	Text  string // says so: "6 VMs of 512 MiB, 2 cores", "6 VMs asked for, 4 fit: ..."
	Slow  string // a warning when there are more vCPUs than cores can feed, empty if not
}

const (
	mib = 1 << 20
	// own is what QEMU takes for a guest beside its memory: 90 to 200 MiB were measured under TCG, for translated
	// code, the kernel and the initramfs.
	own = 192 * mib
	// most is what is left to the host at most, of a tenth of its free memory.
	most = 1024 * mib
	// crowded is from how many vCPUs on each core more VMs are of no use: under TCG a vCPU that works fills a core.
	crowded = 3
)

// reserve is what is left to the host.
func (h Host) reserve() int64 { return min(most, h.Free/10) }

// Fit is how many VMs of those asked for fit, for so many arms, in equal numbers. Memory is a hard limit, as a guest
// that the host kills says nothing about a kernel; cores are not, but the words say what too few of them mean. The
// error says what to do; it is wrong usage.
func Fit(h Host, g Guest, asked, arms int) (Room, error) {
	arms = max(arms, 1)
	r := Room{VMs: asked, Asked: asked}
	switch {
	case asked < 1:
		return r, fmt.Errorf("%d VMs cannot soak anything: give a number from %d on", asked, arms)
	case asked < arms:
		return r, fmt.Errorf("two kernels side by side take at least 2 VMs, not %d", asked)
	case g.Memory <= 0:
		return r, fmt.Errorf("a guest with %d bytes of memory does not boot: give it more", g.Memory)
	}
	fit := asked
	if h.Free > 0 {
		fit = int(min((h.Free-h.reserve())/(g.Memory+own), int64(asked)))
	}
	if fit < arms {
		return r, fmt.Errorf("%s %s not fit: %s; give the guests less memory, or free some", vms(arms), does(arms), h.tell(g))
	}
	r.VMs = fit - fit%arms
	r.Text = r.tell(h, g, fit, arms)
	r.Slow = slow(h, g, r.VMs)
	return r, nil
}

func (r Room) tell(h Host, g Guest, fit, arms int) string {
	text := fmt.Sprintf("%s of %d MiB", vms(r.VMs), g.Memory/mib)
	if r.VMs == r.Asked {
		return text + h.cores()
	}
	var why []string
	if fit < r.Asked {
		why = append(why, h.tell(g))
	}
	if fit%arms != 0 {
		why = append(why, "each kernel gets as many as the other")
	}
	return fmt.Sprintf("%s asked for, %d fit: %s", vms(r.Asked), r.VMs, strings.Join(why, "; "))
}

// tell says why no more fit.
func (h Host) tell(g Guest) string {
	return fmt.Sprintf("each takes %d MiB and %d MiB for QEMU, of %d MiB that are free %d MiB are left to the host",
		g.Memory/mib, own/mib, h.Free/mib, h.reserve()/mib)
}

func (h Host) cores() string {
	switch h.Cores {
	case 0:
		return ""
	case 1:
		return ", 1 core"
	}
	return fmt.Sprintf(", %d cores", h.Cores)
}

// slow warns of more vCPUs than cores.
func slow(h Host, g Guest, n int) string {
	wanted := n * max(g.CPUs, 1)
	if h.Cores <= 0 || wanted <= h.Cores {
		return ""
	}
	text := fmt.Sprintf("%d vCPUs share %d cores: each VM runs at about %.0f%% of its speed while all of them work",
		wanted, h.Cores, 100*float64(h.Cores)/float64(wanted))
	if !g.KVM && wanted > crowded*h.Cores {
		text += fmt.Sprintf("; more than %d add hardly any VM time that does something", crowded*h.Cores)
	}
	return text
}

func vms(n int) string {
	if n == 1 {
		return "1 VM"
	}
	return fmt.Sprintf("%d VMs", n)
}

func does(n int) string {
	if n == 1 {
		return "does"
	}
	return "do"
}
