//go:build linux

// Package guest is the machinery of brink-agent, the /init of every guest: pid 1 supervises, a worker process follows
// the plan. The worker does everything that can go wrong, so a killed worker is never mistaken for a kernel panic.
//
// It runs inside the VM only; no host package may import it.
package guest
