//go:build linux

// Package guest lets a service run over the memory limit of its cgroup and watches, step by step, whether it is ever gone:
// limit hit, victim chosen, victim's threads ended, exit status taken, port free.
//
//	scenario.go  the ops                     service.go  the process that is killed
//	shape.go     what is asked for at a size  body.go     its tasks, heap and cache
//	place.go     the cgroups                 clone*      tasks without a runtime
//	cycle.go     one life and death          page.go     memory that service and worker share
//	watch.go     what is seen of the death   report.go   the kernel's own report of it
//	stuck.go     what is left of it          judge.go    what the kernel should not have done
//	trap.go, hold.go, fuse.go, nbd.go        the variants
package guest
