package qemu

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// CPUState is where a virtual CPU stood at one moment.
type CPUState struct {
	CPU        int
	RIP        uint64
	Kernel     bool // current privilege level 0
	Interrupts bool // EFLAGS.IF: the CPU takes interrupts
	Halted     bool
}

// Masked reports whether the CPU runs kernel code and takes no interrupts. For a moment that is normal; a CPU that is
// never seen otherwise is locked up.
func (s CPUState) Masked() bool { return s.Kernel && !s.Interrupts }

// monitor runs a command of the human monitor (qemu-monitor(7)); for some things there is no other.
func (vm *VM) monitor(ctx context.Context, command string) (string, error) {
	var text string
	err := vm.QMP.Do(ctx, "human-monitor-command", map[string]any{"command-line": command}, &text)
	return text, err
}

// Registers returns the registers of all CPUs as QEMU prints them. A running guest is not disturbed.
func (vm *VM) Registers(ctx context.Context) (string, error) {
	return vm.monitor(ctx, "info registers -a")
}

var (
	cpuLine   = regexp.MustCompile(`(?m)^CPU#(\d+)`)
	flagsLine = regexp.MustCompile(`RIP=([0-9a-f]+) RFL=([0-9a-f]+) .*CPL=(\d).* HLT=(\d)`)
)

const interruptFlag = 1 << 9 // EFLAGS.IF, Intel SDM volume 1, 3.4.3

// ParseRegisters reads the output of Registers (target/i386/cpu-dump.c).
func ParseRegisters(text string) []CPUState {
	var states []CPUState
	starts := cpuLine.FindAllStringSubmatchIndex(text, -1)
	for i, at := range starts {
		end := len(text)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		m := flagsLine.FindStringSubmatch(text[at[0]:end])
		if m == nil {
			continue
		}
		s := CPUState{Kernel: m[3] == "0", Halted: m[4] == "1"}
		s.CPU, _ = strconv.Atoi(text[at[2]:at[3]])
		s.RIP, _ = strconv.ParseUint(m[1], 16, 64)
		flags, _ := strconv.ParseUint(m[2], 16, 64)
		s.Interrupts = flags&interruptFlag != 0
		states = append(states, s)
	}
	return states
}

// InjectNMI sends a non-maskable interrupt to the CPUs. With unknown_nmi_panic on its command line the guest prints
// where it is and panics.
func (vm *VM) InjectNMI(ctx context.Context) error { return vm.QMP.Do(ctx, "inject-nmi", nil, nil) }

// SysRq sends a magic SysRq key over the serial console: a break, and the key (Documentation/admin-guide/sysrq.rst). It
// needs nothing of the guest but that it takes the serial port's interrupt.
func (vm *VM) SysRq(ctx context.Context, key byte) error {
	if err := vm.QMP.Do(ctx, "chardev-send-break", map[string]any{"id": "console"}, nil); err != nil {
		return err
	}
	if err := vm.Console.SetWriteDeadline(time.Now().Add(time.Second)); err != nil {
		return err
	}
	_, err := vm.Console.Write([]byte{key})
	return err
}

// Dump stops the VM and writes the guest's memory to path in the format of makedumpfile, compressed with zlib, which
// crash(8) opens. On error no file is left.
func (vm *VM) Dump(ctx context.Context, path string) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	if err := vm.dump(ctx, path); err != nil {
		os.Remove(path)
		return fmt.Errorf("dump guest memory: %w", err)
	}
	return nil
}

func (vm *VM) dump(ctx context.Context, path string) error {
	if err := vm.QMP.Do(ctx, "stop", nil, nil); err != nil {
		return err
	}
	err := vm.QMP.Do(ctx, "dump-guest-memory", map[string]any{"paging": false, "protocol": "file:" + path,
		"format": "kdump-zlib", "detach": true}, nil)
	if err != nil {
		return err
	}
	for {
		var info struct {
			Status string `json:"status"`
		}
		if err := vm.QMP.Do(ctx, "query-dump", nil, &info); err != nil {
			return err
		}
		switch info.Status {
		case "completed":
			return nil
		case "failed":
			return fmt.Errorf("QEMU could not write it: is the disk full?")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// BusyTime returns the CPU time QEMU has used so far. Unlike the clock on the wall it says how much the guest could
// have done on a loaded host. Zero when it is not known.
func (vm *VM) BusyTime() time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", vm.PID()))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest) // from field 3 of proc(5) on; utime is field 14, stime 15, in clock ticks of 10 ms
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond
}
