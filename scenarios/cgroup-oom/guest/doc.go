//go:build linux

// Package guest lets a service run over the memory limit of its cgroup and watches, step by step, whether it is ever
// gone: limit hit, victim chosen, victim's threads ended, exit status taken, port free.
//
//	scenario.go  the ops                            service.go  the process that is killed
//	shape.go     what is asked for at a size        body.go     its heap, files and what it hangs in
//	place.go     the cgroups                        clone*      its tasks
//	cost.go      ops on cgroups                     page.go     memory that service and worker share
//	cycle.go     samples of the steps of an end     report.go   the kernel's own report of a kill
//	life.go      one service                        judge.go    what the kernel should not have done
//	death.go     its end, as it is seen             stuck.go    what is left of it
//	trap.go      what a variant does                hold.go, fuse.go, nbd.go  who holds the service up
package guest
