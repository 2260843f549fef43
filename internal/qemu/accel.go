package qemu

import (
	"encoding/binary"
	"fmt"
	"os"
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Requests of /dev/kvm and numbers from include/uapi/linux/kvm.h, x86-64.
const (
	kvmCreateVM        = 0xAE01
	kvmGetVCPUMmapSize = 0xAE04
	kvmCreateVCPU      = 0xAE41
	kvmSetTSSAddr      = 0xAE47
	kvmSetMemory       = 0x4020AE46
	kvmRun             = 0xAE80
	kvmSetRegs         = 0x4090AE82
	kvmGetSregs        = 0x8138AE83
	kvmSetSregs        = 0x4138AE84

	kvmExitHLT = 5
)

// ProbeKVM reports whether KVM can be used: nil if a VM can be created and runs at a processor's speed. Neither the
// device file nor a created VM proves that: there are hosts whose KVM emulates each instruction, a hundred times slower
// than QEMU does.
func ProbeKVM() error {
	f, err := os.OpenFile("/dev/kvm", os.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open /dev/kvm: %w", err.(*os.PathError).Err)
	}
	defer f.Close()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	p := &kvmProbe{kvm: f.Fd()}
	defer p.close()
	if err := p.create(); err != nil {
		return err
	}
	// Start small: on an emulating host the long loop would take minutes.
	for _, turns := range []uint64{1 << 8, 1 << 13, 1 << 18} {
		took, err := p.run(turns)
		if err != nil {
			return err
		}
		// A turn is two instructions, under a nanosecond each; a first run pays for setting up.
		if limit := 20*time.Millisecond + time.Duration(turns)*20*time.Nanosecond; took > limit {
			return fmt.Errorf("run a VM with /dev/kvm: %d loop turns took %v, which is emulation and not virtualization", turns, took)
		}
	}
	return nil
}

// kvmProbe is a VM with one page of memory and one vCPU in real mode.
type kvmProbe struct {
	kvm      uintptr
	vm, vcpu uintptr
	memory   []byte
	state    []byte // struct kvm_run
}

const probeCode = 0x1000 // guest address of the code

// ioctl keeps what arg points to in place until the kernel is done with it.
//
//go:uintptrescapes
func ioctl(fd, request, arg uintptr) (uintptr, error) {
	r, _, errno := unix.Syscall(unix.SYS_IOCTL, fd, request, arg)
	if errno != 0 {
		return 0, errno
	}
	return r, nil
}

func (p *kvmProbe) create() (err error) {
	if p.vm, err = ioctl(p.kvm, kvmCreateVM, 0); err != nil {
		return fmt.Errorf("create a VM with /dev/kvm: %w", err)
	}
	if _, err = ioctl(p.vm, kvmSetTSSAddr, 0xfffbd000); err != nil {
		return fmt.Errorf("set up a VM with /dev/kvm: %w", err)
	}
	if p.memory, err = unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_ANONYMOUS); err != nil {
		return fmt.Errorf("map memory for a VM: %w", err)
	}
	copy(p.memory, []byte{0x66, 0x49, 0x75, 0xfc, 0xf4}) // again: dec ecx; jnz again; hlt
	region := struct {
		slot, flags          uint32
		guest, size, address uint64
	}{0, 0, probeCode, 4096, uint64(uintptr(unsafe.Pointer(&p.memory[0])))}
	if _, err = ioctl(p.vm, kvmSetMemory, uintptr(unsafe.Pointer(&region))); err != nil {
		return fmt.Errorf("give a VM memory with /dev/kvm: %w", err)
	}
	if p.vcpu, err = ioctl(p.vm, kvmCreateVCPU, 0); err != nil {
		return fmt.Errorf("create a vCPU with /dev/kvm: %w", err)
	}
	size, err := ioctl(p.kvm, kvmGetVCPUMmapSize, 0)
	if err != nil {
		return fmt.Errorf("create a vCPU with /dev/kvm: %w", err)
	}
	if p.state, err = unix.Mmap(int(p.vcpu), 0, int(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED); err != nil {
		return fmt.Errorf("map a vCPU: %w", err)
	}
	return nil
}

// run lets the guest count down from turns and halt, and returns how long that took.
func (p *kvmProbe) run(turns uint64) (time.Duration, error) {
	var special [312]byte // struct kvm_sregs, code segment first: base, limit, selector
	if _, err := ioctl(p.vcpu, kvmGetSregs, uintptr(unsafe.Pointer(&special))); err != nil {
		return 0, fmt.Errorf("read a vCPU: %w", err)
	}
	binary.LittleEndian.PutUint64(special[0:], 0)
	binary.LittleEndian.PutUint16(special[12:], 0)
	if _, err := ioctl(p.vcpu, kvmSetSregs, uintptr(unsafe.Pointer(&special))); err != nil {
		return 0, fmt.Errorf("set up a vCPU: %w", err)
	}
	regs := [18]uint64{2: turns, 16: probeCode, 17: 2} // struct kvm_regs: rcx, rip, rflags
	if _, err := ioctl(p.vcpu, kvmSetRegs, uintptr(unsafe.Pointer(&regs))); err != nil {
		return 0, fmt.Errorf("set up a vCPU: %w", err)
	}
	start := time.Now()
	for {
		_, err := ioctl(p.vcpu, kvmRun, 0)
		if err == unix.EINTR {
			continue // a signal of the Go runtime
		} else if err != nil {
			return 0, fmt.Errorf("run a VM with /dev/kvm: %w", err)
		}
		break
	}
	took := time.Since(start)
	if reason := binary.LittleEndian.Uint32(p.state[8:]); reason != kvmExitHLT {
		return 0, fmt.Errorf("run a VM with /dev/kvm: it ended with exit reason %d instead of its halt", reason)
	}
	return took, nil
}

func (p *kvmProbe) close() {
	for _, mem := range [][]byte{p.state, p.memory} {
		if mem != nil {
			_ = unix.Munmap(mem)
		}
	}
	for _, fd := range []uintptr{p.vcpu, p.vm} {
		if fd != 0 {
			_ = unix.Close(int(fd))
		}
	}
}
