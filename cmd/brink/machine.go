package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"brink/internal/qemu"
	"brink/internal/scenario"
	"brink/internal/trial"
)

// machineFlags choose what the guest runs on.
type machineFlags struct {
	Accel  string `enum:"auto,kvm,tcg" default:"auto" help:"Accelerator: KVM if a VM can really be created, else TCG."`
	Clock  string `enum:"auto,icount,wall" default:"auto" help:"Clock of the timings: the instruction clock (TCG's default) or real time."`
	Memory string `help:"Guest memory, as 2G or 512M; by default what the largest size needs." placeholder:"SIZE"`
	Cpus   *int   `help:"Virtual CPUs, by default one or as many as the scenario wants; more than one needs --clock wall." placeholder:"N"`
	CPU    string `name:"cpu" help:"CPU model and features, as QEMU's -cpu: max,-avx2." placeholder:"MODEL"`
}

// guest is a chosen machine.
type guest struct {
	vm   qemu.Config
	why  string // why this accelerator
	qemu string // QEMU's version
}

// machine decides what the flags leave open. Errors of the user's are usage errors.
func (f machineFlags) machine(spec scenario.Spec, axisName string, sizes []int64) (guest, error) {
	axis, err := spec.Axis(axisName)
	if err != nil {
		return guest{}, usageError{err}
	}
	mem, err := f.memory(axis, sizes[len(sizes)-1])
	if err != nil {
		return guest{}, err
	}
	g := guest{vm: qemu.Config{MemoryMB: mem, CPUs: f.cpus(spec), CPU: f.CPU, NICs: spec.NICs, Disks: spec.Disks}}
	if g.vm.Accel, g.why, err = f.accelerator(); err != nil {
		return guest{}, err
	}
	g.vm.Clock = f.clock(g.vm.Accel, spec)
	if g.vm.Clock == trial.ClockICount {
		g.vm.Seed = 1
	}
	if err := g.vm.Check(); err != nil {
		return guest{}, usageError{err}
	}
	if g.vm.Binary, g.qemu, err = findQEMU(); err != nil {
		return guest{}, err
	}
	return g, checkCPU(g.vm)
}

func (f machineFlags) accelerator() (qemu.Accel, string, error) {
	err := error(nil)
	if f.Accel != "tcg" && f.Clock != "icount" {
		if err = qemu.ProbeKVM(); err == nil {
			return qemu.KVM, "KVM works here", nil
		}
	}
	switch {
	case f.Accel == "kvm" && f.Clock == "icount":
		return "", "", usagef("the instruction clock needs TCG: leave --accel kvm or --clock icount out")
	case f.Accel == "kvm":
		return "", "", fmt.Errorf("no usable KVM: %w; use --accel tcg, or get access to /dev/kvm (group kvm, virtualization on in the firmware)", err)
	case err != nil:
		return qemu.TCG, "no usable KVM: " + err.Error(), nil
	}
	return qemu.TCG, "as asked for", nil
}

// cpus is how many virtual CPUs the guest has.
func (f machineFlags) cpus(spec scenario.Spec) int {
	if f.Cpus != nil {
		return *f.Cpus
	}
	return max(1, spec.CPUs)
}

// clock chooses the instruction clock where it can be had. Frames that the host injects come in real time.
func (f machineFlags) clock(accel qemu.Accel, spec scenario.Spec) trial.Clock {
	if f.Clock == "icount" || f.Clock == "auto" && accel == qemu.TCG && f.cpus(spec) == 1 && !fed(spec) {
		return trial.ClockICount
	}
	return trial.ClockWall
}

// fed reports whether the host sends frames to the guest.
func fed(spec scenario.Spec) bool {
	return slices.ContainsFunc(spec.NICs, func(n scenario.NIC) bool { return n.Link == scenario.Host })
}

// memory returns the guest's memory in MiB, and makes sure that the host has it.
func (f machineFlags) memory(axis scenario.Axis, size int64) (int64, error) {
	mb := axis.Memory(size) >> 20
	if f.Memory != "" {
		var err error
		if mb, err = parseMemory(f.Memory); err != nil {
			return 0, usageError{err}
		}
	}
	if free := memAvailable(); free > 0 && mb > free {
		return 0, fmt.Errorf("the guest needs %d MiB and this machine has %d MiB available: free some, or use a smaller --to or --memory", mb, free)
	}
	return mb, nil
}

var memorySize = regexp.MustCompile(`^([0-9]{1,9})([MG])$`)

func parseMemory(text string) (int64, error) {
	m := memorySize.FindStringSubmatch(strings.ToUpper(text))
	if m == nil {
		return 0, fmt.Errorf("memory %q: write it as 512M or 2G", text)
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if m[2] == "G" {
		n *= 1024
	}
	if n > 1<<24 {
		return 0, fmt.Errorf("memory %q: no machine has 16 TiB for a guest", text)
	}
	return n, err
}

// enoughMemory makes sure that the host has the guest's memory.
func enoughMemory(g guest) error {
	if free := memAvailable(); free > 0 && g.vm.MemoryMB > free {
		return fmt.Errorf("the guest needs %d MiB and this machine has %d MiB available: free some", g.vm.MemoryMB, free)
	}
	return nil
}

// memAvailable returns the host's available memory in MiB, 0 if unknown.
func memAvailable() int64 {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	m := regexp.MustCompile(`(?m)^MemAvailable:\s+(\d+) kB`).FindSubmatch(text)
	if m == nil {
		return 0
	}
	kb, _ := strconv.ParseInt(string(m[1]), 10, 64)
	return kb / 1024
}

const qemuName = "qemu-system-x86_64"

// findQEMU returns QEMU's path and version.
func findQEMU() (path, version string, err error) {
	if path, err = exec.LookPath(qemuName); err != nil {
		return "", "", fmt.Errorf("no %s on this machine: install it with `make setup`, or your distribution's QEMU for x86", qemuName)
	}
	text, err := exec.Command(path, "--version").Output()
	if err != nil {
		return "", "", fmt.Errorf("ask %s for its version: %w", path, err)
	}
	fields := strings.Fields(string(text))
	if len(fields) < 4 {
		return "", "", fmt.Errorf("ask %s for its version: it says %q", path, text)
	}
	return path, fields[3], nil
}

// checkCPU lets QEMU itself say whether it knows the CPU model and its features.
func checkCPU(c qemu.Config) error {
	if c.CPU == "" {
		return nil
	}
	cmd := exec.Command(c.Binary, "-nodefaults", "-display", "none", "-machine", "none", "-accel", string(c.Accel),
		"-cpu", c.CPU, "-S", "-monitor", "stdio", "-machine", "pc", "-m", "32")
	cmd.Stdin = strings.NewReader("quit\n")
	text, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		_, why, _ := strings.Cut(string(text), qemuName+": ")
		why, _, _ = strings.Cut(why, "\n")
		return usagef("--cpu %s: %s; `%s -cpu help` lists models and features", c.CPU, strings.TrimSpace(why), qemuName)
	}
	return err
}

func (g guest) record() trial.Machine {
	return trial.Machine{Accel: string(g.vm.Accel), Clock: g.vm.Clock, MemoryMB: g.vm.MemoryMB, CPUs: g.vm.CPUs, Crowd: g.vm.Crowd,
		CPU: g.vm.CPUModel(), Board: g.vm.Board(), QEMU: g.qemu}
}

// findAgent returns the agent binary: $BRINK_AGENT, or the one beside brink.
func findAgent() (string, error) {
	path := os.Getenv("BRINK_AGENT")
	if path == "" {
		self, err := os.Executable()
		if err != nil {
			return "", err
		}
		path = filepath.Join(filepath.Dir(self), "brink-agent")
	}
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("no agent at %s: build it with `make`, or name it in BRINK_AGENT", path)
	}
	return path, nil
}
