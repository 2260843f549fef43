//go:build linux

// Package groups is the guest's cgroups: it mounts the memory controller, version 1 or 2, makes cgroups by the ten
// thousand, leaves dying ones behind, and does the operations that get slower by them.
//
// It exists apart from the scenario because what a cgroup file is called, what it means and what it refuses differs
// between the two versions and between kernels, and because the cost of many cgroups has nothing to do with the service
// that is killed in one of them. It knows of no op, no sample and no clock: what is timed is a plain function.
//
// The sources are Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/memory.rst and kernel/cgroup/cgroup.c. What
// was seen on 5.10 to 7.2 is said where it matters.
package groups
