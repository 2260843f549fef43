package inject_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brink/internal/inject"
	"brink/internal/qemu"
	"brink/internal/scenario"
	"brink/internal/trial"
	"brink/internal/vmtest"
	"brink/vmimages"
)

// counting is an /init that makes the card promiscuous and prints its counters for ever. It knows the standard library only.
const counting = `package main

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

func main() {
	os.MkdirAll("/sys", 0o755)
	syscall.Mount("sysfs", "/sys", "sysfs", 0, "")
	list, _ := os.ReadFile("/etc/brink/modules.scenario")
	for _, path := range strings.Fields(string(list)) {
		f, _ := os.Open(path)
		none := []byte{0}
		syscall.Syscall(313, f.Fd(), uintptr(unsafe.Pointer(&none[0])), 0) // finit_module
	}
	var request struct {
		name  [16]byte
		flags uint16
		_     [22]byte
	}
	copy(request.name[:], "eth0")
	request.flags = syscall.IFF_UP | syscall.IFF_PROMISC
	fd, _ := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM, 0)
	syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), syscall.SIOCSIFFLAGS, uintptr(unsafe.Pointer(&request)))
	read := func(name string) string {
		text, _ := os.ReadFile("/sys/class/net/eth0/statistics/" + name)
		return strings.TrimSpace(string(text))
	}
	for {
		fmt.Println("rx", read("rx_packets"), read("rx_missed_errors"), read("rx_fifo_errors"))
		time.Sleep(200 * time.Millisecond)
	}
}
`

// counters are what the guest has said last.
type counters struct{ packets, missed, fifo int64 }

// fed boots a guest with one card of a model and returns it, the host's end of the card, and what the guest counts.
func fed(b *testing.B, model, module string) (*qemu.VM, *inject.Card, <-chan counters) {
	b.Helper()
	vmtest.Require(b)
	dir := b.TempDir()
	require.NoError(b, os.WriteFile(filepath.Join(dir, "main.go"), []byte(counting), 0o644))
	build := exec.Command("go", "build", "-ldflags", "-s -w", "-o", filepath.Join(dir, "init"), filepath.Join(dir, "main.go"))
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	require.NoError(b, build.Run())
	cache, err := vmimages.OpenCache("")
	require.NoError(b, err)
	k := vmtest.Kernel(b, "debian:6.1/amd64")
	initramfs, err := cache.Initramfs(k, vmimages.InitramfsSpec{Agent: filepath.Join(dir, "init"), Modules: []string{"virtio_pci", module}})
	require.NoError(b, err)
	vm, err := qemu.Start(b.Context(), qemu.Config{Binary: "qemu-system-x86_64", Accel: qemu.TCG, Clock: trial.ClockWall, MemoryMB: 512, CPUs: 1,
		Kernel: k.VMLinux, Initrd: initramfs, NICs: []scenario.NIC{{Model: model, Link: scenario.Host}}}, dir)
	require.NoError(b, err)
	b.Cleanup(vm.Close)
	s := vm.Sockets()
	card, err := inject.Open(s.NICHost(0), s.NICGuest(0))
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, card.Close()) })
	said := make(chan counters)
	go func() {
		for lines := bufio.NewScanner(vm.Console); lines.Scan(); {
			var c counters
			if n, _ := fmt.Sscanf(strings.TrimSpace(lines.Text()), "rx %d %d %d", &c.packets, &c.missed, &c.fifo); n == 3 {
				said <- c
			}
		}
		close(said)
	}()
	return vm, card, said
}

// BenchmarkVMInject offers more than a card can take and counts on both sides: at least 100,000 frames/s into virtio under
// TCG, none lost.
func BenchmarkVMInject(b *testing.B) {
	for _, c := range []struct {
		model, module string
		rate          float64
	}{{"virtio-net-pci", "virtio_net", 110_000}, {"virtio-net-pci", "virtio_net", 400_000}, {"e1000", "e1000", 400_000}} {
		b.Run(fmt.Sprintf("%s/%.0f", c.model, c.rate), func(b *testing.B) {
			vm, card, said := fed(b, c.model, c.module)
			<-said // the card is up
			first := <-said
			busy, own := vm.BusyTime(), ownCPU()
			s, err := inject.Start(trial.Flood{ID: 1, Rate: c.rate, Size: 60, Sources: 100}, []*inject.Card{card})
			require.NoError(b, err)
			for end := time.After(5 * time.Second); ; {
				select {
				case <-said:
					continue
				case <-end:
				}
				break
			}
			o := s.Stop()[0][0]
			busy, own = vm.BusyTime()-busy, ownCPU()-own
			last := <-said
			for now := range said { // until what is on its way inside the guest has arrived
				if now == last {
					break
				}
				last = now
			}
			b.ReportMetric(o.Rate, "frames/s")
			b.ReportMetric(float64(busy.Microseconds())/float64(o.Accepted), "QEMU-µs/frame")
			b.ReportMetric(float64(own.Microseconds())/float64(o.Accepted), "own-µs/frame")
			b.ReportMetric(float64(o.Accepted-(last.packets-first.packets)), "lost")
			b.ReportMetric(float64(o.Offered-o.Accepted), "not-taken")
			b.ReportMetric(float64(last.missed-first.missed+last.fifo-first.fifo), "missed")
			b.ReportMetric(float64(o.Late)/float64(o.Offered), "late-share")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func ownCPU() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
