//go:build linux

package guest

import (
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"brink/internal/trial"
)

// ExitArg makes the agent exit at once: the child of the fork canary.
const ExitArg = "exit"

// canaries check that the rest of the guest still works. Each does one small thing.
var canaries = []struct {
	name string
	run  func() error
}{
	{"fork", forkAndWait}, {"rtnl", takeRTNL}, {"socket", openSocket}, {"page-alloc", allocatePages}, {"timer", wakeUp},
}

// runCanaries runs each canary three times and keeps the median, or its first error.
func runCanaries() []trial.Canary {
	var results []trial.Canary
	for _, c := range canaries {
		result, times := trial.Canary{Name: c.name}, []int64{}
		for range 3 {
			start := now()
			if err := c.run(); err != nil {
				result.Err = opError(err)
				break
			}
			times = append(times, now()-start)
		}
		if result.Err == nil {
			slices.Sort(times)
			result.NS = times[1]
		}
		results = append(results, result)
	}
	return results
}

func forkAndWait() error {
	p, err := os.StartProcess("/init", []string{"/init", ExitArg}, &os.ProcAttr{})
	if err != nil {
		return err
	}
	state, err := p.Wait()
	if err == nil && !state.Success() {
		err = fmt.Errorf("child: %v", state)
	}
	return err
}

// takeRTNL sends a request that changes nothing and needs the RTNL lock. (Reading a link takes it no longer.)
func takeRTNL() error {
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return err
	}
	return netlink.LinkSetMTU(lo, lo.Attrs().MTU)
}

func openSocket() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
}

func allocatePages() error {
	mem, err := unix.Mmap(-1, 0, 4<<20, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_POPULATE)
	if err != nil {
		return err
	}
	return unix.Munmap(mem)
}

func wakeUp() error {
	sleep(time.Millisecond)
	return nil
}
