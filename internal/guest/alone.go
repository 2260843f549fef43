//go:build linux

package guest

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"brink/internal/trial"
	"brink/internal/wire"
)

// alone reports whether nobody listens on the agent's channel (wire.Alone).
func alone() bool { return slices.Contains(arguments(), wire.Alone) }

// slowdown is how many times longer than in the plan a step may take.
func slowdown() time.Duration {
	for _, arg := range arguments() {
		if text, ok := strings.CutPrefix(arg, wire.SlowArgument); ok {
			if n, err := strconv.Atoi(text); err == nil && n > 0 {
				return time.Duration(n)
			}
		}
	}
	return 1
}

func arguments() []string {
	text, _ := os.ReadFile("/proc/cmdline")
	return strings.Fields(string(text))
}

// say writes an event on the console, each line whole.
func say(e trial.Event) {
	for _, line := range wire.Console(e) {
		fmt.Fprint(os.Stdout, wire.ConsolePrefix+line+"\n")
	}
}

// end ends the VM of a guest that is alone. A restart and not a power-off: every board has one, and QEMU ends at it
// (-no-reboot).
func end() {
	for {
		_ = unix.Reboot(unix.LINUX_REBOOT_CMD_RESTART)
		sleep(time.Second)
	}
}
