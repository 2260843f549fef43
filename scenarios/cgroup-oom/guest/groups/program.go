//go:build linux

package groups

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// A program is what runs inside a cgroup for a moment: a static executable without a runtime, made of a few machine
// instructions. The agent itself would do, but starting it takes 4 ms and charges 3 MB to a cgroup whose cost is to be
// measured; these take 0.3 ms and leave nothing behind.
//
// Both begin by writing "0" to file 1: the tasks file of a version 1 cgroup, which moves them there, or /dev/null.
//
// Note: moving the worker itself in and out was tried. In version 2 each move of a process with threads may wait
// for a grace period, and leaves pages of the Go heap behind.
type program []byte

// enter is push '0'; write(1, rsp, 1).
var enter = program{
	0x6a, 0x30, // push $'0'
	0xb8, 1, 0, 0, 0, // mov $1, %eax (write)
	0x89, 0xc7, // mov %eax, %edi
	0x48, 0x89, 0xe6, // mov %rsp, %rsi
	0x89, 0xc2, // mov %eax, %edx
	0x0f, 0x05, // syscall
}

// toucher writes one page to file 0, at its offset. It ends with 0 if that went well.
func toucher() program {
	return append(append(program{}, enter...),
		0x8d, 0x58, 0xff, // lea -1(%rax), %ebx: 0 if entered
		0xb8, 1, 0, 0, 0, // mov $1, %eax (write)
		0x31, 0xff, // xor %edi, %edi
		0x48, 0x8d, 0xb4, 0x24, 0x00, 0xe0, 0xff, 0xff, // lea -8192(%rsp), %rsi
		0xba, 0x00, 0x10, 0, 0, // mov $4096, %edx
		0x0f, 0x05, // syscall
		0x2d, 0x00, 0x10, 0, 0, // sub $4096, %eax: 0 if all of it went
		0x09, 0xc3, // or %eax, %ebx
		0x89, 0xdf, // mov %ebx, %edi
		0xb8, 60, 0, 0, 0, // mov $60, %eax (exit)
		0x0f, 0x05, // syscall
	)
}

// forker forks n times, each time waiting for the child to exit. It ends with 0 if that went well.
func forker(n uint32) program {
	p := append(append(program{}, enter...), 0xbb) // mov $n, %ebx
	p = binary.LittleEndian.AppendUint32(p, n)
	return append(p,
		0xb8, 57, 0, 0, 0, // again: mov $57, %eax (fork)
		0x0f, 0x05, // syscall
		0x85, 0xc0, // test %eax, %eax
		0x74, 0x16, // jz well: the child
		0x78, 0x18, // js bad
		0x89, 0xc7, // mov %eax, %edi
		0x31, 0xf6, // xor %esi, %esi
		0x31, 0xd2, // xor %edx, %edx
		0x45, 0x31, 0xd2, // xor %r10d, %r10d
		0xb8, 61, 0, 0, 0, // mov $61, %eax (wait4)
		0x0f, 0x05, // syscall
		0xff, 0xcb, // dec %ebx
		0x75, 0xdf, // jnz again
		0x31, 0xff, // well: xor %edi, %edi
		0xeb, 0x05, // jmp end
		0xbf, 1, 0, 0, 0, // bad: mov $1, %edi
		0xb8, 60, 0, 0, 0, // end: mov $60, %eax (exit)
		0x0f, 0x05, // syscall
	)
}

// base is where a program lies in memory: where the linker puts static programs.
const base = 0x400000

// executable returns the program as an ELF file: a header, one segment that holds it all, and the code.
func (p program) executable() []byte {
	const head = 64 + 56 // of an Elf64_Ehdr and an Elf64_Phdr
	size := uint64(head + len(p))
	file := elf.Header64{
		Ident: [elf.EI_NIDENT]byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)},
		Type:  uint16(elf.ET_EXEC), Machine: uint16(elf.EM_X86_64), Version: uint32(elf.EV_CURRENT),
		Entry: base + head, Phoff: 64, Ehsize: 64, Phentsize: 56, Phnum: 1,
	}
	segment := elf.Prog64{Type: uint32(elf.PT_LOAD), Flags: uint32(elf.PF_R | elf.PF_X),
		Vaddr: base, Paddr: base, Filesz: size, Memsz: size, Align: 0x1000}
	var b bytes.Buffer
	_ = binary.Write(&b, binary.LittleEndian, file) // a buffer does not fail
	_ = binary.Write(&b, binary.LittleEndian, segment)
	return append(b.Bytes(), p...)
}

// install writes the program to a folder and returns its path.
func (p program) install(dir, name string) (string, error) {
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, p.executable(), 0o755); err != nil {
		return "", fmt.Errorf("install %s: %w", name, err)
	}
	return path, nil
}

// runIn runs a program inside the cgroup, with in as its file 0, and waits for it. Version 2 starts it there
// (CLONE_INTO_CGROUP, Linux 5.7); in version 1 it goes there itself, as nobody else needs to wait for that.
func (c *Group) runIn(path string, in uintptr) error {
	attr := syscall.ProcAttr{Files: []uintptr{in, 0, 2}, Sys: &syscall.SysProcAttr{}}
	out, flags := filepath.Join(c.Dir(), "tasks"), unix.O_WRONLY|unix.O_CLOEXEC
	if c.g.Version == V2 {
		out = os.DevNull
		dir, err := unix.Open(c.Dir(), unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if err != nil {
			return fmt.Errorf("open cgroup %s: %w", c.path, err)
		}
		defer unix.Close(dir)
		attr.Sys.UseCgroupFD, attr.Sys.CgroupFD = true, dir
	}
	fd, err := unix.Open(out, flags, 0)
	if err != nil {
		return fmt.Errorf("open %s: %w", out, err)
	}
	defer unix.Close(fd)
	attr.Files[1] = uintptr(fd)
	return run(path, &attr)
}

// run runs a program and waits for it.
func run(path string, attr *syscall.ProcAttr) error {
	name := filepath.Base(path)
	pid, err := syscall.ForkExec(path, []string{name}, attr)
	if err != nil {
		return fmt.Errorf("run %s: %w", name, err)
	}
	var status unix.WaitStatus
	for {
		_, err = unix.Wait4(pid, &status, 0, nil)
		if err != unix.EINTR {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("wait for %s: %w", name, err)
	}
	if status.Signaled() || status.ExitStatus() != 0 {
		return fmt.Errorf("%s did not do its work: wait status %#x", name, uint32(status))
	}
	return nil
}
