package qemu

import "fmt"

// ReleaseArgs returns what a kernel's release (uname -r) asks to be added to its command line. From 7.3 on the serial
// console has a printing thread of its own (nbcon, Documentation/core-api/printk-basics.rst), which cannot run while the only CPU
// spins: a soft lockup is noticed and not printed, and neither is an answer to SysRq. A panic is printed at once.
// Measured on 7.3.4: silent for 102 s of guest time, all of it on the console after an NMI; 7.2.13 prints as ever.
func ReleaseArgs(release string) []string {
	var major, minor int
	if _, err := fmt.Sscanf(release, "%d.%d", &major, &minor); err != nil {
		return nil
	}
	if major > 7 || major == 7 && minor >= 3 {
		return []string{"softlockup_panic=1"}
	}
	return nil
}
