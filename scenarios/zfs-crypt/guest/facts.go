//go:build linux

package guest

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/cpu"

	"brink/internal/guest"
	zfscrypt "brink/scenarios/zfs-crypt"
)

// flags are the CPU features that decide which code the modules use.
var flags = []string{"avx", "avx2", "aes", "pclmulqdq", "movbe", "xsave"}

// tell says once what the guest is like.
func (s *scenario) tell(m *guest.Meter) error {
	if s.told {
		return nil
	}
	s.told = true
	facts := [][2]string{{"zfs", readText("/sys/module/zfs/version")}, {"cipher", s.plan.Settings["cipher"]}}
	for _, name := range []string{"icp_gcm_impl", "icp_aes_impl"} {
		o, err := readOffer(name)
		if err != nil {
			return err
		}
		text := o.used()
		if o.chosen != text {
			text = fmt.Sprintf("%s (%s)", text, o.chosen)
		}
		facts = append(facts, [2]string{name, text + ", of " + strings.Join(o.all, " ")})
	}
	facts = append(facts, [2]string{"cpu", cpuFlags(readText("/proc/cpuinfo"))}, [2]string{zfscrypt.Hidden, osxsave()})
	for _, f := range facts {
		if err := m.Fact(f[0], f[1]); err != nil {
			return err
		}
	}
	return nil
}

// osxsave says whether the kernel has enabled XSAVE, as the CPU tells; /proc/cpuinfo does not show it (its flag has no name in
// arch/x86/include/asm/cpufeatures.h), nor what the kernel itself believes.
func osxsave() string {
	said := "off"
	if cpu.X86.HasOSXSAVE {
		said = "on"
	}
	if _, err := os.Stat("/sys/module/seededosxsave"); err == nil {
		said += ", and hidden from modules"
	}
	return said
}

func readText(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return "?"
	}
	return strings.TrimSpace(string(text))
}

// cpuFlags says of each feature that matters whether /proc/cpuinfo shows it: "avx aes -movbe".
func cpuFlags(cpuinfo string) string {
	var all []string
	for line := range strings.Lines(cpuinfo) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "flags" {
			all = strings.Fields(value)
			break
		}
	}
	var said []string
	for _, f := range flags {
		if !slices.Contains(all, f) {
			f = "-" + f
		}
		said = append(said, f)
	}
	return strings.Join(said, " ")
}
