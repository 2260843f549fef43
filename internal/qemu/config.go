package qemu

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"brink/internal/scenario"
	"brink/internal/trial"
	"brink/internal/wire"
)

// Accel is QEMU's way to run guest code.
type Accel string

// The accelerators.
const (
	KVM Accel = "kvm"
	TCG Accel = "tcg"
)

// Config is everything that decides what a VM does. Two VMs with the same Config behave alike.
type Config struct {
	Binary   string // qemu-system-x86_64
	Accel    Accel
	Clock    trial.Clock
	MemoryMB int64
	CPUs     int
	Crowd    int    // trial.Machine.Crowd
	CPU      string // -cpu; empty: host under KVM, max under TCG
	Kernel   string // bzImage, or an uncompressed vmlinux with a PVH note
	Initrd   string
	Seed     uint32 // of QEMU's own random numbers (RDRAND under TCG), instruction clock only
	Cmdline  []string
	Without  []string // of what Optional names, what is left out
	NICs     []scenario.NIC
	Disks    []scenario.Disk
	// Snapshot makes the VM keep its memory in a file, so that Save works.
	Snapshot string
	// Restore starts the VM from a snapshot folder instead of booting.
	Restore string
}

// CPUModel returns the value of -cpu.
func (c Config) CPUModel() string {
	switch {
	case c.CPU != "":
		return c.CPU
	case c.Accel == KVM:
		return "host"
	}
	return "max"
}

// Board returns the machine type: microvm under KVM, where it boots fastest, and pc under TCG, for network cards, some
// of which are made for it, and for disks. Under TCG microvm has no
// timer but the local APIC's, and calibrating that costs 2.6 s of host time under the instruction clock (each turn of the
// kernel's waiting loop leaves QEMU's translated code); with real time, it hung in 8 of 14 boots on a loaded host.
func (c Config) Board() string {
	if c.Accel == TCG || len(c.NICs)+len(c.Disks) > 0 {
		return "pc"
	}
	return "microvm"
}

// boardOptions switch off what a guest never uses and a boot would look for.
func (c Config) boardOptions() string {
	if c.Board() == "pc" {
		return ",usb=off,smbus=off,vmport=off,i8042=off,hpet=off"
	}
	return ",pcie=on"
}

// KernelCmdline returns the kernel command line. See Documentation/admin-guide/kernel-parameters.txt.
func (c Config) KernelCmdline() string {
	// loglevel=5 shows errors and WARN splats, not the boot's chatter. panic=-1 reboots at once, which QEMU turns
	// into an event; oops=panic makes one clean end of an oops.
	args := []string{consoleArgument, "quiet", "loglevel=5", "panic=-1", "oops=panic", "cryptomgr.notests", "nokaslr",
		"random.trust_cpu=on", "net.ifnames=0", "reboot=t"}
	if c.Accel == TCG {
		args = append(args, "no_timer_check", "mitigations=off")
	}
	if c.Clock == trial.ClockICount {
		// One instruction is one nanosecond. The timer is the PIT; see Board for the local APIC's.
		args = append(args, "tsc_early_khz=1000000", "nolapic_timer")
	}
	args = append(append(args, c.detectors()...), wire.Argument)
	return strings.Join(c.without(append(args, c.Cmdline...)), " ")
}

const consoleArgument = "console=ttyS0"

// detectors sets when the kernel reports a hang, and that it can be asked for more: SysRq over the serial console, and
// a panic with a backtrace on an NMI, which only QEMU sends.
func (c Config) detectors() []string {
	d := trial.Machine{Accel: string(c.Accel), Clock: c.Clock, Crowd: c.Crowd}.Detectors()
	seconds := func(name string, d time.Duration) string { return fmt.Sprintf("%s=%d", name, int(d.Seconds())) }
	args := []string{
		seconds("rcupdate.rcu_cpu_stall_timeout", d.RCUStall),
		seconds("watchdog_thresh", d.SoftLockup/2),
		seconds("sysctl.kernel.hung_task_timeout_secs", d.HungTask),
		seconds("sysctl.kernel.hung_task_check_interval_secs", trial.HungTaskCheck),
		"sysrq_always_enabled", "unknown_nmi_panic",
	}
	if c.CPUs > 1 {
		args = append(args, "panic_print=0x40") // backtraces of all CPUs, since 5.18
	}
	return args
}

// Args returns QEMU's arguments. The sockets are already listening; QEMU connects to them. The images of the disks are in dir.
func (c Config) Args(s Sockets, dir string) []string {
	args := c.args(
		// A guest that powers off, reboots after a panic or triple-faults stops and stays to be looked at.
		[]string{"-action", "panic=none,reboot=shutdown,shutdown=pause"},
		[]string{"-chardev", "socket,id=console,path=" + escape(s.Console), "-serial", "chardev:console",
			"-chardev", "socket,id=qmp,path=" + escape(s.QMP), "-mon", "chardev=qmp,mode=control",
			"-chardev", "socket,id=ctl,path=" + escape(s.Agent)}, append(c.nicArgs(s.Dir), c.diskArgs(dir)...))
	if c.Restore != "" {
		args = append(args, "-incoming", "defer")
	}
	return args
}

// AloneArgs returns QEMU's arguments for a guest that nobody talks to (wire.Alone): its console is QEMU's standard output,
// what its agent sends goes into a file, and QEMU ends when the guest does. The images of its disks (DiskFile) are in the current folder.
// Everything else is as in Args.
func (c Config) AloneArgs(events, pidfile string) []string {
	c.Cmdline = append(slices.Clone(c.Cmdline), wire.Alone)
	return c.args([]string{"-action", "panic=none,reboot=shutdown", "-pidfile", pidfile},
		[]string{"-serial", "stdio", "-chardev", "file,id=ctl,path=" + escape(events)}, append(c.nicArgs(""), c.diskArgs("")...))
}

// args puts the machine around what is done at its end and where its streams go.
func (c Config) args(end, streams, devices []string) []string {
	args := append([]string{"-nodefaults", "-no-user-config", "-display", "none", "-name", "brink"}, end...)
	args = append(args, "-smp", strconv.Itoa(c.CPUs), "-cpu", c.CPUModel())
	args = append(args, c.clockArgs()...)
	args = append(args, c.memoryArgs()...)
	if c.Board() == "pc" { // no hotplug: the guest need not ask each slot for a device
		args = append(args, "-global", "PIIX4_PM.acpi-pci-hotplug-with-bridge-support=off",
			"-global", "PIIX4_PM.acpi-root-pci-hotplug=off")
	}
	args = append(args, "-kernel", c.Kernel, "-initrd", c.Initrd, "-append", c.KernelCmdline())
	args = append(args, streams...)
	args = append(args,
		// Without ioeventfd the guest's writes are handled at the very instruction that made them: that is what makes
		// two runs under the instruction clock identical to the nanosecond.
		"-device", "virtio-serial-pci,ioeventfd=off", "-device", "virtserialport,chardev=ctl,name="+wire.PortName)
	for _, device := range c.without([]string{c.panicDevice()}) {
		args = append(args, "-device", device)
	}
	return append(args, devices...)
}

// panicDevice tells QEMU of a panic even if the console says nothing (docs/specs/pvpanic.rst).
func (c Config) panicDevice() string {
	if c.Board() == "pc" {
		return "pvpanic"
	}
	return "pvpanic-pci"
}

func (c Config) clockArgs() []string {
	switch {
	case c.Accel == KVM:
		return []string{"-accel", "kvm"}
	case c.Clock == trial.ClockICount:
		return []string{"-accel", "tcg,thread=single", "-icount", "shift=0,sleep=" + c.sleep(),
			"-seed", strconv.FormatUint(uint64(c.Seed), 10), "-rtc", "base=2024-01-01T00:00:00,clock=vm"}
	}
	return []string{"-accel", "tcg"}
}

// sleep says whether the instruction clock waits with the guest when it has nothing to do. Without disks there is nothing to wait
// for but the next timer, and time skips there at once. With sleep=off and a request to a disk under way, the guest's clock
// would run ahead of the answer by minutes.
func (c Config) sleep() string {
	if len(c.Disks) > 0 {
		return "on"
	}
	return "off"
}

func (c Config) memoryArgs() []string {
	board := c.Board() + c.boardOptions()
	size := fmt.Sprintf("%dM", c.MemoryMB)
	file, share := c.Snapshot, "on"
	if c.Restore != "" {
		file, share = memoryFile(c.Restore), "off"
	}
	if file == "" {
		return []string{"-M", board, "-m", size}
	}
	return []string{"-M", board + ",memory-backend=ram", "-m", size,
		"-object", fmt.Sprintf("memory-backend-file,id=ram,size=%s,mem-path=%s,share=%s", size, escape(file), share)}
}

// escape protects a value inside an option list, where a comma ends it (qemu(1), "-chardev").
func escape(value string) string { return strings.ReplaceAll(value, ",", ",,") }

// Check refuses configurations that QEMU cannot run.
func (c Config) Check() error {
	switch {
	case c.Accel != KVM && c.Accel != TCG:
		return fmt.Errorf("unknown accelerator %q: choose kvm or tcg", c.Accel)
	case c.Clock != trial.ClockWall && c.Clock != trial.ClockICount:
		return fmt.Errorf("unknown clock %q: choose wall or icount", c.Clock)
	case c.MemoryMB < 128:
		return fmt.Errorf("guest memory of %d MiB is too small: give at least 128", c.MemoryMB)
	case c.CPUs < 1 || c.CPUs > 255:
		return fmt.Errorf("%d vCPUs: choose 1 to 255", c.CPUs)
	case c.Clock == trial.ClockICount && c.Accel != TCG:
		return fmt.Errorf("the instruction clock needs TCG: add --accel tcg or use --clock wall")
	case c.Clock == trial.ClockICount && c.CPUs > 1:
		return fmt.Errorf("the instruction clock runs one vCPU: use --cpus 1 or --clock wall")
	}
	return nil
}
