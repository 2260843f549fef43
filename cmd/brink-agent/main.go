//go:build linux

// Command brink-agent is the /init of a brink guest. It is of no use anywhere else and says so.
package main

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"brink/internal/guest"
	"brink/internal/scenario"
	cgroupoom "brink/scenarios/cgroup-oom/guest"
	pagecache "brink/scenarios/pagecache/guest"
	promisc "brink/scenarios/promisc/guest"
	seeded "brink/scenarios/seeded/guest"
	wireguard "brink/scenarios/wireguard/guest"
	zfscrypt "brink/scenarios/zfs-crypt/guest"
)

// factories lists the guest code of every scenario.
func factories() map[string]guest.Factory {
	return map[string]guest.Factory{
		"promisc":    promisc.New,
		"cgroup-oom": cgroupoom.New,
		"pagecache":  pagecache.New,
		"seeded":     seeded.New,
		"wireguard":  wireguard.New,
		"zfs-crypt":  zfscrypt.New,

		scenario.PlainScenario: guest.NewScript, // of no spec: it runs a scenario's plain script
	}
}

// services lists the processes that scenarios let live and die.
func services() map[string]guest.ServiceMain {
	return map[string]guest.ServiceMain{
		cgroupoom.ServiceName: cgroupoom.Service,
		cgroupoom.HoldName:    cgroupoom.Hold,
		seeded.ServiceName:    seeded.Service,
	}
}

func main() {
	arg := ""
	if len(os.Args) > 1 {
		arg = os.Args[1]
	}
	switch {
	case arg == guest.ExitArg:
	case arg == guest.WorkerArg && len(os.Args) == 3 && os.Getppid() == 1:
		os.Exit(guest.Worker(os.Args[2], factories()))
	case arg == guest.ServiceArg && len(os.Args) > 2 && guest.EnsureService() == nil:
		os.Exit(guest.RunService(os.Args[2], os.Args[3:], services()))
	case os.Getpid() == 1:
		var ts unix.Timespec
		_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts)
		guest.Init(ts.Nano())
	default:
		fmt.Fprintln(os.Stderr, guest.EnsureGuest())
		os.Exit(2)
	}
}
