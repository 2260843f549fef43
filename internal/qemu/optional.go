package qemu

import (
	"slices"
	"strings"

	"brink/internal/wire"
)

// clockArguments are what the guest's timers rest on. A guest without them may boot, and then tells another time.
var clockArguments = []string{"no_timer_check", "tsc_early_khz=1000000", "nolapic_timer"}

// endArguments make the end of a guest that panicked the end of its VM, which may have nobody to watch it.
var endArguments = []string{"panic=-1", "reboot=t"}

// Optional returns what a guest has for brink's convenience and might do without: devices, and arguments of the kernel.
// Not among them are the console, the agent channel, what lets the agent start, what the clock needs, and what ends a VM.
func (c Config) Optional() (devices, arguments []string) {
	c.Without = nil
	needed := slices.Concat(clockArguments, endArguments, c.Cmdline, []string{consoleArgument, wire.Argument})
	for _, a := range strings.Fields(c.KernelCmdline()) {
		if !slices.Contains(needed, a) {
			arguments = append(arguments, a)
		}
	}
	return []string{c.panicDevice()}, arguments
}

// without leaves out what is not wanted.
func (c Config) without(parts []string) []string {
	return slices.DeleteFunc(parts, func(p string) bool { return slices.Contains(c.Without, p) })
}
