//go:build linux

package groups

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// siblingPrefix begins the names of the empty cgroups.
const siblingPrefix = "s"

// progressEvery is how many cgroups are made between two calls of progress.
const progressEvery = 256

// Siblings makes and removes empty cgroups below parent until there are n, named s0, s1, ... What else is below it is
// left alone. When the limit of a cgroup is hit the kernel walks all that are below it, many times, before it kills (6.1:
// 81 µs each in all); those that are elsewhere cost a kill nothing.
//
// A kernel has no ids for more memory cgroups in all than cgroupoom.MaxCgroups says (ENOSPC). progress may be nil.
func (g *Groups) Siblings(parent *Group, n int, progress func(done int)) error {
	have, err := parent.siblings()
	if err != nil {
		return err
	}
	if err := parent.enable(); err != nil {
		return err
	}
	for ; have < n; have++ {
		if _, err := parent.child(siblingName(have)); err != nil && !errors.Is(err, unix.EEXIST) {
			return fmt.Errorf("%d cgroups are there: %w", have, err)
		}
		tell(progress, have)
	}
	for ; have > n; have-- {
		if err := (&Group{g, parent.path + "/" + siblingName(have-1)}).Remove(); err != nil {
			return err
		}
		tell(progress, have)
	}
	return nil
}

func siblingName(i int) string { return siblingPrefix + strconv.Itoa(i) }

func tell(progress func(int), done int) {
	if progress != nil && done%progressEvery == 0 {
		progress(done)
	}
}

// siblings returns how many empty cgroups Siblings has made below the cgroup.
func (c *Group) siblings() (int, error) {
	dir, err := os.Open(c.Dir())
	if err != nil {
		return 0, err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return 0, fmt.Errorf("list cgroup %s: %w", c.path, err)
	}
	return countSiblings(names), nil
}

func countSiblings(names []string) (count int) {
	for _, name := range names {
		if number, ok := strings.CutPrefix(name, siblingPrefix); ok {
			if _, err := strconv.Atoi(number); err == nil {
				count++
			}
		}
	}
	return count
}
